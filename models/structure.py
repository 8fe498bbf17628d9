"""Team structure: who covers what by which channel, and who reports to whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from .tables import Table

PRIMARY = "primary"
CREDITS = ("primary", "double", "shared", "none")

#: Ways of a call; only a call in the field is a visit and needs travel.
CHANNELS = ("field", "phone", "video", "mail", "web")
VISITING_CHANNEL = "field"


@dataclass(frozen=True, eq=False)
class TeamSpec:
    """One team of a structure.

    Parameters
    ----------
    role
        ``primary`` for the team whose sales add up to the budget; any other word
        names an overlay over the same units.
    covers
        Expression on unit columns: which units the team serves.
    reps
        Expression on roster columns: who is of the team; by default those whose
        ``team`` is the team's name.
    channels
        How it calls; without ``field`` nobody travels.
    standard
        Name of its set of service standards; empty where there is only one.
    potential, sales
        Share of the unit's that counts for the team, or a column of its own.
    workload, visits
        Columns of hours and visits a year that override the standards.
    credit
        How an overlay's sales are credited: ``primary``, ``double``, ``shared``, ``none``.
    neighbours
        As in :func:`teig.models.build_problem`, for this team alone.
    """

    name: str
    role: str = PRIMARY
    covers: str = "True"
    reps: str = ""
    channels: tuple[str, ...] = ("field", "phone")
    standard: str = ""
    potential: float | str = 1.0
    sales: float | str = 1.0
    workload: str = ""
    visits: str = ""
    credit: str = "primary"
    neighbours: str | pd.DataFrame | Table | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "channels", tuple(self.channels))
        if not self.name or not self.role:
            raise ValueError("a team needs a name and a role")
        if self.credit not in CREDITS:
            raise ValueError(f"the credit of team {self.name} must be one of {', '.join(CREDITS)}")
        unknown = sorted(set(self.channels) - set(CHANNELS))
        if unknown or not self.channels:
            known = ", ".join(CHANNELS)
            raise ValueError(f"the channels of team {self.name} must be some of {known}: {unknown}")
        for share in (self.potential, self.sales):
            if not isinstance(share, str) and not 0.0 <= share <= 1.0:
                raise ValueError(f"the shares of team {self.name} must lie between 0 and 1")

    @property
    def visiting(self) -> bool:
        """Whether its people travel to customers."""
        return VISITING_CHANNEL in self.channels

    @property
    def roster(self) -> str:
        """Expression that picks its people."""
        return self.reps or f"team == {self.name!r}"
