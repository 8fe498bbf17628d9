"""Problems without a plan, each with a conflict planted in it; shared with the benchmark."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from teig.models import Problem, Rule
from teig.models.rules import (
    Balance,
    Capacity,
    DisruptionCap,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Skills,
)

from ...enumeration import row

Plant = Callable[[np.random.Generator], Problem]


def _sketch(random: np.random.Generator, **parts: object) -> Problem:
    hours = [float(h) for h in random.integers(45, 70, 2)]
    return row(5, 2, hours=hours, workload=[20.0, 18.0, 16.0, 14.0, 12.0], **parts).problem()


def _bystanders(random: np.random.Generator) -> tuple[Rule, ...]:
    """Rules that hold anyway."""
    every: list[Rule] = [
        MeasureRange(name="not_too_many", measure="units", minimum=0, maximum=5),
        KeepApart(name="rivals", groups=(("u3", "u4"),)),
        MaximumDistance(name="reach", kilometres=5_000),
    ]
    keep = random.random(len(every)) < 0.7
    return tuple(rule for rule, kept in zip(every, keep, strict=True) if kept)


def overfull(random: np.random.Generator) -> Problem:
    """Locks give a rep more than its hours."""
    owner = f"r{random.integers(2)}"
    locks = dict.fromkeys(("u0", "u1", "u2"), owner)
    bare = _sketch(random)
    limit = float(random.choice([0.5, 0.6, 0.7]))
    rules = (Capacity(limit=limit), Lock(name="promised", owners=locks))
    return bare.replace(rules=(*rules, *_bystanders(random)))


def torn(random: np.random.Generator) -> Problem:
    """A group is to stay together, and its units are locked to two reps."""
    together = KeepTogether(name="one_buyer", groups=(("u0", "u1"), ("u2", "u3")))
    locks = Lock(name="promised", owners={"u0": "r0", "u1": "r1", "u2": "r0"})
    return _sketch(random).replace(rules=(together, locks, *_bystanders(random)))


def rivals(random: np.random.Generator) -> Problem:
    """Three competitors apart between two reps."""
    apart = KeepApart(name="competitors", groups=(("u0", "u1"), ("u1", "u2"), ("u0", "u2")))
    return _sketch(random).replace(rules=(apart, *_bystanders(random)))


def uneven(random: np.random.Generator) -> Problem:
    """Sales cannot be shared fairly: one unit is nearly all."""
    sales = [100.0, 1.0, 1.0, 1.0, 1.0]
    fair = Balance(name="fair_sales", measure="sales", tolerance=0.2, target="equal")
    return _sketch(random, sales=sales).replace(rules=(fair, *_bystanders(random)))


def unskilled(random: np.random.Generator) -> Problem:
    """The one rep with the skill may not have the unit."""
    parts = {"needs": [frozenset({"x"})] + [frozenset[str]()] * 4}
    parts["skills"] = [frozenset({"x"}), frozenset()]
    forbid = Forbid(name="feud", pairs=(("u0", "r0"), ("u4", "r1")))
    return _sketch(random, **parts).replace(rules=(Skills(), forbid, *_bystanders(random)))


def frozen(random: np.random.Generator) -> Problem:
    """Little may change hands, and much must."""
    cap = DisruptionCap(name="calm", share=0.1, measure="units")
    moves = Forbid(name="feud", pairs=(("u0", "r0"), ("u1", "r0")))
    bare = _sketch(random, incumbent=["r0", "r0", "r0", "r1", "r1"])
    return bare.replace(rules=(cap, moves, *_bystanders(random)))


def far(random: np.random.Generator) -> Problem:
    """A unit is beyond everybody's reach."""
    reach = MaximumDistance(name="near", kilometres=float(random.integers(60, 100)))
    return _sketch(random).replace(rules=(reach, *_bystanders(random)))


def crowded(random: np.random.Generator) -> Problem:
    """Each must have at least three of five."""
    least = MeasureRange(name="enough", measure="units", minimum=3, maximum=5)
    return _sketch(random).replace(rules=(least, *_bystanders(random)))


def twice(random: np.random.Generator) -> Problem:
    """Two conflicts that have nothing to do with each other."""
    apart = KeepApart(name="competitors", groups=(("u0", "u1"), ("u1", "u2"), ("u0", "u2")))
    locks = Lock(name="promised", owners={"u3": "r0"})
    other = Lock(name="older", owners={"u3": "r1"})
    return _sketch(random).replace(rules=(apart, locks, other, *_bystanders(random)))


def promised(random: np.random.Generator) -> Problem:
    """Two units are locked to two reps each."""
    locks = Lock(name="promised", owners={"u3": "r0", "u1": "r1"})
    other = Lock(name="older", owners={"u3": "r1", "u1": "r0", "u0": "r0"})
    return _sketch(random).replace(rules=(locks, other, *_bystanders(random)))


def squeezed(random: np.random.Generator) -> Problem:
    """Too few hours for the work, whoever does it."""
    return _sketch(random).replace(
        rules=(Capacity(limit=float(random.uniform(0.3, 0.6))), *_bystanders(random))
    )


PLANTS: tuple[Plant, ...] = (
    overfull, torn, rivals, uneven, unskilled, frozen, far, crowded, twice, promised, squeezed,
)  # fmt: skip


def planted(count: int, seed: int = 5) -> Iterator[tuple[str, Problem]]:
    """Problems without a plan, one kind after another."""
    for number in range(count):
        plant = PLANTS[number % len(PLANTS)]
        problem = plant(np.random.default_rng([seed, number]))
        yield f"{plant.__name__} {number}", problem
