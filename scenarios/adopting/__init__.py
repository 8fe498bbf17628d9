"""The way back from a spreadsheet: a run's assignments as somebody changed them by hand."""

from .adoption import Adopted, adopt
from .record import HandPlan, hand_plans

__all__ = ["Adopted", "HandPlan", "adopt", "hand_plans"]
