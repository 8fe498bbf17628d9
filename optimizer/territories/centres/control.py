"""When a search ends, and what it has done so far."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ....models.arrays import IndexArray
from ..result import Told


@dataclass
class Control:
    """Limits of a search and the count of its work.

    Parameters
    ----------
    work
        Pairs priced at most, in millions; the same on every machine.
    seconds
        Wall clock at most; results may then differ from run to run.
    stop
        Asked now and then; True ends the search.
    told
        Told of progress, with the centre of each unit in the best plan, (n,).
    """

    work: float | None = None
    seconds: float | None = None
    stop: Callable[[], bool] | None = None
    told: Told | None = None
    began: float = field(default_factory=time.monotonic)
    pairs: float = 0.0
    nodes: int = 0
    leaves: int = 0
    programs: int = 0

    def ended_by(self) -> str | None:
        """``work``, ``time`` or ``interrupted`` where the search has to end."""
        if self.work is not None and self.pairs >= self.work:
            return "work"
        if self.seconds is not None and time.monotonic() - self.began >= self.seconds:
            return "time"
        if self.stop is not None and self.stop():
            return "interrupted"
        return None

    def seconds_left(self) -> float | None:
        """Wall clock that is left, None without a limit."""
        if self.seconds is None:
            return None
        return max(0.1, self.seconds - (time.monotonic() - self.began))

    def part(self, work: float, seconds: float | None = None) -> Control:
        """Limits for a part of the search, within these."""
        left = [s for s in (seconds, self.seconds_left()) if s is not None]
        if self.work is not None:
            work = min(work, self.work - self.pairs)
        return Control(work, min(left) if left else None, self.stop)

    def add(self, part: Control) -> None:
        """Count the work of a part."""
        self.pairs += part.pairs
        self.nodes += part.nodes
        self.leaves += part.leaves
        self.programs += part.programs

    def tell(
        self,
        what: str,
        best: float | None,
        bound: float | None,
        centres: IndexArray | None = None,
    ) -> None:
        """Let the listener know."""
        if self.told is not None:
            self.told(what, best, bound, centres)

    def counts(self) -> dict[str, float]:
        """Work done."""
        return {
            "million_pairs": round(self.pairs, 3),
            "nodes": self.nodes,
            "leaves": self.leaves,
            "integer_programs": self.programs,
        }
