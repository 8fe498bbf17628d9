"""Territory problems whose owners are alike and have no base, as a partition."""

from __future__ import annotations

import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ....models.fair_share import share_weights
from ....models.geodesy import EARTH_RADIUS_KM, directions
from ....models.objective import Term
from ....models.plan import Plan, Status
from ....models.problem import Problem
from ....models.rules import (
    TOLERANCE,
    Balance,
    Compactness,
    Contiguity,
    Coverage,
    MeasureRange,
    Rule,
)
from ....models.terms import stage_terms
from ....models.totals import PAIR_MEASURES, cover_values
from ..clock import Clock
from ..result import TerritoryResult
from ..single_stage import single_stage_result
from .model import PartitionModel
from .solve import PartitionResult, solve_partition

WORK = 0.2
"""Million proposals for each unit; the usual effort."""

Limit = Balance | MeasureRange


def alike_model(problem: Problem) -> PartitionModel | None:
    """The problem as a partition; None where it is none, or has rules or terms beyond it.

    One team, whose owners travel nowhere and are open to every unit; one stage of
    diameter, cut edges and soft limits; every territory must carry something.
    """
    team = problem.teams[0]
    terms = stage_terms(problem, problem.objective.stages[0])
    if len(problem.teams) > 1 or len(problem.objective.stages) > 1 or not _are_alike(problem):
        return None
    prices = _prices(problem, terms)
    if prices is None or not any(
        prices.get(name, 0.0) > 0 for name in ("diameter_km", "cut_edges")
    ):
        return None
    hard = [rule for rule in problem.rules if rule.hard]
    if not all(_is_known(problem, rule) for rule in hard):
        return None
    limits = [rule for rule in hard if isinstance(rule, Limit)]
    soft = [r for r in problem.rules if isinstance(r, Limit) and prices.get(f"rule:{r.name}")]
    activities, lower, upper = _amounts(problem, [*limits, *soft])
    count = len(limits)
    if not (lower[:count] - TOLERANCE * np.maximum(1.0, lower[:count]) > 0).any():
        return None
    reach = min((r.maximum_diameter for r in hard if isinstance(r, Compactness)), default=np.inf)
    places = _on_the_globe(problem)
    known = bool(np.isfinite(places).all())
    # Places help a search for few cuts too, but only a diameter needs them.
    if not known and (prices.get("diameter_km", 0.0) > 0 or np.isfinite(reach)):
        return None
    contiguous = [rule for rule in hard if isinstance(rule, Contiguity)]
    return PartitionModel(
        len(team.owners), _edges(problem, contiguous), activities, lower, upper,
        np.array([np.inf] * count + [prices[f"rule:{rule.name}"] for rule in soft]),
        points=places if known else None, diameter_price=prices.get("diameter_km", 0.0),
        cut_price=prices.get("cut_edges", 0.0),
        radius=EARTH_RADIUS_KM, longest=reach, contiguous=bool(contiguous), tolerance=TOLERANCE,
    )  # fmt: skip


def _are_alike(problem: Problem) -> bool:
    """Whether owners differ in nothing that a plan could feel."""
    team, owners = problem.teams[0], problem.owners
    return (
        team.sites is None
        and bool(owners.holds_territory.all())
        and bool(owners.opens.all())
        and 1 <= len(owners) <= len(problem.covers)
        and not np.isfinite(owners.latitude).any()
        and not team.kilometres.any()
        and not team.minutes.any()
    )


def _prices(problem: Problem, terms: tuple[Term, ...]) -> dict[str, float] | None:
    """Price of each term, None where one is beyond a partition."""
    soft = {f"rule:{r.name}": r for r in problem.rules if isinstance(r, Limit)}
    prices: dict[str, float] = {}
    for term in terms:
        rule = soft.get(term.name)
        known = term.name in ("diameter_km", "cut_edges") or (
            rule is not None and _is_known(problem, rule)
        )
        if term.weight > 0 and not known:
            return None
        prices[term.name] = prices.get(term.name, 0.0) + term.weight
    return prices


def _is_known(problem: Problem, rule: Rule) -> bool:
    if isinstance(rule, Balance):
        even = bool(np.ptp(share_weights(problem, 0, rule.target)) <= 1e-12)
        return even and rule.measure not in PAIR_MEASURES
    if isinstance(rule, MeasureRange):
        return rule.measure not in PAIR_MEASURES
    if isinstance(rule, Compactness):
        return rule.maximum_diameter > 0
    return isinstance(rule, Contiguity | Coverage)


def _amounts(
    problem: Problem, rules: list[Balance | MeasureRange]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    amounts, lower, upper = [], [], []
    for rule in rules:
        values = np.asarray(cover_values(problem, rule.measure))
        amounts.append(values)
        if isinstance(rule, Balance):
            fair = float(values.sum()) / len(problem.owners)
            lower.append(fair * (1 - rule.tolerance))
            upper.append(fair * (1 + rule.tolerance))
        else:
            lower.append(rule.minimum)
            upper.append(rule.maximum)
    shape = (len(rules), len(problem.covers))
    return np.array(amounts).reshape(shape), np.array(lower), np.array(upper)


def _edges(problem: Problem, rules: list[Contiguity]) -> IndexArray:
    pairs = problem.teams[0].neighbours.pairs
    barred = set().union(*(rule.barrier_pairs(problem) for rule in rules)) if rules else set()
    keep = [tuple(pair) not in barred for pair in pairs.tolist()]
    return np.asarray(pairs[np.array(keep, dtype=np.bool_)]).reshape(-1, 2)


def _on_the_globe(problem: Problem) -> FloatArray:
    unit = problem.covers.unit
    places = directions(problem.units.latitude[unit], problem.units.longitude[unit])
    return np.asarray(places * EARTH_RADIUS_KM)


def solve_dealing(
    problem: Problem,
    model: PartitionModel,
    *,
    work: float,
    gap: float,
    seed: int,
    start: Plan | None,
    clock: Clock,
    versions: dict[str, str],
) -> TerritoryResult:
    """Solve a problem whose partition is ``model``, and verify the plan."""
    begin = None if start is None or (start.owner < 0).any() else start.owner
    known = PartitionResult(None, Status.UNKNOWN, None, 0.0, "running", 0.0)

    def told(what: str, best: float | None, bound: float | None, plan: IndexArray | None) -> None:
        nonlocal known
        if plan is not None and model.holds(plan):
            known = PartitionResult(plan, Status.FEASIBLE, best, bound or 0.0, "running", 0.0)
        clock.say(what, best, bound)

    def result(found: PartitionResult) -> TerritoryResult:
        plan, claimed = None, 0.0
        if found.plan is not None and found.objective is not None:
            plan, claimed = Plan(found.plan), found.objective
        return single_stage_result(
            problem, found, plan, claimed, 1e-6 * max(1.0, abs(claimed)),
            work={"million_proposals": found.work}, seed=seed, clock=clock, versions=versions,
            impossible="it is proven that the limits of the territories cannot be kept",
        )  # fmt: skip

    clock.so_far = lambda: result(known)
    found = solve_partition(
        model,
        work=WORK * model.units * work,
        seconds=clock.left(),
        gap=gap,
        seed=seed,
        start=begin,
        stop=lambda: clock.interrupted,
        told=told,
    )
    return result(found)
