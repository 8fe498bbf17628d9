"""The CP-SAT program of a model: one boolean per allowed pair, and what must hold."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ....models.geodesy import arc_km
from ....models.rules import TOLERANCE
from ..model import ApartPair, AssignmentModel, Budget, Diameter, Home, Resource, SpreadGroup
from .rounding import LARGEST_ROW, ROUNDING_SHARE, binary_factor, plain_factor, rounded

#: A CP-SAT variable; the library has no types of its own that mypy can see.
Variable = Any


class Program:
    """Variables and hard limits of a model.

    Parameters
    ----------
    model
        Its hard parts are posted, connected territories excepted (:mod:`.cohesion`).

    Attributes
    ----------
    cp
        The CP-SAT model.
    choice
        Variable of each pair, None where the pair is not allowed.
    variable_pairs
        Pairs that have a variable; theirs come first in the program, in this order.
    stuck
        True where an item has no owner to choose, so that no plan exists.
    """

    def __init__(self, model: AssignmentModel) -> None:
        self.model = model
        self.cp = cp_model.CpModel()
        self.pair_items = model.pair_items()
        self.pair_owners = model.pair_owners()
        self.usable = self._usable_pairs()
        self.choice: list[Variable | None] = [
            self.cp.new_bool_var(f"x{pair}") if self.usable[pair] else None
            for pair in range(model.pairs)
        ]
        self.variable_pairs = np.flatnonzero(self.usable)
        self.stuck = False
        for item in range(model.items):
            begin = int(model.start[item])
            options = self._present(range(begin, begin + int(model.last[item] - model.first[item])))
            if not options:
                self.stuck = True
                return
            self.cp.add_exactly_one(options)
        self._post_hard()

    def _usable_pairs(self) -> BoolArray:
        """Allowed pairs, less those that break a hard upper limit on their own."""
        usable = self.model.allowed.copy()
        for resource in self.model.resources:
            limits = self.model.fixed_limits(resource) if resource.hard else None
            if limits is not None:
                upper = limits[1]
                most = upper + resource.tolerance * np.maximum(1.0, np.abs(upper))
                most = np.where(resource.takes_part, most, np.inf)
                usable &= ~(resource.values > most[self.pair_owners])
        return np.asarray(usable)

    def _present(self, pairs: Iterable[int]) -> list[Variable]:
        return [self.choice[pair] for pair in pairs if self.choice[pair] is not None]

    def chosen(self, item: int, owner: int) -> Variable | None:
        """Variable that the owner has the item, None where it may not."""
        if not self.model.first[item] <= owner < self.model.last[item]:
            return None
        return self.choice[self.model.pair(item, owner)]

    def usable_owners(self, item: int) -> list[int]:
        """Owners that an item may have, ascending."""
        begin = int(self.model.start[item])
        width = int(self.model.last[item] - self.model.first[item])
        owners = np.flatnonzero(self.usable[begin : begin + width]) + self.model.first[item]
        return [int(owner) for owner in owners]

    # ------------------------------------------------------------------ hard parts

    def _post_hard(self) -> None:
        model = self.model
        for resource in model.resources:
            if resource.hard:
                self._limit_resource(resource)
        for budget in model.budgets:
            if np.isinf(budget.price):
                self._limit_budget(budget)
        for diameter in model.diameters:
            if np.isinf(diameter.price):
                self._limit_diameter(diameter)
        self._post_hard_counts()

    def _post_hard_counts(self) -> None:
        model = self.model
        for apart in model.apart:
            if np.isinf(apart.price):
                for both in self.shared(apart):
                    self.cp.add_at_most_one(both)
        for group in model.spread:
            if np.isinf(group.price):
                self.cp.add(sum(self.group_owners(group)) <= group.maximum)
        for home in model.homes:
            if np.isinf(home.price):
                self.cp.add_bool_or(self.home_choices(home))

    def _limit_resource(self, resource: Resource) -> None:
        limits = self.model.fixed_limits(resource)
        for owner in np.flatnonzero(resource.takes_part).tolist():
            own = np.flatnonzero((self.pair_owners == owner) & self.usable)
            if limits is not None:
                values = resource.values[own]
                for sign, limit in ((1.0, limits[1][owner]), (-1.0, -limits[0][owner])):
                    room = resource.tolerance * max(1.0, abs(limit))
                    self.limit_sum(own, sign * values, float(limit), room)
                continue
            team = np.flatnonzero(resource.takes_part[self.pair_owners] & self.usable)
            least = self.model.total_range(resource)[0]
            mine = (self.pair_owners[team] == owner).astype(float)
            for sign, fixed, share in (
                (1.0, resource.upper[owner], resource.upper_share[owner]),
                (-1.0, -resource.lower[owner], resource.lower_share[owner]),
            ):
                values = sign * resource.values[team] * (mine - share)
                room = resource.tolerance * max(1.0, abs(sign * fixed + share * least))
                self.limit_sum(team, values, float(fixed), room)

    def _limit_budget(self, budget: Budget) -> None:
        pairs = np.flatnonzero((budget.values != 0) & self.usable)
        room = TOLERANCE * max(1.0, budget.upper)
        self.limit_sum(pairs, budget.values[pairs], budget.upper, room)

    def limit_sum(self, pairs: IndexArray, values: FloatArray, limit: float, room: float) -> None:
        """Post Σ values · x ≤ limit, given that the checker accepts up to limit + room.

        Whole figures keep all of the room. Others lose a part of it to rounding, as
        much as the coefficients' largest sum makes necessary: nothing that the
        checker refuses is accepted.
        """
        if not np.isfinite(limit):
            return
        total = float(np.abs(values).sum()) + abs(limit)
        factor: float | None = plain_factor(np.append(values, limit), LARGEST_ROW)
        if factor is None:
            items = max(1, len(np.unique(self.pair_items[pairs])))
            wanted = items / (2.0 * room * ROUNDING_SHARE) if room > 0 else np.inf
            factor = min(
                2.0 ** np.ceil(np.log2(wanted)) if np.isfinite(wanted) else np.inf,
                binary_factor(total, LARGEST_ROW),
            )
        figures = rounded(values, factor)
        error = np.zeros(self.model.items)
        np.maximum.at(error, self.pair_items[pairs], figures.error)
        most = int(np.floor((limit + room * (1.0 - 1e-9)) * factor - error.sum()))
        self.cp.add(
            cp_model.LinearExpr.weighted_sum(
                [self.choice[pair] for pair in pairs.tolist()], figures.whole.tolist()
            )
            <= most
        )

    def _limit_diameter(self, diameter: Diameter) -> None:
        a, b, _ = self.too_far(diameter)
        for owner in np.flatnonzero(diameter.owners).tolist():
            for one, other in zip(a.tolist(), b.tolist(), strict=True):
                x, y = self.chosen(one, owner), self.chosen(other, owner)
                if x is not None and y is not None:
                    self.cp.add_bool_or([x.negated(), y.negated()])

    # ------------------------------------------------------------------ shared pieces

    def shared(self, apart: ApartPair) -> list[list[Variable]]:
        """For each owner that may have both items of a pair the two variables."""
        both = []
        for owner in self.usable_owners(apart.a):
            one, other = self.chosen(apart.a, owner), self.chosen(apart.b, owner)
            if one is not None and other is not None:
                both.append([one, other])
        return both

    def group_owners(self, group: SpreadGroup) -> list[Variable]:
        """For each owner that may have an item of a group whether it has any; never too few."""
        owners: dict[int, list[Variable]] = {}
        for item in group.items:
            for owner in self.usable_owners(item):
                owners.setdefault(owner, []).append(self.chosen(item, owner))
        found = []
        for owner in sorted(owners):
            holds = owners[owner][0]
            if len(owners[owner]) > 1:
                holds = self.cp.new_bool_var("")
                for variable in owners[owner]:
                    self.cp.add_implication(variable, holds)
            found.append(holds)
        return found

    def home_choices(self, home: Home) -> list[Variable]:
        """Variables one of which a home asks for."""
        found = (self.chosen(item, home.owner) for item in home.items)
        return [variable for variable in found if variable is not None]

    def too_far(self, diameter: Diameter) -> tuple[IndexArray, IndexArray, FloatArray]:
        """Item pairs beyond a diameter and by how many km of great circle; a == b within one."""
        placed = np.flatnonzero(np.isfinite(diameter.points).all(axis=1))
        points = diameter.points[placed]
        limit = arc_km(diameter.maximum).item()
        one, other = np.triu_indices(len(placed), k=1)
        apart = arc_km(np.linalg.norm(points[one] - points[other], axis=1))
        beyond = apart - limit > TOLERANCE * max(1.0, limit)
        items = np.sort(
            self.model.item_of_cover[
                np.column_stack([placed[one[beyond]], placed[other[beyond]]])
            ].reshape(-1, 2),
            axis=1,
        )
        pairs, where = np.unique(items, axis=0, return_inverse=True)
        excess = np.zeros(len(pairs))
        np.maximum.at(excess, where.ravel(), apart[beyond] - limit)
        return pairs[:, 0], pairs[:, 1], excess

    def owners_of(self, values: Iterable[int]) -> IndexArray:
        """Owner of each item, (items,), from CP-SAT's values of all variables."""
        count = len(self.variable_pairs)
        taken = np.fromiter(itertools.islice(values, count), dtype=np.int64, count=count) > 0
        pairs = self.variable_pairs[taken]
        owners = np.full(self.model.items, -1, dtype=np.int64)
        owners[self.pair_items[pairs]] = self.pair_owners[pairs]
        return owners

    def hint(self, owners: IndexArray) -> None:
        """Suggest a plan; replaces an earlier suggestion."""
        self.cp.clear_hints()  # type: ignore[no-untyped-call]
        for pair, variable in enumerate(self.choice):
            if variable is not None:
                self.cp.add_hint(variable, owners[self.pair_items[pair]] == self.pair_owners[pair])
