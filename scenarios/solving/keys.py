"""What a territory result depends on, as one hash."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum

import numpy as np

from ..versions import code_digest, versions
from .tasks import Task


def result_key(task: Task) -> str:
    """Hash of all that a task's result depends on, SHA-256, hexadecimal.

    The problem as it was built from settings and tables, travel included; limits, seed
    and the plan to start from; the versions of the packages that compute, and teig's
    own code. Names, notes, money and quotas of the scenario are not in it.
    """
    limits = (task.work, task.seconds, task.gap, task.seed, task.searches)
    return digest_of((task.problem, limits, task.start, versions(), code_digest()))


def digest_of(value: object) -> str:
    """Hash of plain data, arrays and dataclasses, SHA-256, hexadecimal."""
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def _parts(value: object) -> Iterator[bytes]:
    """All that a value is made of, as bytes that differ where the values do."""
    if isinstance(value, np.ndarray) and value.dtype != object:
        yield f"array {value.dtype.str} {value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield f"{type(value).__module__}.{type(value).__qualname__}".encode()
        for field in dataclasses.fields(value):
            yield field.name.encode()
            yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield f"mapping {len(value)}".encode()
        for key, entry in value.items():
            yield from _parts(key)
            yield from _parts(entry)
    elif isinstance(value, set | frozenset):
        yield f"set {len(value)}".encode()
        yield from sorted(b"".join(_parts(each)) for each in value)
    elif isinstance(value, tuple | list | range | np.ndarray):
        yield f"sequence {len(value)}".encode()
        for each in value:
            yield from _parts(each)
    elif isinstance(value, str | bytes | bool | int | float | date | Enum | np.generic | None):
        yield f"{type(value).__name__} {value!r}".encode()
    else:
        raise TypeError(f"a result's key cannot depend on a {type(value).__name__}")
