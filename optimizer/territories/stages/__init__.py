"""The stages of an objective in strict order, each by the means that suit its size."""

from .effort import SMALL, Commission
from .order import StrictOrder

__all__ = ["SMALL", "Commission", "StrictOrder"]
