"""Whole runs of the command on real markets, where their data is beside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from teig.models import Problem
from teig.scenarios import load

from .. import real_data

SCENARIO = """
teig: 1
name: {name}
currency: {currency}
price_year: 2026
calendar: {{start: 2026-01-01, end: 2026-12-31, country: {country}}}
data:
  units: units.csv
  reps: reps.csv
  neighbours: {{path: neighbours.csv}}
rules:
  contiguity:
  balance_potential: {{type: balance, measure: potential, tolerance: 0.1, target: equal, hard: false}}
  balance_accounts: {{type: balance, measure: accounts, tolerance: 0.25, target: equal, hard: false}}
objective: {{order: [balance, travel]}}
limits: {{work: {work}}}
scenarios: {{balanced: []}}
"""


def write_market(folder: Path, data: str, reps: int, *, parts: bool, work: float) -> pd.DataFrame:
    """A scenario folder of one real market; its units."""
    units = real_data.norway_units() if data == "norway" else real_data.county_units()
    units = real_data.with_calls(units, reps)
    if parts:
        units = real_data.with_parts(units, reps)
    units.to_csv(folder / "units.csv", index=False)
    real_data.placed_bases(units, reps).to_csv(folder / "reps.csv", index=False)
    real_data.neighbours(data).to_csv(folder / "neighbours.csv", index=False)
    country, currency = ("NO", "NOK") if data == "norway" else ("US", "USD")
    text = SCENARIO.format(name=data, country=country, currency=currency, work=work)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    return units


def teig(*arguments: str, folder: Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    command = [sys.executable, "-c", "from teig.scenarios.cli import main; main()", *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def outcome(folder: Path, scenario: str) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Summary, territories and assignments of a scenario that was run."""
    out = folder / "out" / scenario
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    territories = pd.read_csv(out / "territories.csv")
    return summary, territories, pd.read_csv(out / "assignments.csv", dtype={"unit": str})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "reps", "largest", "most"),
    [("norway", 15, "0301", 3), ("norway", 40, "0301", 8), ("us-counties", 60, "06037", 2)],
)
def test_a_unit_larger_than_a_fair_share_is_split(
    tmp_path: Path, data: str, reps: int, largest: str, most: int
) -> None:
    units = write_market(tmp_path, data, reps, parts=True, work=0.1)
    run = teig("run", "scenario.yaml", "-o", "out", folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    summary, territories, assignments = outcome(tmp_path, "balanced")
    assert summary["status"] in ("feasible", "optimal")
    assert (territories["components"] == 1).all()
    # The balance stage comes first: by how much, in shares of everything, limits are missed.
    missed = summary["stages"][0]
    assert missed["bound"] <= missed["objective"] < 0.05
    owners = assignments.loc[assignments["unit"] == largest, "rep"]
    assert len(owners) >= most
    share = assignments.groupby("unit")["share"].sum()
    assert len(share) == len(units)
    assert (share.round(9) == 1).all()


@pytest.mark.slow
def test_a_unit_larger_than_a_fair_share_that_may_not_be_split_is_named(tmp_path: Path) -> None:
    write_market(tmp_path, "norway", 15, parts=False, work=0.1)
    run = teig("run", "scenario.yaml", "-o", "out", folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    said = run.stdout + run.stderr + report
    assert "0301" in said
    assert "parts" in said


def shaped_market(folder: Path) -> None:
    """Norway with 24 reps: part time, leave, a vacancy, two currencies, ferries, caps."""
    units = real_data.with_calls(real_data.norway_units(), 24)
    units = real_data.with_parts(units, 24)
    units.loc[units["name"] != "Oslo", "parts"] = 1
    units["currency"] = "NOK"
    reps = real_data.placed_bases(units, 24)
    pairs = real_data.neighbours("norway")
    incumbent = real_data.grown_incumbent(units, reps, pairs)
    # Only Oslo is shared; of other towns with several bases the first has it all.
    incumbent = incumbent[(incumbent["unit"] == "0301") | ~incumbent["unit"].duplicated()]
    incumbent.loc[incumbent["unit"] != "0301", "share"] = 1.0
    tromso = units.loc[units["name"] == "Tromsø"].iloc[0]
    north = reps["latitude"].idxmax()
    reps.loc[north, "kind"] = "vacancy"
    for theirs, value in (("base", "unit"), ("latitude", "latitude"), ("longitude", "longitude")):
        reps.loc[north, theirs] = tromso[value]
    reps["full_time"] = 1.0
    reps.loc[2, "full_time"] = 0.6
    reps["leave_from"], reps["leave_to"] = "", ""
    reps.loc[5, "leave_from"] = "2026-02-01"
    reps.loc[5, "leave_to"] = "2026-06-30"
    reps["cost"], reps["currency"] = 950_000, "NOK"
    reps.loc[7, "cost"] = 900_000
    reps.loc[7, "currency"] = "SEK"
    ferries = pd.DataFrame(
        {"rep": reps.loc[9, "rep"], "unit": units["unit"].iloc[100:120], "minutes": 240.0}
    )
    ferries["kilometres"] = 150.0
    for name, table in (("units", units), ("reps", reps), ("ferries", ferries)):
        table.to_csv(folder / f"{name}.csv", index=False)
    pairs.to_csv(folder / "neighbours.csv", index=False)
    incumbent.to_csv(folder / "incumbent.csv", index=False)
    text = SCENARIO.format(name="Norge", country="NO", currency="NOK", work=0.25)
    text = text.replace("{path: neighbours.csv}", "{path: neighbours.csv}\n  " + EXTRA_TABLES)
    text = text.replace("rules:\n  contiguity:", "rates: {SEK: 1.02}\nrules:" + EXTRA_RULES)
    text = text.replace("[balance, travel]", "[capacity, balance, travel, disruption]")
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")


EXTRA_TABLES = "incumbent: incumbent.csv\n  travel: {path: ferries.csv}"
EXTRA_RULES = """
  capacity: {hard: false}
  contiguity:
  moved: {type: disruption_cap, share: 0.08, measure: sales}
  book: {type: disruption_cap, share: 0.2, measure: sales, scope: rep}"""


def _check_features(problem: Problem, territories: pd.DataFrame) -> None:
    """The vacancy, the two currencies and the ferries have arrived."""
    (vacancy,) = territories.index[territories["kind"] == "vacancy"]
    team, owners = problem.teams[0], problem.owners
    tromso = problem.unit_index[
        str(real_data.norway_units().set_index("name").loc["Tromsø", "unit"])
    ]
    row = int(np.flatnonzero(problem.covers.unit == tromso)[0])
    assert team.kilometres[row, problem.owner_index[str(vacancy)]] == 0.0
    assert owners.cost[problem.owner_index["R08"]] == pytest.approx(900_000 * 1.02)
    assert owners.cost[problem.owner_index["R09"]] == 950_000
    by_ferry = team.minutes[:, problem.owner_index["R10"]] == 240.0
    assert by_ferry.sum() >= 20
    assert problem.travel_hours(0)[by_ferry].max() > 0


@pytest.mark.slow
def test_the_shape_of_a_real_organisation(tmp_path: Path) -> None:
    real_data.needs("norway")
    shaped_market(tmp_path)
    run = teig("run", "scenario.yaml", "-o", "out", folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    summary, territories, assignments = outcome(tmp_path, "balanced")
    assert summary["status"] in ("feasible", "optimal")
    kinds = territories.set_index("rep")
    part_time, on_leave = kinds.loc["R03", "hours"], kinds.loc["R06", "hours"]
    full = kinds["hours"].max()
    assert part_time == pytest.approx(0.6 * full)
    assert 0.4 < on_leave / full < 0.7
    assert len(assignments.loc[assignments["unit"] == "0301"]) > 1
    units = pd.read_csv(tmp_path / "units.csv", dtype={"unit": str}).set_index("unit")
    alignment = pd.read_csv(tmp_path / "incumbent.csv", dtype={"unit": str})
    before = alignment.set_index(["unit", "rep"])["share"]
    after = assignments.set_index(["unit", "rep"])["share"]
    assert (kinds["components"] == 1).all()
    broken = {violation["rule"] for violation in summary["violations"]}
    assert not broken & {"contiguity", "moved", "book"}
    _check_features(load(tmp_path / "scenario.yaml").base.problem, kinds)
    # Incumbents' shares of Oslo are rounded to its parts, hence a little above 8 %.
    kept = pd.concat([before, after], axis=1).fillna(0.0).min(axis=1)
    sales = units["sales"].loc[kept.index.get_level_values("unit")].to_numpy()
    moved = 1.0 - float((kept * sales).sum()) / units["sales"].sum()
    assert 0.0 <= moved < 0.09
    again = tmp_path / "again"
    again.mkdir()
    for path in tmp_path.glob("*.*"):
        (again / path.name).write_bytes(path.read_bytes())
    assert teig("run", "scenario.yaml", "-o", "out", folder=again, seed="77").returncode == 0
    for path in sorted((tmp_path / "out").rglob("*")):
        if path.is_file() and path.name != "timing.json":
            same = again / "out" / path.relative_to(tmp_path / "out")
            assert path.read_bytes() == same.read_bytes(), path.name
