"""What the search keeps up to date move by move equals what is computed anew."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numba
import numpy as np
from teig.optimizer.territories.measures import measure
from teig.optimizer.territories.model import AssignmentModel
from teig.optimizer.territories.posting import compile_stage
from teig.optimizer.territories.search.annealing import clear, note
from teig.optimizer.territories.search.connection import evaluate_pieces
from teig.optimizer.territories.search.evaluation import evaluate
from teig.optimizer.territories.search.shifting import shift
from teig.optimizer.territories.search.state import new_state
from teig.optimizer.territories.tables import compile_tables

from ...enumeration import RULE_KINDS, random_problem

WALKS, STEPS = 150, 30
EXACT = (
    "owner", "cover_owner", "held", "pieces", "spread_count", "spread_owners", "broken",
)  # fmt: skip
CLOSE = ("load", "outside", "total", "counter", "chord", "sums", "penalty")


@numba.njit
def step(o: Any, ints: Any, reals: Any, i: int, to: int, trail: Any) -> None:
    """Evaluate a shift, carry it out and book it, as the search does."""
    clear(o, ints, reals)
    evaluate(o, ints, reals, i, to)
    evaluate_pieces(o, ints, reals, i, to)
    shift(o, ints, reals, i, to)
    trail[0] = i
    note(o, ints, reals, trail, 1, trail, 0)


def walk(model: AssignmentModel, generator: np.random.Generator, seen: Counter[str]) -> None:
    """Shift items at random and compare the state with a new one at every step."""
    tables = compile_tables(model)
    if model.largest:
        return  # limits stand for these in the search
    if not all(
        tables.allowed[b : b + w].any() for b, w in zip(tables.start, tables.width, strict=True)
    ):
        return
    owners = np.array([_open(tables, i, generator) for i in range(model.items)])
    none = np.full((model.items, 1), -1, dtype=np.int64)
    state, trail = new_state(tables, owners, none), np.zeros(model.items, dtype=np.int64)
    for _ in range(STEPS):
        item = int(generator.integers(model.items))
        to = _open(tables, item, generator)
        if to == owners[item]:
            continue
        step(*state[:3], item, to, trail)
        owners[item] = to
        fresh = new_state(tables, owners, none)
        for name in EXACT:
            assert np.array_equal(state.views[name], fresh.views[name]), name
        for name in CLOSE:
            near = np.allclose(state.views[name], fresh.views[name], rtol=1e-9, atol=1e-9)
            assert near, (name, state.views[name], fresh.views[name])
        plain = measure(model, owners)
        earlier = {limit.name for limit in model.earlier}
        broken = {part.name for part in plain.broken} - earlier
        assert bool(broken) == bool(state.views["broken"][0]), plain
        assert np.isclose(plain.objective, state.views["sums"][0], rtol=1e-7, atol=1e-7)
        for group, limit in enumerate(model.earlier, start=1):
            value = measure(limit.model, owners).objective
            assert np.isclose(value, state.views["sums"][group], rtol=1e-7, atol=1e-7)
        seen["steps"] += 1
        seen["feasible"] += plain.feasible
        seen["earlier"] += bool(model.earlier)


def _open(tables: Any, item: int, generator: np.random.Generator) -> int:
    begin, width = int(tables.start[item]), int(tables.width[item])
    return int(
        tables.first[item] + generator.choice(np.flatnonzero(tables.allowed[begin:][:width]))
    )


def test_incremental_sums_equal_naive_ones_on_random_walks() -> None:
    seen: Counter[str] = Counter()
    for number in range(WALKS):
        generator = np.random.default_rng([41, number])
        kinds = None if number % 2 else [RULE_KINDS[number // 2 % len(RULE_KINDS)]]
        problem = random_problem(generator, kinds=kinds)
        stages = problem.objective.stages
        earlier = ((stages[0], float(generator.uniform(1, 50))),) if len(stages) > 1 else ()
        walk(compile_stage(problem, stages[-1], earlier), generator, seen)
    assert seen["steps"] > 1500, seen
    assert seen["feasible"] > 200, seen
    assert seen["earlier"] > 300, seen
