"""What quotas might lean on: size, growth, region, tenure, incumbency, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....models.arrays import FloatArray, IndexArray, frozen_floats, frozen_indices
from ....models.errors import ProblemList
from ....models.quotas import LeanLimit, QuotaTree, group_limits, number_limits

#: Levels of owners who do not take part: nobody's pay hangs on their quota.
_NOBODY = ("house", "partner")
#: Fewer owners than this are no population to test.
FEWEST = 3
SIZE, GROWTH, REGION = "size", "growth", "region"
#: Covariates that are looked for where none are named.
USUAL = (SIZE, GROWTH, REGION, "tenure", "incumbency")


@dataclass(frozen=True, eq=False)
class Covariates:
    """The owners who take part, what is expected of them, and what they are like.

    Parameters
    ----------
    nodes
        Leaves, ascending, (owners,).
    expected
        What each is expected to sell in the plan period, any scale, above 0, (owners,).
    numbers, groups
        By name: a number or a group of each owner.
    """

    nodes: IndexArray
    expected: FloatArray
    numbers: Mapping[str, FloatArray]
    groups: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "nodes", frozen_indices(self.nodes))
        object.__setattr__(self, "expected", frozen_floats(self.expected))


def read_covariates(
    tree: QuotaTree,
    rows: tuple[tuple[int, ...], ...],
    territories: pd.DataFrame,
    expected: FloatArray,
    past: FloatArray,
    left_out: frozenset[int],
    wanted: Mapping[str, float],
    found: ProblemList,
) -> Covariates:
    """Read what the territories say of the owners.

    Parameters
    ----------
    rows
        Rows of the territories of each leaf.
    expected, past
        What is expected of each leaf in the plan period, and what it sold, (leaves,).
    left_out
        Leaves that do not take part, such as those with a fixed share.
    wanted
        Covariates that limits are about; a column that is missing is a problem.

    Notes
    -----
    ``size`` is the logarithm of what is expected, ``growth`` what is expected over what
    was sold, less one (of those who sold something), ``region`` the branch below the
    top, each where the territories have no column of that name. Other names are columns:
    numbers as numbers, texts as groups. The house, partners, fixed shares and owners of
    whom nothing is expected do not take part.
    """
    levels = [tree.levels[level] for level in tree.level[tree.leaves].tolist()]
    takes_part = np.array(
        [
            level not in _NOBODY and leaf not in left_out
            for level, leaf in zip(levels, tree.leaves.tolist(), strict=True)
        ]
    )
    chosen = np.flatnonzero(takes_part & (expected > 0))
    heads = [rows[leaf][0] for leaf in chosen.tolist()]
    numbers: dict[str, FloatArray] = {}
    groups: dict[str, tuple[str, ...]] = {}
    for name in dict.fromkeys((*USUAL, *wanted)):
        if name in territories.columns:
            column = territories[name].iloc[heads]
            if column.isna().any():
                if name in wanted:
                    owners = [tree.ids[n] for n in tree.leaves[chosen[column.isna()]].tolist()]
                    message = "is missing, and fairness asks for it"
                    found.add(message, source="territories", place=", ".join(owners), key=name)
            elif pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
                groups[name] = tuple(column.astype(str))
            else:
                numbers[name] = frozen_floats(column.to_numpy(dtype=np.float64))
        elif name == SIZE:
            numbers[name] = frozen_floats(np.log(expected[chosen]))
        elif name == GROWTH and (past[chosen] > 0).all() and len(chosen):
            numbers[name] = frozen_floats(expected[chosen] / past[chosen] - 1.0)
        elif name == REGION:
            groups[name] = tuple(_branch(tree, int(n)) for n in tree.leaves[chosen])
        elif name in wanted:
            message = "asks for a column of the territories that is not there"
            found.add(message, source="fairness", key=name, value=name)
    return Covariates(tree.leaves[chosen], expected[chosen], numbers, groups)


def _branch(tree: QuotaTree, node: int) -> str:
    """The node below the top that a leaf belongs to."""
    while tree.depth[node] > 1:
        node = int(tree.parent[node])
    # Owners directly below the top form a branch together.
    return tree.ids[node] if len(tree.children[node]) else tree.ids[0]


def fairness_limits(covariates: Covariates, limits: Mapping[str, float]) -> tuple[LeanLimit, ...]:
    """What the limits by covariate mean for the quotas."""
    sides: list[LeanLimit] = []
    nodes, expected = covariates.nodes.tolist(), covariates.expected
    if len(nodes) < FEWEST:
        return ()
    for name in sorted(limits):
        if name in covariates.numbers:
            values = covariates.numbers[name]
            sides += number_limits(name, nodes, expected, values, limits[name])
        elif name in covariates.groups:
            sides += group_limits(name, nodes, expected, covariates.groups[name], limits[name])
    return tuple(sides)
