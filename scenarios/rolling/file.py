"""A scenario file under change: its comments, order and quotes stay as the planner wrote them."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ...models.errors import BadInput, InputProblem
from ..files.overrides import order_of_application
from ..files.resolve import OVERRIDES, SCENARIOS
from ..files.sections.data import NEIGHBOUR_WORDS
from ..sources import ROLES

_REMOVE, _REPLACE = "!remove", "!replace"
_DASH = re.compile(r"^( *)[^\s#-][^\n]*:[^\n]*\n( *)- ", re.MULTILINE)
_WIDTH = 100
#: Where a long mapping in braces goes on in the next line.
_LOOSE_ENDS = re.compile(r", +$", re.MULTILINE)


class ScenarioText:
    """The text of a scenario file as a tree that can be changed and written again."""

    def __init__(self, text: str) -> None:
        self.yaml = YAML()
        self.yaml.preserve_quotes = True
        self.yaml.width = max(_WIDTH, *(len(line) + 1 for line in text.splitlines() or [""]))
        offsets = [len(m[2]) - len(m[1]) for m in _DASH.finditer(text)]
        offset = 2 if any(offsets) else 0
        self.yaml.indent(mapping=2, sequence=offset + 2, offset=offset)
        self.root: CommentedMap = self.yaml.load(text) or CommentedMap()

    def text(self) -> str:
        """The file as it stands now."""
        stream = io.StringIO()
        self.yaml.dump(self.root, stream)
        return _LOOSE_ENDS.sub(",", stream.getvalue())

    def set(self, path: str, value: Any) -> None:
        """Set a value at a dotted path of the base; sections on the way are made."""
        *way, last = path.split(".")
        node: Any = self.root
        for key in way:
            if isinstance(node, list):
                node = node[int(key)]
                continue
            if not isinstance(node.get(key), dict | list):
                node[key] = CommentedMap()
            node = node[key]
        node[int(last) if isinstance(node, list) else last] = value

    def set_text(self, setting: str) -> None:
        """Set what a ``PATH=VALUE`` says.

        Raises
        ------
        BadInput
            When there is no such place in the file.
        """
        path, _, value = setting.partition("=")
        try:
            self.set(path.strip(), YAML().load(value))
        except (AttributeError, IndexError, TypeError, ValueError):
            message = "the scenario file has no such place"
            raise BadInput([InputProblem("--set", "", "", setting, message)]) from None

    def remove(self, path: str) -> None:
        """Take a setting of the base away; its section too where nothing is left of it."""
        *way, last = path.split(".")
        # A control total's own name holds a point: units.sales.
        section: Any = self.root.get(way[0]) if way else self.root
        name = ".".join([*way[1:], last]) if way else last
        if isinstance(section, dict):
            section.pop(name, None)
            if way and not section:
                self.root.pop(way[0])

    @property
    def scenarios(self) -> list[str]:
        """Names of the file's scenarios."""
        return [str(name) for name in self.root.get(SCENARIOS) or ()]

    def tables(self) -> Iterator[tuple[str, Any, Any, str]]:
        """Tables of the base and of all overrides: role, where its path stands, key, path.

        ``holder[key]`` is the path, to be read and set.
        """
        layers = [("", self.root)]
        layers += [(str(n), each) for n, each in (self.root.get(OVERRIDES) or {}).items()]
        for name, layer in layers:
            if isinstance(layer, dict):
                yield from self._tables_of(name, layer)

    @staticmethod
    def _tables_of(name: str, layer: Any) -> Iterator[tuple[str, Any, Any, str]]:
        data = layer.get("data")
        for role in ROLES if isinstance(data, dict) else ():
            given = data.get(role)
            several = isinstance(given, list)
            for position, entry in enumerate(given if several else [given]):
                holder, key = (given, position) if several else (data, role)
                if isinstance(entry, dict) and isinstance(entry.get("path"), str):
                    holder, key = entry, "path"
                elif not isinstance(entry, str) or entry in NEIGHBOUR_WORDS:
                    continue
                yield (f"{name}:{role}" if name else role), holder, key, str(holder[key])
        teams = (layer.get("structure") or {}) if isinstance(layer.get("structure"), dict) else {}
        for team in (teams.get("teams") or {}).values():
            graph = team.get("neighbours") if isinstance(team, dict) else None
            if isinstance(graph, dict) and isinstance(graph.get("path"), str):
                yield f"{name}:neighbours", graph, "path", str(graph["path"])

    def fold(self, scenario: str) -> tuple[str, ...]:
        """Make a scenario the base: its overrides and settings go into it, for good.

        Other scenarios no longer name these overrides: they start from the new base.

        Returns
        -------
        Overrides that were folded.
        """
        choices = self.root.get(SCENARIOS) or CommentedMap()
        choice = choices.get(scenario)
        names = _names_of(choice)
        wins = _texts(choice.get("wins")) if isinstance(choice, dict) else []
        own = dict(choice.get("set") or {}) if isinstance(choice, dict) else {}
        overrides = self.root.get(OVERRIDES) or CommentedMap()
        for name in order_of_application(list(dict.fromkeys(names)), wins):
            _lay(self.root, overrides[name])
        for path, value in own.items():
            self.set(str(path), copy.deepcopy(value))
        for name in names:
            overrides.pop(name, None)
        if not overrides:
            self.root.pop(OVERRIDES, None)
        for other in list(choices):
            choices[other] = _without(choices[other], set(names), own=other == scenario)
        return tuple(names)

    def drop_scenario(self, name: str) -> None:
        """Take a scenario away, and overrides that no other one names."""
        choices = self.root.get(SCENARIOS) or CommentedMap()
        gone = set(_names_of(choices.pop(name, None)))
        kept = {each for choice in choices.values() for each in _names_of(choice)}
        overrides = self.root.get(OVERRIDES) or CommentedMap()
        for each in gone - kept:
            overrides.pop(each, None)
        for key in (OVERRIDES, SCENARIOS):
            if key in self.root and not self.root[key]:
                self.root.pop(key)

    def only(self, scenarios: Sequence[str]) -> ScenarioText:
        """A copy with some of the scenarios and the overrides that they name."""
        other = copy.copy(self)
        other.root = copy.deepcopy(self.root)
        for name in other.scenarios:
            if name not in scenarios:
                other.drop_scenario(name)
        named = {
            each
            for choice in (other.root.get(SCENARIOS) or {}).values()
            for each in _names_of(choice)
        }
        overrides = other.root.get(OVERRIDES)
        for each in [each for each in overrides or () if each not in named]:
            overrides.pop(each)
        if overrides is not None and not overrides:
            other.root.pop(OVERRIDES)
        return other


def _names_of(choice: Any) -> list[str]:
    """Overrides that a scenario names."""
    return _texts(choice.get("overrides") if isinstance(choice, dict) else choice)


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _without(choice: Any, names: set[str], *, own: bool) -> Any:
    """A scenario that does not name some overrides any more."""
    if not isinstance(choice, dict):
        return _flow([each for each in _texts(choice) if each not in names])
    changed = copy.copy(choice)
    for key in ("overrides", "wins"):
        if key in changed:
            changed[key] = _flow([each for each in _texts(changed[key]) if each not in names])
    if not changed.get("wins", True):
        changed.pop("wins")
    if own:
        changed.pop("set", None)
    return changed


def _flow(values: Sequence[str]) -> CommentedSeq:
    found = CommentedSeq(values)
    found.fa.set_flow_style()
    return found


def _lay(below: Any, above: Any) -> None:
    """Lay an override over the base, mapping by mapping, as scenario files are merged."""
    for key, value in above.items():
        tag = _tag(value)
        known = below.get(key)
        if tag == _REMOVE:
            below.pop(key, None)
        elif _positions(known, value) and tag != _REPLACE:
            for position, entry in value.items():
                if isinstance(entry, dict) and isinstance(known[int(position)], dict):
                    _lay(known[int(position)], entry)
                else:
                    known[int(position)] = copy.deepcopy(entry)
        elif isinstance(value, dict) and isinstance(known, dict) and tag != _REPLACE:
            _lay(known, value)
        else:
            below[key] = _settled(value)


def _positions(known: Any, value: Any) -> bool:
    return (
        isinstance(known, list)
        and isinstance(value, dict)
        and bool(value)
        and all(str(key).isdigit() and int(key) < len(known) for key in value)
    )


def _settled(value: Any) -> Any:
    """A value that stands on nothing: without tags."""
    if not isinstance(value, dict):
        return copy.deepcopy(value)
    found = CommentedMap(
        (key, _settled(each)) for key, each in value.items() if _tag(each) != _REMOVE
    )
    if isinstance(value, CommentedMap) and value.fa.flow_style():
        found.fa.set_flow_style()
    return found


def _tag(value: Any) -> str:
    tag = getattr(value, "tag", None)
    return str(getattr(tag, "value", tag) or "")


def inner_path(path: str) -> str:
    """Where a table goes in the new folder: its own way below it, else its name alone.

    >>> inner_path("tables/units.csv"), inner_path("../shared/units.csv")
    ('tables/units.csv', 'units.csv')
    """
    way = PurePosixPath(path.replace("\\", "/"))
    outside = way.is_absolute() or ".." in way.parts or ":" in way.parts[0]
    return way.name if outside else way.as_posix()
