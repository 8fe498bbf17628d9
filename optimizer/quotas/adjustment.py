"""A change in mid-period: accounts move, somebody leaves, somebody starts.

The quota of what moves goes along: of owner a's cell in period t, the part

    share × φ_t × quota_at

goes from a to b, where *share* is what the account is of a's quota and φ_t the share of
the period's days from the day of the change on: 0 for periods that are over, 1 for those
to come. So what is over stays as it was, with the attainment that was reached in it. The
moved quotas are the index; everybody who is not concerned is pinned to the quota that
stands; the exact allocation does the rest, with every sum kept up to the company's own.
Where whole units leave no such plan, first the colleagues under the same managers may
move by a unit or so, then everybody who is yet to come; it is noted.

What somebody new is spared by a ramp goes to the colleagues under the same manager, by
their quotas of that period.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray, IndexArray
from ...models.errors import BadInput, ProblemList
from ...models.quotas import Limit, LimitKind, QuotaPlan, QuotaProblem, QuotaTree
from ...models.quotas.history import Span
from .allocate import Allocation, allocate
from .audit import AUDIT_COLUMNS, Booking, audit_lines
from .model import Work
from .moves import Move, read_moves
from .result import QuotaResult, quota_result
from .tables import read_staff, text_column

#: The step of the build-up that a change in mid-period adds.
MOVED = "change in mid-period"

__all__ = ["AUDIT_COLUMNS", "Adjustment", "adjust_quotas"]


@dataclass(frozen=True, eq=False)
class Adjustment:
    """Quotas after a change.

    Parameters
    ----------
    result
        The new quotas; its index is what the moves alone would make.
    audit
        One line per move, node, product and period: ``node, product, period, date,
        account, reason, amount, currency``; the lines of a cell sum to what it changed by.
    attainment
        Where sales are given: ``owner, quota, sold, attainment`` of the periods that are
        over, which the change leaves as they were, and ``ahead_before, ahead_after``.
    """

    result: QuotaResult
    audit: pd.DataFrame
    attainment: pd.DataFrame


def adjust_quotas(
    current: QuotaResult,
    moves: pd.DataFrame,
    periods: Mapping[str, Span],
    *,
    starters: pd.DataFrame | None = None,
    ramp: pd.DataFrame | None = None,
    sold: pd.DataFrame | None = None,
    work: Work | None = None,
) -> Adjustment:
    """Let quotas follow what changes hands, with the least change of all others.

    Parameters
    ----------
    current
        The quotas that stand.
    moves
        ``from, to, date, share``; optional ``account, product, reason``. The share is of
        the giver's quota as it stands: what an account is of it, or 1 for all of
        somebody who leaves. Shares of one giver sum to 1 at most (per product).
    periods
        First and last day of each period.
    starters
        ``owner, parent`` (and ``level``) of owners who have no quota yet.
    ramp
        ``owner, period, productivity`` of those who take over and are new.
    sold
        ``owner, period, sales`` so far, for the attainment of what is over.

    Raises
    ------
    BadInput
        When moves name what is not there or no owner, come after the last day, or give
        away more than there is; all at once.

    Notes
    -----
    Limits of the quotas that stood (pins, floors, caps, growth) are not asked again; each
    one that the change breaks is named in ``result.notes``.
    """
    if current.plan is None:
        raise ValueError("there are no quotas to adjust")
    found = ProblemList("moves")
    names, before, tree = _with_starters(current, starters, found)
    found.raise_any()
    problem = current.problem
    owners = {tree.ids[leaf] for leaf in tree.leaves.tolist()}
    last = max((span.end for span in periods.values()), default=dt.date.max)
    read = read_moves(moves, names, owners, last, problem.products, found)
    if set(periods) != set(problem.periods):
        message = "must have a first and last day for each period"
        found.add(message, key="periods", value=", ".join(map(str, periods)))
    productivity = _productivity(ramp, names, problem.periods, found)
    found.raise_any()
    spans = [periods[name] for name in problem.periods]
    booked = _book(read, before, spans)
    booked += _relieve(_after(before, booked), tree, productivity)
    moved = _after(before, booked)
    base = QuotaProblem(
        tree,
        problem.products,
        problem.periods,
        np.maximum(moved[tree.leaves], 0.0),
        before[0],
        leaf_index=np.maximum(moved[tree.leaves], 0.0),
        zero_deviation=problem.zero_deviation,
        currency=problem.currency,
        minor_units=problem.minor_units,
    )
    allocation, notes = _settle(base, before, moved, work or Work())
    if allocation.plan is not None:
        notes += _broken(problem, before, allocation.plan.quota, tree)
    adjusted = _report(base, allocation, notes, before, booked, sold)
    steps = _with_moves(current.explanation, adjusted.audit, base)
    result = dataclasses.replace(adjusted.result, explanation=steps, before=current)
    return dataclasses.replace(adjusted, result=result)


def _with_moves(
    explanation: pd.DataFrame, audit: pd.DataFrame, problem: QuotaProblem
) -> pd.DataFrame:
    """The build-up that stood, and as one more step what each leaf's cell changed by."""
    leaves = {problem.tree.ids[leaf] for leaf in problem.tree.leaves.tolist()}
    keys = ["node", "product", "period"]
    changed = audit[audit["node"].isin(leaves)].groupby(keys, sort=True)["amount"].sum()
    lines = changed.round(6).reset_index().assign(step=MOVED, currency=problem.currency)
    columns = [*keys, "step", "amount", "currency"]
    parts = [frame for frame in (explanation, lines[columns]) if len(frame)]
    return pd.concat(parts, ignore_index=True) if parts else explanation


def _with_starters(
    current: QuotaResult, starters: pd.DataFrame | None, found: ProblemList
) -> tuple[dict[str, int], IndexArray, QuotaTree]:
    """Nodes by id, the quotas that stand (nodes, products, periods), and the tree with the new."""
    tree, plan = current.problem.tree, current.plan
    assert plan is not None  # noqa: S101 - looked at before
    leaves = set(tree.leaves.tolist())
    parents = [tree.ids[p] if p >= 0 else "" for p in tree.parent.tolist()]
    levels = [tree.levels[level] for level in tree.level.tolist()]
    owners = pd.DataFrame(
        [(tree.ids[n], parents[n], levels[n]) for n in sorted(leaves)],
        columns=["owner", "parent", "level"],
    )
    if starters is not None:
        owners = pd.concat([owners, starters.drop(columns="over_assignment", errors="ignore")])
        owners["level"] = owners["level"].fillna("rep")
    structure = pd.DataFrame(
        [(tree.ids[n], parents[n], levels[n]) for n in tree.inner],
        columns=["node", "parent", "level"],
    )
    units = dict(zip(tree.levels, tree.units, strict=True))
    staff = read_staff(owners.reset_index(drop=True), structure, units, 0, found)
    if staff is None:
        raise BadInput(found)
    hedges = dict(zip(tree.ids, tree.over_assignment, strict=True))
    shares = tuple(hedges.get(node, Fraction(0)) for node in staff.tree.ids)
    new_tree = dataclasses.replace(staff.tree, over_assignment=shares)
    place = {node: row for row, node in enumerate(new_tree.ids)}
    before = np.zeros((len(new_tree), *plan.quota.shape[1:]), dtype=np.int64)
    for row, node in enumerate(tree.ids):
        before[place[node]] = plan.quota[row]
    return place, before, new_tree


def _productivity(
    ramp: pd.DataFrame | None, names: Mapping[str, int], periods: Sequence[str], found: ProblemList
) -> dict[tuple[int, int], float]:
    shares: dict[tuple[int, int], float] = {}
    if ramp is None:
        return shares
    keys = zip(
        text_column(ramp, "owner"), text_column(ramp, "period"), ramp["productivity"], strict=True
    )
    for owner, period, share in keys:
        if owner not in names or period not in periods:
            message = "names an owner or period that is not there"
            found.add(message, source="ramp", place=f"{owner} {period}")
        elif not 0 <= float(share) <= 1:
            found.add("must be a share from 0 to 1", source="ramp", place=owner, value=share)
        else:
            shares[names[owner], periods.index(period)] = float(share)
    return shares


def _after(before: IndexArray, booked: Sequence[Booking]) -> FloatArray:
    """The quotas with all bookings, before rounding."""
    moved = before.astype(np.float64)
    for booking in booked:
        moved[booking.node, booking.product, booking.period] += booking.amount
    return moved


def _book(moves: Sequence[Move], before: IndexArray, spans: Sequence[Span]) -> list[Booking]:
    """What each move takes and gives, cell by cell."""
    booked = []
    for move in moves:
        for period, span in enumerate(spans):
            left = Span(max(move.date, span.start), span.end)
            phi = Fraction(max(left.days, 0), span.days)
            amount = float(move.share * phi) * float(before[move.giver, move.product, period])
            if amount:
                cell = (move.product, period)
                about = (str(move.date), move.account, move.reason)
                booked.append(Booking(move.giver, *cell, -amount, *about))
                booked.append(Booking(move.taker, *cell, amount, *about))
    return booked


def _relieve(
    moved: FloatArray, tree: QuotaTree, productivity: Mapping[tuple[int, int], float]
) -> list[Booking]:
    """What somebody new is spared, and which colleagues carry it."""
    booked = []
    for (node, period), share in sorted(productivity.items()):
        siblings = [
            int(n)
            for n in tree.children[int(tree.parent[node])]
            if n != node and (int(n), period) not in productivity and not len(tree.children[int(n)])
        ]
        for product in range(moved.shape[1]):
            spared = (1 - share) * float(moved[node, product, period])
            carried = moved[siblings, product, period]
            if not spared or not carried.sum() > 0:
                continue
            about = ("", "", f"ramp of {tree.ids[node]}")
            booked.append(Booking(node, product, period, -spared, *about))
            for sibling, weight in zip(siblings, (carried / carried.sum()).tolist(), strict=True):
                if weight:
                    booked.append(Booking(sibling, product, period, spared * weight, *about))
    return booked


def _settle(
    base: QuotaProblem, before: IndexArray, moved: FloatArray, work: Work
) -> tuple[Allocation, list[str]]:
    """Deal the moved index, holding as many quotas as they stand as can be."""
    tree = base.tree
    changed = np.abs(moved - before) > 0
    touched = np.zeros(before.shape, dtype=np.bool_)
    touched[tree.leaves] = changed[tree.leaves]
    over = ~touched.any(axis=(0, 1))
    for node in reversed(range(1, len(tree))):
        touched[tree.parent[node]] |= touched[node]
    near = touched.copy()
    for node in tree.inner:
        for child in tree.children[node].tolist():
            if not len(tree.children[child]):
                near[child] |= touched[node] & touched[tree.children[node]].any(axis=0)
    ahead = np.zeros_like(touched)
    ahead[:, :, ~over] = True
    steps = (
        (touched, ""),
        (near, "whole units asked colleagues under the same managers to move as well"),
        (ahead, "whole units asked everybody's quotas of the periods ahead to move as well"),
    )
    for free, note in steps:
        problem = base.replace(limits=_pins(base, before, ~free))
        allocation = allocate(problem, work)
        if allocation.plan is not None:
            return allocation, [note] if note else []
    return allocation, []


def _pins(base: QuotaProblem, before: IndexArray, held: np.ndarray) -> tuple[Limit, ...]:
    """Quotas that stay as they are."""
    ids = base.tree.ids
    return tuple(
        Limit(
            f"{ids[node]}, {base.products[p]}, {base.periods[t]} stays",
            LimitKind.PIN,
            node,
            (p,),
            (t,),
            int(before[node, p, t]),
            int(before[node, p, t]),
        )
        for node, p, t in np.argwhere(held).tolist()
        if node > 0
    )


def _broken(
    stood: QuotaProblem, before: IndexArray, after: IndexArray, tree: QuotaTree
) -> list[str]:
    """Limits that held before the change and do not after it, each with what it asked."""
    notes = []
    row = {node: place for place, node in enumerate(tree.ids)}
    for limit in stood.limits:
        node = row[stood.tree.ids[limit.node]]
        cells = np.ix_([node], limit.products, limit.periods)
        was, now = int(before[cells].sum()), int(after[cells].sum())
        low = limit.low if limit.low is not None else 0
        high = limit.high if limit.high is not None else max(was, now)
        if low <= was <= high and not low <= now <= high:
            asked, what = (low, "at least") if now < low else (high, "at most")
            what = "exactly" if low == high else what
            money = [f"{amount / stood.minor_units:,.0f}" for amount in (asked, now)]
            notes.append(
                f"{limit.name}: was to be {what} {money[0]}, the change makes it {money[1]}"
            )
    return notes


def _report(
    base: QuotaProblem,
    allocation: Allocation,
    notes: list[str],
    before: IndexArray,
    booked: Sequence[Booking],
    sold: pd.DataFrame | None,
) -> Adjustment:
    result = quota_result(base, allocation, pd.DataFrame(), tuple(notes))
    plan = allocation.plan
    if plan is None:
        return Adjustment(result, pd.DataFrame(columns=list(AUDIT_COLUMNS)), pd.DataFrame())
    audit = audit_lines(base, before, plan.quota, booked)
    return Adjustment(result, audit, _attainment(base, before, plan, sold))


def _attainment(
    base: QuotaProblem, before: IndexArray, plan: QuotaPlan, sold: pd.DataFrame | None
) -> pd.DataFrame:
    """What was reached of the quotas of the periods that sales are given for."""
    columns = ["owner", "quota", "sold", "attainment", "ahead_before", "ahead_after"]
    if sold is None:
        return pd.DataFrame(columns=columns)
    periods = [n for n, name in enumerate(base.periods) if name in set(text_column(sold, "period"))]
    others = [n for n in range(len(base.periods)) if n not in periods]
    amounts = sold.groupby(sold["owner"].astype(str))["sales"].sum()
    rows = []
    for leaf in base.tree.leaves.tolist():
        name = base.tree.ids[leaf]
        quota = int(plan.quota[leaf][:, periods].sum()) / base.minor_units
        reached = float(amounts.get(name, 0.0))
        rows.append(
            {
                "owner": name,
                "quota": quota,
                "sold": reached,
                "attainment": reached / quota if quota else np.nan,
                "ahead_before": int(before[leaf][:, others].sum()) / base.minor_units,
                "ahead_after": int(plan.quota[leaf][:, others].sum()) / base.minor_units,
            }
        )
    return pd.DataFrame(rows, columns=columns)
