"""From data frames to a frozen problem."""

from .problem import build_problem

__all__ = ["build_problem"]
