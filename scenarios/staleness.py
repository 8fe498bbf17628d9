"""What of a stored result's input differs from the input as it is now, by name."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .results import InputTable

if TYPE_CHECKING:
    from .files.entries import Entry
    from .loading import LoadedScenario

_MOST_NAMED = 4
_ABSENT = object()


def input_changes(scenario: LoadedScenario, summary: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the tables and settings that are not those that a summary was made from.

    Where the hash of what is written is the same nothing differs. Where it is not, a teig
    of another version may have hashed otherwise or have other settings, so that tables
    and settings decide, one by one: a default that only one of the two knows is no
    change of the input, unless it says something and is gone.

    Returns
    -------
    names
        ``units.csv``, ``rules.stay.share 0.08 → 0.1``; none where the input is the same.
    """
    if summary.get("written_hash") == scenario.written_hash:
        return ()
    if summary.get("input_hash") == scenario.input_hash:
        return ()
    stored, now = summary["settings"], json.loads(json.dumps(scenario.resolved.plain()))
    # What plans are tried against afterwards belongs to no result.
    for each in (stored, now):
        each.pop("uncertainty", None)
    return (
        *_tables(summary["inputs"], scenario.inputs),
        *_settings(stored, now, scenario.resolved.root),
    )


def changed_text(file: str, changes: Sequence[str]) -> str:
    """Say what changed since a run, and what to do."""
    named = ", ".join(changes[:_MOST_NAMED])
    if len(changes) > _MOST_NAMED:
        named += f" and {len(changes) - _MOST_NAMED} more"
    return f"{file} or its tables changed since this run ({named}); run it again first"


def _tables(stored: Sequence[Mapping[str, Any]], now: Sequence[InputTable]) -> list[str]:
    before = {(str(each["role"]), str(each["path"])): str(each["sha256"]) for each in stored}
    after = {(table.role, table.path): table.digest for table in now}
    found = [
        path
        for (role, path) in sorted(before.keys() | after.keys())
        if before.get((role, path)) != after.get((role, path))
    ]
    return list(dict.fromkeys(found))


def _settings(stored: Any, now: Any, written: Entry | None, path: str = "") -> Iterator[str]:
    """Settings that differ; one that a side lacks counts only where it stands in the file."""
    if isinstance(stored, Mapping) and isinstance(now, Mapping):
        children = written.children if written is not None else {}
        for key in sorted(stored.keys() | now.keys()):
            inner = f"{path}.{key}" if path else str(key)
            known = (stored.get(key, _ABSENT), now.get(key, _ABSENT))
            yield from _settings(*known, children.get(key), inner)
    elif stored is _ABSENT:
        if written is not None:
            yield f"{path} {_shown(now)}"
    elif now is _ABSENT:
        if stored not in (None, {}, []):
            yield f"{path} is gone"
    elif stored != now:
        yield f"{path} {_shown(stored)} → {_shown(now)}"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:39] + "…"
