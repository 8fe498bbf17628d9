"""The priced parts of a model as one sum of integers, with the rounding known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from ....models.arrays import FloatArray, IndexArray
from ....models.rules import TOLERANCE
from ..model import AssignmentModel, Budget, Connected, Diameter, Resource
from .cohesion import count_pieces
from .program import Program, Variable
from .rounding import LARGEST_OBJECTIVE, binary_factor, largest_by_item, plain_factor, rounded


@dataclass(eq=False)
class PricedSum:
    """``factor · (objective of a model)`` as a sum over variables.

    Parameters
    ----------
    error
        Most that rounding moves the sum, either way, scaled.
    dead
        Most that the sum can lie above the evaluation because rules count an excess
        within their tolerance as none, scaled.
    """

    factor: float
    constant: int = 0
    error: float = 0.0
    dead: float = 0.0
    variables: list[Variable] = field(default_factory=list)
    coefficients: list[int] = field(default_factory=list)

    def add(self, variable: Variable, coefficient: int) -> None:
        """Add one priced variable."""
        if coefficient:
            self.variables.append(variable)
            self.coefficients.append(coefficient)

    def price(self, price: float) -> int:
        """Scale and round a price of something that is counted; the error is the caller's."""
        return round(price * self.factor)

    def expression(self) -> cp_model.LinearExprT:
        """Return the sum for CP-SAT."""
        return cp_model.LinearExpr.weighted_sum(self.variables, self.coefficients) + self.constant

    def unscaled(self, value: float) -> float:
        """Natural units of a scaled value."""
        return value / self.factor

    @property
    def unit(self) -> float:
        """How far the sum may differ from the independent evaluation, natural units."""
        return (self.error + self.dead) / self.factor


def priced_sum(program: Program, model: AssignmentModel) -> PricedSum:
    """Post the priced parts of a model (the program's own, or an earlier stage on it)."""
    found = PricedSum(_factor(program, model))
    found.constant = round(model.constant * found.factor)
    found.error += abs(model.constant * found.factor - found.constant)
    _price_pairs(program, model.cost, found)
    for resource in model.resources:
        if not resource.hard:
            _price_resource(program, model, resource, found)
    for budget in model.budgets:
        if np.isfinite(budget.price):
            _price_budget(program, budget, found)
    _price_counts(program, model, found)
    for diameter in model.diameters:
        if np.isfinite(diameter.price):
            _price_diameter(program, diameter, found)
    for connected in model.connected:
        if np.isfinite(connected.price):
            _price_pieces(program, connected, found)
    return found


def _factor(program: Program, model: AssignmentModel) -> float:
    """Choose the scale: one that makes plain figures whole, else the finest that is safe."""
    usable = program.usable
    figures: list[FloatArray] = [model.cost[usable], model.cut_prices, np.array([model.constant])]
    size = float(
        largest_by_item(np.abs(model.cost) * usable, program.pair_items, model.items).sum()
    )
    size += abs(model.constant) + float(model.cut_prices.sum())
    for resource in model.resources:
        if not resource.hard and resource.price > 0:
            limits = model.fixed_limits(resource)
            values = resource.price * resource.values[usable]
            figures.append(values)
            if limits is None:
                figures.append(np.array([1 / 3]))  # shares of a moving total are seldom plain
            else:
                ends = np.concatenate([side[resource.takes_part] for side in limits])
                figures.append(resource.price * ends[np.isfinite(ends)])
            size += 2.0 * resource.price * model.total_range(resource)[1]
    for budget in model.budgets:
        if np.isfinite(budget.price):
            figures.append(budget.price * np.append(budget.values[usable], budget.upper))
            most = largest_by_item(budget.values * usable, program.pair_items, model.items)
            size += budget.price * float(most.sum())
    counted: list[Any] = [*model.apart, *model.spread, *model.homes, *model.connected]
    prices = np.array([part.price for part in counted if np.isfinite(part.price)])
    figures.append(prices)
    size += float(prices.sum()) * max(1, model.owners)
    if any(np.isfinite(diameter.price) for diameter in model.diameters):
        figures.append(np.array([1 / 3]))  # great circles are not plain
        size += sum(2e4 * model.owners * d.price for d in model.diameters if np.isfinite(d.price))
    plain = plain_factor(np.concatenate(figures), LARGEST_OBJECTIVE)
    if plain is not None and size * plain <= LARGEST_OBJECTIVE:
        return float(plain)
    return binary_factor(size, LARGEST_OBJECTIVE)


def _price_pairs(program: Program, cost: FloatArray, found: PricedSum) -> None:
    figures = rounded(cost, found.factor)
    for pair in np.flatnonzero(program.usable & (figures.whole != 0)).tolist():
        found.add(program.choice[pair], int(figures.whole[pair]))
    found.error += _item_error(program, figures.error * program.usable)


def _item_error(program: Program, error: FloatArray) -> float:
    return float(largest_by_item(error, program.pair_items, program.model.items).sum())


def _price_resource(
    program: Program, model: AssignmentModel, resource: Resource, found: PricedSum
) -> None:
    """One variable per owner and side for what lies outside, in objective units."""
    limits = model.fixed_limits(resource)
    least = model.total_range(resource)[0] if limits is None else 0.0
    scale = resource.price * found.factor
    taking = program.usable & resource.takes_part[program.pair_owners]
    for owner in np.flatnonzero(resource.takes_part).tolist():
        own = program.pair_owners == owner
        for sign, limit, share in (
            (1.0, resource.upper[owner], resource.upper_share[owner]),
            (-1.0, -resource.lower[owner], resource.lower_share[owner]),
        ):
            if not np.isfinite(limit):
                continue
            if limits is None:
                pairs = np.flatnonzero(taking)
                values = sign * resource.values[pairs] * (own[pairs] - share)
                size = abs(sign * limit + share * least)
            else:
                pairs = np.flatnonzero(taking & own)
                values = sign * resource.values[pairs]
                limit = float(limits[1][owner] if sign > 0 else -limits[0][owner])
                size = abs(limit)
            room = resource.tolerance * max(1.0, size)
            _price_excess(program, (pairs, values), limit, scale, room, found)


def _price_budget(program: Program, budget: Budget, found: PricedSum) -> None:
    pairs = np.flatnonzero((budget.values != 0) & program.usable)
    room = TOLERANCE * max(1.0, budget.upper)
    scale = budget.price * found.factor
    _price_excess(program, (pairs, budget.values[pairs]), budget.upper, scale, room, found)


def _price_excess(
    program: Program,
    amounts: tuple[IndexArray, FloatArray],
    limit: float,
    scale: float,
    room: float,
    found: PricedSum,
) -> None:
    """Add ``max(0, Σ values · x − limit)`` at a scale; amounts are pairs and their values."""
    pairs, values = amounts
    figures = rounded(values, scale)
    whole_limit = rounded(np.array([limit]), scale)
    error = np.zeros(program.model.items)
    np.maximum.at(error, program.pair_items[pairs], figures.error)
    positive = np.zeros(program.model.items, dtype=np.int64)
    np.maximum.at(positive, program.pair_items[pairs], figures.whole)
    most = int(positive.sum()) - int(whole_limit.whole[0])
    if most <= 0:
        return
    off = float(error.sum() + whole_limit.error[0])
    found.error += off
    # With whole figures the dead zone is empty unless a whole number lies in it.
    if off > 0 or np.floor(room * scale + 1e-9) >= 1:
        found.dead += room * scale
    excess = program.cp.new_int_var(0, most, "")
    program.cp.add(
        cp_model.LinearExpr.weighted_sum(
            [program.choice[pair] for pair in pairs.tolist()], figures.whole.tolist()
        )
        <= excess + int(whole_limit.whole[0])
    )
    found.add(excess, 1)


def _count(found: PricedSum, price: float, most: int) -> int:
    """Scaled price of something counted up to ``most`` times, its rounding noted."""
    whole = found.price(price)
    off = abs(price * found.factor - whole)
    found.error += off * most if off > 1e-9 * max(1.0, whole * 1e-3) else 0.0
    return whole


def _price_counts(program: Program, model: AssignmentModel, found: PricedSum) -> None:
    cp = program.cp
    for apart in model.apart:
        if np.isfinite(apart.price):
            together = cp.new_bool_var("")
            for one, other in program.shared(apart):
                cp.add_bool_or([one.negated(), other.negated(), together])
            found.add(together, _count(found, apart.price, 1))
    for group in model.spread:
        if np.isfinite(group.price):
            owners = program.group_owners(group)
            most = max(0, len(owners) - group.maximum)
            if most:
                extra = cp.new_int_var(0, most, "")
                cp.add(sum(owners) <= group.maximum + extra)
                found.add(extra, _count(found, group.price, most))
    for home in model.homes:
        if np.isfinite(home.price):
            missed = cp.new_bool_var("")
            cp.add_bool_or([*program.home_choices(home), missed])
            found.add(missed, _count(found, home.price, 1))
    for (a, b), price in zip(model.cut_edges.tolist(), model.cut_prices.tolist(), strict=True):
        cut = cp.new_bool_var("")
        for owner in sorted({*program.usable_owners(a), *program.usable_owners(b)}):
            one: Any = program.chosen(a, owner)
            other: Any = program.chosen(b, owner)
            if one is None or other is None:
                cp.add_implication(one if other is None else other, cut)
            else:
                cp.add_bool_or([one.negated(), other, cut])
                cp.add_bool_or([other.negated(), one, cut])
        found.add(cut, _count(found, price, 1))


def _price_diameter(program: Program, diameter: Diameter, found: PricedSum) -> None:
    a, b, excess = program.too_far(diameter)
    figures = rounded(excess, diameter.price * found.factor)
    if not len(a):
        return
    for owner in np.flatnonzero(diameter.owners).tolist():
        longest = program.cp.new_int_var(0, int(figures.whole.max()), "")
        found.add(longest, 1)
        found.error += float(figures.error.max())
        for one, other, size in zip(a.tolist(), b.tolist(), figures.whole.tolist(), strict=True):
            x, y = program.chosen(one, owner), program.chosen(other, owner)
            if x is not None and y is not None:
                program.cp.add(size * (x + y - 1) <= longest)


def _price_pieces(program: Program, connected: Connected, found: PricedSum) -> None:
    """One variable per owner for its pieces beyond the first."""
    for pieces in count_pieces(program, connected):
        extra = program.cp.new_int_var(0, max(1, len(pieces) - 1), "")
        program.cp.add(sum(pieces) <= 1 + extra)
        found.add(extra, _count(found, connected.price, max(1, len(pieces) - 1)))
