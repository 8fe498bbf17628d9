"""Quotas: index methods, exact allocation, conflicts named, and the build-up of each quota."""

from .allocate import Allocation, Stage, allocate
from .conflicts import Conflict
from .index import METHODS
from .model import Work
from .relaxation import Relaxation
from .result import QuotaResult
from .setting import set_quotas

__all__ = [
    "METHODS",
    "Allocation",
    "Conflict",
    "QuotaResult",
    "Relaxation",
    "Stage",
    "Work",
    "allocate",
    "set_quotas",
]
