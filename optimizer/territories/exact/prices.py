"""The priced parts of a model as one sum of integers, with the rounding known."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from ....models.arrays import FloatArray, IndexArray
from ....models.rules import TOLERANCE
from ..model import AssignmentModel, Budget, Connected, Diameter, EarlierLimit, Largest, Resource
from .cohesion import count_pieces
from .program import Program, Variable
from .rounding import (
    LARGEST_OBJECTIVE,
    LARGEST_ROW,
    binary_factor,
    excess_scale,
    largest_by_item,
    plain_factor,
    rounded,
)


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
    """Post the priced parts of the program's model and return their sum."""
    return _posted(program, model, PricedSum(_factor(program, model, LARGEST_OBJECTIVE)))


def limit_earlier(program: Program, earlier: EarlierLimit) -> None:
    """Hold the sum of an earlier stage at its limit, give or take the rounding.

    Every item takes one of its pairs, so what its cheapest costs is a constant, and
    pairs that alone would break the limit are ruled out: what is left is small, and
    fine to round.
    """
    model = earlier.model
    cost = np.where(program.usable, model.cost, np.inf)
    least = np.minimum.reduceat(cost, model.start)
    cost = np.where(program.usable, model.cost - least[program.pair_items], 0.0)
    constant = model.constant + float(least.sum())
    room = earlier.limit - constant
    room += 1e-9 * max(1.0, abs(earlier.limit), abs(constant))
    for pair in np.flatnonzero(cost > room).tolist():
        choice: Variable = program.choice[pair]
        program.cp.add_bool_and([choice.negated()])
    cost[cost > room] = 0.0
    shifted = replace(model, cost=cost, constant=0.0)
    found = _posted(program, shifted, PricedSum(_factor(program, shifted, LARGEST_ROW)))
    # Half a unit is no plan where the sum is whole, and nothing where it is not.
    most = math.floor(room * found.factor + found.error + 0.5)
    if found.variables:
        program.cp.add(found.expression() <= most)


def _posted(program: Program, model: AssignmentModel, found: PricedSum) -> PricedSum:
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
    for largest in model.largest:
        _price_largest(program, largest, found)
    return found


def _factor(program: Program, model: AssignmentModel, largest: float) -> float:
    """Choose the scale: one that makes plain figures whole, else the finest that is safe."""
    usable = program.usable
    figures: list[FloatArray] = [model.cost[usable], model.cut_prices, np.array([model.constant])]
    most = largest_by_item(np.abs(model.cost) * usable, program.pair_items, model.items)
    size = float(most.sum()) + abs(model.constant) + float(model.cut_prices.sum())
    for resource in model.resources:
        if not resource.hard and resource.price > 0:
            figures.append(_plain_figures(program, model, resource))
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
    for diameter in model.diameters:
        if np.isfinite(diameter.price):
            figures.append(_NOT_PLAIN)
            size += 2e4 * model.owners * diameter.price
    for part in model.largest:
        figures.append(_NOT_PLAIN)
        size += 2e4 * part.price
    plain = plain_factor(np.concatenate(figures), largest)
    if plain is not None and size * plain <= largest:
        return float(plain)
    return binary_factor(size, largest)


#: Stands for figures that are seldom whole: shares of moving totals, great circles.
_NOT_PLAIN = np.array([1.0 / 3.0])


def _plain_figures(program: Program, model: AssignmentModel, resource: Resource) -> FloatArray:
    limits = model.fixed_limits(resource)
    if limits is None:
        return _NOT_PLAIN
    ends = np.concatenate([side[resource.takes_part] for side in limits])
    values = np.concatenate([resource.values[program.usable], ends[np.isfinite(ends)]])
    return np.asarray(resource.price * values)


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
            _price_excess(program, (pairs, values), limit, resource.price, room, found)


def _price_budget(program: Program, budget: Budget, found: PricedSum) -> None:
    pairs = np.flatnonzero((budget.values != 0) & program.usable)
    room = TOLERANCE * max(1.0, budget.upper)
    amounts = (pairs, budget.values[pairs])
    _price_excess(program, amounts, budget.upper, budget.price, room, found)


def _price_excess(
    program: Program,
    amounts: tuple[IndexArray, FloatArray],
    limit: float,
    price: float,
    room: float,
    found: PricedSum,
) -> None:
    """Add ``price · max(0, Σ values · x − limit)``; amounts are pairs and their values."""
    pairs, values = amounts
    scale, cost = excess_scale(values, limit, price, found.factor)
    figures = rounded(values, scale)
    whole_limit = rounded(np.array([limit]), scale)
    positive = np.zeros(program.model.items, dtype=np.int64)
    np.maximum.at(positive, program.pair_items[pairs], figures.whole)
    most = int(positive.sum()) - int(whole_limit.whole[0])
    if most <= 0:
        return
    error = largest_by_item(figures.error, program.pair_items[pairs], program.model.items)
    off = float(error.sum() + whole_limit.error[0])
    found.error += cost * off
    # With whole figures the dead zone is empty unless a whole number lies in it.
    if off > 0 or np.floor(room * scale + 1e-9) >= 1:
        found.dead += cost * room * scale
    excess = program.cp.new_int_var(0, most, "")
    program.cp.add(
        cp_model.LinearExpr.weighted_sum(
            [program.choice[pair] for pair in pairs.tolist()], figures.whole.tolist()
        )
        <= excess + int(whole_limit.whole[0])
    )
    found.add(excess, cost)


def _count(found: PricedSum, price: float, most: int) -> int:
    """Scaled price of something counted up to ``most`` times, its rounding noted."""
    whole = found.price(price)
    off = abs(price * found.factor - whole)
    found.error += off * most if off > 1e-9 else 0.0
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
            x: Any = program.chosen(a, owner)
            y: Any = program.chosen(b, owner)
            if x is None or y is None:
                cp.add_implication(x if y is None else y, cut)
            else:
                cp.add_bool_or([x.negated(), y, cut])
                cp.add_bool_or([y.negated(), x, cut])
        found.add(cut, _count(found, price, 1))


def _price_diameter(program: Program, diameter: Diameter, found: PricedSum) -> None:
    a, b, excess = program.too_far(diameter)
    if not len(a):
        return
    scale, cost = excess_scale(np.full(3, excess.max()), 0.0, diameter.price, found.factor)
    figures = rounded(excess, scale)
    for owner in np.flatnonzero(diameter.owners).tolist():
        longest = program.cp.new_int_var(0, int(figures.whole.max()), "")
        found.add(longest, cost)
        found.error += cost * float(figures.error.max())
        for one, other, size in zip(a.tolist(), b.tolist(), figures.whole.tolist(), strict=True):
            x, y = program.chosen(one, owner), program.chosen(other, owner)
            if x is not None and y is not None:
                program.cp.add(size * (x + y - 1) <= longest)


def _price_largest(program: Program, part: Largest, found: PricedSum) -> None:
    """One variable that is at least what every item or pair of items asks."""
    model = program.model
    if part.values is None:
        none = Diameter(part.name, part.points, part.owners, 0.0, part.price)
        a, b, values = program.too_far(none)
    else:
        values = np.where(program.usable, part.values, 0.0)
    if not values.size or values.max() <= 0.0:
        return
    scale, cost = excess_scale(np.full(3, values.max()), 0.0, part.price, found.factor)
    figures = rounded(values, scale)
    longest = program.cp.new_int_var(0, int(figures.whole.max()), "")
    found.add(longest, cost)
    found.error += cost * float(figures.error.max())
    if part.values is None:
        found.dead += cost * TOLERANCE * scale
        for owner in np.flatnonzero(part.owners).tolist():
            for one, other, size in zip(
                a.tolist(), b.tolist(), figures.whole.tolist(), strict=True
            ):
                x, y = program.chosen(one, owner), program.chosen(other, owner)
                if x is not None and y is not None:
                    program.cp.add(size * (x + y - 1) <= longest)
        return
    for item in range(model.items):
        begin = int(model.start[item])
        pairs = range(begin, begin + int(model.last[item] - model.first[item]))
        own = [pair for pair in pairs if program.usable[pair]]
        far = [program.choice[pair] for pair in own]
        program.cp.add(
            cp_model.LinearExpr.weighted_sum(far, figures.whole[own].tolist()) <= longest
        )


def _price_pieces(program: Program, connected: Connected, found: PricedSum) -> None:
    """One variable per owner for its pieces beyond the first."""
    for pieces in count_pieces(program, connected):
        extra = program.cp.new_int_var(0, max(1, len(pieces) - 1), "")
        program.cp.add(sum(pieces) <= 1 + extra)
        found.add(extra, _count(found, connected.price, max(1, len(pieces) - 1)))
