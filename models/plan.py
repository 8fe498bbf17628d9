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
    centres
        Cover where the base of each owner is placed, -1 for an owner that has its base
        or has none, (owners,); None where the plan places nobody.
    """

    owner: IndexArray
    centres: IndexArray | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "owner", frozen_indices(self.owner))
        if self.centres is not None:
            object.__setattr__(self, "centres", frozen_indices(self.centres))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plan) and self._bytes() == other._bytes()

    def __hash__(self) -> int:
        return hash(self._bytes())

    def _bytes(self) -> tuple[bytes, bytes]:
        centres = self.centres
        return self.owner.tobytes(), b"" if centres is None else centres.tobytes()

    @classmethod
    def incumbent(cls, problem: Problem) -> Plan:
        """Today's alignment, frozen: covers whose owner is of another team stay without one."""
        covers = problem.covers
        owner = covers.incumbent.copy()
        known = owner >= 0
        same_team = problem.owners.team[owner[known]] == covers.team[known]
        owner[np.flatnonzero(known)[~same_team]] = -1
        return cls(owner)
