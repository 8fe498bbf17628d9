"""What rules demand, piece by piece: of this rep, of this unit, of this group.

A rule of a planner says many things at once. To name the few that stand against each
other, each hard rule is taken apart into demands, and any set of demands makes a
model of its own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...models.arrays import BoolArray
from ...models.objective import Objective
from ...models.placement import free_owners
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.rules import (
    Balance,
    Coverage,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Rule,
    Skills,
    cover_name,
)
from ...models.totals import PAIR_MEASURES
from ..territories.model import AssignmentModel
from ..territories.posting import compile_rules

#: An objective for models that only ask whether there is a plan.
NOTHING = Objective.weighted({"travel_hours": 0.0})

#: Rules whose demand on a unit shows in the pairs that they forbid.
_BY_UNIT = (MaximumDistance, Skills)


@dataclass(frozen=True, eq=False)
class Demand:
    """One thing that a hard rule demands.

    Parameters
    ----------
    rule
        As the planner wrote it.
    part
        The rule with this entry alone, under a name of its own.
    owner
        Index of the one owner that it is demanded of; None for all.
    whole
        The one unit that it is demanded of; empty for all.
    """

    rule: Rule
    part: Rule
    owner: int | None = None
    whole: str = ""

    def kept_by(self, problem: Problem, plan: Plan) -> bool:
        """Whether a plan does what is demanded, by the rule's own check."""
        subjects = {violation.subject for violation in self.part.check(problem, plan)}
        if self.owner is not None:
            return problem.owners.ids[self.owner] not in subjects
        if self.whole:
            return not any(
                cover_name(problem, cover) in subjects
                for cover in problem.covers_of_whole[self.whole]
            )
        return not subjects


def demands_of(problem: Problem) -> tuple[Demand, ...]:
    """All demands of a problem's hard rules, in the order of the rules.

    While a base is free its owner travels nowhere, which is less than any base makes it.
    Limits from above are then a relaxation, and what contradicts them contradicts every
    choice of bases. Rules that ask for enough travel, or for equal travel, prove
    nothing of that kind and are left out.
    """
    found: list[Demand] = []
    placing = len(free_owners(problem)) > 0
    for rule in problem.rules:
        if not rule.hard or isinstance(rule, Coverage) or (placing and _asks_for_travel(rule)):
            continue
        for part in _entries(rule):
            found += _by_subject(problem, rule, part)
    return tuple(found)


def _asks_for_travel(rule: Rule) -> bool:
    """Whether travelling less may break the rule."""
    if isinstance(rule, Balance):
        return rule.measure in PAIR_MEASURES
    if isinstance(rule, MeasureRange):
        return rule.measure in PAIR_MEASURES and rule.minimum > -np.inf
    return False


def _entries(rule: Rule) -> Iterator[Rule]:
    """The rule, entry by entry where it lists some."""
    if isinstance(rule, Lock):
        for number, (unit, owner) in enumerate(sorted(rule.owners.items())):
            yield dataclasses.replace(rule, name=f"{rule.name}#{number}", owners={unit: owner})
    elif isinstance(rule, Forbid):
        for number, pair in enumerate(rule.pairs):
            yield dataclasses.replace(rule, name=f"{rule.name}#{number}", pairs=(pair,))
    elif isinstance(rule, KeepApart | KeepTogether):
        for number, group in enumerate(rule.groups):
            single = dataclasses.replace(rule, name=f"{rule.name}#{number}", groups=(group,))
            if isinstance(single, KeepTogether):
                single = dataclasses.replace(single, parents=())
            yield single
        if isinstance(rule, KeepTogether) and rule.parents:
            for number, parent in enumerate(rule.parents):
                name = f"{rule.name}#parent{number}"
                yield dataclasses.replace(rule, name=name, groups=(), parents=(parent,))
    else:
        yield rule


def _by_subject(problem: Problem, rule: Rule, part: Rule) -> list[Demand]:
    model = compile_rules(problem.replace(rules=(part,), objective=NOTHING))
    if isinstance(part, _BY_UNIT) and not model.resources:
        mask = model.forbidden_by.get(part.name)
        if mask is None:
            return []
        wholes = _wholes(problem, model)
        forbidden = np.unique(model.pair_items()[mask])
        return [
            Demand(rule, part, whole=whole)
            for whole in sorted({wholes[item] for item in forbidden.tolist()})
        ]
    owners = _limited_owners(model, part.name)
    if owners is None:
        return [Demand(rule, part)]
    return [Demand(rule, part, owner) for owner in np.flatnonzero(owners).tolist()]


def _wholes(problem: Problem, model: AssignmentModel) -> list[str]:
    """Whole unit of each item."""
    wholes = [""] * model.items
    for cover, item in enumerate(model.item_of_cover.tolist()):
        wholes[item] = problem.units.wholes[int(problem.covers.unit[cover])]
    return wholes


def _limited_owners(model: AssignmentModel, name: str) -> BoolArray | None:
    """Owners that a rule limits one by one; None where it is not of that kind."""
    found = np.zeros(model.owners, dtype=np.bool_)
    for resource in model.resources:
        if resource.name == name:
            found |= resource.takes_part & (
                np.isfinite(resource.lower) | np.isfinite(resource.upper)
            )
    for part in model.connected:
        if part.name == name:
            found |= part.owners
    for diameter in model.diameters:
        if diameter.name == name:
            found |= diameter.owners
    for home in model.homes:
        if home.name == name:
            found[home.owner] = True
    return found if found.any() else None


def model_of(problem: Problem, demands: Sequence[Demand]) -> AssignmentModel:
    """Compile some demands alone, with coverage, without an objective."""
    parts = list({id(demand.part): demand.part for demand in demands}.values())
    model = compile_rules(problem.replace(rules=tuple(parts), objective=NOTHING))
    owners: dict[str, set[int]] = {}
    wholes: dict[str, set[str]] = {}
    for demand in demands:
        if demand.owner is not None:
            owners.setdefault(demand.part.name, set()).add(demand.owner)
        if demand.whole:
            wholes.setdefault(demand.part.name, set()).add(demand.whole)
    return _for_units(problem, _for_owners(model, owners), wholes)


def _for_owners(model: AssignmentModel, owners: dict[str, set[int]]) -> AssignmentModel:
    """Let rules limit the named owners alone."""

    def of(name: str) -> BoolArray:
        if name not in owners:
            return np.ones(model.owners, dtype=np.bool_)
        return np.isin(np.arange(model.owners), sorted(owners[name]))

    return dataclasses.replace(
        model,
        resources=tuple(
            dataclasses.replace(
                each,
                lower=np.where(of(each.name), each.lower, -np.inf),
                upper=np.where(of(each.name), each.upper, np.inf),
                lower_share=np.where(of(each.name), each.lower_share, 0.0),
                upper_share=np.where(of(each.name), each.upper_share, 0.0),
            )
            for each in model.resources
        ),
        connected=tuple(
            dataclasses.replace(each, owners=each.owners & of(each.name))
            for each in model.connected
        ),
        diameters=tuple(
            dataclasses.replace(each, owners=each.owners & of(each.name))
            for each in model.diameters
        ),
        homes=tuple(each for each in model.homes if of(each.name)[each.owner]),
    )


def _for_units(
    problem: Problem, model: AssignmentModel, wholes: dict[str, set[str]]
) -> AssignmentModel:
    """Let rules forbid pairs of the named units alone."""
    if not wholes:
        return model
    names = _wholes(problem, model)
    items = model.pair_items()
    forbidden = dict(model.forbidden_by)
    for name, kept in wholes.items():
        here = np.array([names[item] in kept for item in items.tolist()], dtype=np.bool_)
        forbidden[name] = forbidden[name] & here
    allowed = np.ones(model.pairs, dtype=np.bool_)
    for mask in forbidden.values():
        allowed &= ~mask
    return dataclasses.replace(model, allowed=allowed, forbidden_by=forbidden)
