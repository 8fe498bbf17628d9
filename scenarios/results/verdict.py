"""Which of two scenarios is better."""

from __future__ import annotations

from dataclasses import dataclass

#: What the reason of a verdict begins with where two scenarios cannot be judged.
NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True)
class Verdict:
    """Which of two scenarios is better, and whether that is proven.

    Parameters
    ----------
    criterion
        What was compared: ``objective`` or ``contribution``.
    winner
        Name of the better scenario; None where they are not distinguishable or
        not comparable.
    reason
        One sentence for people.
    """

    first: str
    second: str
    criterion: str
    winner: str | None
    reason: str

    @property
    def comparable(self) -> bool:
        """Whether the two could be judged at all."""
        return not self.reason.startswith(NOT_COMPARABLE)
