"""Campaigns of a scenario: what they bring and cost, and when their work falls."""

from .checking import campaign_problems
from .effects import Effect, effects_of

__all__ = ["Effect", "campaign_problems", "effects_of"]
