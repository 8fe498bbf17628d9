"""From data frames to a frozen problem."""

from .accounting import touched_table
from .problem import build_problem
from .units import split_large

__all__ = ["build_problem", "split_large", "touched_table"]
