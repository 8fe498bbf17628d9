"""Hand-over lists: what each rep gives and receives, which deals stay, with whom to meet."""

from __future__ import annotations

from .collecting import collect_handovers
from .facts import Deal, Handover, Meeting, Passed
from .writing import write_handovers

__all__ = ["Deal", "Handover", "Meeting", "Passed", "collect_handovers", "write_handovers"]
