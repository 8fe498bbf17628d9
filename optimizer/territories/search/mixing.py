"""Windows over a plan along the borders of a few territories, one after another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .ground import Ground
from .grouping import lossy_groups, territory_neighbours
from .window import Mended, Opening, best_mixture, takes_windows

#: Owners of a window along borders, and pairs that are open in it.
FEWEST, MOST, PAIRS = 2, 3, 60
#: Least gain that is looked for, a share of the plan's value.
LEAST = 1e-5
#: Proposals of an annealing that take as long as a step of the simplex method, as what is
#: done for a window besides, and as what a turn of windows takes for each item.
STEP, WINDOW, TURN = 1_500.0, 250_000.0, 60.0

Regret = Callable[[IndexArray, IndexArray], FloatArray]


class Mixing:
    """Draws windows, solves those that lie apart side by side, and remembers where nothing was.

    Parameters
    ----------
    regret
        What items cost with owners beyond their cheapest ones, (m,), (m,) → (m,).
    """

    def __init__(self, ground: Ground, regret: Regret) -> None:
        self.ground, self.regret = ground, regret
        self.owners = int(ground.takes_part.shape[1])
        self.usable = self.owners > 1 and takes_windows(ground)
        self._settled: set[bytes] = set()

    def along_borders(
        self,
        plan: IndexArray,
        value: float,
        loss: FloatArray,
        many: int,
        random: np.random.Generator,
        pool: ThreadPoolExecutor,
    ) -> tuple[IndexArray, float]:
        """Open pairs along the borders of groups drawn where most is lost; plan and work.

        Parameters
        ----------
        loss
            What each owner's territory loses, positive, (R,).
        many
            Groups drawn.
        """
        near = territory_neighbours(self.ground, plan, self.owners)
        groups = lossy_groups(near, loss, (FEWEST, MOST), many, random)
        openings = [self._border(plan, mine) for mine in groups if len(mine) > 1]
        return self._solve(plan, value, openings, pool)

    def _border(self, plan: IndexArray, mine: IndexArray) -> Opening:
        """Items at borders within a group, each for its neighbours' owners."""
        g = self.ground
        inside = np.zeros(self.owners, dtype=np.bool_)
        inside[mine] = True
        one, other = plan[g.tail], plan[g.near_other]
        crosses = inside[one] & inside[other] & (one != other)
        key = np.unique(g.tail[crosses] * self.owners + other[crosses])
        item, to = key // self.owners, key % self.owners
        dearer = self.regret(item, to) - self.regret(item, plan[item])
        first = np.argsort(dearer, kind="stable")[:PAIRS]
        return Opening(mine, item[first], to[first])

    def _solve(
        self, plan: IndexArray, value: float, openings: list[Opening], pool: ThreadPoolExecutor
    ) -> tuple[IndexArray, float]:
        """Solve windows that have no owner in common; the plan with all that got better."""
        keys = [_key(plan, one) for one in openings]
        new = [at for at, key in enumerate(keys) if key not in self._settled]
        least = LEAST * abs(value)

        def solved(at: int) -> Mended:
            return best_mixture(self.ground, plan, openings[at], least)

        better, steps = plan.copy(), 0
        for at, found in zip(new, pool.map(solved, new), strict=True):
            steps += found.steps
            if found.owner is None:
                self._settled.add(keys[at])
            else:
                better[found.item] = found.owner
        work = STEP * steps + WINDOW * len(new) + TURN * len(plan)
        return better, work


def _key(plan: IndexArray, opening: Opening) -> bytes:
    """What a window is about, in few bytes."""
    digest = hashlib.blake2b(digest_size=16)
    inside = np.flatnonzero(np.isin(plan, opening.owners))
    for part in (inside, plan[inside], opening.item, opening.to):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.digest()
