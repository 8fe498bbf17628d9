"""How hard to try: what the caller asks for, and the usual work of each means."""

from __future__ import annotations

from dataclasses import dataclass

from ..search.together import Workers, one_after_another

#: Pairs up to which CP-SAT tries a model at once, without a search before it.
SMALL = 1_500

#: Pairs left over by the bound and the best plan up to which CP-SAT finishes the rest.
FINISHED = 12_000

#: Deterministic time of CP-SAT for each stage: at once on a whole small model, on what
#: prices and a plan have left of a small one, and of a larger one. At once on one that
#: whole territories may prove.
EXACT_WORK, SMALL_WORK, FINISHING_WORK = 3.0, 30.0, 3.0
QUICK_WORK = 0.5

#: Share of the usual effort that whole territories of larger models get.
LARGER = 0.3

#: Passes of the ascent for each stage.
PASSES = 800.0

#: Multiple of the usual work up to which branching on large items goes along, the share of
#: the time that it may take, and the gap from which on a solve does without.
MOST_BRANCHING, BRANCHING_TIME, WIDE_GAP = 4.0, 0.08, 0.02

#: Proposals of the search for each unit and stage, and at least for a stage.
PROPOSALS, FEWEST_PROPOSALS = 3_000.0, 1.5e6

#: Share of that for each limit on what counts by its largest value.
BOTTLENECK = 0.15


@dataclass(frozen=True)
class Commission:
    """What the caller asks of a solve.

    Parameters
    ----------
    work
        Multiple of the usual work.
    gap
        A stage may stop where its plan is proven within this share of its value.
    seed
        Of everything random.
    searches, workers
        Searches of every large stage, and where they are carried out.
    """

    work: float = 1.0
    gap: float = 0.0
    seed: int = 1
    searches: int = 1
    workers: Workers = one_after_another
