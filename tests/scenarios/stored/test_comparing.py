"""Stored results of several runs: read, judged, changed hands, ranked."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models import BadInput, Plan
from teig.scenarios import load, measure, write_outputs
from teig.scenarios.cli.app import app
from teig.scenarios.cli.comparing import standing_lines
from teig.scenarios.results import Verdict
from teig.scenarios.stored import (
    Criterion,
    StoredScenario,
    changed_hands,
    compare_stored,
    judge,
    rank,
    read_runs,
)
from teig.scenarios.stored.hands import _flows
from typer.testing import CliRunner

from tests.scenarios.starter import replaced, starter


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two runs of today's alignment: another margin in the second, and one unit moved."""
    folder = tmp_path_factory.mktemp("stored")
    file = starter(folder / "plan")
    first = load(file, scenarios=("rebalanced",))
    today = Plan.incumbent(first["rebalanced"].problem)
    write_outputs(measure(first, {"rebalanced": today}), folder / "q1")
    replaced("scenario.yaml", "margin: 0.35", "margin: 0.4")(folder / "plan")
    second = load(file, scenarios=("rebalanced",))
    owner = today.owner.copy()
    taker = 1 if owner[0] != 1 else 0
    owner[0] = taker
    write_outputs(measure(second, {"rebalanced": Plan(owner)}), folder / "q2")
    return folder / "q1", folder / "q2"


def test_figures_of_all_runs_stand_under_their_run(runs: tuple[Path, Path]) -> None:
    stored = [s for run in read_runs(runs) for s in run.scenarios]
    result = compare_stored(stored)
    assert result.table.index.tolist() == [
        ("q1", "incumbent"),
        ("q1", "rebalanced"),
        ("q2", "incumbent"),
        ("q2", "rebalanced"),
    ]
    for run, scenario, figure, value, unit in result.figures.itertuples(index=False):
        given_row = pd.read_csv(runs[run == "q2"] / "comparison.csv").set_index("scenario")
        assert given_row.loc[scenario, figure] == value
        assert unit or figure in ("objective", "bound"), figure
    assert set(result.figures["figure"]) >= {"travel_hours", "contribution", "sales_moved"}
    assert {"hours", "USD/year", "share", "km"} <= set(result.figures["unit"])


def test_what_changed_hands_between_two_dates(runs: tuple[Path, Path]) -> None:
    first, second = (run.scenarios[1] for run in read_runs(runs))
    hands = changed_hands(first, second)
    assert len(hands) == 1
    row = hands.iloc[0]
    units = pd.read_csv(runs[0].parent / "plan" / "units.csv", dtype={"unit": str})
    sales = units.set_index("unit")["sales"]
    assert row["unit"] == "001"
    assert row["what"] == "changed"
    assert row["share"] == 1.0
    assert row["sales"] == pytest.approx(sales["001"])
    assert changed_hands(second, first).iloc[0]["from"] == row["to"]
    assert changed_hands(first, first).empty


def test_other_money_settings_are_no_contest(runs: tuple[Path, Path]) -> None:
    stored = [s for run in read_runs(runs) for s in run.scenarios]
    result = compare_stored(stored)
    across = [v for v in result.verdicts if v.first.startswith("q1") and v.second.startswith("q2")]
    assert len(across) == 4
    assert {v.reason for v in across} == {"not comparable: their money settings differ: margin"}
    assert any("differ in margin" in note for note in result.notes)


def scenario(name: str, contribution: float, bound: float, **more: Any) -> StoredScenario:
    summary = {
        "status": "feasible",
        "stages": more.get("stages", []),
        "settings": {"money": {"margin": 0.3}, "objective": more.get("judged", "a"), "rules": {}},
        "money": {"contribution": contribution, "bound": bound},
        "inputs": [],
    }
    figures = more.get("figures", {})
    return StoredScenario("run", name, Path("run") / name, "USD", 2027, summary, figures)


def test_better_only_than_what_the_other_can_reach() -> None:
    a, b = scenario("a", 100.0, 120.0), scenario("b", 80.0, 99.0)
    (verdict,) = judge([a, b])
    assert verdict.winner == "run/a"
    assert "no plan of run/b can pass 99" in verdict.reason
    (verdict,) = judge([a, scenario("b", 80.0, 100.5)])
    assert verdict.winner is None
    assert "may still reach" in verdict.reason
    # Today is frozen: what its problem could reach does not count.
    (verdict,) = judge([a, scenario("incumbent", 80.0, 500.0)])
    assert verdict.winner == "run/a"
    euro = StoredScenario("run", "e", Path(), "EUR", 2027, b.summary, {})
    assert judge([a, euro])[0].reason.startswith("not comparable")


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        ((10.0, 9.0, "feasible"), (12.0, 11.0, "feasible"), "run/a"),
        ((10.0, 9.0, "feasible"), (12.0, 9.5, "feasible"), None),
        ((12.0, 11.0, "feasible"), (10.0, 9.0, "feasible"), "run/b"),
        ((10.0, 10.0, "optimal"), (10.0, 10.0, "optimal"), None),
    ],
)
def test_stages_are_judged_by_bounds(
    first: tuple[float, float, str], second: tuple[float, float, str], winner: str | None
) -> None:
    def made(name: str, stage: tuple[float, float, str]) -> StoredScenario:
        value, bound, status = stage
        entry = {"name": "travel", "sense": "min", "status": status}
        return scenario(name, 1.0, 2.0, stages=[entry | {"objective": value, "bound": bound}])

    verdicts = {v.criterion: v for v in judge([made("a", first), made("b", second)])}
    assert verdicts["objective"].winner == winner
    assert verdicts["contribution"].winner is None


def test_other_objectives_are_no_contest() -> None:
    entry = {"name": "t", "sense": "min", "status": "optimal", "objective": 1.0, "bound": 1.0}
    a = scenario("a", 1.0, 2.0, stages=[entry])
    b = scenario("b", 1.0, 2.0, stages=[entry | {"objective": 5.0}], judged="other")
    assert [v.reason for v in judge([a, b]) if v.criterion == "objective"] == [
        "not comparable: they are judged by different objectives"
    ]


shares = st.dictionaries(
    st.sampled_from("abcd"), st.sampled_from([0.25, 0.5, 0.75, 1.0]), max_size=4
)


@given(shares, shares)
@settings(max_examples=60, deadline=None)
def test_flows_add_up(then: dict[str, float], now: dict[str, float]) -> None:
    difference = {k: now.get(k, 0.0) - then.get(k, 0.0) for k in sorted({*then, *now})}
    flows = _flows(difference)
    for rep, amount in difference.items():
        got = sum(share for _, taker, share in flows if taker == rep)
        gave = sum(share for giver, _, share in flows if giver == rep)
        assert got - gave == pytest.approx(amount)
        assert not (got and gave)


def ranked(*figures: dict[str, float]) -> list[StoredScenario]:
    return [
        scenario(name, 0.0, 0.0, figures=each)
        for name, each in zip("abcdef", figures, strict=False)
    ]


weights = st.floats(0.1, 5.0)
figure_sets = st.lists(
    st.fixed_dictionaries({k: st.floats(0.0, 10.0) for k in ("travel_hours", "contribution")}),
    min_size=2,
    max_size=5,
)


@given(figure_sets, weights, weights)
@settings(max_examples=60, deadline=None)
def test_the_winner_changes_where_the_weights_say(
    figures: list[dict[str, float]], travel: float, money: float
) -> None:
    def winner_at(travel: float, money: float) -> dict[str, float]:
        criteria = (
            Criterion("travel_hours", "", False, travel),
            Criterion("contribution", "", True, money),
        )
        return dict(_rank(figures, criteria).scores)

    base = _rank(
        figures,
        (
            Criterion("travel_hours", "", False, travel),
            Criterion("contribution", "", True, money),
        ),
    )
    firm = next(f for f in base.firmness if f.criterion == "travel_hours")
    for rival, level, beyond in (
        (firm.rival_low, firm.low, 0.97 * firm.low - 1e-6),
        (firm.rival_high, firm.high, 1.03 * firm.high + 1e-6),
    ):
        if rival and beyond > 0:
            inside = winner_at(level + 0.02 * (travel - level), money)
            assert inside[base.winner] >= max(inside.values()) - 1e-9
            outside = winner_at(beyond, money)
            assert outside[rival] > outside[base.winner]


def _rank(figures: list[dict[str, float]], criteria: tuple[Criterion, ...]) -> Any:
    scenarios = ranked(*figures)
    for each in scenarios:
        object.__setattr__(each, "folder", _Everywhere())
    return rank(scenarios, criteria)


class _Everywhere:
    """A folder in which every file is there."""

    def __truediv__(self, name: str) -> _Everywhere:
        return self

    def exists(self) -> bool:
        return True


def test_the_command(runs: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["compare", *map(str, runs), "-o", str(out)]
    for _ in range(2):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, done.output
    assert "q1/incumbent and q1/rebalanced" in done.stdout
    assert "contributes more than" in done.stdout
    assert "not comparable: their money settings differ: margin" in done.stdout
    names = {path.name for path in out.iterdir()}
    assert names == {
        "changed_hands.csv",
        "comparison.csv",
        "figures.csv",
        "ranking.csv",
        "verdicts.csv",
        "weights.csv",
    }
    assert pd.read_csv(out / "comparison.csv").columns[:2].tolist() == ["run", "scenario"]
    chosen = CliRunner().invoke(
        app,
        [
            *("compare", *map(str, runs), "-s", "q1/incumbent", "-s", "q2/rebalanced"),
            *("--weight", "travel_hours=2", "--weight", "contribution=1"),
        ],
    )
    assert chosen.exit_code == 0, chosen.output
    assert "Ranked by the weights travel_hours 2, contribution 1" in chosen.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-s", "q9"], "there is no such scenario; there are q1/incumbent"),
        (["-s", "incumbent"], "several scenarios are called so: q1/incumbent, q2/incumbent"),
        (["--weight", "travel_hour=1"], "did you mean 'travel_hours'?"),
        (["--weight", "travel_hours=much"], "is written FIGURE=WEIGHT"),
        (["--weight", "travel_hours=0"], "at least one weight must be above 0"),
        (["nowhere"], "was not finished, or is no run of teig"),
    ],
)
def test_wrong_questions(options: list[str], message: str, runs: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(app, ["compare", *map(str, runs), *options])
    assert done.exit_code == 2
    assert message in done.stderr


def test_a_run_that_was_not_finished_is_refused(runs: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "half"
    shutil.copytree(runs[0], folder)
    (folder / "run.json").unlink()
    with pytest.raises(BadInput, match="was not finished"):
        read_runs([folder])
    shutil.copy(runs[0] / "run.json", folder / "run.json")
    summary = folder / "rebalanced" / "summary.json"
    summary.write_text(json.dumps({})[:1], encoding="utf-8")
    with pytest.raises(BadInput, match=r"rebalanced/summary\.json is damaged"):
        read_runs([folder])


def test_whom_nobody_beats_is_said_first(runs: tuple[Path, Path]) -> None:
    compared = compare_stored([s for run in read_runs(runs) for s in run.scenarios])
    names = [s.label for s in compared.scenarios][:3]

    def said(*pairs: tuple[int, int, int | None, str]) -> list[str]:
        verdicts = tuple(
            Verdict(names[a], names[b], "contribution", None if w is None else names[w], why)
            for a, b, w, why in pairs
        )
        return standing_lines(dataclasses.replace(compared, verdicts=verdicts))

    assert said((0, 1, 1, "more"), (1, 2, 1, "more")) == [
        f"{names[1]} contributes more than all others here can, proven."
    ]
    (line,) = said((0, 1, 1, "more"), (1, 2, None, "open"), (0, 2, 2, "more"))
    assert line.endswith(f"all others are beaten: {names[1]}, {names[2]}.")
    assert said((0, 1, None, "open")) == ["Nothing is proven to be better than anything else here."]
    assert said((0, 1, None, "not comparable: other money")) == []


def test_two_that_contribute_the_same_are_said_to(runs: tuple[Path, Path]) -> None:
    first = read_runs(runs[:1])[0].scenarios[0]
    again = dataclasses.replace(first, run="again")
    money = next(v for v in judge([first, again]) if v.criterion == "contribution")
    assert money.winner is None
    assert money.reason.startswith("both contribute ")
