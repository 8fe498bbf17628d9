"""Cycles of annealing along borders, carried by all cores, the same for any number of them.

An annealing goes in rounds. In each round the owners are dealt out to groups that lie
together on the map, and every group is annealed by a search of its own that leaves the
other groups alone; the next round draws other groups. How many groups there are follows
from the number of owners, so that plans do not depend on the machine. Where owners are
few, all searches work on the whole and the best of them goes on.

In a long search small groups are *shaken* between annealings of the whole: each is
annealed from hot to cold beside the others as they are, and what got better stays. Most
of what a plan costs beyond its bound lies in few places, so groups grow there.
Annealings take hard limits a little tighter than they are, so that they end within them;
a short cool one brings their plan up to the limits themselves.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .border import anneal_borders
from .crowds import Crowds
from .deal import TIGHTER, Deal, Walker, begin_walk, new_deal, new_walker, rebuild
from .ground import Ground
from .grouping import halves, lossy_groups, territory_neighbours
from .mixing import Mixing

#: Owners of a group at least, and groups at most.
GROUP, GROUPS = 12, 8
#: Proposals for each item in the first annealing, and by how much longer the next are.
FIRST, LONGER = 600.0, 1.3
FEWEST = 1e6
#: Temperature at the start of the first annealing, of one from a plan, and at the end of
#: each, in typical changes of value at borders.
HOT, WARM, COLD = 1.3, 0.25, 0.004
#: Owners of a group that is brought up to its limits, and groups at most.
SHAKEN, SHAKERS = 6, 32
#: Owners of a group that is shaken, owners of the market for each such group, proposals for
#: each item in it, and the temperature at the start.
SMALLEST, LARGEST, SPACE, SHAKE, SHAKING = 3, 9, 12, 3_000.0, 1.3
#: Chance of an owner to be shaken that loses nothing, in mean losses.
SPARED = 0.15
#: Proposals for each item in annealings of the whole before the first shake, and how many
#: shakes may have for each of those.
BEFORE, MORE = 5_000.0, 4.0
#: Owners of the market for each window over borders; the part of the work that shakes and
#: windows have at least; by how much what they gained fades from turn to turn.
MIXED, EACH, FORGET = 10, 0.15, 0.9
#: Proposals for each item, and temperature, where a plan is brought up to the limits.
TRIM, COOL = 200.0, 0.03
#: At the start of annealings that have yet to find a plan, by turns: few large units need
#: more heat, many small ones less.
MENDING = (0.4, 0.1)
#: Annealings without a plan before other means are tried, and proposals for each item
#: between two trials: a trial takes as long as some thousands of these.
PATIENCE, APART = 4, 20_000.0
#: Proposals for each item without a plan before limits alone are looked at, what that may take for each
#: proposal made before, and how many of these a proposal there takes as long as.
CALM, EVENED, SLOWER = 12_000.0, 1.5, 10.0
#: A plan found whatever it costs is only annealed as a whole while it loses more than this
#: share of its value against the bound, and until so much of the work that came before.
DEAR, COSTLY = 0.06, 1.5
#: Weight of what lies outside hard limits at the start and at the end, and the rate at
#: which prices rise from block to block, as multiples of what owners cost for their load.
LIGHT, HEAVY, RATE = 2.0, 20.0, 0.03
#: The largest price, likewise.
CAP = 100.0
#: Prices of limits that are not near fade by this factor from block to block.
FADE = 0.97
#: Proposals for each item in a block; rounds of an annealing.
BLOCK, ROUNDS = 2.0, 24
#: Of 1,024 proposals so many are chains.
CHAINS = 400


@dataclass(frozen=True, eq=False)
class Scales:
    """Typical sizes: of a change of value at borders, of a price of loads, of loads, (K,)."""

    change: float
    weight: FloatArray
    usual: FloatArray


@dataclass(eq=False)
class Trajectory:
    """One plan in the making with the searches that work on it."""

    deal: Deal
    walkers: list[Walker]
    random: np.random.Generator


@dataclass(frozen=True)
class _Way:
    """Where an annealing stands: its first heat, blocks now and in all, and blocks done.

    ``light`` is the first weight of what lies outside hard limits, ``tighter`` by how much
    these are taken tighter than they are, a share of what an owner usually carries.
    """

    hot: float
    blocks: int
    total: int
    at: int = 0
    light: float = LIGHT
    tighter: float = TIGHTER


Found = Callable[[IndexArray], object]
Regret = Callable[[IndexArray, IndexArray], FloatArray]
Mend = Callable[[IndexArray], IndexArray]


class BorderSearch:
    """Anneals in cycles, each longer than the one before, until told to stop.

    Parameters
    ----------
    price
        Prices to begin with, (K, R).
    found
        Told of every plan that seems to keep all limits, (n,).
    regret
        What items cost with owners beyond their cheapest ones, (m,), (m,) → (m,).
    mend
        Brings a plan that breaks limits nearer to them, (n,) → (n,); tried between
        annealings as long as there is no plan. None for a short search, where neither
        this nor limits alone are tried.
    """

    def __init__(
        self,
        ground: Ground,
        begin: IndexArray,
        price: FloatArray,
        scales: Scales,
        seed: int,
        found: Found,
        regret: Regret,
        mend: Mend | None,
    ) -> None:
        self.ground, self.scales, self.found, self.mend = ground, scales, found, mend
        self.regret, self.mixing = regret, Mixing(ground, regret)
        owners, items = ground.takes_part.shape[1], len(begin)
        groups = min(GROUPS, owners // GROUP)
        alone = groups < 2
        self.trajectories = []
        for number in range(2 if alone else 1):
            deal = new_deal(ground, begin)
            deal.price[:] = price
            walkers = [
                new_walker(items, 1000 * seed + 100 * number + at)
                for at in range(1 if alone else groups)
            ]
            generator = np.random.default_rng([seed, number])
            self.trajectories.append(Trajectory(deal, walkers, generator))
        self.best: IndexArray | None = None
        self.value = np.inf
        self.others: list[IndexArray] = []
        self.done, self.shaken, self.cycles = 0.0, 0.0, 0
        self.mended, self.evened, self.spared = 0.0, 0.0, 0.0
        # Where annealings stood before the best plan was found for the limits alone.
        self.stood: list[IndexArray] = []
        self.crowds = Crowds(ground, 1000 * seed + 498)
        self.means = [np.array([1.0, 1.0]) for _ in range(2)]
        shakers = min(max(1, owners // SHAKEN), SHAKERS)
        self.shakers = [new_walker(items, 1000 * seed + 500 + at) for at in range(shakers)]
        self.rest = new_walker(items, 1000 * seed + 499)
        self.block = max(BLOCK * items, 2000.0)

    def begin_also(self, others: Sequence[IndexArray]) -> None:
        """Begin from these too, in turn, each with a share of the work; all hang together."""
        self.others = list(others)

    def start_from(self, owner: IndexArray | None, value: float) -> None:
        """Improve a plan that keeps all limits, of a known value, instead of looking for one."""
        if owner is not None:
            self.best, self.value = np.array(owner), value

    def run(self, work: float, stop: Callable[[], bool]) -> bool:
        """Anneal for some proposals; whether all of them were made."""
        length = max(FIRST * len(self.ground.first), FEWEST)
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            # A rest too short for an annealing of its own would only shake the plan.
            while self.done == 0 or self.others or work - self.done > 0.25 * length / LONGER:
                left = work - self.done
                if self.others:
                    # Annealings from all beginnings come to at most two thirds of the work.
                    span = min(length, left / (len(self.others) + 1.5))
                else:
                    span = left if left < 2.0 * length else length
                    length *= LONGER
                if not self._cycle(span, pool, stop):
                    return False
                if not self._trim(pool, stop):
                    return False
                while self._may_shake(work):
                    if not self._turn(pool, stop):
                        return False
        if self.best is None and self.cycles >= PATIENCE and self.done > self.mended:
            self._mend()
        return True

    def _cycle(self, span: float, pool: ThreadPoolExecutor, stop: Callable[[], bool]) -> bool:
        """One annealing of all trajectories; whether it came to its end."""
        # A plan found whatever it costs is improved and left by turns.
        left, before = bool(self.stood) and self.cycles % 2 == 1, self.value
        hot = self._begin_cycle(left)
        each = span / len(self.trajectories)
        blocks = max(1, int(each / self.block / ROUNDS))
        for at in range(ROUNDS):
            tasks = []
            for one in self.trajectories:
                for number, mine in enumerate(self._groups(one, len(one.walkers))):
                    begin_walk(self.ground, one.deal, one.walkers[number], number)
                    way = _Way(hot, blocks, blocks * ROUNDS, at * blocks)
                    tasks.append((one.deal, one.walkers[number], mine, way))
            list(pool.map(self._anneal, tasks))
            self.done += blocks * self.block * len(self.trajectories)
            for one in self.trajectories:
                self._take(one.deal, one.walkers)
            if stop():
                return False
        if left:
            better = self.value < before
            self.stood = [] if better else [one.deal.owner.copy() for one in self.trajectories]
        if self.best is not None and not self._dear(self.best):
            self.stood = []
        if self.best is None and self.mend and self.done >= CALM * len(self.ground.first):
            self._even_out(stop)
        apart = APART * len(self.ground.first)
        if self.best is None and self.cycles >= PATIENCE and self.done >= self.mended + apart:
            self._mend()
        return True

    def _begin_cycle(self, left: bool) -> float:
        """Set the trajectories to where an annealing begins; its first heat."""
        begin = None if left else self.best
        hot = WARM if begin is not None else HOT
        if begin is None and self.cycles > 0:
            hot = MENDING[self.cycles // (2 if left else 1) % len(MENDING)]
        if self.cycles > 0 and self.others:
            hot, begin = HOT, self.others.pop()
        self.cycles += 1
        for number, one in enumerate(self.trajectories):
            if left or begin is not None:
                one.deal.owner[:] = self.stood[number] if begin is None else begin
                rebuild(self.ground, one.deal)
        return hot

    def _mend(self) -> None:
        """Try other means on what no shift along borders has brought within the limits."""
        self.mended = self.done
        if self.mend is None:
            return
        for one in self.trajectories:
            owner = one.deal.owner
            mended = self.mend(owner)
            if not np.array_equal(mended, owner):
                owner[:] = mended
                self._look_at(one)

    def _even_out(self, stop: Callable[[], bool]) -> None:
        """Look for a plan whatever it costs; annealings go on from where they were."""
        stood = [one.deal.owner.copy() for one in self.trajectories]
        for one, owner in zip(self.trajectories, stood, strict=True):
            near = territory_neighbours(self.ground, owner, self._owners())
            left = EVENED * (self.done - self.evened) - self.evened
            done = SLOWER * self.crowds.run(one.deal, near, left / SLOWER, stop)
            self.evened += done
            self.done += done
            self.found(one.deal.owner)
            self._look_at(one)
            one.deal.owner[:] = owner
            rebuild(self.ground, one.deal)
        self.stood = [] if self.best is None else stood
        self.spared = (1.0 + COSTLY) * self.done

    def _look_at(self, one: Trajectory) -> None:
        """Keep what a trajectory stands at where it is the first plan."""
        rebuild(self.ground, one.deal)
        one.deal.group[:] = 0
        walker = one.walkers[0]
        begin_walk(self.ground, one.deal, walker, 0)
        if walker.broken[0] == 0 and self.best is None:
            self.value, self.best = float(walker.objective[0]), one.deal.owner.copy()
            self.found(self.best)

    def _may_shake(self, work: float) -> bool:
        """Whether groups are shaken next: there is a plan, and the whole has had its turn."""
        if self.best is None or self.done >= work:
            return False
        if self.stood and self.done < self.spared and self._dear(self.best):
            return False
        whole = self.done - self.shaken
        return whole >= BEFORE * len(self.ground.first) and self.shaken < MORE * whole

    def _dear(self, plan: IndexArray) -> bool:
        """Whether a plan loses far more at the prices than good ones do."""
        lost = float(self.regret(np.arange(len(plan)), plan).sum())
        return lost > DEAR * abs(self.value)

    def _turn(self, pool: ThreadPoolExecutor, stop: Callable[[], bool]) -> bool:
        """Shake groups or mix pairs, whichever gained more for its work of late."""
        if self.best is None or not self.mixing.usable:
            return self._shake(pool, stop)
        worth = [gain / max(work, 1.0) for gain, work in self.means]
        least = min(work for _, work in self.means) < EACH * sum(work for _, work in self.means)
        at = int(np.argmin([work for _, work in self.means]) if least else np.argmax(worth))
        before, begun = self.value, self.done
        going_on = (self._mix if at else self._shake)(pool, stop)
        for mean in self.means:
            mean *= FORGET
        self.means[at] += before - self.value, self.done - begun
        return going_on

    def _mix(self, pool: ThreadPoolExecutor, stop: Callable[[], bool]) -> bool:
        """Open pairs along borders to an integer program, in a few territories at a time."""
        if self.best is None:
            return not stop()
        one = self.trajectories[0]
        many = max(1, min(SHAKERS, self._owners() // MIXED))
        loss = self._loss(self.best)
        plan, work = self.mixing.along_borders(self.best, self.value, loss, many, one.random, pool)
        self._keep(plan)
        self.done += work
        self.shaken += work
        return not stop()

    def _keep(self, plan: IndexArray) -> None:
        """Take a mixture up, as it is by the search's own sums."""
        one = self.trajectories[0]
        if self.best is not None and not np.array_equal(plan, self.best):
            one.deal.owner[:] = plan
            one.deal.group[:] = 0
            rebuild(self.ground, one.deal)
            begin_walk(self.ground, one.deal, self.rest, 0)
            if self.rest.broken[0] == 0:
                self.rest.best[0] = self.rest.objective[0]
                self.rest.best_owner[:] = plan
                self._take(one.deal, [self.rest])

    def _shake(self, pool: ThreadPoolExecutor, stop: Callable[[], bool]) -> bool:
        """Anneal small groups from hot to cold, each for itself; keep those that got better.

        An annealing of the whole seldom leads out of a layout where territories wind
        around each other: what one group gains by another way is lost in the rest.
        """
        if self.best is None:
            return not stop()
        begun = self.done
        one, owners = self.trajectories[0], self._owners()
        near = territory_neighbours(self.ground, self.best, owners)
        many = max(1, min(SHAKERS, owners // SPACE))
        groups = lossy_groups(near, self._loss(self.best), (SMALLEST, LARGEST), many, one.random)
        ways = [self._way(SHAKE, SHAKING), self._way(TRIM, COOL)]
        going_on = self._beside(self.best, groups, ways, pool, stop)
        self.shaken += self.done - begun
        return going_on

    def _trim(self, pool: ThreadPoolExecutor, stop: Callable[[], bool]) -> bool:
        """Go on from the best plan, cold, up to the limits as they are."""
        if self.best is None:
            return not stop()
        one = self.trajectories[0]
        one.deal.owner[:] = self.best
        groups = self._groups(one, max(1, min(len(self.shakers), self._owners() // SHAKEN)))
        return self._beside(self.best, groups, [self._way(TRIM, COOL)], pool, stop)

    def _owners(self) -> int:
        return int(self.ground.takes_part.shape[1])

    def _way(self, proposals: float, hot: float) -> _Way:
        """An annealing of so many proposals for each item; a cool one uses the limits up."""
        blocks = max(1, int(proposals * len(self.ground.first) / self.block))
        if hot > COOL:
            return _Way(hot, blocks, blocks)
        return _Way(hot, blocks, blocks, light=HEAVY, tighter=0.0)

    def _beside(
        self,
        best: IndexArray,
        groups: list[IndexArray],
        ways: list[_Way],
        pool: ThreadPoolExecutor,
        stop: Callable[[], bool],
    ) -> bool:
        """Anneal groups of the best plan, one way after another, each for itself."""
        one, owners = self.trajectories[0], self._owners()
        one.deal.owner[:] = best
        # Who is in no group stays as it is, with a search of its own that does nothing.
        one.deal.group[:] = len(groups)
        for number, mine in enumerate(groups):
            one.deal.group[mine] = number
        rebuild(self.ground, one.deal)
        prices = one.deal.price.copy()
        walkers = self.shakers[: len(groups)]
        for number, walker in enumerate([*walkers, self.rest]):
            begin_walk(self.ground, one.deal, walker, number)
        before = [float(walker.objective[0]) for walker in walkers]
        for way in ways:
            rebuild(self.ground, one.deal, way.tighter)
            tasks = [
                (one.deal, walker, mine, way) for walker, mine in zip(walkers, groups, strict=True)
            ]
            list(pool.map(self._anneal, tasks))
            self.done += way.blocks * self.block * sum(map(len, groups)) / owners
        self.rest.best[0] = self.rest.objective[0]
        self.rest.best_owner[:] = best
        self._take(one.deal, [*walkers, self.rest])
        for number, mine in enumerate(groups):
            if not walkers[number].best[0] < before[number]:
                one.deal.price[:, mine] = prices[:, mine]
        return not stop()

    def _anneal(self, task: tuple[Deal, Walker, IndexArray, _Way]) -> None:
        deal, walker, mine, way = task
        cooling = (COLD / way.hot) ** (1.0 / way.total)
        growth = (HEAVY / way.light) ** (1.0 / way.total)
        weight, owners = self.scales.weight, self.ground.takes_part.shape[1]
        anneal_borders(
            self.ground,
            deal,
            walker,
            mine,
            self.scales.usual,
            self.scales.change * way.hot * cooling**way.at,
            cooling,
            weight * way.light * growth**way.at,
            growth,
            weight * RATE,
            weight * CAP,
            FADE,
            way.blocks,
            max(1, int(self.block * len(mine) / owners)),
            CHAINS,
        )

    def _loss(self, plan: IndexArray) -> FloatArray:
        """What each owner's territory loses against the bound, and a little more, (R,)."""
        regret = self.regret(np.arange(len(plan)), plan)
        lost = np.maximum(np.bincount(plan, weights=regret, minlength=self._owners()), 0.0)
        return np.asarray(lost + SPARED * max(float(lost.mean()), 1e-300))

    def _groups(self, one: Trajectory, many: int) -> list[IndexArray]:
        """Deal owners out to so many searches; those of a group lie together."""
        owners = np.arange(self.ground.takes_part.shape[1])
        groups = [owners]
        if many > 1:
            near = territory_neighbours(self.ground, one.deal.owner, len(owners))
            while len(groups) < many:
                groups.sort(key=len)
                groups += halves(groups.pop(), near, one.random)
        for number, mine in enumerate(groups):
            one.deal.group[mine] = number
        return groups

    def _take(self, d: Deal, walkers: list[Walker]) -> None:
        """Put the best that each search has found together; report it if all limits hold."""
        g = self.ground
        if all(w.best[0] < np.inf for w in walkers):
            owner = np.empty_like(d.owner)
            for number, walker in enumerate(walkers):
                inside = d.group[d.owner] == number
                owner[inside] = walker.best_owner[inside]
            value = sum(float(w.best[0]) for w in walkers)
            if g.price.min(initial=np.inf) < np.inf:
                value = self._value(d, owner)
            if value < self.value - 1e-12 * abs(value):
                self.value, self.best = value, owner
                self.found(owner)
        rebuild(g, d)

    def _value(self, d: Deal, owner: IndexArray) -> float:
        """Costs and soft limits of a plan at its own totals; the deal's loads are lost.

        Searches take soft limits as they were at the totals they began with.
        """
        g, now = self.ground, d.owner.copy()
        d.owner[:] = owner
        rebuild(g, d)
        d.owner[:] = now
        soft = g.price < np.inf
        over = np.maximum(d.load - d.high, 0.0) + np.maximum(d.low - d.load, 0.0)
        outside = np.where(g.takes_part, over, 0.0)[soft].sum(axis=1)
        return float(g.cost[g.start + owner - g.first].sum() + g.price[soft] @ outside)
