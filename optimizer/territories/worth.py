"""The most that plans can be worth, where every pair of a cover and an owner has a worth.

Money, say, puts a worth on pairs that is not what a plan is made by. Of all plans only
those count that keep the hard rules and do in the leading stages of a strict order,
those that ask for rules alone (nobody above the hours, fair shares), no worse than a
plan at hand: no other would be chosen. Contiguity is left out, which can only raise
what is found.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ...models.arrays import FloatArray, IndexArray
from ...models.objective import Objective, Stage
from ...models.problem import Problem
from ...models.rules import Balance, Capacity, IncumbentPreference, MeasureRange, Overnights, Rule
from ...models.terms import stage_terms
from .model import AssignmentModel, Resource
from .posting import compile_stage
from .prices import price_bound
from .prices.bound import Prices

#: Rules whose limit moves outward by an amount in their own unit.
_MOVABLE = (Capacity, Balance, MeasureRange, Overnights)
_WORTH = Stage("worth", ())
#: What floating point may add to a stage's value, a share of it.
_SLACK = 1e-9


class WorthModel:
    """A problem whose plans are looked through for the most worth, worth after worth.

    Parameters
    ----------
    reached
        Value of each stage in the plan at hand, by stage name.
    """

    def __init__(self, problem: Problem, reached: Mapping[str, float]) -> None:
        may = dict(_may_be_broken(problem, reached))
        rules = tuple(_held(rule, may) for rule in problem.rules)
        held = problem.replace(rules=rules, objective=Objective((_WORTH,)))
        model = compile_stage(held, _WORTH)
        self.model = dataclasses.replace(
            model, resources=tuple(_widened(r, may.get(r.name, 0.0)) for r in model.resources)
        )
        #: Most hours that plans may load on each owner, inf where nothing says, (owners,).
        self.load_limit = _load_limit(held, may)
        self._pair = _pair_of_cover_pairs(problem, self.model)
        self._prices: Prices | None = None

    def most(self, worth: Sequence[FloatArray], passes: float) -> tuple[float, IndexArray]:
        """An upper bound on the sum of worths, and owners of covers that come near it.

        Parameters
        ----------
        worth
            One block per team, (covers, owners) each.
        passes
            Work of the search for prices, over all pairs.

        Returns
        -------
        float, array
            The bound; owners by cover, which need not keep every rule, (covers,).
        """
        flat = np.concatenate([np.ravel(block) for block in worth])
        cost = -np.bincount(self._pair, weights=flat, minlength=self.model.pairs).astype(np.float64)
        priced = dataclasses.replace(self.model, cost=cost)
        # Prices of other worths lead the search fast, yet now and then astray.
        starts = (None,) if self._prices is None else (None, self._prices)
        tries = [price_bound(priced, work=passes / len(starts), prices=p) for p in starts]
        found = max(tries, key=lambda each: each.bound)
        self._prices = found.prices
        return -found.bound, self.model.cover_owners(found.plan)


def _may_be_broken(problem: Problem, reached: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Soft rules of the leading stages, and by how much a plan no worse may break each."""
    for stage in problem.objective.stages:
        terms = stage_terms(problem, stage)
        if stage.name not in reached or not all(t.name.startswith("rule:") for t in terms):
            return
        value = max(reached[stage.name], 0.0) * (1.0 + stage.tolerance + _SLACK)
        for term in terms:
            if term.weight > 0:
                yield term.name.removeprefix("rule:"), value / term.weight


def _held(rule: Rule, may: Mapping[str, float]) -> Rule:
    """The rule made hard where its limit is known."""
    amount = may.get(rule.name)
    if rule.hard or amount is None or isinstance(rule, IncumbentPreference):
        return rule
    if amount > 0 and not isinstance(rule, _MOVABLE):
        return rule
    return dataclasses.replace(rule, hard=True, price=0.0)


def _load_limit(problem: Problem, may: Mapping[str, float]) -> FloatArray:
    limit = np.full(len(problem.owners), np.inf)
    for rule in problem.rules:
        if isinstance(rule, Capacity) and rule.hard:
            for team in problem.owner_teams(rule.teams):
                owners = problem.teams[team].owners
                span = slice(owners.start, owners.stop)
                hours = problem.owners.hours[span] * rule.limit + may.get(rule.name, 0.0)
                limit[span] = np.minimum(limit[span], hours)
    return limit


def _widened(resource: Resource, amount: float) -> Resource:
    return dataclasses.replace(
        resource, lower=resource.lower - amount, upper=resource.upper + amount
    )


def _pair_of_cover_pairs(problem: Problem, model: AssignmentModel) -> IndexArray:
    """Pair of the model of each pair of a cover and an owner, teams one after the other."""
    found = [np.empty(0, dtype=np.int64)]
    for team in problem.teams:
        covers = np.arange(team.covers.start, team.covers.stop)
        items = model.item_of_cover[covers]
        owners = np.arange(team.owners.start, team.owners.stop)
        found.append((model.start[items] - model.first[items])[:, None] + owners[None, :])
    return np.concatenate([np.ravel(each) for each in found])
