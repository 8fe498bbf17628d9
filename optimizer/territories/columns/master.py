"""Territories met so far, and which of them together cost least: one an owner, each item once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.optimize
import scipy.sparse
from ortools.math_opt.python import mathopt

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ...highs import run_highs
from .pricing import Owner
from .tightening import tighten

#: What the dearest column comes to in the program, so that the solver's tolerances are tiny.
LARGE = 1e5


@dataclass(frozen=True)
class Mixture:
    """The cheapest mixture of territories.

    Parameters
    ----------
    value
        What it costs.
    prices
        Of the items, (items,).
    """

    value: float
    prices: FloatArray


@dataclass(frozen=True, eq=False)
class Choice:
    """The cheapest choice of whole territories.

    Parameters
    ----------
    owners
        Owner of each item, (items,), None where there is none.
    bound
        What no choice costs less than; inf where there is none.
    """

    owners: IndexArray | None
    bound: float


class Pool:
    """Territories as columns.

    Parameters
    ----------
    owners
        Whose territories they are.
    items
        Items of the model.
    """

    def __init__(self, owners: list[Owner], items: int) -> None:
        self.owners, self.items = owners, items
        self.owner: list[int] = []
        self.members: list[IndexArray] = []
        self.cost: list[float] = []
        self.known: set[tuple[int, bytes]] = set()

    def __len__(self) -> int:
        return len(self.owner)

    def add(self, owner: Owner, inside: BoolArray) -> None:
        """Take a territory in, a mask over what its owner may have."""
        members = owner.items[inside]
        key = (owner.number, members.tobytes())
        if key not in self.known:
            self.known.add(key)
            self.owner.append(owner.number)
            self.members.append(members)
            self.cost.append(float(owner.cost[inside].sum()))

    def cheapest(self, prices: FloatArray) -> FloatArray:
        """Least cost of each owner's territories less the prices of their items, (owners,)."""
        earned = np.add.reduceat(
            np.append(prices[np.concatenate(self.members)], 0.0), self._begins()
        )
        earned[[not len(part) for part in self.members]] = 0.0
        least = np.full(len(self.owners), np.inf)
        np.minimum.at(least, self.owner, np.array(self.cost) - earned)
        return least

    def _begins(self) -> IndexArray:
        sizes = [len(part) for part in self.members]
        return np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.int64)

    def mixture(self) -> Mixture:
        """The relaxation: shares of territories that cover every item once."""
        rows = np.concatenate(
            [
                np.append(part, self.items + r)
                for r, part in zip(self.owner, self.members, strict=True)
            ]
        )
        columns = np.repeat(np.arange(len(self)), [len(part) + 1 for part in self.members])
        matrix: Any = scipy.sparse.csc_array(
            (np.ones(len(rows)), (rows, columns)), shape=(self.items + len(self.owners), len(self))
        )
        found: Any = scipy.optimize.linprog(
            np.array(self.cost), A_eq=matrix, b_eq=np.ones(matrix.shape[0]), bounds=(0.0, None),
            method="highs-ds",
        )  # fmt: skip
        if found.status != 0:
            raise RuntimeError(f"the mixture of territories was not found: {found.message}")
        return Mixture(float(found.fun), np.asarray(found.eqlin.marginals[: self.items]))

    def choice(
        self, prices: FloatArray, cutoff: float, nodes: int, seconds: float | None
    ) -> Choice:
        """The cheapest whole territories that cover every item once, if below the cutoff.

        Parameters
        ----------
        prices
            Of the items, (items,), at which the territories were listed.
        nodes
            Branch-and-bound nodes at most.
        """
        cover = np.zeros((self.items + len(self.owners), len(self)), dtype=np.bool_)
        for column, (owner, members) in enumerate(zip(self.owner, self.members, strict=True)):
            cover[members, column] = True
            cover[self.items + owner, column] = True
        cost = np.array(self.cost)
        reduced = cost - prices @ cover[: self.items]
        for mine in cover[self.items :]:
            reduced[mine] -= reduced[mine].min(initial=np.inf)
        found = tighten(cover, cost, reduced, cutoff, len(self.owners))
        if not len(found.kept):
            return Choice(None, np.inf)
        chosen, bound = _chosen(
            cover[:, found.kept], cost[found.kept], found.rows, cutoff, nodes, seconds
        )
        if chosen is None:
            return Choice(None, max(bound, found.bound))
        owners = np.full(self.items, -1, dtype=np.int64)
        for column in found.kept[chosen].tolist():
            owners[self.members[column]] = self.owner[column]
        return Choice(owners, max(bound, found.bound))


def _chosen(
    cover: BoolArray,
    cost: FloatArray,
    cuts: IndexArray,
    cutoff: float,
    nodes: int,
    seconds: float | None,
) -> tuple[BoolArray | None, float]:
    """The integer program: which columns, and what none costs less than."""
    model = mathopt.Model()
    scale = LARGE / max(float(np.abs(cost).max()), 1e-300)
    variables = np.array([model.add_binary_variable() for _ in cost], dtype=object)
    for row in cover:
        model.add_linear_constraint(mathopt.fast_sum(variables[row]) == 1.0)
    for rows in cuts:
        model.add_linear_constraint(
            mathopt.fast_sum(variables[cover[rows].sum(axis=0) >= 2]) <= 1.0
        )
    model.minimize(
        mathopt.fast_sum(
            value * variable
            for value, variable in zip((scale * cost).tolist(), variables, strict=True)
        )
    )
    result = run_highs(model, cutoff=scale * cutoff, nodes=nodes, seconds=seconds)
    if result.termination.reason in (
        mathopt.TerminationReason.INFEASIBLE,
        mathopt.TerminationReason.INFEASIBLE_OR_UNBOUNDED,
    ):
        return None, np.inf
    bound = result.termination.objective_bounds.dual_bound / scale
    if not result.solutions:
        return None, bound
    values = result.variable_values()
    return np.array([values[variable] > 0.5 for variable in variables]), bound
