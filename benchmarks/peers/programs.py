"""The other programs: what each is for, and how it is asked.

Each is given the market and its own task as it is documented; none is tuned, and none
is asked for what it does not offer. Imports stand in the functions, since the programs
are extras.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .market import TOLERANCE, Market

Owner = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """A plan, and a bound on the program's own task where it proves one."""

    owner: Owner
    bound: float | None = None


@dataclass(frozen=True)
class Program:
    """One of the other programs.

    Parameters
    ----------
    task
        Its own task, in words.
    goal
        The measure that it makes small, by the name in ``Measures``.
    misses
        What of the field problem it does not offer.
    matched
        Whether its territories are those of the bases.
    """

    package: str
    task: str
    goal: str
    misses: str
    solve: Callable[[Market, float, int], Found]
    matched: bool = False


def solve_k_means(market: Market, seconds: float, seed: int) -> Found:
    """Means with a least and a largest number of units for each (k-means-constrained)."""
    from k_means_constrained import KMeansConstrained

    fair = market.units / market.territories
    low = int(np.ceil(fair * (1 - TOLERANCE)))
    high = int(np.floor(fair * (1 + TOLERANCE)))
    program = KMeansConstrained(
        market.territories, size_min=low, size_max=high, random_state=seed, n_init=1
    )
    return Found(np.asarray(program.fit_predict(market.plane()), dtype=np.int64))


def solve_regions(market: Market, seconds: float, seed: int) -> Found:
    """Means with connected territories (spopt, region k-means)."""
    from libpysal.weights import W
    from spopt.region import RegionKMeansHeuristic

    graph = market.graph()
    weights = W({unit: sorted(graph[unit]) for unit in graph}, silence_warnings=True)
    program = RegionKMeansHeuristic(market.plane(), market.territories, weights, seed=seed)
    program.solve()
    return Found(np.asarray(program.labels_, dtype=np.int64))


def solve_metis(market: Market, seconds: float, seed: int) -> Found:
    """Least cut with balanced size and connected territories (METIS, best of 20 cuts)."""
    import pymetis

    graph = market.graph()
    size = market.amounts[0]
    whole = np.maximum(np.rint(size / size.sum() * 1e8), 1).astype(int).tolist()
    options = pymetis.Options(
        contig=1, seed=seed, ufactor=int(TOLERANCE * 1000), ncuts=20, niter=50
    )
    lists = [np.array(sorted(graph[unit])) for unit in graph]
    found = pymetis.part_graph(
        market.territories, lists, vweights=whole, recursive=False, options=options
    )
    return Found(np.asarray(found.vertex_part, dtype=np.int64))


def solve_gerrychain(market: Market, seconds: float, seed: int) -> Found:
    """Least cut with balanced size and connected territories (gerrychain, short bursts)."""
    from gerrychain import Graph, Partition, constraints, updaters
    from gerrychain.optimization import SingleMetricOptimizer
    from gerrychain.proposals import recom
    from gerrychain.tree import bipartition_tree

    began = time.perf_counter()
    size = np.rint(market.amounts[0]).astype(int)
    plain: nx.Graph[int] = nx.Graph()
    plain.add_nodes_from((unit, {"size": int(amount)}) for unit, amount in enumerate(size))
    plain.add_edges_from(market.edges.tolist())
    tally = {"size": updaters.Tally("size"), "cut_edges": updaters.cut_edges}
    begin = Partition.from_random_assignment(
        Graph.from_networkx(plain), market.territories, TOLERANCE, "size", tally, rng=seed
    )
    # A pair that no tree cuts in balance is left for another one, or the chain stands still.
    halves = partial(bipartition_tree, max_attempts=50, allow_pair_reselection=True)
    step = partial(
        recom, pop_col="size", pop_target=float(size.sum()) / market.territories,
        epsilon=TOLERANCE, bipartition_tree_fn=halves,
    )  # fmt: skip
    within = constraints.within_percent_of_ideal_population(begin, TOLERANCE, "size")
    optimizer = SingleMetricOptimizer(
        step, [within], begin, lambda plan: len(plan["cut_edges"]), maximize=False, rng=seed
    )
    for _ in optimizer.short_bursts(10, 10**9):
        if time.perf_counter() - began > 0.9 * seconds:
            break
    best: Any = optimizer.best_part
    names = {name: index for index, name in enumerate(sorted(best.parts))}
    plan = best.assignment.to_series()
    return Found(np.array([names[plan[unit]] for unit in range(market.units)], dtype=np.int64))


def solve_greedy(market: Market, seconds: float, seed: int) -> Found:
    """Equal potential, whatever the geography (b2b-territory-optimization)."""
    from b2b_territory_optimization import TerritoryAllocator

    accounts = pd.DataFrame({"Account_ID": market.ids, "Estimated_TAM": market.amounts[1]})
    found = TerritoryAllocator().allocate_bucket(accounts, market.territories, "all")
    codes = pd.Series(found["Territory_ID"].to_numpy(), index=found["Account_ID"])
    return Found(np.asarray(pd.factorize(codes[list(market.ids)], sort=True)[0], dtype=np.int64))


def solve_highs(market: Market, seconds: float, seed: int) -> Found:
    """The field problem as an integer program; pieces are cut off as they appear (HiGHS)."""
    from .highs import solve

    return solve(market, seconds)


PROGRAMS: dict[str, Program] = {
    "highs": Program(
        "scipy", "the field problem itself, separators added on violation", "kilometres", "",
        solve_highs, matched=True,
    ),
    "k-means-constrained": Program(
        "k_means_constrained", "squares to the mean, units within 10 % of equal", "spread",
        "size, potential, contiguity, bases", solve_k_means,
    ),
    "spopt": Program(
        "spopt", "squares to the mean, contiguous", "spread",
        "balance, bases", solve_regions,
    ),
    "gerrychain": Program(
        "gerrychain", "cut borders, size within 10 %, contiguous", "cut",
        "potential, bases", solve_gerrychain,
    ),
    "metis": Program(
        "pymetis", "cut borders, size at most 10 % above, contiguous", "cut",
        "least size, potential, bases", solve_metis,
    ),
    "b2b-territory-optimization": Program(
        "b2b_territory_optimization", "equal potential", "off_potential",
        "size, contiguity, distance, bases", solve_greedy,
    ),
}  # fmt: skip
"""By name; HiGHS comes with scipy."""


def quietly(program: Program, market: Market, seconds: float, seed: int) -> Found:
    """Ask a program; its warnings are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return program.solve(market, seconds, seed)
