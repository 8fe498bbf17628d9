"""Why there is no plan, by name, and what stands out in one."""

from .conflict import conflicting_rules, describe
from .cornered import Cornered, cornered_items
from .demands import Demand, demands_of
from .infeasible import Amount, Conflict, amount_of, smallest_conflict, status_of
from .obstacles import Obstacle, find_obstacles, oversized_units
from .relaxing import Loosening, Relaxation, smallest_relaxation, with_changes

__all__ = [
    "Amount",
    "Conflict",
    "Cornered",
    "Demand",
    "Loosening",
    "Obstacle",
    "Relaxation",
    "amount_of",
    "conflicting_rules",
    "cornered_items",
    "demands_of",
    "describe",
    "find_obstacles",
    "oversized_units",
    "smallest_conflict",
    "smallest_relaxation",
    "status_of",
    "with_changes",
]
