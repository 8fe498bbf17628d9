"""Why there is no plan, by name, and what stands out in one."""

from .conflict import broken_texts, conflicting_rules, describe
from .cornered import Cornered, cornered_items
from .demands import Demand, demands_of
from .infeasible import WORK_PER_SOLVE, Amount, Conflict, amount_of, smallest_conflict, status_of
from .loosening import Loosening
from .obstacles import Obstacle, find_obstacles, oversized_units
from .relaxing import Relaxation, smallest_relaxation, with_changes

__all__ = [
    "WORK_PER_SOLVE",
    "Amount",
    "Conflict",
    "Cornered",
    "Demand",
    "Loosening",
    "Obstacle",
    "Relaxation",
    "amount_of",
    "broken_texts",
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
