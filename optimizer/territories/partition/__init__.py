"""Territories without a base: the units dealt into p parts that are all alike."""

from __future__ import annotations

from .model import PartitionModel
from .solve import PartitionResult, solve_partition

__all__ = ["PartitionModel", "PartitionResult", "solve_partition"]
