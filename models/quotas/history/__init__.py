"""What was sold: units × products × periods of any length, carried over changes of codes."""

from .crosswalk import follow_crosswalk
from .periods import Frequency, Span, plan_spans, read_period
from .records import History, read_history

__all__ = [
    "Frequency",
    "History",
    "Span",
    "follow_crosswalk",
    "plan_spans",
    "read_history",
    "read_period",
]
