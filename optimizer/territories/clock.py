"""Limits of a solve that are no part of its input: wall clock and interruption."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from .result import Listener, Progress, TerritoryResult

#: Seconds between two looks for Ctrl-C.
_POLL = 0.2

#: Seconds that an interrupted solve has to end by itself. What it knows is returned then.
PATIENCE = 0.8


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
    grace
        Seconds more while there is no plan.

    Attributes
    ----------
    so_far
        What the solve would return now; set by the solver, None until it is.
    found
        Whether there is a plan.
    """

    so_far: Callable[[], TerritoryResult] | None = None
    found: bool = False

    def __init__(
        self,
        seconds: float | None,
        listener: Listener | None,
        whole: Clock | None = None,
        grace: float = 0.0,
    ) -> None:
        self.whole = whole
        self.began = time.monotonic()
        self.limit = seconds
        self.listener = listener
        self.interrupted = False
        self.bitten = False
        self.deadline = math.inf if seconds is None else seconds
        self.grace = grace

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

    def left_of_share(self) -> float | None:
        """Seconds until the stage at hand has to end, at least a tenth; None for no limit."""
        if not math.isfinite(self.deadline):
            return None
        return max(0.1, self.deadline - self.elapsed())

    def stop(self) -> bool:
        """Whether to return with what there is."""
        if self.elapsed() > self.deadline + (0.0 if self.found else self.grace):
            self.bitten = True
        if self.whole is not None and self.whole.stop():
            self.interrupted = self.interrupted or self.whole.interrupted
            self.bitten = self.bitten or self.whole.bitten
        return self.interrupted or self.bitten

    def say(self, what: str, best: float | None, bound: float | None) -> None:
        """Tell the listener, unknown values as None."""
        if self.listener is not None:
            first = self.root()
            known = [v if v is not None and math.isfinite(v) else None for v in (best, bound)]
            self.listener(Progress(what, known[0], known[1], first.elapsed(), first))

    def root(self) -> Clock:
        """The clock of the whole solve."""
        return self if self.whole is None else self.whole.root()

    def result(self) -> TerritoryResult:
        """What the solve would return now.

        Raises
        ------
        RuntimeError
            Before the solve knows its problem.
        """
        if self.so_far is None:
            raise RuntimeError("the solve has not begun")
        return self.so_far()

    def state(self) -> str:
        """``interrupted`` or ``running``."""
        return "interrupted" if self.interrupted else "running"

    def interrupt(self) -> None:
        """Let the solve end with what there is."""
        self.interrupted = True


def interruptible(solve: Callable[[], TerritoryResult], clock: Clock) -> TerritoryResult:
    """Solve in a thread, so that Ctrl-C reaches us while compiled code runs.

    A solve that is still in the middle of something then is not waited for: it ends by
    itself later, and nobody hears of it.
    """
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

    thread = threading.Thread(target=run, name="territories", daemon=True)
    # An interrupted join may take a thread for dead, so an event says when it is done.
    since, begun = math.inf, False
    while not done.is_set():
        try:
            if not begun:
                # Starting waits for the thread, and may be interrupted there already.
                begun = True
                thread.start()
            done.wait(_POLL)
            if clock.interrupted:
                since = min(since, time.monotonic())
            if time.monotonic() - since > PATIENCE and clock.so_far is not None:
                return clock.so_far()
        except KeyboardInterrupt:
            if clock.interrupted:
                raise
            clock.interrupt()
    if failure:
        raise failure[0]
    return answer[0]
