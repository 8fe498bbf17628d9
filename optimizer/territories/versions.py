"""Versions of what a plan depends on."""

from __future__ import annotations

import importlib.metadata


def versions() -> dict[str, str]:
    """Versions of what a plan depends on."""
    found = {}
    for name in ("teig", "ortools", "numba", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found[name] = "unknown"
    return found
