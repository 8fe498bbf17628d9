"""Units that alone are more than a fair share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .loads import TeamLoads
from .owners import Roster
from .teams import Assembled
from .units import Market, too_large

#: What units are held against fair shares by.
_SIZES = ("potential", "workload")


def oversized_notes(
    assembled: Sequence[Assembled],
    loads: Sequence[TeamLoads],
    market: Market,
    roster: Roster,
) -> list[str]:
    """Name units, or parts, that alone are more than one rep's fair share."""
    notes = []
    names = market.rows.texts("name")
    for team, load in zip(assembled, loads, strict=True):
        owners = sum(roster.positions[m].kind.holds_territory for m in team.members)
        free = team.free(roster)
        parts = market.parts[team.units]
        if not owners:
            continue
        for size in _SIZES:
            values = load.workload if size == "workload" else load.measures[size]
            total = float(values[free].sum())
            for at in np.flatnonzero(free & too_large(values / parts, total, owners)):
                unit = team.units[at]
                times = values[at] / total * owners
                which = f"{market.ids[unit]} ({names[unit]})" if names[unit] else market.ids[unit]
                remedy = f"at least {int(np.ceil(times))} parts would let reps share it"
                notes.append(
                    f"team {team.spec.name}: unit {which} alone holds {times:.2f} fair shares "
                    f"of {size} in {parts[at]} part{'s' if parts[at] > 1 else ''}; {remedy}"
                )
    return notes
