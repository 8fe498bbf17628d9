"""Actuals beside the plan of the same days and the same reps; what is missing is not zero."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from teig.models import BadInput, Plan
from teig.models.quotas.history import Span
from teig.scenarios import load, measure, write_outputs
from teig.scenarios.actuals import Against, PlanFigures, against, plan_figures, read_actuals
from teig.scenarios.approval import approve
from teig.scenarios.cli.app import app
from teig.scenarios.store.origin import Origin, remember_origin
from typer.testing import CliRunner

from tests.scenarios.starter import column_added, starter

YEAR = Span(dt.date(2027, 1, 1), dt.date(2027, 12, 31))


def flat(**daily: dict[str, float]) -> PlanFigures:
    """A plan of the same amount on each of the days of 2027."""
    days = np.ones(365)
    reps = sorted({rep for each in daily.values() for rep in each})
    return PlanFigures(
        label="run/plan",
        state="plan of record",
        market="Market",
        period=YEAR,
        currency="USD",
        teams={rep: "north" if rep < "R3" else "south" for rep in reps},
        daily={name: {rep: days * each[rep] for rep in each} for name, each in daily.items()},
        basis=dict.fromkeys(daily, "plan"),
        holds=frozenset({("R1", "001"), ("R2", "002")}),
        notes=(),
    )


def compared(tmp_path: Path, plan: PlanFigures, text: str, **options: Any) -> Against:
    path = tmp_path / "actuals.csv"
    path.write_text(text, encoding="utf-8")
    found = read_actuals([path], plan.period, list(plan.teams), currency=plan.currency, **options)
    return against(plan, found)


def figures(result: Against, level: str, node: str, measure: str) -> Any:
    table = result.table
    (row,) = table[
        (table["level"] == level) & (table["node"] == node) & (table["measure"] == measure)
    ].to_dict("records")
    return row


def test_months_add_up_over_the_same_days(tmp_path: Path) -> None:
    plan = flat(hours={"R1": 2.0, "R2": 1.0, "R3": 3.0})
    rows = "".join(
        f"{rep},2027-{month:02},{amount}\n"
        for rep, amount in (("R1", 70), ("R2", 20), ("R3", 90))
        for month in (1, 2)
    )
    result = compared(tmp_path, plan, "rep,period,hours\n" + rows)
    assert result.actuals.until == dt.date(2027, 2, 28)
    total = figures(result, "total", "all", "hours")
    assert (total["plan_to_date"], total["actual"], total["unit"]) == (59 * 6.0, 360.0, "hours")
    assert total["plan_period"] == 365 * 6.0
    assert total["difference"] == pytest.approx(360 - 354)
    north = figures(result, "team", "north", "hours")
    assert (north["plan_to_date"], north["actual"], north["reps"]) == (59 * 3.0, 180.0, 2)
    assert figures(result, "rep", "R3", "hours")["share_of_plan_to_date"] == pytest.approx(
        180 / 177
    )
    assert result.notes == ()
    assert list(result.table["level"]) == ["total", "team", "team", "rep", "rep", "rep"]
    assert list(result.table["node"])[-3:] == ["R1", "R2", "R3"]


def test_part_periods_count_by_the_days_that_are_over(tmp_path: Path) -> None:
    plan = flat(visits={"R1": 1.0})
    text = "rep,period,visits\nR1,2027-Q1,40\n"
    result = compared(tmp_path, plan, text, until=dt.date(2027, 2, 10))
    row = figures(result, "rep", "R1", "visits")
    assert (row["plan_to_date"], row["actual"], row["days"]) == (41.0, 40.0, 41)
    # Days tell of their month so far: those between them were without a visit.
    text = "rep,period,visits\nR1,2027-03-02,3\nR1,2027-03-20,2\n"
    row = figures(compared(tmp_path, plan, text), "rep", "R1", "visits")
    assert (row["plan_to_date"], row["actual"], row["days"], row["days_to_date"]) == (20, 5, 20, 79)
    # A week that begins in the old year counts by days.
    text = "rep,period,visits\nR1,2026-W53,7\n"
    result = compared(tmp_path, plan, text)
    row = figures(result, "rep", "R1", "visits")
    assert (row["plan_to_date"], row["actual"]) == (3.0, pytest.approx(3.0))
    assert result.notes == ("1 row only partly in the plan period, counted by days",)


def test_missing_is_not_zero(tmp_path: Path) -> None:
    plan = flat(hours={"R1": 1.0, "R2": 1.0, "R3": 1.0}, sales={"R1": 10.0, "R2": 10.0, "R3": 10.0})
    text = "rep,period,hours,sales\nR1,2027-01,30,300\nR1,2027-03,30,\nR2,2027-Q1,0,0\n"
    result = compared(tmp_path, plan, text)
    one, two = (figures(result, "rep", rep, "hours") for rep in ("R1", "R2"))
    assert (one["plan_to_date"], one["days"], one["days_to_date"]) == (62.0, 62, 90)
    assert (two["plan_to_date"], two["actual"], two["share_of_plan_to_date"]) == (90.0, 0.0, 0.0)
    assert figures(result, "rep", "R1", "sales")["plan_to_date"] == 310.0
    total = figures(result, "total", "all", "hours")
    assert (total["plan_to_date"], total["reps"], total["reps_in_plan"]) == (152.0, 2, 3)
    assert "R3" not in set(result.table["node"])
    assert result.notes == (
        "hours: no actuals of 1 rep (R3); they are in no sum",
        "hours: no actuals for some days of R1 (28 days); the plan of these days is left out",
        "sales: no actuals of 1 rep (R3); they are in no sum",
        "sales: no actuals for some days of R1 (59 days); the plan of these days is left out",
    )


def test_units_of_others_are_told(tmp_path: Path) -> None:
    plan = flat(visits={"R1": 1.0, "R2": 1.0})
    text = "rep,period,unit,visits\nR1,2027-01,001,5\nR1,2027-01,002,2\nR2,2027-01,009,1\n"
    result = compared(tmp_path, plan, text)
    said = "visits: 3 of 8 visits at units that the plan gives to others, or does not know"
    assert result.notes == (said,)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("rep,period,hours\nR9,2027-01,3\n", {}, "row 2, rep: the plan has no such rep; there are"),
        ("rep,period,hours\nR1,January,3\n", {}, "row 2, period: must be a period like 2027"),
        ("rep,period,hours\nR1,2027-01,x\n", {}, "row 2, hours: must be a number"),
        ("rep,period,hours\nR1,2027-01,-3\n", {}, "row 2, hours: must not be negative"),
        ("rep,period\nR1,2027-01\n", {}, "the table has none of hours, travel_hours"),
        ("rep,hours\nR1,3\n", {}, "period: the table needs this column"),
        ("rep,period,hours\nR1,2026-01,3\n", {}, "no row lies in the plan period, 2027-01-01"),
        ("rep,period,sales,currency\nR1,2027-01,3,NOK\n", {}, "the plan is in USD"),
        ("rep,period,hours\nR1,2027-01,3\n", {"until": dt.date(2028, 1, 1)}, "must lie in the"),
        ("rep,period,hours\nR1,2027-01,3\n", {"columns": {"sales": "Sold"}}, "no column 'Sold'"),
        ("", {}, "is empty: not even a header"),
    ],
)
def test_what_cannot_be_read_is_named(
    text: str, options: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        compared(tmp_path, flat(hours={"R1": 1.0, "R2": 1.0}), text, **options)
    assert message in str(caught.value)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter's plan of today, published; R1 is on leave in January."""
    folder = tmp_path_factory.mktemp("actuals")
    file = starter(folder / "plan")
    column_added("reps.csv", "leave_from", "2027-01-01")(folder / "plan")
    column_added("reps.csv", "leave_to", "2027-01-31")(folder / "plan")
    book = load(file, scenarios=("rebalanced",))
    plan = Plan.incumbent(book["rebalanced"].problem)
    write_outputs(measure(book, {"rebalanced": plan}), folder / "run")
    remember_origin(folder / "run", Origin(file, (), None, None))
    for _ in range(4):
        approve(folder / "run", author="Kim", reason="agreed")
    return folder


@pytest.fixture
def place(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "place"))


def test_the_plan_by_days(place: Path) -> None:
    plan = plan_figures(place / "run")
    assert (plan.label, plan.state) == ("run/rebalanced", "plan of record")
    territories = pd.read_csv(place / "run" / "rebalanced" / "territories.csv").set_index("rep")
    for rep in plan.teams:
        assert plan.daily["hours"][rep].sum() == pytest.approx(territories["load_hours"][rep])
        travel = plan.daily["travel_hours"][rep].sum()
        assert travel == pytest.approx(territories["travel_hours"][rep])
    quotas = pd.read_csv(place / "run" / "rebalanced" / "quotas.csv").set_index(["node", "period"])
    first = plan.daily["sales"]["R2"][:90].sum()
    assert first == pytest.approx(quotas["quota"]["R2", "Q1"])
    assert plan.basis["sales"] == "quota"
    # On leave in January: nothing is expected of R1 then, more a day afterwards.
    assert plan.daily["hours"]["R1"][:31].sum() == 0
    assert plan.daily["hours"]["R2"][:31].sum() > 0
    assert sum(plan.daily["visits"][rep].sum() for rep in plan.teams) > 100


def test_without_the_input_the_calendar_has_to_do(place: Path) -> None:
    shutil.rmtree(place / "plan")
    plan = plan_figures(place / "run")
    assert set(plan.daily) == {"hours", "travel_hours", "sales"}
    assert plan.daily["hours"]["R1"][:31].sum() > 0
    assert "the plan's input is not at hand any more" in plan.notes[0]


def test_the_command(place: Path) -> None:
    path = place / "january.csv"
    path.write_text(
        "Rep;Month;Worked;Sold\nR1;2027-01;0,5;1000\nR2;2027-01;99,5;250000\n", encoding="utf-8"
    )
    names = [f"{ours}={theirs}" for ours, theirs in (
        ("rep", "Rep"), ("period", "Month"), ("hours", "Worked"), ("sales", "Sold"),
    )]  # fmt: skip
    options = [part for name in names for part in ("--column", name)]
    done = CliRunner().invoke(app, ["actuals", str(place / "run"), str(path), *options])
    assert done.exit_code == 0, done.output
    assert "run/rebalanced (plan of record), 2027-01-01 to 2027-01-31" in done.stdout
    table = pd.read_csv(place / "run-actuals" / "plan_against_actual.csv")
    two = table[(table["node"] == "R2") & (table["measure"] == "hours")].iloc[0]
    assert two["actual"] == 99.5 and two["plan_to_date"] > 0
    page = (place / "run-actuals" / "plan_against_actual.html").read_text(encoding="utf-8")
    assert "2 of 5" in page and "SHA-256" in page and "<script" not in page
    done = CliRunner().invoke(app, ["actuals", str(place / "run"), str(path), "-s", "steady"])
    assert done.exit_code == 2 and "there is no such plan; there are rebalanced" in done.stderr
