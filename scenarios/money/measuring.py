"""Whether two scenarios measure contribution alike, so that their money compares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What a structure costs, as its people do: scenarios may differ in it and compare.
_COSTS = frozenset({"management"})
#: Settings by team, and what holds for a team that they do not name.
_BY_TEAM = {"hour_value": 1.0, "lift": 0.0}


def money_differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    """Settings of ``money`` that measure two scenarios differently; empty for none.

    What one scenario says of a team that the other does not have is a fact of its
    structure, like the cost of its managers: it is part of what is compared. The same
    team with another value, or another margin, is another measure.

    Parameters
    ----------
    first, second
        Settings of two scenarios as plain data.
    """
    a, b = (each.get("money") or {} for each in (first, second))
    found = [
        key
        for key in a.keys() | b.keys()
        if key not in _COSTS and key not in _BY_TEAM and a.get(key) != b.get(key)
    ]
    for key, default in _BY_TEAM.items():
        one, other = (each.get(key) or {} for each in (a, b))
        found += [
            f"{key}.{team}"
            for team in one.keys() | other.keys()
            if _is_shared(team, first, second)
            if _value(one.get(team), default) != _value(other.get(team), default)
        ]
    return ", ".join(sorted(found))


def _is_shared(team: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether both have a team; those that no structure names come from the roster."""
    having = [team in _teams(each) for each in (first, second)]
    return having[0] == having[1]


def _teams(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return (settings.get("structure") or {}).get("teams") or {}


def _value(entry: Any, default: float) -> Any:
    """A figure's value; its range and mark measure nothing."""
    if entry is None:
        return default
    return entry.get("value") if isinstance(entry, Mapping) else entry
