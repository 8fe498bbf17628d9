"""From a plan to the next quarter: new data, the plan as today's alignment, what differs."""

from .differences import DIFFERENCES
from .rolling import Rolled, next_period, roll

__all__ = ["DIFFERENCES", "Rolled", "next_period", "roll"]
