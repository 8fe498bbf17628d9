"""Outputs for readers beyond the planning team: a run without what only planners may see."""

from .redacting import shared_result
from .writing import share

__all__ = ["share", "shared_result"]
