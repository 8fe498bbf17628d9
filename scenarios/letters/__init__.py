"""Letters about quotas: one to each rep and manager, holding nobody else's figures."""

from .collecting import collect_letters, quota_letters
from .facts import Letter
from .rendering import render_letter
from .writing import write_letters

__all__ = ["Letter", "collect_letters", "quota_letters", "render_letter", "write_letters"]
