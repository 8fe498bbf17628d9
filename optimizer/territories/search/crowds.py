"""Crowds: owners outside their limits with those around them, brought within these together.

A territory that carries too much can only be helped by those that have room left, and they
may lie far off. So a crowd grows from neighbour to neighbour until its limits leave room
for what it carries, and is evened out (:mod:`.evening`) with everybody else left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from .deal import Deal, begin_walk, new_walker, rebuild
from .evening import BLOCK, even_out, new_timber
from .ground import Ground

#: Blocks between two looks at the clock.
PORTION = 100
#: Share of the room between limits that the owners of a group have left on average, owners
#: of a group at least, and by how much more of them with each attempt that fails.
SPARE, FEWEST, WIDER = 0.4, 6, 1.5
#: Proposals for each item, and by how many more with each attempt.
FIRST, LONGER = 2_000.0, 2.0
#: Temperature at the start and at the end, in squares of what an item counts.
HOT, COLD = 2.0, 0.02
#: Share of what an owner usually carries by which limits are taken tighter.
TIGHTER = 0.01


class Crowds:
    """Brings a deal within its limits, group by group, harder with each attempt."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground = ground
        self.walker, self.timber = new_walker(len(ground.first), seed), new_timber(ground)
        self.attempts = 0
        self.hard = np.flatnonzero(np.isinf(ground.price))

    def run(
        self, deal: Deal, near: Sequence[Sequence[int]], work: float, stop: Callable[[], bool]
    ) -> float:
        """Even out what is outside the limits as far as possible; proposals done.

        Parameters
        ----------
        deal
            All its territories hang together; afterwards no worse by what lies outside.
        near
            Owners whose territories touch, for each owner.
        work
            Proposals at most.
        """
        g, done = self.ground, 0.0
        groups = self.groups(deal, near)
        before = deal.price.copy(), deal.group.copy()
        for mine in groups:
            many = int(np.isin(deal.owner, mine).sum())
            blocks = int(min(FIRST * LONGER**self.attempts * many, work - done) / BLOCK)
            done += self._even_out(deal, mine, blocks, stop) * BLOCK
        self.attempts += 1
        deal.price[:], deal.group[:] = before
        rebuild(g, deal)
        return done

    def groups(self, deal: Deal, near: Sequence[Sequence[int]]) -> list[IndexArray]:
        """Groups of owners around those outside limits, each with room for what it carries."""
        rebuild(self.ground, deal, 0.0)
        over = np.maximum(deal.load - deal.high, deal.low - deal.load) - deal.margin
        worst = np.where(self.ground.takes_part, over, 0.0)[self.hard].max(axis=0, initial=0.0)
        fewest = FEWEST * WIDER**self.attempts
        groups: list[set[int]] = []
        for owner in np.argsort(-worst, kind="stable").tolist():
            if worst[owner] <= 0.0 or any(owner in group for group in groups):
                continue
            grown = self._grown(deal, near, owner, fewest)
            for group in [group for group in groups if group & grown]:
                groups.remove(group)
                grown |= group
            groups.append(grown)
        return [np.array(sorted(group), dtype=np.int64) for group in groups]

    def _grown(
        self, deal: Deal, near: Sequence[Sequence[int]], owner: int, fewest: float
    ) -> set[int]:
        """An owner with those around it, step by step, until their limits leave room."""
        order, seen = [owner], {owner}
        low, high = deal.low[self.hard], deal.high[self.hard]
        load, part = deal.load[self.hard], self.ground.takes_part[self.hard]
        sums = np.zeros((3, len(self.hard)))
        for at in order:
            inside = part[:, at]
            sums += np.where(inside, [low[:, at], load[:, at], high[:, at]], 0.0)
            spare = np.nan_to_num(0.5 * SPARE * (sums[2] - sums[0]), posinf=0.0)
            fits = (sums[1] >= sums[0] + spare) & (sums[1] <= sums[2] - spare)
            if fits.all() and len(seen) >= fewest:
                return set(order[: order.index(at) + 1])
            for other in near[at]:
                if other not in seen:
                    seen.add(other)
                    order.append(other)
        return seen

    def _even_out(self, deal: Deal, mine: IndexArray, blocks: int, stop: Callable[[], bool]) -> int:
        """One group; the deal's owners become the best that was found. Blocks done."""
        g, w = self.ground, self.walker
        deal.group[:] = 1
        deal.group[mine] = 0
        rebuild(g, deal, TIGHTER)
        begin_walk(g, deal, w, 0)
        usual, aim = self._aims(deal)
        scale = self._scale(deal, mine, usual)
        cooling = (COLD / HOT) ** (1.0 / max(1, blocks))
        done = 0
        while done < blocks and w.broken[0] > 0 and not stop():
            heat = scale * HOT * cooling**done
            portion = min(PORTION, blocks - done)
            done += even_out(g, deal, w, self.timber, mine, usual, aim, heat, cooling, portion)
        if w.best[0] < np.inf:
            deal.owner[:] = w.best_owner
        return done

    def _aims(self, deal: Deal) -> tuple[FloatArray, FloatArray]:
        """What owners carry on average, (K,), and where their loads are drawn to, (K, R)."""
        part = self.ground.takes_part
        usual = np.where(part, deal.load, 0.0).sum(axis=1) / np.maximum(part.sum(axis=1), 1)
        closed = np.isfinite(deal.low) & np.isfinite(deal.high)
        low, high = np.where(closed, deal.low, 0.0), np.where(closed, deal.high, 0.0)
        aim = np.where(closed, 0.5 * (low + high), np.clip(usual[:, None], deal.low, deal.high))
        return np.maximum(usual, 1e-300), aim

    def _scale(self, deal: Deal, mine: IndexArray, usual: FloatArray) -> float:
        """Mean square of what an item of some owners counts, over all hard limits."""
        g = self.ground
        items = np.flatnonzero(np.isin(deal.owner, mine))
        total = 0.0
        for k in self.hard.tolist():
            row = g.value_row[k]
            owners = deal.owner[items]
            pairs = g.start[items] + owners - g.first[items]
            values = g.item_value[row, items] if g.per_item[k] else g.pair_value[row, pairs]
            total += float(((values / usual[k]) ** 2).mean())
        return max(total, 1e-300)
