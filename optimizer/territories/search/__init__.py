"""Plans for models of any size: from prices, by compiled local search and neighbourhoods."""

from __future__ import annotations

from .improve import SearchResult, improve

__all__ = ["SearchResult", "improve"]
