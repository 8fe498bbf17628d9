"""``teig robustness``: stored plans on the same futures, and a plan chosen for futures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from teig.models import Plan
from teig.optimizer import solve_territories
from teig.scenarios import choose_for_samples, load, try_plans
from teig.scenarios.cli.app import app
from typer.testing import CliRunner

from tests.scenarios.starter import starter


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the starter."""
    folder = tmp_path_factory.mktemp("robust")
    file = starter(folder / "plan")
    done = CliRunner().invoke(
        app, ["run", str(file), "--work", "0.02", "--jobs", "1", "-o", str(folder / "run")]
    )
    assert done.exit_code == 0, done.output
    return folder


def robustness(stored: Path, out: str, *options: str) -> Path:
    arguments = ["robustness", str(stored / "run"), "-o", str(stored / out), *options]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    return stored / out


def test_every_plan_meets_the_same_futures(stored: Path) -> None:
    out = robustness(stored, "first", "--samples", "60")
    table = pd.read_csv(out / "robustness.csv")
    names = ["incumbent", "rebalanced", "steady", "four_reps"]
    assert table["scenario"].unique().tolist() == names
    assert (table["p10"] <= table["p50"]).all()
    assert (table["p50"] <= table["p90"]).all()
    for _, rows in table.groupby("figure"):
        assert rows["best_share"].sum() == pytest.approx(1.0)
    money = table[table["figure"] == "contribution"].set_index("scenario")["as_planned"]
    run = pd.read_csv(stored / "run" / "comparison.csv").set_index("scenario")["contribution"]
    assert money.to_dict() == pytest.approx(run.loc[names].to_dict(), rel=1e-9)
    rules = {
        (r["scenario"], r["rule"]): r for r in pd.read_csv(out / "rules.csv").to_dict("records")
    }
    stay = rules["steady", "stay"]
    assert stay["hard"]
    assert 0 < stay["broken_share"] < 1
    assert not rules["steady", "contiguity"]["depends_on_sample"]
    samples = pd.read_csv(out / "samples.csv")
    assert len(samples) == 4 * 60
    again = robustness(stored, "again", "--samples", "60")
    for name in ("robustness.csv", "rules.csv", "samples.csv"):
        assert (out / name).read_bytes() == (again / name).read_bytes()
    # Common random numbers: what a future does to travel, it does to every plan.
    wide = samples.pivot_table(index="sample", columns="scenario", values="travel_hours")
    assert np.corrcoef(wide["rebalanced"], wide["steady"])[0, 1] > 0.95


def test_uncertainty_may_change_without_another_run(stored: Path) -> None:
    file = stored / "plan" / "scenario.yaml"
    text = file.read_text(encoding="utf-8")
    section = (
        "uncertainty: {samples: 30, potential: {unit: 0, segments: class}, "
        "attrition: {rate: 0.5, orphans: unserved}}\n"
    )
    file.write_text(text.replace("limits:", section + "limits:", 1), encoding="utf-8")
    try:
        out = robustness(stored, "other", "-s", "rebalanced")
    finally:
        file.write_text(text, encoding="utf-8")
    table = pd.read_csv(out / "robustness.csv")
    chosen = (table["scenario"] == "rebalanced") & (table["figure"] == "unserved_sales")
    assert (table[chosen]["p90"] > 0).all()
    assert chosen.sum() == 1
    assert len(pd.read_csv(out / "samples.csv")) == 2 * 30


def test_a_plan_chosen_for_samples_is_compared_out_of_sample(stored: Path) -> None:
    options = ("--samples", "40", "--choose", "rebalanced", "--choose-on", "4", "--work", "0.02")
    out = robustness(stored, "chosen", *options)
    choice = pd.read_csv(out / "choice.csv").set_index("figure")
    assert set(choice["verdict"]) <= {"better", "worse", "not distinguishable"}
    plans = [
        pd.read_csv(path, dtype=str)[["unit", "rep"]].sort_values("unit").to_numpy().tolist()
        for path in (out / "for_samples.csv", stored / "run" / "rebalanced" / "assignments.csv")
    ]
    same = plans[0] == plans[1]
    assert same == (choice["difference"].abs().max() < 1e-9)


def test_a_plan_for_samples_beats_one_that_sits_on_the_edge(tmp_path: Path) -> None:
    """A plan just within a tolerance falls out of it in half of the futures."""
    file = starter(tmp_path / "plan")
    settings = ("objective.order=[balance, travel]", "rules.balance_load.measure=potential")
    book = load(file, scenarios=("rebalanced",), settings=settings)
    plan = solve_territories(book["rebalanced"].problem, work=0.05).plan
    assert plan is not None
    choice = choose_for_samples(book, "rebalanced", plan, on=8, samples=100, work=0.05)
    assert choice.inside is not None
    assert choice.outside is not None
    for side in (choice.inside, choice.outside):
        amounts = [side[name].broken["balance_load"] for name in ("rebalanced", "for_samples")]
        assert amounts[1].mean() < 0.95 * amounts[0].mean()
    row = choice.table().set_index("figure").loc["travel_hours"]
    assert row["verdict"] == "worse"


def test_wrong_input_is_named(stored: Path, tmp_path: Path) -> None:
    for arguments, message in (
        ([str(tmp_path)], "no finished run"),
        ([str(stored / "run"), "-s", "stedy"], "steady"),
        ([str(stored / "run"), "-s", "steady", "--choose", "rebalanced"], "steady"),
    ):
        done = CliRunner().invoke(app, ["robustness", *arguments])
        assert done.exit_code == 2
        assert message in done.stderr
    file = starter(tmp_path / "plan")
    wrong = "uncertainty.potential.regions=landscape"
    done = CliRunner().invoke(app, ["check", str(file), "--set", wrong])
    assert done.exit_code == 2
    assert "landscape" in done.stderr
    done = CliRunner().invoke(app, ["check", str(file), "--set", "uncertainty.travel.speed=3"])
    assert done.exit_code == 2


def test_the_library_call(stored: Path) -> None:
    book = load(stored / "plan" / "scenario.yaml", scenarios=("rebalanced",))
    problem = book["rebalanced"].problem
    plan = Plan.incumbent(problem)
    tried = try_plans(book, {"rebalanced": plan}, samples=10, seed=5)
    assert tried.samples == 10
    one, other = tried["incumbent"], tried["rebalanced"]
    for figure, values in one.figures.items():
        assert values == pytest.approx(other.figures[figure])
    assert tried.best_shares("travel_hours") == {"incumbent": 0.5, "rebalanced": 0.5}
