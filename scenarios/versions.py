"""Versions of what decides a result, for the record."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("teig", "numba", "numpy", "ortools", "pandas", "scipy", "shapely")


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    found = []
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            found.append((package, "unknown"))
    return tuple(found)


def versions() -> dict[str, str]:
    """Version of teig and of the packages that its results depend on."""
    return dict(_versions())
