"""Numpy types of the models, and arrays that nobody can change by accident."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IndexArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def frozen_floats(values: ArrayLike) -> FloatArray:
    """Return the values as a read-only array of floats."""
    return _frozen(np.asarray(values, dtype=np.float64))


def frozen_indices(values: ArrayLike) -> IndexArray:
    """Return the values as a read-only array of indices."""
    return _frozen(np.asarray(values, dtype=np.int64))


def frozen_measures(measures: Mapping[str, ArrayLike]) -> Mapping[str, FloatArray]:
    """Return named columns, sorted by name, as a read-only mapping of read-only arrays."""
    return MappingProxyType({name: frozen_floats(measures[name]) for name in sorted(measures)})
