"""A plan in memory that a planner changes by hand, with figures at once."""

from .session import PlanningSession, Rebalanced

__all__ = ["PlanningSession", "Rebalanced"]
