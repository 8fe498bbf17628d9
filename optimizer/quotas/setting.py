"""Setting quotas: data frames in, data frames out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.errors import BadInput, ProblemList
from ...models.quotas import Limit, LimitKind, QuotaProblem, QuotaTree, Relief
from .allocate import allocate
from .buildup import COLUMNS as BUILD_UP_COLUMNS
from .buildup import build_up
from .demands import Demands, read_budget, read_weights
from .index import Figures, index_parts, needed_measures
from .model import Work
from .result import QuotaResult, quota_result
from .tables import Staff, minor_amount, numbers, ratio, read_staff, text_column

QUARTERS = ("Q1", "Q2", "Q3", "Q4")


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
        part time and leave that the figures do not show yet), ``productivity``
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
    found, notes = ProblemList("quotas"), list[str]()
    units = _units(rounding, minor_units, found)
    staff = read_staff(territories, structure, units, over_assignment, found)
    period_names, period_weights = read_weights(periods, "periods", found)
    product_names, product_weights = read_weights(products, "products", found)
    if "product" in territories.columns:
        product_names, product_weights = _own_products(territories, products, found)
    found.raise_any()
    if staff is None:
        raise BadInput(found)
    amounts = read_budget(budget, product_names, period_names, minor_units, found)
    found.raise_any()
    if amounts.shape[0] > 1 and amounts.sum():
        product_weights = amounts.sum(axis=1) / amounts.sum()
    reader = _Columns(territories, staff, product_names, product_weights, period_weights, found)
    parts = reader.parts(method, parameters or {}, amounts.sum() / minor_units)
    availability = reader.per_leaf("availability", 1.0)
    productivity = _productivity(reader, ramp, period_names, found)
    shares = reader.fixed_shares()
    found.raise_any()
    parts = {name: part * minor_units for name, part in parts.items()}
    raw = np.asarray(sum(parts.values())) * availability[:, None, None]
    history = reader.history() * minor_units * availability[:, None, None]
    rolled = _rolled_up(staff.tree, history * productivity[:, None, :])
    demands = Demands(staff.tree, product_names, period_names, minor_units, rolled, found, notes)
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
        staff.tree,
        product_names,
        period_names,
        raw,
        amounts,
        limits=tuple(limits),
        productivity=productivity,
        relief=Relief(relief),
        fixed_shares=shares,
        zero_deviation=zero_deviation,
        currency=currency,
        minor_units=minor_units,
    )
    notes += _empty_handed(problem)
    return _solve(problem, parts, availability, work or Work(), notes)


def _solve(
    problem: QuotaProblem,
    parts: Mapping[str, FloatArray],
    availability: FloatArray,
    work: Work,
    notes: list[str],
) -> QuotaResult:
    allocation = allocate(problem, work)
    explanation = pd.DataFrame({name: pd.Series(dtype=object) for name in BUILD_UP_COLUMNS})
    if allocation.plan is not None:
        free = allocation if not problem.limits else allocate(problem.replace(limits=()), work)
        plain = free.plan or allocation.plan
        explanation = build_up(problem, parts, availability, plain, allocation.plan)
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


def _own_products(
    territories: pd.DataFrame, products: Mapping[str, float] | Sequence[str], found: ProblemList
) -> tuple[tuple[str, ...], FloatArray]:
    """Products that the territories name, weighed as given, else by what was sold of them."""
    named = text_column(territories, "product")
    names = tuple(dict.fromkeys(named))
    if isinstance(products, Mapping):
        if set(map(str, products)) != set(names):
            message = "must be the products of the territories"
            found.add(message, key="products", value=", ".join(map(str, products)))
        return read_weights(products, "products", found)
    weights: FloatArray = np.ones(len(names))
    if "sales" in territories.columns:
        sales = numbers(territories, "sales", found)
        sold = np.bincount([names.index(name) for name in named], weights=sales)
        weights = sold.astype(float) if sold.sum() > 0 else weights
    return names, weights / weights.sum()


@dataclass(frozen=True, eq=False)
class _Columns:
    """Columns of the territories as arrays over leaves, products and periods."""

    territories: pd.DataFrame
    staff: Staff
    products: tuple[str, ...]
    product_weights: FloatArray
    period_weights: FloatArray
    found: ProblemList

    def parts(
        self, method: str, parameters: Mapping[str, Any], total: float
    ) -> dict[str, FloatArray]:
        """Named parts of the raw index, money, (leaves, products, periods) each."""
        try:
            needed = needed_measures(method, parameters)
            measures = {name: self._by_product(name) for name in needed}
            if self.found:
                return {}
            whole: dict[str, FloatArray] = {}
            for p, weight in enumerate(self.product_weights.tolist()):
                columns = {name: column[:, p] for name, column in measures.items()}
                figures = Figures(columns, total * weight)
                for name, part in index_parts(method, figures, parameters).items():
                    shape = (*measures[needed[0]].shape, len(self.period_weights))
                    array = whole.setdefault(name, np.zeros(shape))
                    array[:, p] = part[:, None] * self.period_weights
        except (ValueError, TypeError, AttributeError) as error:
            self.found.add(str(error), key="method", value=method)
            return {}
        return whole

    def history(self) -> FloatArray:
        """What was sold, phased, money, (leaves, products, periods)."""
        if "sales" not in self.territories.columns:
            shape = (len(self.staff.rows), len(self.products), len(self.period_weights))
            return np.zeros(shape)
        return self._by_product("sales")[:, :, None] * self.period_weights

    def _by_product(self, column: str) -> FloatArray:
        """A measure, (leaves, products): split by the weights where it is not by product."""
        values = numbers(self.territories, column, self.found)
        array = np.zeros((len(self.staff.rows), len(self.products)))
        named = text_column(self.territories, "product")
        for leaf, rows in enumerate(self.staff.rows):
            for row in rows:
                if named[row]:
                    array[leaf, self.products.index(named[row])] = values[row]
                else:
                    array[leaf] = values[row] * self.product_weights
        return array

    def per_leaf(self, column: str, default: float) -> FloatArray:
        """A share from 0 to 1 of each leaf; the same in all rows of an owner."""
        values = numbers(self.territories, column, self.found, default=default, most=1.0)
        for rows in self.staff.rows:
            if len(set(values[list(rows)].tolist())) > 1:
                owner = text_column(self.territories, "owner")[rows[0]]
                message = "must be the same in all rows of an owner"
                self.found.add(message, source="territories", place=owner, key=column)
        return np.array([values[rows[0]] for rows in self.staff.rows])

    def fixed_shares(self) -> dict[int, Fraction]:
        """Leaf → the share of what its parent hands down, as it is written."""
        if "fixed_share" not in self.territories.columns:
            return {}
        shares = {}
        for leaf, rows in zip(self.staff.tree.leaves.tolist(), self.staff.rows, strict=True):
            given = self.territories["fixed_share"].iloc[rows[0]]
            share = ratio(given)
            if pd.isna(given):
                continue
            if share is None:
                self.found.add("must be a share", source="territories", key="fixed_share")
                continue
            shares[leaf] = share
        return shares


def _productivity(
    reader: _Columns, ramp: pd.DataFrame | None, periods: tuple[str, ...], found: ProblemList
) -> FloatArray:
    """Productivity, (leaves, periods): the territories', then what the ramp says."""
    everywhere = reader.per_leaf("productivity", 1.0)
    productivity = np.repeat(everywhere[:, None], len(periods), axis=1)
    if ramp is None:
        return productivity
    tree = reader.staff.tree
    row_of = {tree.ids[leaf]: row for row, leaf in enumerate(tree.leaves.tolist())}
    values = numbers(ramp, "productivity", found, most=1.0)
    keys = zip(text_column(ramp, "owner"), text_column(ramp, "period"), strict=True)
    for (owner, period), value in zip(keys, values.tolist(), strict=True):
        if owner not in row_of or period not in periods:
            message = "names an owner or period that is not there"
            found.add(message, source="ramp", place=f"{owner} {period}")
        else:
            productivity[row_of[owner], periods.index(period)] = value
    return productivity


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
