"""Quotas: the tree they are handed down, what they should be, what binds them, and a plan."""

from .fairness import LeanLimit, group_limits, number_limits
from .limits import Limit, LimitKind
from .plan import QuotaEvaluation, QuotaPlan, check_quotas, evaluate_quotas
from .problem import QuotaProblem, Relief
from .targets import Targets
from .tree import QuotaTree, round_half_up

__all__ = [
    "LeanLimit",
    "Limit",
    "LimitKind",
    "QuotaEvaluation",
    "QuotaPlan",
    "QuotaProblem",
    "QuotaTree",
    "Relief",
    "Targets",
    "check_quotas",
    "evaluate_quotas",
    "group_limits",
    "number_limits",
    "round_half_up",
]
