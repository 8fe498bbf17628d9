"""Why there is no plan, by name, and what stands out in one."""

from .conflict import conflicting_rules, describe
from .obstacles import Obstacle, find_obstacles, oversized_units

__all__ = ["Obstacle", "conflicting_rules", "describe", "find_obstacles", "oversized_units"]
