"""What the territories of a plan sold and are expected to sell, from the units' history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array

from ...models.arrays import FloatArray
from ...models.errors import BadInput, InputProblem
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.quotas.history import History, Span, read_history
from ...models.tables import Table
from ...models.totals import is_measure, owner_totals
from ...optimizer.quotas.outlook import Launch, Outlook, launch_amounts
from ..files.sections import QuotaSettings

Tables = Mapping[str, tuple[Table, ...]]
MARKET = ("segment", "region")
#: Sales of the units' table and of the last year of history may differ by this much unsaid.
_ALIKE = 0.01


@dataclass(frozen=True, eq=False)
class OwnerFigures:
    """Figures of the primary owners.

    Parameters
    ----------
    owners
        Ids, in the order of the problem.
    frame
        ``owner, product, period, sales, forecast``.
    outlook
        Of the units.
    alignment
        ``unit, owner, share``: which share of a unit's sales is an owner's.
    notes
        For people.
    """

    owners: tuple[str, ...]
    frame: pd.DataFrame
    outlook: Outlook
    alignment: pd.DataFrame
    notes: tuple[str, ...]


def history_of(tables: Tables, currency: str, rates: Mapping[str, float]) -> History | None:
    """The history that the file names, under today's codes; None where it names none.

    Rows in another currency are converted at the plan rate.

    Raises
    ------
    BadInput
        When it cannot be read.
    """
    if "history" not in tables:
        return None
    frame = pd.DataFrame(tables["history"][0].frame)
    if "currency" in frame.columns:
        rate = {currency: 1.0} | dict(rates)
        factors = [rate.get(str(c), np.nan) if not pd.isna(c) else 1.0 for c in frame["currency"]]
        frame = frame.assign(sales=frame["sales"] * np.array(factors))
    crosswalk = tables.get("crosswalk")
    links = None if not crosswalk else pd.DataFrame(crosswalk[0].frame)
    return read_history(frame, links)


def unit_attributes(tables: Tables) -> pd.DataFrame:
    """``unit, segment, region`` of the units, empty where a table has no such column."""
    frames = []
    for table in tables["units"]:
        frame = pd.DataFrame(table.frame)
        known = {name: frame[name] for name in MARKET if name in frame.columns}
        frames.append(pd.DataFrame({"unit": frame["unit"].astype(str)} | known))
    return pd.concat(frames, ignore_index=True)


def begins_after(history: History, periods: Mapping[str, Span]) -> None:
    """Refuse a plan that begins before its history ends.

    Raises
    ------
    BadInput
        Naming the days.
    """
    first, end = min(periods.values()).start, history.spans[-1].end
    if first <= end:
        message = f"must end before the plan begins on {first}; it ends on {end}"
        raise BadInput([InputProblem("history", "", "period", str(end), message)])


def flat_outlook(history: History, periods: Mapping[str, Span]) -> Outlook:
    """Last year's sales in even periods: enough to find out whether an input can be used."""
    money = np.asarray(history.amounts, dtype=np.float64) / history.minor_units
    last_year = np.maximum(money[:, :, -history.season :].sum(axis=2), 0.0)
    even = np.full((*last_year.shape, len(periods)), 1.0 / len(periods))
    amounts = last_year[:, :, None] * even
    names = tuple(periods)
    return Outlook(
        history.units, history.products, names, amounts, last_year, even, pd.DataFrame(), ()
    )


def owner_figures(
    history: History,
    outlook: Outlook,
    problem: Problem,
    plan: Plan,
    owners: Sequence[str],
    settings: QuotaSettings,
    periods: Mapping[str, Span],
) -> OwnerFigures:
    """Sum units' history and outlook to the owners of a plan, and add new products."""
    alignment = primary_alignment(problem, plan, owners)
    matrix = _matrix(alignment, owners, outlook.units)
    last_year = np.asarray(matrix @ outlook.last_year)
    cells = outlook.last_year[:, :, None] * outlook.shares
    shape = (len(owners), *outlook.amounts.shape[1:])
    flat = len(outlook.units), -1
    sales = (matrix @ cells.reshape(flat)).reshape(shape)
    expected = (matrix @ outlook.amounts.reshape(flat)).reshape(shape)
    products = list(outlook.products)
    returned = _returned(owners, products, np.asarray(sales))
    sales, expected = _net_of_returns(np.asarray(sales)), _net_of_returns(np.asarray(expected))
    for launch in settings.launches():
        shares = _period_shares(expected, list(periods.values()))
        like = (
            last_year[:, products.index(launch.analogue)] if launch.analogue in products else None
        )
        measure = _measure(problem, plan, owners, launch)
        amounts = launch_amounts(
            launch, list(periods.values()), shares, analogue=like, measure=measure
        )
        products.append(launch.product)
        sales = np.concatenate([sales, np.zeros_like(amounts)[:, None]], axis=1)
        expected = np.concatenate([expected, amounts[:, None]], axis=1)
    frame = pd.DataFrame(
        {
            "owner": np.repeat(np.array(owners, dtype=object), len(products) * len(periods)),
            "product": np.tile(
                np.repeat(np.array(products, dtype=object), len(periods)), len(owners)
            ),
            "period": np.tile(np.array(list(periods), dtype=object), len(owners) * len(products)),
            "sales": sales.ravel(),
            "forecast": expected.ravel(),
        }
    )
    notes = (*outlook.sentences, *outlook.notes, *_left_out(history, problem), *returned)
    return OwnerFigures(tuple(owners), frame, outlook, alignment, notes)


def _net_of_returns(cells: FloatArray) -> FloatArray:
    """Amounts of at least 0, (owners, products, periods), with the same sums over periods.

    A period in which more came back than was sold counts as none and lowers the others;
    where that is so of all periods together, nothing was sold.
    """
    positive = np.maximum(cells, 0.0)
    whole, sums = np.maximum(cells.sum(axis=2), 0.0), positive.sum(axis=2)
    factor = np.divide(whole, sums, out=np.zeros_like(whole), where=sums > 0)
    return np.asarray(positive * factor[:, :, None])


def _returned(owners: Sequence[str], products: Sequence[str], sales: FloatArray) -> list[str]:
    """Owners who took back more than they sold."""
    totals = sales.sum(axis=2)
    return [
        f"history: more came back than was sold of {products[product]} by {owners[owner]} in the "
        f"last year ({totals[owner, product]:,.0f}); it counts as nothing sold"
        for owner, product in np.argwhere(totals < 0).tolist()
    ]


def primary_alignment(problem: Problem, plan: Plan, owners: Sequence[str]) -> pd.DataFrame:
    """``unit, owner, share`` of the primary teams: whole units, and the share that each has."""
    units, covers = problem.units, problem.covers
    wanted = set(owners)
    named = [problem.owners.ids[o] if o >= 0 else "" for o in plan.owner.tolist()]
    of_unit = units.measures["sales"][covers.unit]
    role = np.divide(
        covers.measures["sales"], of_unit, out=np.ones(len(of_unit)), where=of_unit > 0
    )
    rows = [
        (units.wholes[unit], owner, float(units.shares[unit] * part))
        for unit, owner, part in zip(covers.unit.tolist(), named, role.tolist(), strict=True)
        if owner in wanted
    ]
    frame = pd.DataFrame(rows, columns=["unit", "owner", "share"])
    return frame.groupby(["unit", "owner"], sort=True)["share"].sum().reset_index()


def _matrix(alignment: pd.DataFrame, owners: Sequence[str], units: Sequence[str]) -> csr_array:
    row = {owner: n for n, owner in enumerate(owners)}
    column = {unit: n for n, unit in enumerate(units)}
    known = alignment[alignment["unit"].isin(column)]
    places = ([row[o] for o in known["owner"]], [column[u] for u in known["unit"]])
    values = known["share"].to_numpy(dtype=np.float64)
    return coo_array((values, places), shape=(len(owners), len(units))).tocsr()


def _period_shares(expected: FloatArray, spans: Sequence[Span]) -> FloatArray:
    """Each period's share of a year: as everything else sells, else by days."""
    totals = expected.sum(axis=(0, 1))
    days = np.array([span.days for span in spans], dtype=np.float64)
    year = float(days.sum()) / 365.0
    weights = totals if totals.sum() > 0 else days
    return np.asarray(weights / weights.sum() * min(year, 1.0))


def _measure(problem: Problem, plan: Plan, owners: Sequence[str], launch: Launch) -> Any:
    if launch.analogue or not is_measure(problem, launch.measure):
        return None
    totals = owner_totals(problem, plan, launch.measure)
    return np.array([float(totals[problem.owner_index[owner]]) for owner in owners])


def _left_out(history: History, problem: Problem) -> list[str]:
    """History of units that are none now, and a year's sales that are not the units'."""
    known = set(problem.units.wholes)
    notes = []
    gone = [unit for unit in history.units if unit not in known]
    money = np.asarray(history.amounts[:, :, -history.season :].sum(axis=(1, 2)), dtype=np.float64)
    money /= history.minor_units
    if gone:
        rows = [history.units.index(unit) for unit in gone]
        notes.append(
            f"history: {len(gone)} codes are no units now ({', '.join(gone[:5])}), "
            f"{money[rows].sum():,.0f} of the last year; a crosswalk would carry them over"
        )
    stated = float((problem.units.measures["sales"]).sum())
    year = float(money.sum())
    if stated and abs(year / stated - 1.0) > _ALIKE:
        notes.append(
            f"history: its last year holds {year:,.0f}, the units' sales {stated:,.0f}; quotas go "
            "by the history"
        )
    return notes
