"""A plan: who owns what. Facts only, also of an infeasible plan; evaluation prices it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from .arrays import IndexArray, frozen_indices

if TYPE_CHECKING:
    from .problem import Problem


class Status(StrEnum):
    """What is known of a solved problem. A limit is never called infeasible."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"
    INVALID = "invalid"


@dataclass(frozen=True, eq=False)
class Plan:
    """The owner of every cover.

    Parameters
    ----------
    owner
        Index of the owner, -1 where nobody has it, (covers,).
    """

    owner: IndexArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "owner", frozen_indices(self.owner))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and np.array_equal(self.owner, other.owner)

    def __hash__(self) -> int:
        return hash(self.owner.tobytes())

    @classmethod
    def incumbent(cls, problem: Problem) -> Plan:
        """Today's alignment, frozen: covers whose owner is of another team stay without one."""
        covers = problem.covers
        owner = covers.incumbent.copy()
        known = owner >= 0
        same_team = problem.owners.team[owner[known]] == covers.team[known]
        owner[np.flatnonzero(known)[~same_team]] = -1
        return cls(owner)
