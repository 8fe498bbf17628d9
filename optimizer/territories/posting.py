"""How each rule and term is posted into a model. ``docs/adding-a-rule.md`` walks through one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ...models.arrays import BoolArray, FloatArray
from ...models.fair_share import share_weights
from ...models.geodesy import EARTH_RADIUS_KM
from ...models.objective import Objective, Stage
from ...models.problem import Problem
from ...models.rules import (
    TOLERANCE,
    Balance,
    BaseInTerritory,
    Capacity,
    Compactness,
    Contiguity,
    Coverage,
    DisruptionCap,
    Forbid,
    IncumbentPreference,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Overnights,
    Rule,
    SiteCapacity,
    Skills,
    Splits,
    named_covers,
)
from ...models.rules.sampled import UnderFuture
from ...models.terms import LARGEST_TERMS, TRAVEL_TERMS, stage_terms
from ...models.totals import PAIR_MEASURES, cover_values
from .draft import Draft
from .model import (
    ApartPair,
    AssignmentModel,
    Budget,
    Connected,
    Diameter,
    EarlierLimit,
    Home,
    Largest,
    SpreadGroup,
)

Post = Callable[[Any, Draft, float], None]


def post_capacity(rule: Capacity, draft: Draft, price: float) -> None:
    """Load of each owner at most its hours."""
    who = draft.owners_of(rule.teams)
    upper = np.where(who, draft.problem.owners.hours * rule.limit, np.inf)
    draft.limit(rule.name, draft.pair_values("load"), who, price, upper=upper)


def post_balance(rule: Balance, draft: Draft, price: float, dead_zone: float = TOLERANCE) -> None:
    """A measure of each owner near its share of the team's total, team by team.

    Where nothing of the total can go elsewhere it is a constant and the limits are
    fixed numbers; else they move with it.
    """
    problem = draft.problem
    for index in problem.owner_teams(rule.teams):
        who = draft.owners_of((problem.teams[index].name,))
        owners = problem.teams[index].owners
        share = np.zeros(len(problem.owners))
        share[owners.start : owners.stop] = share_weights(problem, index, rule.target)
        values = draft.pair_values(rule.measure)
        low, high = share * (1 - rule.tolerance), share * (1 + rule.tolerance)
        draft.limit(
            rule.name,
            values,
            who,
            price,
            lower=np.where(who, 0.0, -np.inf),
            upper=np.where(who, 0.0, np.inf),
            lower_share=np.where(who, low, 0.0),
            upper_share=np.where(who, high, 0.0),
            per_item=rule.measure not in PAIR_MEASURES,
            tolerance=dead_zone,
        )


def post_range(rule: MeasureRange, draft: Draft, price: float) -> None:
    """A measure of each owner between two numbers."""
    who = draft.owners_of(rule.teams)
    draft.limit(
        rule.name,
        draft.pair_values(rule.measure),
        who,
        price,
        lower=np.where(who, rule.minimum, -np.inf),
        upper=np.where(who, rule.maximum, np.inf),
        per_item=rule.measure not in PAIR_MEASURES,
    )


def post_site_capacity(rule: SiteCapacity, draft: Draft, price: float) -> None:
    """A measure of each owner within what the site of its base can carry."""
    who = np.isfinite(rule.limits(draft.problem))
    values = draft.pair_values(rule.measure)
    per_item = rule.measure not in PAIR_MEASURES
    upper = rule.limits(draft.problem)
    draft.limit(rule.name, values, who, price, upper=upper, per_item=per_item)


def post_overnights(rule: Overnights, draft: Draft, price: float) -> None:
    """Nights of each owner at most so many."""
    who = draft.owners_of(rule.teams)
    upper = np.where(who, rule.maximum, np.inf)
    draft.limit(rule.name, draft.pair_values("nights"), who, price, upper=upper)


def post_under_future(rule: UnderFuture, draft: Draft, price: float) -> None:
    """The rule itself, with the values of its future, into the same model."""
    there = copy.copy(draft)
    there.problem = rule.future.of(draft.problem)
    POSTS[rule.rule.kind](replace(rule.rule, name=rule.name), there, price)


def post_pairs(draft: Draft, name: str, amounts: FloatArray, price: float) -> None:
    """Forbid the pairs with an amount, or price it."""
    if np.isinf(price):
        draft.forbid(name, amounts > 0)
    else:
        draft.cost += price * amounts


def post_coverage(rule: Coverage, draft: Draft, price: float) -> None:
    """Only open owners, or locked ones, to whom there is a way. One owner is the model's own."""
    del price
    closed = ~draft.problem.owners.opens[draft.owner_of_pair]
    for cover, owner in draft.locked:
        closed[draft.pair(cover, owner)] = False
    draft.forbid(rule.name, closed | np.isnan(draft.minutes()))


def post_lock(rule: Lock, draft: Draft, price: float) -> None:
    """Locked covers go to their owner."""
    others = np.zeros(draft.pairs)
    for unit, owner in sorted(rule.owners.items()):
        index = draft.problem.owner_index[owner]
        for cover in rule.covers(draft.problem, unit, owner):
            width = draft.last[cover] - draft.first[cover]
            others[draft.start[cover] : draft.start[cover] + width] += 1.0
            others[draft.pair(cover, index)] -= 1.0
    post_pairs(draft, rule.name, others, price)


def post_forbid(rule: Forbid, draft: Draft, price: float) -> None:
    """Forbidden pairs are not chosen."""
    amounts = np.zeros(draft.pairs)
    for unit, owner in rule.pairs:
        index = draft.problem.owner_index[owner]
        for cover in named_covers(draft.problem, unit):
            if draft.first[cover] <= index < draft.last[cover]:
                amounts[draft.pair(cover, index)] += 1.0
    post_pairs(draft, rule.name, amounts, price)


def post_skills(rule: Skills, draft: Draft, price: float) -> None:
    """Owners without the skills are not chosen."""
    amounts = np.zeros(draft.pairs)
    needs = draft.problem.units.required_skills
    unit = draft.problem.covers.unit
    for index in draft.problem.owner_teams(rule.teams):
        team = draft.problem.teams[index]
        for cover in team.covers:
            if needs[unit[cover]]:
                for owner in team.owners:
                    lacking = len(rule.lacking(draft.problem, cover, owner))
                    amounts[draft.pair(cover, owner)] = float(lacking)
    post_pairs(draft, rule.name, amounts, price)


def post_maximum_distance(rule: MaximumDistance, draft: Draft, price: float) -> None:
    """Pairs beyond the limit are not chosen."""
    who = draft.owners_of(rule.teams)[draft.owner_of_pair]
    excess = rule.excess(draft.kilometres(), np.nan_to_num(draft.minutes()))
    excess = np.where(excess > 1e-6, excess, 0.0)
    post_pairs(draft, rule.name, np.where(who, excess, 0.0), price)


def post_base_in_territory(rule: BaseInTerritory, draft: Draft, price: float) -> None:
    """Each owner has one of the covers of its home unit."""
    for owner, covers in rule.homes(draft.problem):
        draft.homes.append(Home(rule.name, owner, covers, price))


def post_keep_together(rule: KeepTogether, draft: Draft, price: float) -> None:
    """Groups become items; softly, one owner a group and a price for each one more."""
    for group in rule.cover_groups(draft.problem):
        if np.isinf(price):
            draft.together.append(group)
        else:
            draft.spread.append(SpreadGroup(rule.name, group, 1, price))


def post_keep_apart(rule: KeepApart, draft: Draft, price: float) -> None:
    """Pairs with different owners."""
    for a, b in rule.cover_pairs(draft.problem):
        draft.apart.append(ApartPair(rule.name, a, b, price))


def post_splits(rule: Splits, draft: Draft, price: float) -> None:
    """Parts of a unit with few owners."""
    for group in rule.cover_groups(draft.problem):
        draft.spread.append(SpreadGroup(rule.name, group, rule.maximum_owners, price))


def moves(draft: Draft) -> BoolArray:
    """Pairs that take a cover from an incumbent who is still there, (pairs,)."""
    incumbent = draft.problem.covers.incumbent[draft.cover_of_pair]
    return np.asarray((incumbent >= 0) & (incumbent != draft.owner_of_pair))


def post_disruption_cap(rule: DisruptionCap, draft: Draft, price: float) -> None:
    """What leaves its incumbent, together or rep by rep, stays below a share of the book."""
    problem = draft.problem
    values = cover_values(problem, rule.measure)
    lost = np.where(moves(draft), values[draft.cover_of_pair], 0.0)
    held = problem.covers.incumbent
    if rule.scope == "all":
        book = float(values[held >= 0].sum())
        draft.budgets.append(Budget(rule.name, lost, rule.share * book, price))
        return
    # Summed over an incumbent's covers, so it is a budget each, whoever takes them.
    for owner in np.unique(held[held >= 0]).tolist():
        own = np.where(held[draft.cover_of_pair] == owner, lost, 0.0)
        book = float(values[held == owner].sum())
        draft.budgets.append(Budget(rule.name, own, rule.share * book, price))


def post_incumbent_preference(rule: IncumbentPreference, draft: Draft, price: float) -> None:
    """Each change of hands has a price."""
    amounts = np.where(moves(draft), rule.amounts(draft.problem)[draft.cover_of_pair], 0.0)
    post_pairs(draft, rule.name, amounts, price)


def post_contiguity(rule: Contiguity, draft: Draft, price: float) -> None:
    """Territories hang together on neighbour pairs that no barrier parts."""
    barriers = rule.barrier_pairs(draft.problem)
    for index in draft.problem.owner_teams(rule.teams):
        team = draft.problem.teams[index]
        edges = team.neighbours.pairs
        keep = [tuple(pair) not in barriers for pair in edges.tolist()]
        who = draft.owners_of((team.name,))
        edges = edges[np.array(keep, dtype=np.bool_)].reshape(-1, 2)
        draft.connected.append(Connected(rule.name, edges, who, price, edges))


def post_compactness(rule: Compactness, draft: Draft, price: float) -> None:
    """No two covers of an owner farther apart than a diameter."""
    angle = min(rule.maximum_diameter / EARTH_RADIUS_KM, np.pi)
    chord = 2.0 * EARTH_RADIUS_KM * float(np.sin(angle / 2.0))
    owners = draft.owners_of(rule.teams)
    draft.diameters.append(Diameter(rule.name, draft.points(), owners, chord, price))


POSTS: dict[str, Post] = {
    Balance.kind: post_balance,
    BaseInTerritory.kind: post_base_in_territory,
    Capacity.kind: post_capacity,
    Compactness.kind: post_compactness,
    Contiguity.kind: post_contiguity,
    Coverage.kind: post_coverage,
    DisruptionCap.kind: post_disruption_cap,
    Forbid.kind: post_forbid,
    IncumbentPreference.kind: post_incumbent_preference,
    KeepApart.kind: post_keep_apart,
    KeepTogether.kind: post_keep_together,
    Lock.kind: post_lock,
    MaximumDistance.kind: post_maximum_distance,
    MeasureRange.kind: post_range,
    Overnights.kind: post_overnights,
    SiteCapacity.kind: post_site_capacity,
    Skills.kind: post_skills,
    Splits.kind: post_splits,
    UnderFuture.kind: post_under_future,
}


def post_term(draft: Draft, name: str, weight: float) -> None:
    """Add a term of :mod:`teig.models.terms` to the objective."""
    kind, _, measure = name.partition(":")
    problem = draft.problem
    if name in TRAVEL_TERMS:
        draft.cost += weight * draft.pair_values(name)
    elif kind in ("distance", "inertia"):
        power = 1 if kind == "distance" else 2
        draft.cost += weight * draft.pair_values(measure) * draft.kilometres() ** power
    elif kind == "disruption":
        draft.cost += weight * np.where(moves(draft), draft.pair_values(measure), 0.0)
    elif name == "cut_edges":
        for team in problem.teams:
            edges = team.neighbours.pairs
            draft.cuts.append((edges, np.full(len(edges), weight)))
    elif name == "farthest_km":
        far = draft.kilometres()
        draft.largest.append(Largest(name, far, draft.points(), draft.owners_of(()), weight))
    elif name == "diameter_km":
        points, owners = draft.points(), draft.owners_of(())
        draft.largest.append(Largest(name, None, points, owners, weight))
    elif kind == "deviation":
        for team in problem.teams:
            even = Balance(
                name=name, measure=measure, tolerance=0.0, hard=False, teams=(team.name,)
            )
            post_balance(even, draft, weight, dead_zone=0.0)
    else:
        raise KeyError(name)


def compile_stage(
    problem: Problem, stage: Stage, earlier: tuple[tuple[Stage, float], ...] = ()
) -> AssignmentModel:
    """Compile one stage: hard rules, the stage's terms, and limits from earlier stages.

    Parameters
    ----------
    earlier
        Stages already solved, each with the largest value that it may take now.
        Where that is 0 the stage's rules are posted hard; else, or where the stage
        has other terms than rules, the model carries an :class:`EarlierLimit`.
    """
    hardened = {
        term.name.removeprefix("rule:")
        for before, limit in earlier
        for term in stage_terms(problem, before)
        if term.name.startswith("rule:") and limit <= 0.0 and term.weight > 0
    }
    draft = _started(problem)
    prices = {term.name: term.weight for term in stage_terms(problem, stage)}
    _post(draft, prices, hardened, hard=True)
    _limit_largest(draft, problem, earlier)
    limits = []
    for before, limit in earlier:
        terms = {term.name: term.weight for term in stage_terms(problem, before)}
        if limit <= 0.0 and all(name.startswith("rule:") for name in terms):
            continue
        if len(terms) == 1 and next(iter(terms)) in LARGEST_TERMS:
            continue
        priced = _started(problem)
        _post(priced, terms, hardened, hard=False)
        priced.together = draft.together
        limits.append(EarlierLimit(before.name, priced.model(), limit))
    return replace(draft.model(), earlier=tuple(limits))


def _limit_largest(
    draft: Draft, problem: Problem, earlier: tuple[tuple[Stage, float], ...]
) -> None:
    """Hold what counts by its largest value below what an earlier stage leaves for it."""
    for before, limit in earlier:
        for term in stage_terms(problem, before):
            if term.name in LARGEST_TERMS and term.weight > 0:
                most = limit / term.weight
                if term.name == "farthest_km":
                    draft.forbid(before.name, draft.kilometres() > most + 1e-9 * max(1.0, most))
                else:
                    within = Compactness(name=before.name, maximum_diameter=max(most, 0.0))
                    post_compactness(within, draft, np.inf)


def compile_rules(problem: Problem) -> AssignmentModel:
    """Compile the hard rules alone, without an objective."""
    draft = _started(problem)
    _post(draft, {}, set(), hard=True)
    return draft.model()


def _started(problem: Problem) -> Draft:
    draft = Draft(problem)
    for rule in problem.rules:
        if isinstance(rule, Lock):
            for unit, owner in sorted(rule.owners.items()):
                index = problem.owner_index[owner]
                draft.locked.update((c, index) for c in rule.covers(problem, unit, owner))
    return draft


def _post(draft: Draft, prices: dict[str, float], hardened: set[str], *, hard: bool) -> None:
    """Post rules and terms with their prices; without ``hard`` only what is soft by then."""
    problem = draft.problem
    covered = any(rule.kind == Coverage.kind for rule in problem.rules)
    for rule in problem.rules if covered else (*problem.rules, Coverage()):
        price = _price(rule, prices, hardened)
        if price > 0 and (hard or np.isfinite(price)):
            POSTS[rule.kind](rule, draft, price)
    for name, weight in prices.items():
        if not name.startswith("rule:") and weight > 0:
            post_term(draft, name, weight)


def _price(rule: Rule, prices: dict[str, float], hardened: set[str]) -> float:
    if rule.hard or rule.name in hardened:
        return float("inf")
    return prices.get(f"rule:{rule.name}", 0.0)


def stage_of(objective: Objective, name: str) -> Stage:
    """Find a stage by name."""
    return next(stage for stage in objective.stages if stage.name == name)
