"""Next quarter's folder: runs as it is, starts from the plan, and tells what differs."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from teig.models import BadInput, Plan, evaluate
from teig.scenarios import load, measure, write_outputs
from teig.scenarios.approval import approve
from teig.scenarios.cli.app import app
from teig.scenarios.rolling import Rolled, next_period, roll
from teig.scenarios.rolling.campaigns import drop_campaigns
from teig.scenarios.rolling.file import ScenarioText
from teig.scenarios.store.origin import Origin, remember_origin
from typer.testing import CliRunner

from tests.scenarios.starter import starter, yaml

Change = Callable[[Path], None]


def teig(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter, run and approved."""
    folder = tmp_path_factory.mktemp("roll")
    file = starter(folder / "plan")
    done = teig("run", file, "-o", folder / "run", "--work", "0.02", "--jobs", "1")
    assert done.exit_code == 0, done.output
    for scenario in ("steady", "four_reps"):
        for _ in range(3):
            approve(folder / "run", author="Kim", reason="agreed", scenario=scenario)
    return folder


@pytest.fixture
def place(finished: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(finished, tmp_path / "place"))


def rolled(place: Path, scenario: str = "steady", **options: Any) -> Rolled:
    return roll(place / "run", place / "next", scenario=scenario, **options)


def table(place: Path, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Path:
    """A new table made from one of the starter's."""
    frame = pd.read_csv(place / "plan" / name, dtype=str, keep_default_na=False)
    path = place / f"new_{name}"
    change(frame).to_csv(path, index=False)
    return path


def differences(result: Rolled) -> dict[tuple[str, str, str, str], tuple[object, object]]:
    return {
        (r["table"], r["what"], r["id"], r["column"]): (r["old"], r["new"])
        for r in result.differences
    }


def test_the_same_data_and_the_plan_as_today(place: Path) -> None:
    result = rolled(place)
    assert (result.start, result.end) == (dt.date(2028, 1, 1), dt.date(2028, 12, 31))
    assert (result.differences, result.problems) == ((), ())
    assert any("quotas.budget is still 15,000,000 USD" in note for note in result.notes)
    old = load(place / "plan" / "scenario.yaml", scenarios=("steady",))["steady"].problem
    book = load(result.file)
    # The plan is today's alignment now, measured alike but for hands and the calendar.
    today = evaluate(book.base.problem, Plan.incumbent(book.base.problem)).assignments
    plan = pd.read_csv(place / "run" / "steady" / "assignments.csv", dtype={"unit": str})
    assert list(zip(today["unit"], today["rep"], strict=True)) == list(
        zip(plan["unit"], plan["rep"], strict=True)
    )
    assert not today["moved"].any()
    # Who kept a unit has had it since then; who got it, since the plan began.
    rows = pd.read_csv(result.folder / "incumbent.csv", dtype=str).set_index("unit")
    given = pd.read_csv(place / "plan" / "incumbent.csv", dtype=str).set_index("unit")
    moved = plan.set_index("unit")["moved"]
    assert 0 < moved.sum() < len(moved)
    for unit in rows.index:
        assert rows["since"][unit] == ("2027-01-01" if moved[unit] else given["since"][unit])
    assert set(rows["role"]) == {"primary"} and len(old.covers) == len(rows)


def test_comments_stay_and_the_scenario_becomes_the_base(place: Path) -> None:
    result = rolled(place, settings=("quotas.budget=16000000", "price_year=2028"))
    before = (place / "plan" / "scenario.yaml").read_text(encoding="utf-8").splitlines()
    after = result.file.read_text(encoding="utf-8").splitlines()
    comments = [line.partition("#")[2] for line in before if "#" in line]
    gone = [text for text in comments if not any(text in line for line in after)]
    assert gone == []
    assert "  stay: {type: disruption_cap, share: 0.08, measure: sales}" in after
    assert "quotas: {budget: 16000000, rounding: 1000, over_assignment: {manager: 0.05}}" in after
    assert not any("look at it: quotas.budget" in note for note in result.notes)
    book = load(result.file)
    assert [s.name for s in book.scenarios] == ["rebalanced", "steady", "four_reps"]
    assert all("stay" in {rule.name for rule in s.problem.rules} for s in book.scenarios)
    assert book["steady"].changes == ()
    record = json.loads((result.folder / "rolled.json").read_text(encoding="utf-8"))
    assert (record["run"], record["scenario"], record["state"]) == ("run", "steady", "approved")


def test_own_settings_of_the_scenario_and_dates_of_others(place: Path) -> None:
    first = "  rebalanced: {set: {limits.work: 0.3, structure.teams.field.channels: [field]}}"
    late = "  late: {set: {calendar.end: 2029-06-30}, note: a year and a half}"
    yaml("  rebalanced: []", f"{first}\n{late}")(place / "plan")
    file = place / "plan" / "scenario.yaml"
    book = load(file, scenarios=("rebalanced",))
    today = Plan.incumbent(book["rebalanced"].problem)
    shutil.rmtree(place / "run")
    remember_origin(place / "run", Origin(file, ("limits.work=0.4",), None, None))
    book = load(file, scenarios=("rebalanced",), settings=("limits.work=0.4",))
    write_outputs(measure(book, {"rebalanced": today}), place / "run")
    result = rolled(place, "", unapproved=True)
    new = load(result.file)
    assert new.base.resolved.settings.limits.work == 0.4
    assert new.base.resolved.settings.structure.teams["field"].channels == ("field",)
    assert new["rebalanced"].changes == ()
    assert "look at it: scenario late is of 2028-01-01 to 2029-06-30 still" in result.notes


def test_another_roster_of_the_scenario_is_the_roster_now(place: Path) -> None:
    result = rolled(place, "four_reps")
    settings = load(result.file).base.resolved.settings
    assert settings.data.reps.path == "reps_four.csv"
    assert result.problems == ()
    assert not (result.folder / "reps.csv").exists()


def test_the_next_quarter_runs(place: Path) -> None:
    options = ["-s", "steady", "-o", place / "next", "--start", "2028-01-01", "--end", "2028-03-31"]
    done = teig("roll", place / "run", *options)
    assert done.exit_code == 0, done.output
    assert "No table differs." in done.stdout
    assert "the new period is shorter: quotas.periods still fit?" in done.stdout
    file = place / "next" / "scenario.yaml"
    assert teig("check", file).exit_code == 0
    done = teig("run", file, "-s", "steady", "-o", place / "again", "--work", "0.02", "--jobs", "1")
    assert done.exit_code == 0, done.output
    moved = pd.read_csv(place / "again" / "comparison.csv").set_index("scenario")
    assert moved.loc["incumbent", "units_moved"] == 0
    for _ in range(3):
        approve(place / "again", author="Kim", reason="agreed", scenario="steady")
    third = roll(place / "again", place / "third", scenario="steady")
    assert (third.start, third.end) == (dt.date(2028, 4, 1), dt.date(2028, 6, 30))


def test_units_come_and_go_and_change(place: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame[frame["unit"] != "005"].copy()
        frame.loc[frame["unit"] == "003", "sales"] = "210800"
        frame.loc[frame["unit"] == "004", "class"] = "A"
        frame.loc[frame["unit"] == "006", "latitude"] = "42.5"
        extra = frame[frame["unit"] == "007"].assign(unit="107", latitude="41.1")
        return pd.concat([frame, extra])

    result = rolled(place, data={"units": table(place, "units.csv", change)})
    found = differences(result)
    old = pd.read_csv(place / "plan" / "units.csv", dtype={"unit": str}).set_index("unit")
    sold = old["sales"]
    assert found["units", "gone", "005", "sales"] == (sold["005"], "")
    assert found["units", "new", "107", "sales"] == ("", sold["007"])
    assert found["units", "changed", "003", "sales"] == (sold["003"], 210800.0)
    assert found["units", "changed", "004", "class"] == (old["class"]["004"], "A")
    assert found["units", "changed", "006", "place"][1] == pytest.approx(
        abs(42.5 - old["latitude"]["006"]) * 111.2, rel=0.01
    )
    total = sold.sum()
    assert found["units", "total", "", "sales"] == (
        total,
        total - sold["005"] + sold["007"] + 210800 - sold["003"],
    )
    assert any(key[0] == "neighbour graph" and key[1] == "new" for key in found)
    rows = pd.read_csv(result.folder / "incumbent.csv", dtype=str)
    assert {"005", "107"} & set(rows["unit"]) == set()
    assert "1 unit of the plan gone: 005" in result.notes
    assert "1 unit nobody has yet: 107" in result.notes
    text = (result.folder / "differences.md").read_text(encoding="utf-8")
    assert text.startswith("# run/steady rolled to 2028-01-01 – 2028-12-31\n\n## units\n")
    written = pd.read_csv(result.folder / "differences.csv")
    assert len(written) == len(result.differences)


def test_lost_zeros_are_the_same_units(place: Path) -> None:
    units = table(place, "units.csv", lambda f: f.assign(unit=f["unit"].str.lstrip("0")))
    result = rolled(place, data={"units": units})
    found = differences(result)
    assert found["units", "lost zeros", "007", "unit"] == ("007", "7")
    assert {key[1] for key in found} == {"lost zeros"}
    assert result.problems == ()
    base = load(result.file).base.problem
    assert all(base.covers.incumbent_ids)


def test_merged_units_by_a_crosswalk(place: Path) -> None:
    plan = pd.read_csv(place / "run" / "steady" / "assignments.csv", dtype=str).set_index("unit")
    units = pd.read_csv(place / "plan" / "units.csv", dtype={"unit": str}).set_index("unit")
    one = next(u for u in plan.index if plan["rep"][u] == "R1")
    other = max(
        (u for u in plan.index if plan["rep"][u] == "R2"), key=lambda unit: units["sales"][unit]
    )
    assert units["sales"][other] > units["sales"][one]

    def merge(frame: pd.DataFrame) -> pd.DataFrame:
        merged = frame[frame["unit"] == other].assign(unit="900")
        kept = frame.loc[[unit not in (one, other) for unit in frame["unit"]]]
        result: pd.DataFrame = pd.concat([kept, merged])
        return result

    walk = place / "walk.csv"
    walk.write_text(f"old,new\n{one},900\n{other},900\n", encoding="utf-8")
    data = {"units": table(place, "units.csv", merge), "crosswalk": walk}
    result = rolled(place, data=data)
    assert "  crosswalk: walk.csv" in result.file.read_text(encoding="utf-8")
    found = differences(result)
    assert found["units", "merged", one, "sales"] == (units["sales"][one], "900")
    rows = pd.read_csv(result.folder / "incumbent.csv", dtype=str).set_index("unit")
    assert rows["rep"]["900"] == "R2"
    assert any(note.startswith("900 joins ") and "R2 has most" in note for note in result.notes)


def test_reps_come_and_go_and_change(place: Path) -> None:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame[frame["rep"] != "R3"].copy()
        frame.loc[frame["rep"] == "R2", ["base", "cost"]] = ["012", "150000"]
        frame.loc[frame["rep"] == "R1", "full_time"] = "0.8"
        return pd.concat([frame, frame[frame["rep"] == "R1"].assign(rep="R9", base="016")])

    result = rolled(place, data={"reps": table(place, "reps.csv", change)})
    found = differences(result)
    assert ("reps", "gone", "R3", "") in found and ("reps", "new", "R9", "") in found
    assert found["reps", "changed", "R2", "base"] == ("011", "012")
    assert found["reps", "changed", "R1", "full_time"] == (1.0, 0.8)
    # What somebody costs is nobody's business here: only that it changed.
    assert found["reps", "changed", "R2", "cost"] == ("", "")
    assert "150000" not in (result.folder / "differences.csv").read_text(encoding="utf-8")
    assert any(note.startswith("R3 left and had ") for note in result.notes)
    base = load(result.file).base
    held = pd.read_csv(place / "run" / "steady" / "assignments.csv", dtype=str)
    orphans = sum(i == "R3" for i in base.problem.covers.incumbent_ids)
    assert orphans == (held["rep"] == "R3").sum() > 0
    assert "R3" not in base.problem.owners.ids
    rows = pd.read_csv(result.folder / "reps.csv", dtype=str).set_index("rep")
    assert rows["valid_to"]["R3"] == "2027-12-31"


def test_totals_that_no_longer_hold_are_taken_out(place: Path) -> None:
    total = int(pd.read_csv(place / "plan" / "units.csv")["sales"].sum())
    yaml("rules:\n", f"control_totals: {{units.sales: {total}}}\nrules:\n")(place / "plan")
    file = place / "plan" / "scenario.yaml"
    run = ["run", file, "-s", "steady", "-o", place / "run", "--work", "0.02", "--jobs", "1"]
    assert teig(*run).exit_code == 0
    kept = roll(place / "run", place / "kept", scenario="steady", unapproved=True)
    assert "control_totals" in kept.file.read_text(encoding="utf-8")
    units = table(place, "units.csv", lambda f: f.assign(sales=f["sales"] + "0"))
    result = rolled(place, data={"units": units}, unapproved=True)
    assert result.problems == ()
    assert "control_totals" not in result.file.read_text(encoding="utf-8")
    assert any(note.startswith("control_totals.units.sales was taken out") for note in result.notes)


def test_what_does_not_fit_any_more_is_named_in_the_new_folder(place: Path) -> None:
    lock = "  promised: {type: lock, owners: {'005': R1}}\nobjective:"
    yaml("objective:", lock)(place / "plan")
    file = place / "plan" / "scenario.yaml"
    run = ["run", file, "-s", "steady", "-o", place / "run", "--work", "0.02", "--jobs", "1"]
    assert teig(*run).exit_code == 0
    units = table(place, "units.csv", lambda f: f[f["unit"] != "005"])
    options = ["-s", "steady", "--unapproved", "-o", place / "next", "--data", f"units={units}"]
    done = teig("roll", place / "run", *options)
    assert done.exit_code == 2
    assert "scenario.yaml, line " in done.stderr and "'005'" in done.stderr
    assert "does not fit the new data" in done.stderr
    assert "nothing was written" not in done.stderr
    text = (place / "next" / "scenario.yaml").read_text(encoding="utf-8")
    text = text.replace("  promised: {type: lock, owners: {'005': R1}}\n", "")
    (place / "next" / "scenario.yaml").write_text(text, encoding="utf-8")
    assert teig("check", place / "next" / "scenario.yaml").exit_code == 0


def test_the_published_plan_is_rolled_though_the_run_came_out_otherwise(place: Path) -> None:
    yaml("limits:", "letters: {company: Acme}\nlimits:")(place / "plan")
    file = place / "plan" / "scenario.yaml"
    book = load(file, scenarios=("rebalanced",))
    today = Plan.incumbent(book["rebalanced"].problem)
    other = today.owner.copy()
    other[other != 0] = 0
    shutil.rmtree(place / "run")
    remember_origin(place / "run", Origin(file, (), None, None))
    write_outputs(measure(book, {"rebalanced": today}), place / "run")
    for _ in range(4):
        approve(place / "run", author="Kim", reason="agreed")
    quotas = pd.read_csv(place / "run" / "rebalanced" / "quotas.csv", dtype={"node": str})
    write_outputs(measure(book, {"rebalanced": Plan(other)}), place / "run")
    result = rolled(place, "")
    rows = pd.read_csv(result.folder / "incumbent.csv", dtype=str)
    assert rows["rep"].nunique() == 5
    record = json.loads((result.folder / "rolled.json").read_text(encoding="utf-8"))
    assert record["state"] == "published"
    # The letters of the next period will say what was asked for in this one.
    assert "  previous_quotas: previous_quotas.csv" in result.file.read_text(encoding="utf-8")
    before = pd.read_csv(result.folder / "previous_quotas.csv", dtype={"node": str})
    assert before["quota"].sum() == quotas["quota"].sum() > 0


def test_scenarios_that_do_not_stand_on_the_plan_are_left_out(place: Path) -> None:
    """Two scenarios take the same rule away: where one is the base, the other has nothing to take."""
    plan = place / "plan"
    yaml("scenarios: ", "  loose: {rules: {contiguity: !remove }}\nscenarios: ")(plan)
    yaml(
        "scenarios: ",
        "  free: {rules: {contiguity: !remove , capacity: {limit: 1.1}}}\nscenarios: ",
    )(plan)
    yaml("  rebalanced: []", "  rebalanced: []\n  first: [keep, loose]\n  second: [free]")(plan)
    book = load(plan / "scenario.yaml", scenarios=("first",))
    today = Plan.incumbent(book["first"].problem)
    shutil.rmtree(place / "run")
    write_outputs(measure(book, {"first": today}), place / "run")
    remember_origin(place / "run", Origin(plan / "scenario.yaml", (), None, None))
    result = rolled(place, "first", unapproved=True)
    assert result.problems == ()
    (note,) = (each for each in result.notes if "left out" in each)
    assert note.startswith("scenario second does not stand on the plan that was rolled")
    assert "there is nothing to remove" in note
    new = load(result.file)
    assert [s.name for s in new.scenarios] == ["rebalanced", "first", "steady", "four_reps"]
    assert {"contiguity", "free", "loose"} & {rule.name for rule in new.base.problem.rules} == set()
    before = (result.folder / "scenario_before.yaml").read_bytes()
    assert before == (plan / "scenario.yaml").read_bytes()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scenario": "rebalanced"}, "the plan is draft; take it to approved"),
        ({"scenario": "stedy"}, "did you mean 'steady'?"),
        ({"scenario": ""}, "say which with -s: rebalanced, steady, four_reps"),
        ({"start": dt.date(2027, 1, 1)}, "--start: the new period begins after the old one's"),
        ({"end": dt.date(2027, 12, 1)}, "--end: must not lie before the start"),
        ({"settings": ("limits.work",)}, "is written PATH=VALUE"),
        ({"settings": ("calendar.end=2028-03-31",)}, "--set: say it with --end"),
        ({"data": {"unit": Path("x.csv")}}, "names no such table; did you mean 'units'?"),
        ({"data": {"units": Path("x.csv")}}, "there is no such file"),
        ({"data": {"incumbent": Path("x.csv")}}, "the plan is the incumbent; leave this one out"),
    ],
)
def test_what_is_refused(options: dict[str, Any], message: str, place: Path) -> None:
    with pytest.raises(BadInput) as caught:
        rolled(place, **{"scenario": "steady", **options})
    assert message in str(caught.value)
    assert sorted(path.name for path in place.iterdir()) == ["plan", "run"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: not even a header"),
        (b"unit;name\n001;Alder\n", "the table needs this column"),
        (b"\xff\xfe\x00", "is not written in utf-8"),
    ],
)
def test_new_tables_that_cannot_be_used(content: bytes, message: str, place: Path) -> None:
    path = place / "units_new.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message) as refused:
        rolled(place, data={"units": path})
    assert {problem.source for problem in refused.value.problems} == {str(path)}
    assert not (place / "next").exists() and not (place / ".next.writing").exists()


def test_a_folder_with_contents_is_left_alone(place: Path) -> None:
    (place / "next").mkdir()
    (place / "next" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput, match="there is something here already"):
        rolled(place)


def test_periods_of_months_and_of_days() -> None:
    day = dt.date
    assert next_period(day(2027, 1, 1), day(2027, 3, 31), day(2027, 4, 1)) == (
        day(2027, 4, 1),
        day(2027, 6, 30),
    )
    assert next_period(day(2027, 2, 1), day(2027, 2, 14), day(2027, 2, 15))[1] == day(2027, 2, 28)


def test_campaigns_of_the_last_period_are_left_out(place: Path) -> None:
    def given() -> str:
        text = (place / "plan" / "scenario.yaml").read_text(encoding="utf-8")
        campaigns = (
            "campaigns:\n"
            '  past: {segment: "True", start: 2027-03-01, end: 2027-03-31}  # spring\n'
            '  next: {segment: "True", start: 2028-03-01, end: 2028-03-31}\n'
        )
        own = (
            "  mailed:\n"
            "    campaigns:\n"
            "      past: {contacts: 2}\n"
            "      next: {contacts: 3}\n"
            '      other: {segment: "True", start: 2027-05-03, end: 2027-05-31}\n'
        )
        text = text.replace("overrides:\n", f"{campaigns}overrides:\n{own}")
        return text.replace("  rebalanced: []", "  rebalanced: [mailed]")

    text = ScenarioText(given())
    assert drop_campaigns(text, dt.date(2028, 1, 1), dt.date(2028, 12, 31)) == (
        "other (2027-05-03 to 2027-05-31)",
        "past (2027-03-01 to 2027-03-31)",
    )
    assert set(text.root["campaigns"]) == {"next"}
    assert dict(text.root["overrides"]["mailed"]["campaigns"]) == {"next": {"contacts": 3}}
    same = drop_campaigns(ScenarioText(given()), dt.date(2027, 1, 1), dt.date(2028, 12, 31))
    assert same == ()


def test_a_plan_with_a_campaign_rolls(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    text = file.read_text(encoding="utf-8").partition("overrides:")[0]
    campaign = 'campaigns: {spring: {segment: "True", start: 2027-03-01, end: 2027-03-31}}\n'
    file.write_text(text + campaign, encoding="utf-8")
    done = teig("run", file, "-o", tmp_path / "run", "--work", "0.02", "--jobs", "1")
    assert done.exit_code == 0, done.output
    result = roll(tmp_path / "run", tmp_path / "next", scenario="base", unapproved=True)
    assert result.problems == ()
    assert any("does not hold: spring (2027-03-01 to 2027-03-31)" in n for n in result.notes)
    assert not load(result.file).base.problem.campaigns
