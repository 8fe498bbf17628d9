"""Quotas: index methods, exact allocation, conflicts named, and the build-up of each quota."""

from .adjustment import Adjustment, adjust_quotas
from .allocate import Allocation, Stage, allocate
from .backtest import BackTest, back_test
from .conflicts import Conflict
from .index import METHODS
from .model import Work
from .relaxation import Relaxation
from .result import QuotaResult
from .setting import set_quotas

__all__ = [
    "METHODS",
    "Adjustment",
    "Allocation",
    "BackTest",
    "Conflict",
    "QuotaResult",
    "Relaxation",
    "Stage",
    "Work",
    "adjust_quotas",
    "allocate",
    "back_test",
    "set_quotas",
]
