"""Lays overrides over a base: key by key, each saying what it replaces or removes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...models.errors import ProblemList, did_you_mean
from .entries import Entry, Origin, Path
from .reading import parse_value

#: What a command line's settings are called where a change names its override.
COMMAND_LINE = "--set"
#: What a scenario's own settings are called.
SCENARIO = "set"


@dataclass
class Merge:
    """Layers laid over a base so far.

    Parameters
    ----------
    root
        The settings now.
    removed
        Which override took a path away.
    """

    root: Entry
    removed: dict[Path, str] = field(default_factory=dict)

    def lay(self, layer: Entry, found: ProblemList) -> None:
        """Lay one more layer over the settings; problems name its lines."""
        self.root = self._merged(self.root, layer, (), found)

    def _merged(self, below: Entry, above: Entry, path: Path, found: ProblemList) -> Entry:
        if _names_positions(below, above):
            children = self._merged(Entry(below.children, below.origin), above, path, found)
            return Entry(tuple(children.children.values()), below.origin)
        if above.action == "replace" or not (
            isinstance(above.value, dict) and isinstance(below.value, dict)
        ):
            return Entry(settled(above, path, found).value, above.origin)
        merged = dict(below.value)
        for key, entry in above.value.items():
            where = (*path, key)
            if entry.action == "remove":
                if key not in merged:
                    found.add(
                        f"there is nothing to remove; {did_you_mean(key, merged)}",
                        source=entry.origin.source,
                        place=entry.origin.place,
                        key=".".join(where),
                    )
                merged.pop(key, None)
                self.removed[where] = entry.origin.by
            elif key in merged:
                merged[key] = self._merged(merged[key], entry, where, found)
            else:
                merged[key] = settled(entry, where, found)
        # A section that does not hold together is the doing of who touched it last.
        return Entry(merged, above.origin)


def _names_positions(below: Entry, above: Entry) -> bool:
    """Whether a layer sets entries of a list by position, as in ``data.units.0.path``."""
    return (
        isinstance(below.value, tuple)
        and isinstance(above.value, dict)
        and bool(above.value)
        and all(key in below.children for key in above.value)
    )


def settled(entry: Entry, path: Path, found: ProblemList) -> Entry:
    """Return an entry that stands on nothing: there is nothing for it to remove."""
    if entry.action == "remove":
        found.add(
            "there is nothing to remove",
            source=entry.origin.source,
            place=entry.origin.place,
            key=".".join(path),
        )
    value = entry.value
    if isinstance(value, dict):
        value = {key: settled(child, (*path, key), found) for key, child in value.items()}
    elif isinstance(value, tuple):
        value = tuple(settled(c, (*path, str(n)), found) for n, c in enumerate(value))
    return Entry(value, entry.origin)


def find_conflicts(
    layers: Sequence[tuple[str, Entry]],
    wins: Sequence[str],
    scenario: str,
    place: Origin,
    found: ProblemList,
) -> None:
    """Name pairs of overrides that set the same key while neither is said to win."""
    for position, (first, below) in enumerate(layers):
        for second, above in layers[position + 1 :]:
            if first in wins or second in wins:
                continue
            for path, one, other in _overlaps(below, above):
                found.add(
                    f"scenario {scenario!r}: the overrides {first!r} ({one.origin.place}) and "
                    f"{second!r} ({other.origin.place}) both set this; say which one "
                    f"wins: {{overrides: [{first}, {second}], wins: {second}}}",
                    source=place.source,
                    place=place.place,
                    key=".".join(path),
                )


def _overlaps(below: Entry, above: Entry) -> list[tuple[Path, Entry, Entry]]:
    ours = dict(below.leaves())
    overlaps = []
    for path, entry in above.leaves():
        for other, theirs in ours.items():
            shorter = min(len(path), len(other))
            if path[:shorter] == other[:shorter]:
                overlaps.append((max(path, other, key=len), theirs, entry))
    return overlaps


def order_of_application(names: Sequence[str], wins: Sequence[str]) -> list[str]:
    """Return overrides with the winners last, the first winner last of all.

    >>> order_of_application(["a", "b", "c"], ["b", "a"])
    ['c', 'a', 'b']
    """
    losers = [name for name in names if name not in wins]
    return losers + [name for name in reversed(wins) if name in names]


def layer_of_settings(settings: Iterable[tuple[str, Entry]], origin: Origin) -> list[Entry]:
    """Turn dotted paths and values into layers to be laid one after the other."""
    layers = []
    for path, entry in settings:
        layer = entry
        for key in reversed(path.split(".")):
            layer = Entry({key: layer}, origin)
        layers.append(layer)
    return layers


def parse_settings(settings: Iterable[str], found: ProblemList) -> list[tuple[str, Entry]]:
    """Parse ``PATH=VALUE`` arguments of the command line."""
    origin = Origin("--set", 0, COMMAND_LINE)
    parsed = []
    for setting in settings:
        path, sign, text = setting.partition("=")
        if not sign or not path or not all(path.split(".")):
            found.add("is written PATH=VALUE, say limits.work=2", source="--set", value=setting)
            continue
        with found.collecting():
            parsed.append((path.strip(), parse_value(text, origin)))
    return parsed
