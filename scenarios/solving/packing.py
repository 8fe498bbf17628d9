"""Tasks and results as bytes, for another process or another machine."""

from __future__ import annotations

import io
import pickle
from types import MappingProxyType
from typing import Any


def packed(value: object) -> bytes:
    """Pack an object, read-only mappings included."""
    buffer = io.BytesIO()
    _Packer(buffer, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def unpacked(content: bytes) -> Any:
    """Unpack what :func:`packed` made; only for bytes of processes that we started or trust."""
    return pickle.loads(content)  # noqa: S301


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


class _Packer(pickle.Pickler):
    """Packs read-only mappings, which pickle does not do by itself."""

    def reducer_override(self, value: object) -> Any:
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented
