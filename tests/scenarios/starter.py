"""The starter folder of ``teig new``, and ways to break it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from teig.scenarios.cli.starter import copy_starter

Break = Callable[[Path], None]


def starter(folder: Path) -> Path:
    """Make a starter folder and return its scenario file."""
    return copy_starter(folder)


def replaced(name: str, old: str, new: str) -> Break:
    """Replace a text that stands in a file, once."""

    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} does not hold {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def yaml(old: str, new: str) -> Break:
    """Replace a text of the scenario file."""
    return replaced("scenario.yaml", old, new)


def line_added(name: str, line: str) -> Break:
    """Add a line at the end of a file."""

    def change(folder: Path) -> None:
        with (folder / name).open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")

    return change


def column_added(name: str, column: str, first: str, others: str = "") -> Break:
    """Add a column with a value in the first row and another in the others."""

    def change(folder: Path) -> None:
        path = folder / name
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        changed = [f"{header},{column}", f"{rows[0]},{first}"]
        changed += [f"{row},{others}" for row in rows[1:]]
        path.write_text("\n".join(changed) + "\n", encoding="utf-8")

    return change


def written(name: str, content: str, encoding: str = "utf-8") -> Break:
    """Write a file."""

    def change(folder: Path) -> None:
        (folder / name).write_text(content, encoding=encoding)

    return change


def both(*changes: Break) -> Break:
    """Make several changes."""

    def change(folder: Path) -> None:
        for each in changes:
            each(folder)

    return change
