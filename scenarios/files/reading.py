"""Reads YAML into entries that keep their lines; names every problem of the text itself."""

from __future__ import annotations

import hashlib
import io
import re
from pathlib import Path as FilePath

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ...models.errors import BadInput, ProblemList
from .entries import Action, Document, Entry, Origin, Scalar, WrittenFloat, WrittenInt

_STANDARD = "tag:yaml.org,2002:"
_ACTIONS: dict[str, Action] = {"!replace": "replace", "!remove": "remove"}
_WHOLE = re.compile(r"[-+]?[0-9]+")


def read_document(path: FilePath, source: str = "") -> Document:
    """Read one scenario file.

    Raises
    ------
    BadInput
        When the file is missing, is not UTF-8, or is not YAML; all keys that stand
        twice are named at once.
    """
    source = source or path.name
    found = ProblemList(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        found.add(f"the scenario file cannot be read: {error.strerror}", value=path)
        raise BadInput(found) from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found.add(
            "a scenario file is UTF-8 text; save it with that encoding",
            place=f"line {line}",
            value=repr(content[error.start : error.start + 1])[1:].strip("'"),
        )
        raise BadInput(found) from None
    return Document(parse(text, source), source, hashlib.sha256(content).hexdigest())


def parse(text: str, source: str) -> Entry:
    """Parse YAML text into entries; see :func:`read_document`."""
    found = ProblemList(source)
    _check_tabs(text, found)
    found.raise_any()
    node = _compose(text, found)
    entry = _Converter(source, found).entry(node)
    if not isinstance(entry.value, dict):
        found.add("a scenario file is a mapping of settings", place="line 1")
    found.raise_any()
    return entry


def parse_value(text: str, origin: Origin) -> Entry:
    """Parse the value of a ``--set PATH=VALUE``: YAML on one line."""
    found = ProblemList(origin.source)
    node = _compose(text, found)
    entry = _Converter(origin.source, found, fixed_line=True).entry(node)
    found.raise_any()
    return entry.by(origin.by)


def _check_tabs(text: str, found: ProblemList) -> None:
    for number, line in enumerate(text.splitlines(), start=1):
        indent = line[: len(line) - len(line.lstrip())]
        if "\t" in indent and line.strip():
            found.add("YAML is indented with spaces, not with tabs", place=f"line {number}")


def _compose(text: str, found: ProblemList) -> Node | None:
    try:
        node: Node | None = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        place = f"line {mark.line + 1}" if mark else ""
        found.add(f"this is not YAML: {reason}", place=place)
        raise BadInput(found) from None
    return node


class _Converter:
    """Turns composed nodes into entries; problems are collected."""

    def __init__(self, source: str, found: ProblemList, *, fixed_line: bool = False) -> None:
        self.source = source
        self.found = found
        self.fixed_line = fixed_line

    def origin(self, node: Node | None) -> Origin:
        line = 0 if self.fixed_line else (node.start_mark.line + 1 if node else 1)
        return Origin(self.source, line)

    def entry(self, node: Node | None) -> Entry:
        if node is None:
            return Entry({}, self.origin(node))
        tag = str(node.tag)
        action = _ACTIONS.get(tag, "merge")
        if action == "merge" and tag.startswith("!"):
            self.found.add(
                "there are only the tags !replace and !remove",
                place=self.origin(node).place,
                value=tag,
            )
        if action == "remove":
            return Entry(None, self.origin(node), action)
        if isinstance(node, MappingNode):
            return Entry(self._mapping(node), self.origin(node), action)
        if isinstance(node, SequenceNode):
            return Entry(tuple(map(self.entry, node.value)), self.origin(node), action)
        return Entry(_scalar(node), self.origin(node), action)

    def _mapping(self, node: MappingNode) -> dict[str, Entry]:
        mapping: dict[str, Entry] = {}
        for key_node, value_node in node.value:
            place = self.origin(key_node).place
            if not isinstance(key_node, ScalarNode):
                self.found.add("a key is one word or number", place=place)
                continue
            key = str(key_node.value)
            if str(key_node.tag) == f"{_STANDARD}merge":
                self.found.add("merge keys are not read; make it an override", place=place, key=key)
                continue
            if key in mapping:
                first = mapping[key].origin.place
                self.found.add(f"stands twice, first in {first}; keep one", place=place, key=key)
                continue
            entry = self.entry(value_node)
            # Messages point at the line of the key, also where the value starts below it.
            mapping[key] = Entry(entry.value, self.origin(key_node), entry.action)
        return mapping


def _scalar(node: Node) -> Scalar:
    text = str(node.value)
    kind = str(node.tag).removeprefix(_STANDARD)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        if _WHOLE.fullmatch(text):
            return WrittenInt(int(text), text)
        return WrittenInt(int(text.replace("_", ""), 0), text)
    if kind == "float":
        word = text.lower().replace("_", "").replace(".inf", "inf").replace(".nan", "nan")
        return WrittenFloat(float(word), text)
    return text
