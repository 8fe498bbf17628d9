"""What an assignment costs and breaks, computed plainly from the model.

Slow and without any incremental state, so that compiled code can be held against it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from ...models.geodesy import arc_km
from ...models.rules import TOLERANCE
from .model import AssignmentModel, Connected, Diameter, Largest, Resource

#: Share of a limit's tolerance that is used up: the rules' own checks, which add in
#: another order, then agree.
KEPT = 0.5

#: Likewise where the rules may overlook an amount, rounding on their side allowed for.
OVERLOOKED = 1.001

#: Limits on earlier sums come with their own slack; this is for rounding only.
EARLIER = 1e-9


@dataclass(frozen=True)
class Broken:
    """A hard part that does not hold, and by how much in its own unit."""

    name: str
    amount: float


@dataclass(frozen=True)
class Measured:
    """Objective of an assignment and the hard parts that it breaks, in the model's order."""

    objective: float
    broken: tuple[Broken, ...]

    @property
    def feasible(self) -> bool:
        """Whether every hard part holds."""
        return not self.broken


def carried(model: AssignmentModel, resource: Resource, item_owners: IndexArray) -> FloatArray:
    """What each owner carries of a resource, (owners,)."""
    pairs = model.start + item_owners - model.first
    values = np.where(resource.takes_part[item_owners], resource.values[pairs], 0.0)
    return np.bincount(item_owners, weights=values, minlength=model.owners).astype(np.float64)


def excess(resource: Resource, load: FloatArray, kept: float = KEPT) -> FloatArray:
    """Amount outside the interval per owner, (owners,); 0 within a share of the tolerance."""
    part = resource.takes_part
    total = float(load[part].sum())
    low = resource.lower + resource.lower_share * total
    high = resource.upper + resource.upper_share * total
    over = np.where(part & (load > high + kept * _slack(resource, high)), load - high, 0.0)
    under = np.where(part & (load < low - kept * _slack(resource, low)), low - load, 0.0)
    return np.asarray(over + under)


def _slack(resource: Resource, limit: FloatArray) -> FloatArray:
    size = np.where(np.isfinite(limit), np.maximum(1.0, np.abs(limit)), 0.0)
    return np.asarray(resource.tolerance * size)


def pieces(model: AssignmentModel, part: Connected, item_owners: IndexArray) -> IndexArray:
    """Connected pieces of each owner's covers, (owners,)."""
    owner = item_owners[model.item_of_cover]
    root = np.arange(len(owner))

    def find(cover: int) -> int:
        while root[cover] != cover:
            root[cover] = root[root[cover]]
            cover = int(root[cover])
        return cover

    count = np.bincount(owner, minlength=model.owners)
    for a, b in part.cover_edges.tolist():
        if owner[a] == owner[b]:
            one, other = find(a), find(b)
            if one != other:
                root[max(one, other)] = min(one, other)
                count[owner[a]] -= 1
    return count


def largest_distances(
    model: AssignmentModel, part: Diameter, item_owners: IndexArray
) -> FloatArray:
    """Largest chord between two covers of each owner, km, (owners,)."""
    owner = item_owners[model.item_of_cover]
    placed = np.isfinite(part.points).all(axis=1)
    found = np.zeros(model.owners)
    for index in np.flatnonzero(part.owners):
        points = part.points[placed & (owner == index)]
        for point in points:
            found[index] = max(found[index], float(((points - point) ** 2).sum(axis=1).max()))
    return np.sqrt(found)


def largest_value(model: AssignmentModel, part: Largest, item_owners: IndexArray) -> float:
    """Value of a part that counts by its largest, km."""
    if part.values is not None:
        pairs = model.start + item_owners - model.first
        return float(part.values[pairs].max(initial=0.0))
    limit = Diameter(part.name, part.points, part.owners, 0.0, part.price)
    return float(arc_km(largest_distances(model, limit, item_owners).max(initial=0.0)))


def amounts(
    model: AssignmentModel, owners: IndexArray, kept: float = KEPT
) -> Iterator[tuple[str, float, float]]:
    """Every part that is broken by more than a share of its tolerance: name, price, amount."""
    pairs = model.start + owners - model.first
    for item in np.flatnonzero(~model.allowed[pairs]).tolist():
        names = [name for name, mask in model.forbidden_by.items() if mask[pairs[item]]]
        yield names[0] if names else "coverage", np.inf, 1.0
    for resource in model.resources:
        for amount in excess(resource, carried(model, resource, owners), kept):
            yield resource.name, resource.price, float(amount)
    for budget in model.budgets:
        over = float(budget.values[pairs].sum()) - budget.upper
        yield (
            budget.name,
            budget.price,
            over if over > kept * TOLERANCE * max(1.0, budget.upper) else 0.0,
        )
    for pair in model.apart:
        yield pair.name, pair.price, float(owners[pair.a] == owners[pair.b])
    for group in model.spread:
        many = len(set(owners[list(group.items)].tolist())) - group.maximum
        yield group.name, group.price, float(max(many, 0))
    for home in model.homes:
        yield home.name, home.price, float(not (owners[list(home.items)] == home.owner).any())
    for part in model.connected:
        extra = np.maximum(pieces(model, part, owners) - 1, 0)
        for amount in extra[part.owners]:
            yield part.name, part.price, float(amount)
    for limit in model.diameters:
        for chord in largest_distances(model, limit, owners):
            over = float(arc_km(chord) - arc_km(limit.maximum))
            yield (
                limit.name,
                limit.price,
                over if over > kept * TOLERANCE * max(1.0, limit.maximum) else 0.0,
            )


def overlooked(model: AssignmentModel, item_owners: IndexArray) -> float:
    """What soft limits cost by amounts within their tolerance, which the rules overlook.

    A measured objective lies above the rules' own by up to this much.
    """
    total = 0.0
    both = zip(amounts(model, item_owners), amounts(model, item_owners, OVERLOOKED), strict=True)
    for (_, price, amount), (_, _, seen) in both:
        if np.isfinite(price):
            total += price * (amount - seen)
    return total


def measure(model: AssignmentModel, item_owners: IndexArray) -> Measured:
    """Cost an assignment and name what it breaks.

    Parameters
    ----------
    item_owners
        An owner of its range for every item, (items,).
    """
    pairs = model.start + item_owners - model.first
    total = model.constant + float(model.cost[pairs].sum())
    a, b = model.cut_edges[:, 0], model.cut_edges[:, 1]
    total += float(model.cut_prices[item_owners[a] != item_owners[b]].sum())
    for part in model.largest:
        total += part.price * largest_value(model, part, item_owners)
    broken: dict[str, float] = {}
    for name, price, amount in amounts(model, item_owners):
        if amount > 0 and np.isinf(price):
            broken[name] = broken.get(name, 0.0) + amount
        elif amount > 0:
            total += price * amount
    for limit in model.earlier:
        over = measure(limit.model, item_owners).objective - limit.limit
        if over > EARLIER * max(1.0, abs(limit.limit)):
            broken[limit.name] = broken.get(limit.name, 0.0) + over
    return Measured(total, tuple(Broken(name, amount) for name, amount in broken.items()))
