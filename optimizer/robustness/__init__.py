"""How plans stand up to a market, roads and a staff that turn out otherwise than planned."""

from .choosing import problem_for_samples
from .futures import FutureDraws, Futures
from .measuring import FutureFigures, measure_under
from .spread import Orphans, Spread
from .standing import PlanInFutures

__all__ = [
    "FutureDraws",
    "FutureFigures",
    "Futures",
    "Orphans",
    "PlanInFutures",
    "Spread",
    "measure_under",
    "problem_for_samples",
]
