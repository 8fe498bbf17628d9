"""Versions of what decides a result, for the record."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

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


@cache
def code_digest(folders: tuple[str, ...] = ("models", "optimizer")) -> str:
    """SHA-256 over teig's own code that a result depends on: models and optimizer.

    A version number stays the same while somebody changes a rule of their own.
    """
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
