"""Where a run came from, kept in its folder so that later commands can solve again."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from ...models.errors import BadInput, InputProblem
from .shelf import SHELF, write_whole

_ORIGIN = "origin.json"


@dataclass(frozen=True)
class Origin:
    """The scenario file of a run, and what the command line said beside it.

    Parameters
    ----------
    settings
        ``PATH=VALUE`` of ``--set``.
    work, seconds
        Of ``--work`` and ``--limit``; None for the scenarios' own.
    """

    file: Path
    settings: tuple[str, ...]
    work: float | None
    seconds: float | None


def remember_origin(folder: Path, origin: Origin) -> None:
    """Write down where a run comes from; the file by its way from the folder."""
    try:
        way = Path(os.path.relpath(origin.file, folder)).as_posix()
    except ValueError:  # on another drive
        way = origin.file.resolve().as_posix()
    content = {
        "file": way,
        "settings": list(origin.settings),
        "work": origin.work,
        "seconds": origin.seconds,
    }
    (folder / SHELF).mkdir(parents=True, exist_ok=True)
    write_whole(folder / SHELF / _ORIGIN, json.dumps(content, ensure_ascii=False) + "\n")


def origin_of(folder: Path, file: Path | None = None) -> Origin:
    """Read where a run came from.

    Parameters
    ----------
    file
        The scenario file, where it is not any more where it was.

    Raises
    ------
    BadInput
        When the folder does not say.
    """
    try:
        content = json.loads((folder / SHELF / _ORIGIN).read_text(encoding="utf-8"))
        known = Origin(
            Path(os.path.normpath(folder / content["file"])),
            tuple(map(str, content["settings"])),
            content["work"],
            content["seconds"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        if file is not None:
            return Origin(file, (), None, None)
        message = "this is no folder that `teig run` wrote, or it was tidied up; name the file"
        problem = InputProblem("DIR", "", "", str(folder), f"{message} with --file")
        raise BadInput([problem]) from None
    return known if file is None else Origin(file, known.settings, known.work, known.seconds)
