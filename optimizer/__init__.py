"""How it is decided: travel, territories, quotas."""

from .quotas import set_quotas
from .territories.result import Progress, StageResult, TerritoryResult
from .territories.solve import solve_territories

__all__ = ["Progress", "StageResult", "TerritoryResult", "set_quotas", "solve_territories"]
