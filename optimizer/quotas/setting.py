"""Setting quotas: data frames in, data frames out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray, IndexArray
from ...models.errors import BadInput, ProblemList
from ...models.quotas import Limit, LimitKind, QuotaProblem, QuotaTree, Relief
from .allocate import allocate
from .basis import Basis, read_basis
from .buildup import COLUMNS as BUILD_UP_COLUMNS
from .buildup import build_up
from .columns import Columns, read_products
from .demands import Demands, read_budget, read_weights
from .fairness import (
    Covariates,
    allocate_fairly,
    certificate,
    fairness_limits,
    read_covariates,
)
from .model import Work
from .result import QuotaResult, quota_result
from .tables import minor_amount, read_staff

QUARTERS = ("Q1", "Q2", "Q3", "Q4")
#: What an owner is expected to sell is the first of these measures that is known.
EXPECTED_BY = ("expected", "forecast", "sales")


def set_quotas(
    territories: pd.DataFrame,
    budget: Any,
    structure: pd.DataFrame | None = None,
    *,
    method: str = "weighted_index",
    parameters: Mapping[str, Any] | None = None,
    rounding: Any = 100,
    over_assignment: Any = 0,
    products: Mapping[str, float] | Sequence[str] = ("all",),
    periods: Mapping[str, float] | Sequence[str] = QUARTERS,
    floors: Any = None,
    caps: Any = None,
    growth: Any = None,
    pins: pd.DataFrame | None = None,
    ramp: pd.DataFrame | None = None,
    relief: str = "shared",
    zero_deviation: float = 1.0,
    figures: pd.DataFrame | None = None,
    presence: pd.DataFrame | None = None,
    fairness: Mapping[str, float] | None = None,
    currency: str = "EUR",
    minor_units: int = 100,
    work: Work | None = None,
) -> QuotaResult:
    """Deal a budget out as quotas that add up exactly, with the least change from the index.

    Parameters
    ----------
    territories
        One row per owner (per owner and product where there is a column
        ``product``): ``owner``; ``parent``, the node that it reports to (not needed
        where the structure holds the owners); what the method reads, ``sales`` and
        ``potential`` by default, money a year; optional ``availability`` (0 to 1:
        part time that the figures do not show yet), ``productivity``
        (0 to 1, all periods), ``fixed_share`` (of what the parent hands down, for
        the house or a partner) and ``level`` (``rep`` by default).
    budget
        Money of the whole plan period; or amounts by product; or a frame ``product,
        period, amount`` with either or both of the first two.
    structure
        ``node, parent``, optional ``level`` and ``over_assignment``. Without it the
        parents of the territories report to one ``company``.
    method, parameters
        See :mod:`teig.optimizer.quotas.index`.
    rounding
        Unit of every quota, or units by level.
    over_assignment
        0.05 where every node hands 5 % more down than its own quota; or by level or
        node. A column of the structure goes first.
    products, periods
        Names, or weights by name.
    floors, caps, pins
        Frames ``node, product, period, amount``, optional ``name``; any node. A row
        binds the **sum** over what it leaves empty. A number for floors or caps
        holds for each owner's sum.
    growth
        A pair (least, most) for each owner, −0.1 and 0.3 say, ``None`` for an open
        side; or a frame ``node, product, period, least, most``. Relative to sales,
        phased, after ramp and availability.
    ramp
        ``owner, period, productivity`` where it differs by period.
    relief
        ``shared``: colleagues carry what somebody new is spared; ``lost``: it is
        taken off the total.
    zero_deviation
        Deviation that one rounding unit counts for where the index is 0.
    figures
        ``owner``, ``product`` and ``period`` (either or both) and measures, where they
        are known that finely: sales of last year and a forecast by period, say. They
        stand in for those of the territories, and where periods are only named they say
        how each owner's quota is phased (the forecast, else the sales).
    presence
        ``owner, period, presence``: share of a period's working days that somebody is
        there (dates, leave); relieved as a ramp is.
    fairness
        How far quotas may lean on what owners are like, by covariate: ``{"size": 0.02,
        "region": 0.03}`` where somebody one standard deviation larger, or a region, may
        be asked for 2 % or 3 % more of what is expected than the mean is. What is
        expected is the measure ``expected``, else ``forecast``, else ``sales``. See
        :mod:`teig.optimizer.quotas.fairness`.
    currency, minor_units
        Currency, and how many of its smallest coins make one.
    work
        How much work the solver may do.

    Returns
    -------
    Quotas, their build-up, status, objective, bound and gap; conflicts where the
    demands cannot all hold.

    Raises
    ------
    BadInput
        When the input cannot be used; all problems at once.

    Examples
    --------
    >>> territories = pd.DataFrame({"owner": ["ada", "bo", "cy"], "sales": [300, 200, 100],
    ...                             "potential": [500, 500, 500]})
    >>> result = set_quotas(territories, budget=10_000, rounding=50, periods=["year"])
    >>> result.quotas[["node", "parent", "quota", "index"]]
          node   parent  quota         index
    0  company           10000  10000.000000
    1      ada  company   4150   4166.666667
    2       bo  company   3350   3333.333333
    3       cy  company   2500   2500.000000
    >>> str(result.status), round(result.gap, 6)
    ('optimal', 0.0)
    """
    found, notes, fairness = ProblemList("quotas"), list[str](), fairness or {}
    reader, amounts = _owners(
        territories, structure, figures, budget, products, periods, minor_units,
        _units(rounding, minor_units, found), over_assignment, found,
    )  # fmt: skip
    total = amounts.sum() / minor_units
    basis = read_basis(
        reader, method, parameters or {}, total, minor_units, presence=presence, ramp=ramp
    )
    tree, names = reader.staff.tree, (reader.products, reader.periods)
    rolled = _rolled_up(tree, basis.relieved_history)
    demands = Demands(tree, *names, minor_units, rolled, found, notes)
    limits: list[Limit] = [
        *demands.amounts(LimitKind.PIN, pins),
        *demands.amounts(LimitKind.FLOOR, floors),
        *demands.amounts(LimitKind.CAP, caps),
        *demands.growth(growth),
    ]
    if relief not in tuple(Relief):
        found.add(f"must be one of {', '.join(Relief)}", key="relief", value=relief)
    found.raise_any()
    problem = QuotaProblem(
        tree,
        *names,
        basis.raw_index,
        amounts,
        limits=tuple(limits),
        productivity=basis.productivity,
        relief=Relief(relief),
        fixed_shares=basis.fixed_shares,
        zero_deviation=zero_deviation,
        currency=currency,
        minor_units=minor_units,
    )
    notes += _empty_handed(problem)
    covariates = _covariates(reader, problem, basis, fairness)
    found.raise_any()
    problem = problem.replace(leans=fairness_limits(covariates, fairness))
    result = _solve(problem, basis, work or Work(), notes)
    return dataclasses.replace(result, fairness=_certified(result, covariates, fairness))


def _owners(
    territories: pd.DataFrame,
    structure: pd.DataFrame | None,
    figures: pd.DataFrame | None,
    budget: Any,
    products: Mapping[str, float] | Sequence[str],
    periods: Mapping[str, float] | Sequence[str],
    minor_units: int,
    units: Mapping[str, int] | int,
    over_assignment: Any,
    found: ProblemList,
) -> tuple[Columns, IndexArray]:
    """What is known of the owners in their tree, and the budget, (products or 1, periods or 1)."""
    staff = read_staff(territories, structure, units, over_assignment, found)
    period_names, period_weights = read_weights(periods, "periods", found)
    product_names, product_weights = read_products(territories, figures, products, found)
    found.raise_any()
    if staff is None:
        raise BadInput(found)
    amounts = read_budget(budget, product_names, period_names, minor_units, found)
    found.raise_any()
    if amounts.shape[0] > 1 and amounts.sum():
        product_weights = amounts.sum(axis=1) / amounts.sum()
    weighted = isinstance(periods, Mapping)
    reader = Columns(
        territories, figures, staff, product_names, period_names, product_weights,
        period_weights, weighted, found,
    )  # fmt: skip
    return reader, amounts


def _solve(problem: QuotaProblem, basis: Basis, work: Work, notes: list[str]) -> QuotaResult:
    fair = allocate_fairly(problem, work)
    problem, allocation = fair.problem, fair.allocation
    if fair.needed:
        widened = f"{100 * (fair.needed + max(lean.limit for lean in problem.leans)):.2f} %"
        notes.append(
            f"fairness: every limit of it {100 * fair.needed:.2f} points wider, the widest "
            f"{widened}, would make a plan possible"
        )
    explanation = pd.DataFrame({name: pd.Series(dtype=object) for name in BUILD_UP_COLUMNS})
    if allocation.plan is not None:
        bare = problem.replace(limits=(), leans=())
        free = allocation if not problem.limits else allocate(bare, work)
        plain = free.plan or allocation.plan
        shares = basis.availability, basis.presence
        explanation = build_up(problem, basis.parts, *shares, plain, allocation.plan)
    return quota_result(problem, allocation, explanation, tuple(notes))


def _units(rounding: Any, minor_units: int, found: ProblemList) -> dict[str, int] | int:
    units = {}
    for level, unit in (rounding if isinstance(rounding, Mapping) else {"": rounding}).items():
        minor = minor_amount(unit, minor_units)
        if minor is None or minor < 1:
            message = "must be money of at least one minor unit"
            found.add(message, source="rounding", key=str(level), value=unit)
        units[str(level)] = minor or 1
    return units if isinstance(rounding, Mapping) else units[""]


def _covariates(
    reader: Columns, problem: QuotaProblem, basis: Basis, limits: Mapping[str, float]
) -> Covariates:
    """What is expected of the owners, after absence and ramp, and what they are like."""
    for name, limit in limits.items():
        if not 0 <= limit <= 1:
            reader.found.add(
                "must be a share from 0 to 1", source="fairness", key=name, value=limit
            )
    measure = next((name for name in EXPECTED_BY if reader.has(name)), None)
    expected = basis.history if measure is None else reader.cells(measure) * problem.minor_units
    if measure is not None:
        expected = expected * basis.availability[:, None, :]
    if limits and measure is None:
        message = f"needs one of the measures {', '.join(EXPECTED_BY)}"
        reader.found.add(message, source="fairness")
    relieved = np.asarray(problem.productivity)[:, None, :]
    return read_covariates(
        problem.tree,
        reader.staff.rows,
        reader.territories,
        (expected * relieved).sum(axis=(1, 2)),
        (basis.history * relieved).sum(axis=(1, 2)),
        frozenset(problem.fixed_shares),
        limits,
        reader.found,
    )


def _certified(
    result: QuotaResult, covariates: Covariates, limits: Mapping[str, float]
) -> pd.DataFrame:
    stages = {"index": result.problem.targets.shared.sum(axis=(1, 2))}
    if result.plan is not None:
        stages["quota"] = np.asarray(result.plan.quota.sum(axis=(1, 2)), dtype=np.float64)
    return certificate(covariates, stages, limits)


def _rolled_up(tree: QuotaTree, cells: FloatArray) -> FloatArray:
    """Sums of leaves' cells at every node, (nodes, products, periods)."""
    sums = np.zeros((len(tree), *cells.shape[1:]))
    sums[tree.leaves] = cells
    for node in reversed(range(1, len(tree))):
        sums[tree.parent[node]] += sums[node]
    return sums


def _empty_handed(problem: QuotaProblem) -> list[str]:
    """Owners whose index is 0 throughout: a zero is no new hire, so it is said."""
    empty = problem.raw_index.sum(axis=(1, 2)) == 0
    return [
        f"{problem.tree.ids[leaf]} has an index of 0 and gets a quota only where a limit asks "
        "for one; somebody new needs potential, and productivity while ramping"
        for leaf in problem.tree.leaves[empty].tolist()
        if leaf not in problem.fixed_shares
    ]
