"""How it is decided: travel, territories, quotas."""

from .quotas import set_quotas
from .session import PlanningSession, Rebalanced
from .territories.result import Progress, StageResult, TerritoryResult
from .territories.solve import solve_territories

__all__ = [
    "PlanningSession",
    "Progress",
    "Rebalanced",
    "StageResult",
    "TerritoryResult",
    "set_quotas",
    "solve_territories",
]
