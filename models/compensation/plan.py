"""A compensation plan, and the people it pays."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Self

import numpy as np

from ..arrays import BoolArray, FloatArray, IndexArray, frozen_floats, frozen_indices
from ..errors import ProblemList
from .awards import Clawback, Contest, Prize, TeamAward
from .curve import PayTerms


class Measured(StrEnum):
    """What attainment is measured over."""

    PLAN = "plan"
    """The whole plan period at once."""
    PERIOD = "period"
    """Each period by itself; the target incentive is split as the quota is."""


@dataclass(frozen=True, eq=False)
class CompensationPlan:
    """How attainment turns into pay.

    Parameters
    ----------
    terms
        Of everybody whose level has none in ``by_level``.
    by_level
        Terms of other levels.
    measured
        Over the plan period or each period.

    Raises
    ------
    BadInput
        When two awards have one name.
    """

    terms: PayTerms = field(default_factory=PayTerms)
    by_level: Mapping[str, PayTerms] = field(default_factory=dict)
    measured: Measured = Measured.PLAN
    clawback: Clawback = field(default_factory=Clawback)
    prizes: tuple[Prize, ...] = ()
    team_awards: tuple[TeamAward, ...] = ()
    contests: tuple[Contest, ...] = ()
    currency: str = "EUR"

    def __post_init__(self) -> None:
        object.__setattr__(self, "measured", Measured(self.measured))
        object.__setattr__(self, "by_level", MappingProxyType(dict(sorted(self.by_level.items()))))
        found, seen = ProblemList("compensation"), set[str]()
        for name in self.award_names:
            if name in seen:
                found.add("each prize and contest needs a name of its own", value=name)
            seen.add(name)
        found.raise_any()

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)

    @property
    def award_names(self) -> tuple[str, ...]:
        """Names of prizes, team awards and contests, in this order."""
        return (
            *(prize.name for prize in self.prizes),
            *(award.name for award in self.team_awards),
            *(contest.name for contest in self.contests),
        )

    def terms_of(self, level: str) -> PayTerms:
        """Terms of one level."""
        return self.by_level.get(level, self.terms)


@dataclass(frozen=True, eq=False)
class Payees:
    """Whom a plan pays, with their quotas.

    Parameters
    ----------
    ids, levels
        One text each.
    team
        Index of the manager among ``managers`` that somebody at the foot reports to,
        -1 for none, (n,).
    managers, manager_levels
        Nodes whose teams can be recognized.
    manager_above
        Index of each manager's own manager, -1 for none, (managers,).
    foot
        True at the foot of the tree, (n,).
    periods
        Names of the plan's periods.
    quota
        Plan currency, (periods, n).
    base, target_incentive
        Plan currency for the plan period, (n,) each.
    """

    ids: tuple[str, ...]
    levels: tuple[str, ...]
    team: IndexArray
    managers: tuple[str, ...]
    manager_levels: tuple[str, ...]
    manager_above: IndexArray
    foot: BoolArray
    periods: tuple[str, ...]
    quota: FloatArray
    base: FloatArray
    target_incentive: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "team", frozen_indices(self.team))
        object.__setattr__(self, "manager_above", frozen_indices(self.manager_above))
        object.__setattr__(self, "foot", np.array(self.foot, dtype=np.bool_))
        for name in ("quota", "base", "target_incentive"):
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))
        found = ProblemList("compensation")
        for key in ("base", "target_incentive"):
            values = getattr(self, key)
            for position in np.flatnonzero(~(np.isfinite(values) & (values >= 0))).tolist():
                found.add(
                    "must be money of at least 0",
                    place=self.ids[position],
                    key=key,
                    value=values[position],
                )
        found.raise_any()

    def __len__(self) -> int:
        return len(self.ids)

    def team_at(self, level: str) -> IndexArray:
        """Index of the manager of a level above each payee at the foot, -1 for none, (n,).

        The direct manager where no level is named.
        """
        found = []
        for manager, at_foot in zip(self.team.tolist(), self.foot.tolist(), strict=True):
            here = manager if at_foot else -1
            while level and here >= 0 and self.manager_levels[here] != level:
                here = int(self.manager_above[here])
            found.append(here)
        return np.array(found, dtype=np.int64)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed, validated again."""
        return dataclasses.replace(self, **changes)
