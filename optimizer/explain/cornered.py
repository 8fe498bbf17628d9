"""Units that no connected territory can hold within the limits, whoever has it.

A unit that is rich beyond its size fills one limit long before it reaches the other:
what it needs is far away, and everything on the way counts too. Around each such unit
only items matter that a territory with it can reach within its upper limits, so the
question is a small integer program of its own: connectivity as a flow, a range for
each measure. Where it has no solution, no plan exists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from ...models.arrays import FloatArray, IndexArray
from ..territories.model import AssignmentModel

#: Least share of an upper limit that an item has to fill to be asked about, how many of
#: them are, the largest surroundings, and the nodes of branch and bound for each.
NOTABLE, ASKED, LARGEST, NODES = 0.15, 12, 250, 2_000


@dataclass(frozen=True)
class Cornered:
    """An item that no connected territory holds within the limits.

    Parameters
    ----------
    rules
        Names of the limits.
    shares
        What the item fills of the upper limit of each.
    """

    item: int
    rules: tuple[str, ...]
    shares: tuple[float, ...]


def cornered_items(model: AssignmentModel) -> tuple[Cornered, ...]:
    """Items, of the most lopsided ones, that stand in the way of every plan; a proof each.

    Only where several measures have hard limits from both sides, territories have to
    hang together, and every owner of the item is limited so.
    """
    limits = _limits(model)
    if limits is None:
        return ()
    names, values, lower, upper = limits
    filled = values / upper[:, None]
    most = filled.max(axis=0)
    # An item whose measures are in proportion can be added to; a lopsided one may not.
    lopsided = most * (lower / upper).min() - filled.min(axis=0)
    notable = np.flatnonzero((most >= NOTABLE) & (most <= 1.0) & (lopsided > 0))
    order = notable[np.lexsort((notable, -lopsided[notable]))][:ASKED]
    # Each pair once: the sparse graph would add up what stands twice.
    edges = np.unique(np.sort(np.concatenate([p.edges for p in model.connected]), axis=1), axis=0)
    found = []
    for item in order.tolist():
        around = _reach(item, edges, values, upper)
        if len(around) <= LARGEST and _impossible(item, around, edges, values, lower, upper):
            found.append(Cornered(item, names, tuple(filled[:, item].tolist())))
    return tuple(found)


def _limits(
    model: AssignmentModel,
) -> tuple[tuple[str, ...], FloatArray, FloatArray, FloatArray] | None:
    """Names, values (k, items), and the loosest limits (k,) of what all owners must keep."""
    whole = [part for part in model.connected if np.isinf(part.price) and part.owners.all()]
    if not whole or len(whole) != len(model.connected):
        return None
    names, rows, lower, upper = [], [], [], []
    for part in model.resources:
        fixed = model.fixed_limits(part)
        if not (part.hard and part.per_item and part.takes_part.all()) or fixed is None:
            continue
        low, high = float(fixed[0].min()), float(fixed[1].max())
        if low > 0 and np.isfinite(high):
            slack = part.tolerance * max(1.0, high)
            names.append(part.name)
            rows.append(part.values[model.start])
            lower.append(low - slack)
            upper.append(high + slack)
    if len(names) < 2:
        return None
    values = np.array(rows)
    return (tuple(names), values, np.array(lower), np.array(upper)) if (values >= 0).all() else None


def _reach(item: int, edges: IndexArray, values: FloatArray, upper: FloatArray) -> IndexArray:
    """Items that a path from the item reaches within every upper limit, ascending."""
    n = values.shape[1]
    inside = np.ones(n, dtype=np.bool_)
    both = np.concatenate([edges, edges[:, ::-1]])
    for row, limit in zip(values, upper, strict=True):
        # What entering an item costs; zeros would be no edges at all to the sparse graph.
        entering = np.maximum(row[both[:, 1]], 1e-12 * limit)
        graph = csr_array((entering, (both[:, 0], both[:, 1])), shape=(n, n))
        away = np.asarray(dijkstra(graph, indices=[item], limit=float(1.01 * limit)))[0]
        inside &= away + row[item] <= limit * (1.0 + 1e-9)
    inside[item] = True
    return np.flatnonzero(inside)


def _impossible(
    item: int,
    around: IndexArray,
    edges: IndexArray,
    values: FloatArray,
    lower: FloatArray,
    upper: FloatArray,
) -> bool:
    """Whether no connected set of these items with the given one keeps every range."""
    if (values[:, around].sum(axis=1) < lower).any():
        return True
    m = len(around)
    position = np.full(values.shape[1], -1)
    position[around] = np.arange(m)
    inner = position[edges[(position[edges] >= 0).all(axis=1)]].reshape(-1, 2)
    arcs = np.concatenate([inner, inner[:, ::-1]])
    root, flows = int(position[item]), m + np.arange(len(arcs))
    tail, head = arcs[:, 0], arcs[:, 1]
    width = m + len(arcs)
    # Every chosen item but the root keeps one unit of what flows into it.
    balance = coo_array(
        (
            np.concatenate([np.ones(len(arcs)), -np.ones(len(arcs)), -np.ones(m)]),
            (
                np.concatenate([head, tail, np.arange(m)]),
                np.concatenate([flows, flows, np.arange(m)]),
            ),
        ),
        shape=(m, width),
    )
    kept = np.zeros(m)
    free = np.where(np.arange(m) == root, np.inf, 0.0)
    # Nothing flows into an item that is not chosen.
    entering = coo_array(
        (
            np.concatenate([np.ones(len(arcs)), np.full(m, -float(m))]),
            (np.concatenate([head, np.arange(m)]), np.concatenate([flows, np.arange(m)])),
        ),
        shape=(m, width),
    )
    count = len(values)
    rows = np.repeat(np.arange(count), m)
    scaled = (values[:, around] / upper[:, None]).ravel()
    ranges = coo_array((scaled, (rows, np.tile(np.arange(m), count))), shape=(count, width))
    low, high = np.zeros(width), np.concatenate([np.ones(m), np.full(len(arcs), float(m))])
    low[root] = 1.0
    solved = milp(
        np.zeros(width),
        integrality=np.concatenate([np.ones(m), np.zeros(len(arcs))]),
        bounds=Bounds(low, high),
        constraints=[
            LinearConstraint(balance.tocsr(), kept - free, kept + free),
            LinearConstraint(entering.tocsr(), -np.inf, 0.0),
            LinearConstraint(ranges.tocsr(), lower / upper, 1.0),
        ],
        options={"node_limit": NODES},
    )
    return bool(solved.status == 2)
