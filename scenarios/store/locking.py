"""One command at a time writes to a folder; a command that was killed blocks nobody."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ...models.errors import BadInput, InputProblem
from .shelf import SHELF, write_whole

_LOCK, _HOLDER = "running.lock", "running.json"
#: How often somebody else may tidy up just as we come.
_TRIES = 10


@contextmanager
def in_use(folder: Path, command: str) -> Iterator[None]:
    """Keep other commands from writing to a folder until this one has done.

    The operating system holds the lock and lets go of it when the process ends,
    however it ends, so that no lock is ever left over. Who holds it is a note beside
    it, for the message.

    Parameters
    ----------
    command
        What is being done, ``teig run``.

    Raises
    ------
    BadInput
        When another command holds the folder.
    """
    place = folder / SHELF
    # Whichever thread acquired it, another one may let go of it.
    lock = FileLock(place / _LOCK, timeout=0, thread_local=False)
    try:
        _acquired(lock, place)
    except (Timeout, FileNotFoundError):
        raise BadInput([_held(folder)]) from None
    try:
        write_whole(place / _HOLDER, json.dumps(_self(command)) + "\n")
        yield
    finally:
        (place / _HOLDER).unlink(missing_ok=True)
        # Whoever opened this file meanwhile sees that it has no name any more, and fails.
        with suppress(OSError):
            (place / _LOCK).unlink(missing_ok=True)
        lock.release()
        with suppress(OSError):
            place.rmdir()


def _acquired(lock: FileLock, place: Path) -> None:
    """Acquire a lock, also where somebody who leaves takes the empty folder away meanwhile."""
    for _ in range(_TRIES):
        # Either may be gone between two looks at it: the folder, or what is in its way.
        with suppress(FileNotFoundError, FileExistsError):
            place.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            return
    place.mkdir(parents=True, exist_ok=True)
    lock.acquire()


def holds_a_lock_alone(folder: Path) -> bool:
    """Whether somebody who was killed, or is at work, has put nothing but a lock there."""
    names = {entry.name for entry in folder.iterdir()}
    if names != {SHELF}:
        return False
    return {entry.name for entry in (folder / SHELF).iterdir()} <= {_LOCK, _HOLDER}


def _self(command: str) -> dict[str, object]:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    return {"command": command, "process": os.getpid(), "host": socket.gethostname(), "at": since}


def _held(folder: Path) -> InputProblem:
    try:
        who = json.loads((folder / SHELF / _HOLDER).read_text(encoding="utf-8"))
        by = f"{who['command']}, process {who['process']} on {who['host']} since {who['at']}"
    except (OSError, ValueError, KeyError, TypeError):
        by = "another command of teig"
    message = f"{by} is writing to this folder; wait for it, or name another one"
    return InputProblem(str(folder), "", "", "", message)
