"""From resolved settings and tables to a problem; what scenarios share is built once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ..models.build import build_problem
from ..models.calendar import Ramp
from ..models.errors import BadInput, InputProblem, ProblemList
from ..models.plan import Plan
from ..models.problem import Problem
from ..models.rules import Lock, Rule, Violation
from ..models.structure import TeamSpec
from ..models.tables import Table
from ..models.terms import default_objective
from ..models.totals import BUILT_IN_UNITS, MONEY_MEASURES
from ..models.travel import TravelProvider
from ..optimizer.travel import GivenMatrix
from .files import ResolvedScenario
from .files.sections import Table as TableSettings
from .objectives import build_objective
from .sources import TableShelf

#: Settings that the territory problem does not depend on, or on a part of only.
_NOT_OF_THE_PROBLEM = (
    "campaigns",
    "compensation",
    "exports",
    "handover",
    "letters",
    "limits",
    "money",
    "name",
    "quotas",
    "seed",
    "simulation",
    "teig",
)

#: Measures that every problem has, or none.
_ALWAYS_THERE = {"", *BUILT_IN_UNITS, *MONEY_MEASURES}

Tables = Mapping[str, tuple[Table, ...]]


class ProblemShelf:
    """Builds the problems of one file's scenarios.

    Parameters
    ----------
    shelf
        Where tables are read.
    found
        Collects the problems of the input.
    """

    def __init__(self, shelf: TableShelf, found: ProblemList) -> None:
        self.shelf = shelf
        self.found = found
        self.built: dict[str, Problem | None] = {}

    def problem(self, resolved: ResolvedScenario, tables: Tables) -> Problem | None:
        """Return the problem of a scenario; None, with problems noted, where there is none."""
        plain = {k: v for k, v in resolved.plain().items() if k not in _NOT_OF_THE_PROBLEM}
        # What campaigns bring and cost is none of the problem's business.
        plain["campaigns"] = [repr(each) for each in resolved.settings.campaign_list()]
        bare = {k: v for k, v in plain.items() if k not in ("rules", "objective")}
        rules = _rules_for_building(resolved)
        bare["rules"] = [repr(rule) for rule in rules]
        key, bare_key = canonical(plain), canonical(bare)
        if bare_key not in self.built:
            self.built[bare_key] = self._bare_problem(resolved, tables, rules)
        problem = self.built[bare_key]
        if key not in self.built and problem is not None:
            self.built[key] = self._ruled_problem(resolved, problem)
        return self.built.get(key)

    def _bare_problem(
        self,
        resolved: ResolvedScenario,
        tables: Tables,
        rules: Sequence[Rule],
    ) -> Problem | None:
        """Build the problem with the builder's own locks; the file's rules come afterwards."""
        settings = resolved.settings
        try:
            built = build_problem(
                tables["units"],
                tables["reps"],
                calendar=settings.calendar.work_calendar(),
                travel=_travel(resolved, tables),
                teams=self._teams(resolved),
                neighbours=_neighbours(settings.data.neighbours, tables.get("neighbours")),
                rules=rules,
                touring=settings.touring.touring(),
                currency=settings.currency,
                rates=settings.rates,
                price_year=settings.price_year,
                ramp=Ramp(settings.ramp.months),
                control_totals=settings.control_totals,
                campaigns=settings.campaign_list(),
                standards=tables.get("standards"),
                incumbent=tables.get("incumbent"),
                geometry=tables.get("geometry"),
                names=tables.get("names"),
                leaves=tables.get("leaves"),
            )
        except BadInput as error:
            self._note_once([_placed(problem, resolved) for problem in error.problems])
            return None
        own = tuple(rule for rule in built.rules if rule not in rules)
        return built.replace(rules=own, objective=default_objective(own))

    def _teams(self, resolved: ResolvedScenario) -> list[TeamSpec]:
        teams = []
        for name, team in resolved.settings.structure.teams.items():
            values = dict(team)
            if isinstance(team.neighbours, TableSettings):
                values["neighbours"] = self.shelf.read(team.neighbours, "neighbours")
            teams.append(TeamSpec(name=name, **values))
        return teams

    def _ruled_problem(self, resolved: ResolvedScenario, bare: Problem) -> Problem | None:
        try:
            ruled = bare.replace(rules=(*bare.rules, *resolved.rules))
            objective = build_objective(resolved.settings.objective, ruled)
            return ruled.replace(objective=objective)
        except BadInput as error:
            self._note_once([_placed(problem, resolved) for problem in error.problems])
            return None

    def _note_once(self, problems: Sequence[InputProblem]) -> None:
        """Note what no other scenario has found; what they suggest may differ among them."""

        def fault(problem: InputProblem) -> tuple[str, ...]:
            said = problem.message.partition(";")[0]
            return problem.source, problem.place, problem.key, problem.value, said

        known = {fault(problem) for problem in self.found}
        self.found.problems += [problem for problem in problems if fault(problem) not in known]


@dataclass(frozen=True, kw_only=True)
class _Demand(Rule):
    """Stands for the rules and terms that ask for a measure, while a problem is built."""

    kind: ClassVar[str] = "demand"
    measure: str = ""

    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """Find nothing."""
        del problem, plan
        return ()


def _rules_for_building(resolved: ResolvedScenario) -> tuple[Rule, ...]:
    """What the builder has to know of the rules: measures that are asked for, and locks."""
    measures = {str(getattr(rule, "measure", "")) for rule in resolved.rules}
    objective = resolved.settings.objective
    terms = [*(objective.order or ()), *(objective.weights or ())]
    terms += [term for stage in (objective.stages or {}).values() for term in stage]
    measures |= {term.partition(":")[2] for term in terms if not term.startswith("rule:")}
    demands = [_Demand(name=f"demand {m}", measure=m) for m in sorted(measures - _ALWAYS_THERE)]
    locks = [rule for rule in resolved.rules if isinstance(rule, Lock)]
    return (*locks, *demands)


def _travel(resolved: ResolvedScenario, tables: Tables) -> TravelProvider:
    provider: TravelProvider = resolved.settings.travel.great_circle()
    given = resolved.settings.data.travel
    if given is None:
        return provider
    return GivenMatrix(tables["travel"][0], None if given.complete else provider)


def _neighbours(given: object, tables: tuple[Table, ...] | None) -> Any:
    return tables[0] if tables else given


def _placed(problem: InputProblem, resolved: ResolvedScenario) -> InputProblem:
    """Give a problem that the models found in a setting the line of that setting."""
    if problem.source not in ("input", "problem", "travel"):
        return problem
    word, _, name = problem.place.partition(" ")
    total = problem.place.removeprefix("control_totals.")
    paths: dict[str, tuple[str, ...]] = {
        "rule": ("rules", name),
        "campaign": ("campaigns", name, *problem.key.split(".")),
        "objective": ("objective",),
        "team": ("structure", "teams", name, problem.key),
        "rates": ("rates", problem.key),
    }
    if total != problem.place:
        return resolved.problem(("control_totals", total), problem.message, problem.value)
    if problem.source == "travel":
        return resolved.problem(("travel", problem.key), problem.message, problem.value)
    if word in paths:
        return resolved.problem(paths[word], problem.message, problem.value)
    return problem


def canonical(value: object) -> str:
    """Write plain data as text, the same for the same data."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
