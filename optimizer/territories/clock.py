"""Limits of a solve that are no part of its input: wall clock and interruption."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from .result import Listener, Progress, TerritoryResult

#: Seconds between two looks for Ctrl-C.
_POLL = 0.2


class Clock:
    """Wall clock, interruption and progress of one solve.

    Parameters
    ----------
    seconds
        For all stages together; None for no limit.
    listener
        Told of progress.
    whole
        The clock of a longer solve that this is a part of; the part ends with it.
    """

    def __init__(
        self, seconds: float | None, listener: Listener | None, whole: Clock | None = None
    ) -> None:
        self.whole = whole
        self.began = time.monotonic()
        self.limit = seconds
        self.listener = listener
        self.interrupted = False
        self.bitten = False
        self.deadline = math.inf if seconds is None else seconds

    def elapsed(self) -> float:
        """Seconds since the solve began."""
        return time.monotonic() - self.began

    def left(self) -> float | None:
        """Seconds until the limit, at least a tenth; None for no limit."""
        return None if self.limit is None else max(0.1, self.limit - self.elapsed())

    def share(self, stages_left: int) -> None:
        """Give the stage at hand its share of the time that is left."""
        if self.limit is not None:
            now = self.elapsed()
            self.deadline = now + max(0.0, self.limit - now) / max(1, stages_left)

    def stop(self) -> bool:
        """Whether to return with what there is."""
        if self.elapsed() > self.deadline:
            self.bitten = True
        if self.whole is not None and self.whole.stop():
            self.interrupted = self.interrupted or self.whole.interrupted
            self.bitten = self.bitten or self.whole.bitten
        return self.interrupted or self.bitten

    def say(self, what: str, best: float | None, bound: float | None) -> None:
        """Tell the listener, unknown values as None."""
        if self.listener is not None:
            known = [v if v is not None and math.isfinite(v) else None for v in (best, bound)]
            self.listener(Progress(what, known[0], known[1], self.elapsed()))


def interruptible(solve: Callable[[], TerritoryResult], clock: Clock) -> TerritoryResult:
    """Solve in a thread, so that Ctrl-C reaches us while compiled code runs."""
    answer: list[TerritoryResult] = []
    failure: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            answer.append(solve())
        except BaseException as error:  # raised again by the caller
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=run, name="territories", daemon=True).start()
    # An interrupted join may take a thread for dead, so an event says when it is done.
    while not done.is_set():
        try:
            done.wait(_POLL)
        except KeyboardInterrupt:
            if clock.interrupted:
                raise
            clock.interrupted = True
    if failure:
        raise failure[0]
    return answer[0]
