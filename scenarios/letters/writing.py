"""Writes letters: one page for each recipient, and a list of which file is whose."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

from .facts import Letter
from .rendering import render_letter
from .workbook import write_letter_book

#: Folder below a scenario's.
FOLDER = "letters"
#: Which file is whose; no figures.
LIST = "letters.csv"


def write_letters(letters: Sequence[Letter], folder: Path) -> None:
    """Write ``<id>.html`` and ``<id>.xlsx`` for each letter, and ``letters.csv``."""
    if not letters:
        return
    folder.mkdir(parents=True, exist_ok=True)
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["recipient", "role", "language", "file", "workbook"])
    for letter, name in zip(letters, file_names(letters), strict=True):
        page, book = f"{name}.html", f"{name}.xlsx"
        (folder / page).write_bytes(render_letter(letter).encode("utf-8"))
        write_letter_book(letter, folder / book)
        rows.writerow([letter.recipient, str(letter.role), letter.language, page, book])
    (folder / LIST).write_bytes(table.getvalue().encode("utf-8"))


def file_names(letters: Sequence[Letter]) -> list[str]:
    """A name for each letter's files."""
    return safe_names([letter.recipient for letter in letters])


def safe_names(ids: Sequence[str]) -> list[str]:
    """Ids made safe for the names of files, told apart where two become alike."""
    names: list[str] = []
    taken: set[str] = set()
    for each in ids:
        stem = re.sub(r"[^\w.-]", "_", each).strip(".") or "_"
        name, number = stem, 2
        while name.lower() in taken:
            name, number = f"{stem}-{number}", number + 1
        taken.add(name.lower())
        names.append(name)
    return names
