"""The bound by prices: a price per owner and measure, and every item picks its cheapest owner."""

from __future__ import annotations

from .bound import PriceResult, price_bound

__all__ = ["PriceResult", "price_bound"]
