"""Several searches of one model that share their best at set points of their work.

How many there are belongs to the input, never to the machine: each turn begins all of
them from the same plan with seeds of their own, and the best of what they find, the
first of equals, is where the next turn begins. So whoever carries them, one process or
many machines, the result is the same.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ....models.arrays import IndexArray
from ..model import AssignmentModel
from ..prices import PriceResult
from .improve import Report, SearchResult, improve

#: Times that the searches begin from their common best.
TURNS = 2
#: Between the seeds of two searches.
STRIDE = 7_919

#: Carries out packed searches somewhere: each answer in its place, None where ``stop`` came
#: before it did. :func:`search_packed` is what is to be called there.
Workers = Callable[[Sequence[bytes], Callable[[], bool]], Sequence[bytes | None]]


@dataclass(frozen=True, eq=False)
class _Case:
    """One search of one turn; ``content`` is the packed model with its prices."""

    content: bytes
    start: IndexArray | None
    seed: int
    work: float
    target: float | None
    seconds: float | None
    others: Sequence[IndexArray] = ()


def search_packed(content: bytes) -> bytes:
    """Carry out a packed search and pack what it finds.

    Only for bytes of processes that we started or trust.
    """
    case: _Case = pickle.loads(content)  # noqa: S301
    return pickle.dumps(_search(case, _until(case.seconds)), pickle.HIGHEST_PROTOCOL)


def _until(seconds: float | None) -> Callable[[], bool]:
    if seconds is None:
        return lambda: False
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def _search(case: _Case, stop: Callable[[], bool]) -> SearchResult:
    model, prices = pickle.loads(case.content)  # noqa: S301 - packed by ourselves
    return improve(
        model,
        start=case.start,
        seed=case.seed,
        work=case.work,
        target=case.target,
        prices=prices,
        others=case.others,
        stop=stop,
    )


def one_after_another(
    contents: Sequence[bytes], stop: Callable[[], bool]
) -> Sequence[bytes | None]:
    """Carry out packed searches here."""
    found: list[bytes | None] = []
    for content in contents:
        case: _Case = pickle.loads(content)  # noqa: S301 - packed by ourselves
        found.append(None if stop() else pickle.dumps(_search(case, stop)))
    return found


def improve_together(
    model: AssignmentModel,
    *,
    searches: int,
    prices: PriceResult,
    start: IndexArray | None = None,
    seed: int = 0,
    work: float,
    target: float | None = None,
    seconds: float | None = None,
    others: Sequence[IndexArray] = (),
    workers: Workers = one_after_another,
    listener: Report | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> SearchResult:
    """Look for a good plan by several searches; see :func:`.improve.improve`.

    Parameters
    ----------
    searches
        How many; each does all of ``work``, in turns.
    seconds
        Wall clock for each search of a turn; None for no limit.
    others
        Further plans to begin from in the first turn.
    workers
        Where the searches are carried out.
    """
    content = pickle.dumps((model, prices), pickle.HIGHEST_PROTOCOL)
    best: SearchResult | None = None
    done, begin = 0.0, start
    for turn in range(TURNS):
        cases = [
            _Case(content, begin, seed + STRIDE * (turn * searches + number), work / TURNS, target,
                  seconds, others if turn == 0 else ())
            for number in range(searches)
        ]  # fmt: skip
        packed = [pickle.dumps(case, pickle.HIGHEST_PROTOCOL) for case in cases]
        answers = [a for a in workers(packed, stop) if a is not None]
        found: list[SearchResult] = [pickle.loads(answer) for answer in answers]  # noqa: S301
        done += sum(each.work for each in found)
        best = min([*([best] if best else []), *found], key=_rank, default=None)
        if best is None or stop():
            break
        if listener is not None:
            listener(best.objective, done, best.item_owners)
        if best.item_owners is not None and target is not None and best.objective <= target:
            break
        begin = best.nearest
    if best is None:
        # Stopped before any search was done: the plan at hand is all there is.
        owners = np.array(model.first) if start is None else start
        return SearchResult(None, float("inf"), owners, (), done, "stop")
    return replace(best, work=done)


def _rank(found: SearchResult) -> tuple[int, float, float]:
    """Plans by their value, then what comes nearest to one; ``min`` takes the first of equals."""
    return (
        len(found.broken),
        sum(part.amount for part in found.broken),
        found.objective if found.item_owners is not None else 0.0,
    )
