"""What quotas are set on: index, history and relief of every cell, from the owners' columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from .columns import Columns


@dataclass(frozen=True, eq=False)
class Basis:
    """Arrays over (leaves, products, periods), money in minor units.

    Parameters
    ----------
    parts
        Named parts of the raw index, before absence.
    history
        What was sold, after absence.
    availability, presence, productivity
        Shares, (leaves, periods): part time, days that somebody is there, and the ramp
        on those days.
    fixed_shares
        By leaf, the share of what its parent hands down.
    """

    parts: Mapping[str, FloatArray]
    history: FloatArray
    availability: FloatArray
    presence: FloatArray
    productivity: FloatArray
    fixed_shares: Mapping[int, Any]

    @property
    def raw_index(self) -> FloatArray:
        """Sum of the parts, after absence."""
        return np.asarray(sum(self.parts.values())) * self.availability[:, None, :]

    @property
    def relieved_history(self) -> FloatArray:
        """What was sold, after absence and ramp."""
        return np.asarray(self.history * self.productivity[:, None, :])


def read_basis(
    reader: Columns,
    method: str,
    parameters: Mapping[str, Any],
    total: float,
    minor_units: int,
    *,
    presence: pd.DataFrame | None,
    ramp: pd.DataFrame | None,
) -> Basis:
    """Read the index by a method, and who is there and how productive.

    Parameters
    ----------
    total
        Money to deal out.

    Raises
    ------
    BadInput
        With everything that is wrong so far.
    """
    parts = reader.parts(method, parameters, total)
    availability = reader.by_period("availability", None, "availability")
    there = reader.by_period("presence", presence, "presence")
    productivity = there * reader.by_period("productivity", ramp, "ramp")
    shares = reader.fixed_shares()
    reader.found.raise_any()
    return Basis(
        parts={name: part * minor_units for name, part in parts.items()},
        history=reader.history() * minor_units * availability[:, None, :],
        availability=availability,
        presence=there,
        productivity=productivity,
        fixed_shares=shares,
    )
