"""Which files code that is compiled and kept on disk depends on."""

from __future__ import annotations

import hashlib
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

_OPTIMIZER = __name__.rpartition(".")[0].rpartition(".")[0]
_IMPORT = re.compile(r"^from (\.+)([\w.]*) import (\([^)]*\)|.*)$", re.MULTILINE)


def stamped(dispatcher: Any) -> Any:
    """Let cached code go stale with any module that its own builds on.

    numba looks at the function's own file alone: where a function that it calls is
    changed in another file, or a tuple's fields are, it would go on with the old code
    and read and write where nothing is any more.
    """
    kept = getattr(getattr(dispatcher, "_cache", None), "_cache_file", None)
    if kept is not None:
        sources = source_files(dispatcher.py_func.__module__)
        texts = (_digest(path) for path in sources)
        kept._source_stamp = (kept._source_stamp, *texts)  # noqa: SLF001 - numba has no other way
    return dispatcher


def source_files(name: str) -> tuple[Path, ...]:
    """Files of the optimizer that a module imports, its own included, all the way, sorted."""
    file = Path(str(sys.modules[name].__file__))
    package = file.name == "__init__.py"
    root = file.parents[name.count(".") + package]
    found: dict[str, Path] = {}
    open_ones = [name]
    while open_ones:
        each = open_ones.pop()
        base = root.joinpath(*each.split("."))
        path = base.with_suffix(".py") if not base.is_dir() else base / "__init__.py"
        if each not in found and each.startswith(_OPTIMIZER) and path.is_file():
            found[each] = path
            open_ones += _imported(each, path)
    return tuple(sorted(found.values()))


@cache
def _imported(name: str, path: Path) -> tuple[str, ...]:
    """What the text of a module may import relatively."""
    found = []
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for dots, base, words in _IMPORT.findall(path.read_text(encoding="utf-8")):
        parts = package.split(".")
        home = ".".join([*parts[: len(parts) - len(dots) + 1], *filter(None, [base])])
        found += [home, *(f"{home}.{word}" for word in re.findall(r"\w+", words))]
    return tuple(found)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
