"""What changes hands, and why: reasons read from the figures, never made up.

A plan is the result of all units together, so no single figure *is* the reason for
a move. What can be said honestly is what stands against leaving the unit where it
is: the incumbent is gone, serves another team, lacks a skill, was or would be above
the hours, would break a named rule; and what speaks for the new owner: it is nearer.
Where nothing of that holds the list says so.
"""

from .listing import Move, hands_of, list_moves
from .reasons import NO_SINGLE_CAUSE

__all__ = ["NO_SINGLE_CAUSE", "Move", "hands_of", "list_moves"]
