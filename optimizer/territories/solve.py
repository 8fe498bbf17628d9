"""The driver: owners with bases, without them, or all alike, each by the means that suit."""

from __future__ import annotations

from collections.abc import Sequence

from ...models.objective import Stage
from ...models.placement import free_owners
from ...models.plan import Plan
from ...models.problem import Problem
from .centres.dealing import solve_placing
from .clock import Clock, interruptible
from .partition.dealing import alike_model, solve_dealing
from .result import Listener, TerritoryResult
from .search.together import Workers, one_after_another
from .stages import Commission, StrictOrder
from .versions import versions


def solve_territories(
    problem: Problem,
    *,
    work: float = 1.0,
    seconds: float | None = None,
    gap: float = 0.0,
    seed: int = 1,
    start: Plan | None = None,
    progress: Listener | None = None,
    limits: Sequence[tuple[Stage, float]] = (),
    searches: int = 1,
    workers: Workers = one_after_another,
) -> TerritoryResult:
    """Deal the units of a problem out to its owners.

    The stages of the objective are solved one after another; each keeps what the
    stages before reached. The same problem, work, gap, seed and start give the same
    plan, whatever the machine; a limit in seconds ends that where it bites, and the
    result says so. Ctrl-C returns the best plan so far; a second one is raised.

    Owners whose base is free (:class:`teig.models.Sites`) are placed along with it; the
    plan names the unit of each. Owners without any base that are all alike are dealt
    parts of the market (least diameter, fewest cut edges).

    Parameters
    ----------
    work
        Multiple of the usual effort, which follows from the size of the problem.
    seconds
        Wall clock for all stages together; None for no such limit.
    gap
        Stop a stage where its plan is proven within this share of its value.
    start
        A plan to begin from (last quarter's, a manager's); it need not be feasible.
    progress
        Called now and then, from another thread; what it is given also knows the best
        plan so far and can end the solve (:class:`teig.optimizer.Progress`).
    limits
        Stages beside those of the objective, each with the most that it may come to:
        the ε of a trade-off front. For problems where every owner has its base.
    searches
        Searches of every large stage that share their best at set points of their work,
        each as long as one alone would be. Part of the input: it decides the plan.
    workers
        Where these are carried out, here by default; it does not decide anything.

    Raises
    ------
    ValueError
        For limits where owners have no base.
    VerificationError
        When the independent evaluation disagrees with the solver: a defect.

    Examples
    --------
    >>> from teig.optimizer import solve_territories  # doctest: +SKIP
    >>> solve_territories(problem, seconds=60).status  # doctest: +SKIP
    <Status.OPTIMAL: 'optimal'>
    """
    clock = Clock(seconds, progress)
    commission = Commission(work, gap, seed, searches, workers)
    return interruptible(lambda: _solve(problem, commission, clock, start, limits), clock)


def _solve(
    problem: Problem,
    commission: Commission,
    clock: Clock,
    start: Plan | None,
    limits: Sequence[tuple[Stage, float]],
) -> TerritoryResult:
    """Take the way that the owners ask for."""
    work, gap, seed = commission.work, commission.gap, commission.seed
    alike, free = alike_model(problem), len(free_owners(problem)) > 0
    if limits and (alike is not None or free):
        raise ValueError("limits on other stages need owners that have their base")
    if alike is not None:
        return solve_dealing(
            problem, alike, work=work, gap=gap, seed=seed, start=start, clock=clock,
            versions=versions(),
        )  # fmt: skip
    if not free:
        return StrictOrder(problem, commission, clock, start, limits).solve()

    def align(based: Problem, begin: Plan | None, part: Clock) -> TerritoryResult:
        return StrictOrder(based, commission, part, begin).solve()

    return solve_placing(
        problem, align, work=work, gap=gap, seed=seed, start=start, clock=clock,
        versions=versions(),
    )  # fmt: skip
