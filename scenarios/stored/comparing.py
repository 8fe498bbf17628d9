"""Sets stored scenarios side by side under one more level, the run, and writes that down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pandas as pd

from ..comparison import CAMPAIGN_COLUMNS, UNITS, comparison_columns
from ..money.measuring import money_differences
from ..results import Verdict
from ..store.writing import Outputs, holding
from .hands import COLUMNS as HAND_COLUMNS
from .hands import changed_hands
from .ranking import CRITERIA, Criterion, Rank, rank
from .reading import StoredScenario
from .verdicts import judge

#: File that a finished comparison has.
COMPARISON = Outputs("comparison", "teig compare", "verdicts.csv")
_PAIR = ("first", "second")
_DIGITS = "%.10g"


@dataclass(frozen=True, eq=False)
class StoredComparison:
    """Stored scenarios side by side.

    Parameters
    ----------
    table
        The runs' comparisons, index ``run, scenario``.
    figures
        One row per scenario and figure: ``run, scenario, figure, value, unit``.
    pairs
        One row per two scenarios: ``first, second, units_changed, sales_changed,
        sales_unit, sales_changed_share`` (of the sales that are known), and the
        verdicts of money and objective.
    hands
        What changes hands between any two, ``first, second`` and the columns of
        :func:`changed_hands`.
    notes
        For people: what makes figures of different runs no measure of the plans.
    """

    scenarios: tuple[StoredScenario, ...]
    table: pd.DataFrame
    figures: pd.DataFrame
    pairs: pd.DataFrame
    hands: pd.DataFrame
    verdicts: tuple[Verdict, ...]
    ranking: Rank
    notes: tuple[str, ...]


def compare_stored(
    scenarios: Sequence[StoredScenario], criteria: Sequence[Criterion] = CRITERIA
) -> StoredComparison:
    """Compare stored scenarios of one or several runs, each with each."""
    verdicts = judge(scenarios)
    known = {name for scenario in scenarios for name in scenario.figures}
    every = comparison_columns(not known.isdisjoint(CAMPAIGN_COLUMNS))
    columns = [name for name in every if name not in ("scenario", "verdict")]
    rows = [[s.figures.get(name) for name in columns] for s in scenarios]
    index = pd.MultiIndex.from_tuples(
        [(s.run, s.name) for s in scenarios], names=["run", "scenario"]
    )
    hands = []
    pairs = []
    for first, second in combinations(scenarios, 2):
        row: dict[str, object] = {"first": first.label, "second": second.label}
        if first.has_plan and second.has_plan:
            moved = changed_hands(first, second)
            hands.append(moved.assign(first=first.label, second=second.label))
            row |= _sums(moved, second)
        pairs.append(row | _said(row, verdicts))
    order = [*_PAIR, *HAND_COLUMNS]
    filled = [each for each in hands if len(each)]
    return StoredComparison(
        scenarios=tuple(scenarios),
        table=pd.DataFrame(rows, columns=columns, index=index),
        figures=_figures(scenarios),
        pairs=pd.DataFrame(pairs, columns=list(PAIR_COLUMNS)),
        hands=pd.concat(filled)[order] if filled else pd.DataFrame(columns=order),
        verdicts=verdicts,
        ranking=rank(scenarios, criteria),
        notes=_notes(scenarios),
    )


def _notes(scenarios: Sequence[StoredScenario]) -> tuple[str, ...]:
    first, notes = scenarios[0], []
    for other in scenarios[1:]:
        money = ""
        if _in_money(first) and _in_money(other):
            money = money_differences(first.summary["settings"], other.summary["settings"])
        if (first.currency, first.price_year) != (other.currency, other.price_year):
            money = "currency or price year"
        if money:
            why = f"{other.run} and {first.run} differ in {money}"
            notes.append(f"contributions do not measure the plans alone: {why}")
    return tuple(dict.fromkeys(notes))


def _in_money(scenario: StoredScenario) -> bool:
    return bool(scenario.summary.get("money"))


PAIR_COLUMNS = (
    *_PAIR,
    "units_changed",
    "sales_changed",
    "sales_unit",
    "sales_changed_share",
    "better_in_money",
    "why_in_money",
    "better_in_objective",
    "why_in_objective",
)


def _sums(moved: pd.DataFrame, second: StoredScenario) -> dict[str, object]:
    changed = moved[moved["what"] == "changed"]
    row: dict[str, object] = {"units_changed": int(changed["unit"].nunique())}
    sales = second.sales()
    if sales:
        total = sum(sales.values())
        amount = float(changed["sales"].astype(float).sum())
        row |= {"sales_changed": amount, "sales_unit": f"{second.currency}/year"}
        row["sales_changed_share"] = amount / total if total > 0 else None
    return row


def _said(pair: dict[str, object], verdicts: Sequence[Verdict]) -> dict[str, object]:
    """What is proven of a pair: the better one, or that they cannot be told apart."""
    row: dict[str, object] = {}
    for verdict in verdicts:
        if (verdict.first, verdict.second) != (pair["first"], pair["second"]):
            continue
        word = "money" if verdict.criterion == "contribution" else "objective"
        apart = verdict.reason.startswith(("not comparable", "equal", "there is no"))
        none = verdict.reason.split(":")[0].split(";")[0] if apart else "not distinguishable"
        row[f"better_in_{word}"] = verdict.winner or none
        row[f"why_in_{word}"] = verdict.reason
    return row


def _figures(scenarios: Sequence[StoredScenario]) -> pd.DataFrame:
    rows = []
    for scenario in scenarios:
        for figure, unit in UNITS.items():
            if figure not in scenario.figures:
                continue
            said = unit.format(currency=scenario.currency)
            if figure in ("objective", "bound"):
                said = str(scenario.figures.get("objective_unit", ""))
            value = scenario.figures[figure]
            rows.append((scenario.run, scenario.name, figure, value, said))
    return pd.DataFrame(rows, columns=["run", "scenario", "figure", "value", "unit"])


def write_comparison(result: StoredComparison, folder: Path) -> None:
    """Write ``comparison.csv, figures.csv, verdicts.csv, changed_hands.csv, ranking.csv``.

    Raises
    ------
    BadInput
        When the folder holds something else than a comparison.
    """
    tables = {
        "comparison.csv": result.table.reset_index(),
        "figures.csv": result.figures,
        "changed_hands.csv": result.hands,
        "ranking.csv": ranking_table(result.ranking),
        "weights.csv": weights_table(result.ranking),
        COMPARISON.mark: result.pairs,
    }

    def write(staging: Path) -> None:
        for name, table in tables.items():
            path = staging / name
            table.to_csv(path, index=False, float_format=_DIGITS, lineterminator="\n")

    with holding(folder, COMPARISON) as held:
        held.write(write)


def ranking_table(ranking: Rank) -> pd.DataFrame:
    """``rank, scenario, score`` and the scaled figures, 1 for the best and 0 for the worst."""
    rows = [
        {"rank": place, "scenario": label, "score": score, **ranking.scaled[label]}
        for place, (label, score) in enumerate(ranking.scores.items(), start=1)
    ]
    columns = ["rank", "scenario", "score", *(each.key for each in ranking.criteria)]
    return pd.DataFrame(rows, columns=columns)


def weights_table(ranking: Rank) -> pd.DataFrame:
    """How far each weight may go, all others unmoved, before another comes first."""
    columns = ["figure", "weight", "low", "high", "first_below", "first_above"]
    rows = [
        (f.criterion, f.weight, f.low, f.high, f.rival_low, f.rival_high) for f in ranking.firmness
    ]
    return pd.DataFrame(rows, columns=columns)
