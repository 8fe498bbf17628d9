"""What one shift would do to a plan in the making, all but its connected pieces."""

from __future__ import annotations

from ....models.arrays import FloatArray, IndexArray
from ..compiled import inner
from .amounts import amount_of, amount_outside, count_in, counter_outside
from .chords import evaluate_chords
from .layout import Layout


@inner
def evaluate(o: Layout, ints: IndexArray, reals: FloatArray, i: int, to: int) -> None:
    """Add to ``change`` and ``effect`` all that a shift does but connected pieces."""
    r = ints[o.owner + i]
    for g in range(o.groups):
        reals[o.change + g] += (
            reals[o.pair_cost + g * o.pairs + ints[o.start + i] + to - ints[o.first + i]]
            - reals[o.pair_cost + g * o.pairs + ints[o.start + i] + r - ints[o.first + i]]
        )
    evaluate_resources(o, ints, reals, i, r, to)
    evaluate_counters(o, ints, reals, i, r, to)
    evaluate_spreads(o, ints, reals, i, r, to)
    evaluate_cuts(o, ints, reals, i, r, to)
    if o.diameters > 0:
        evaluate_chords(o, ints, reals, i, r, to)


@inner
def evaluate_resources(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int
) -> None:
    """Add what a shift does to what owners carry."""
    for k in range(o.resources):
        out = amount_of(o, ints, reals, k, i, r)
        into = amount_of(o, ints, reals, k, i, to)
        if out == 0.0 and into == 0.0:
            continue
        total = reals[o.total + k] + into - out
        cost, broken = 0.0, 0
        line = k * o.owners
        # Where limits move with the total, everybody's may be broken.
        for turn in range(o.owners if ints[o.moving + k] else 2):
            q = turn
            if not ints[o.moving + k]:
                q = r if turn == 0 else to
            if ints[o.takes_part + line + q]:
                load = reals[o.load + line + q]
                if q == r:
                    load -= out
                elif q == to:
                    load += into
                new = amount_outside(o, ints, reals, k, q, load, total)
                old = reals[o.outside + line + q]
                if new != old:
                    cost += reals[o.resource_weight + line + q] * (new - old)
                    broken += (new > 0) - (old > 0)
        count_in(o, ints, reals, ints[o.resource_group + k], 1.0, cost, broken)


@inner
def evaluate_counters(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int
) -> None:
    """Add what a shift does to counters."""
    low = ints[o.first + i]
    for e in range(ints[o.entry_start + i], ints[o.entry_start + i + 1]):
        for q, sign in ((r, -1.0), (to, 1.0)):
            value = reals[o.counter_value + ints[o.entry_value + e] + q - low]
            c = ints[o.entry_counter + e] + (q - low) * ints[o.entry_step + e]
            # Both ends of a shift may count into one counter: its second part starts
            # where the first has left it.
            before = reals[o.counter + c]
            if sign > 0 and ints[o.entry_step + e] == 0:
                before -= reals[o.counter_value + ints[o.entry_value + e] + r - low]
            if value != 0.0:
                old = counter_outside(o, ints, reals, c, before)
                new = counter_outside(o, ints, reals, c, before + sign * value)
                change = (new > 0) - (old > 0)
                count_in(
                    o,
                    ints,
                    reals,
                    ints[o.counter_group + c],
                    reals[o.counter_weight + c],
                    new - old,
                    change,
                )


@inner
def evaluate_spreads(
    o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int
) -> None:
    """Add what a shift does to the number of owners that share a group."""
    for e in range(ints[o.spread_start + i], ints[o.spread_start + i + 1]):
        g = ints[o.spread_of + e]
        many = ints[o.spread_owners + g]
        after = (
            many
            - (ints[o.spread_count + g * o.owners + r] == 1)
            + (ints[o.spread_count + g * o.owners + to] == 0)
        )
        old = max(many - ints[o.spread_maximum + g], 0)
        new = max(after - ints[o.spread_maximum + g], 0)
        if old != new:
            change = (new > 0) - (old > 0)
            count_in(
                o,
                ints,
                reals,
                ints[o.spread_group + g],
                reals[o.spread_weight + g],
                float(new - old),
                change,
            )


@inner
def evaluate_cuts(o: Layout, ints: IndexArray, reals: FloatArray, i: int, r: int, to: int) -> None:
    """Add what a shift does to neighbours with different owners."""
    for e in range(ints[o.cut_start + i], ints[o.cut_start + i + 1]):
        q = ints[o.owner + ints[o.cut_other + e]]
        reals[o.change + ints[o.cut_group + e]] += reals[o.cut_price + e] * ((q != to) - (q != r))
