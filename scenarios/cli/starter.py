"""The starter folder of ``teig new``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from ...models.errors import BadInput, InputProblem

SCENARIO_FILE = "scenario.yaml"


def copy_starter(folder: Path) -> Path:
    """Copy the starter into a new or empty folder and return its scenario file.

    Raises
    ------
    BadInput
        When the folder has contents.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = "there is something here already; name a new folder"
        raise BadInput([InputProblem(str(folder), "", "", "", message)])
    folder.mkdir(parents=True, exist_ok=True)
    source = files(__package__) / "starter_files"
    for entry in sorted(source.iterdir(), key=lambda each: each.name):
        if entry.is_file():
            (folder / entry.name).write_bytes(entry.read_bytes())
    return folder / SCENARIO_FILE
