"""Quotas: index methods, exact allocation, conflicts named, and the build-up of each quota."""

from .adjustment import Adjustment, adjust_quotas
from .allocate import Allocation, Stage, allocate
from .backtest import BackTest, back_test
from .conflicts import Conflict
from .index import METHODS
from .local import in_local_currency
from .model import Work
from .overlays import OverlayLedger, overlay_ledger
from .relaxation import Relaxation
from .result import QuotaResult
from .setting import set_quotas

__all__ = [
    "METHODS",
    "Adjustment",
    "Allocation",
    "BackTest",
    "Conflict",
    "OverlayLedger",
    "QuotaResult",
    "Relaxation",
    "Stage",
    "Work",
    "adjust_quotas",
    "allocate",
    "back_test",
    "in_local_currency",
    "overlay_ledger",
    "set_quotas",
]
