"""The bound by prices: a price per owner and measure, and every item picks its cheapest owner."""

from __future__ import annotations

from .bound import PriceResult, price_bound
from .branching import BranchResult, branch_bound, worthwhile_passes

__all__ = ["BranchResult", "PriceResult", "branch_bound", "price_bound", "worthwhile_passes"]
