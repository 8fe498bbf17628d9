"""A scenario file as read: values that know the file, the line and the override they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Path = tuple[str, ...]
Action = Literal["merge", "replace", "remove"]


@dataclass(frozen=True)
class Origin:
    """Where a value was set.

    Parameters
    ----------
    by
        Name of the override, ``set`` or ``--set``; empty for the base.
    """

    source: str
    line: int
    by: str = ""

    @property
    def place(self) -> str:
        """The line for people; empty where a value stands in no file."""
        return f"line {self.line}" if self.line else ""


class WrittenInt(int):
    """A whole number that remembers how it was written: as an id, ``0301`` is not 301."""

    text: str

    def __new__(cls, value: int, text: str) -> Self:
        """Make a number from its value and its text."""
        number = super().__new__(cls, value)
        number.text = text
        return number


class WrittenFloat(float):
    """A number that remembers how it was written."""

    text: str

    def __new__(cls, value: float, text: str) -> Self:
        """Make a number from its value and its text."""
        number = super().__new__(cls, value)
        number.text = text
        return number


Scalar = None | bool | int | float | str


@dataclass(frozen=True)
class Entry:
    """A value of a scenario file with its origin.

    Parameters
    ----------
    value
        A scalar, a tuple of entries or a mapping of entries.
    action
        What it does to the value below it: ``merge`` (mappings key by key, anything
        else takes its place), ``replace`` (also a mapping takes its place) or ``remove``.
    """

    value: Scalar | tuple[Entry, ...] | dict[str, Entry]
    origin: Origin
    action: Action = "merge"

    @property
    def children(self) -> dict[str, Entry]:
        """Entries of a mapping by key, of a list by position; empty for a scalar."""
        if isinstance(self.value, dict):
            return self.value
        if isinstance(self.value, tuple):
            return {str(position): entry for position, entry in enumerate(self.value)}
        return {}

    def plain(self) -> Any:
        """Return the value as plain dictionaries, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, tuple):
            return [entry.plain() for entry in self.value]
        return self.value

    def nearest(self, path: Path) -> Entry:
        """Return the entry at a path, or the nearest one above it."""
        found = self
        for key in path:
            child = found.children.get(key)
            if child is None:
                break
            found = child
        return found

    def get(self, path: Path) -> Entry | None:
        """Return the entry at a path, if there is one."""
        found: Entry | None = self
        for key in path:
            found = found.children.get(key) if found is not None else None
        return found

    def leaves(self, path: Path = ()) -> Iterator[tuple[Path, Entry]]:
        """Paths that the entry sets: scalars, lists, and what it replaces or removes."""
        if isinstance(self.value, dict) and self.action == "merge" and self.value:
            for key, entry in self.value.items():
                yield from entry.leaves((*path, key))
        else:
            yield path, self

    def by(self, name: str) -> Entry:
        """Return a copy that names the override it belongs to."""
        origin = Origin(self.origin.source, self.origin.line, name)
        value = self.value
        if isinstance(value, dict):
            value = {key: entry.by(name) for key, entry in value.items()}
        elif isinstance(value, tuple):
            value = tuple(entry.by(name) for entry in value)
        return Entry(value, origin, self.action)


@dataclass(frozen=True)
class Document:
    """A scenario file: its entries and the name that messages give it."""

    root: Entry
    source: str
    digest: str = field(default="")
