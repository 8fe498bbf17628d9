"""What makes the quota settings useless, found before anything is solved."""

from __future__ import annotations

import pandas as pd

from ...models.errors import BadInput, InputProblem, did_you_mean
from ...models.plan import Plan
from ...models.problem import Problem
from ...optimizer.quotas.index import needed_measures
from ...optimizer.quotas.model import Work
from ...optimizer.quotas.moves import check_moves
from ..files import ResolvedScenario
from ..files.sections import QuotaSettings
from .case import QuotaCase, Tables, asked_moves, period_spans
from .figures import (
    begins_after,
    flat_outlook,
    history_of,
    owner_figures,
)
from .nodes import COMPANY, node_tree, primary_owners

#: Tables of the data that only quotas read.
_TABLES = ("history", "crosswalk", "estimates")
#: Settings by what a problem calls them.
_SETTING_OF = {
    "floors": "floor",
    "caps": "cap",
    "pin": "pins",
    "parameters": "weights",
    "fixed_share": "fixed_shares",
    "ramp": "prorate",
    "presence": "prorate",
}
#: Enough to find out whether an input can be used, not to solve it.
_LITTLE = Work(per_solve=0.01)


def quota_problems(
    resolved: ResolvedScenario, problem: Problem, structure: pd.DataFrame, tables: Tables
) -> list[InputProblem]:
    """What makes the quota settings useless for a problem, before anything is solved."""
    asked = resolved.settings.quotas
    if asked is None or any(t.problems for role in _TABLES for t in tables.get(role, ())):
        return [p for role in _TABLES for t in tables.get(role, ()) for p in t.problems]
    try:
        history = history_of(tables, problem.currency, resolved.settings.rates)
        plan = _dealt_out(problem)
        figures = None
        if history is not None:
            periods = period_spans(resolved.settings)
            begins_after(history, periods)
            owners, outlook = primary_owners(problem), flat_outlook(history, periods)
            figures = owner_figures(history, outlook, problem, plan, owners, asked, periods)
        case = QuotaCase(resolved.settings, asked, tables, problem, plan, structure, figures)
        found = [*_unknown_names(resolved, case), *_missing_tables(resolved, case)]
        if not found and asked.moves:
            spans = period_spans(resolved.settings)
            check_moves(asked_moves(asked), primary_owners(problem), case.products, spans)
        if not found:
            case.set(_LITTLE)
    except BadInput as error:
        return [resolved.problem(_path(each), _told(each), each.value) for each in error.problems]
    except ValueError as error:
        key = "new_products" if str(error).startswith("new product") else "budget"
        return [resolved.problem(("quotas", key), str(error), "")]
    return found


def _path(problem: InputProblem) -> tuple[str, ...]:
    """Setting that a problem of ``set_quotas`` or of the history is about."""
    if problem.source in _TABLES:
        return "data", problem.source
    for word in (problem.source, problem.key):
        key = _SETTING_OF.get(word, word)
        if key in QuotaSettings.model_fields:
            return "quotas", key
    return "quotas", "budget"


def _told(problem: InputProblem) -> str:
    """A problem's message with what it is about, where the setting's path does not say it."""
    about = [problem.place] if problem.place != _path(problem)[-1] else []
    if problem.key and problem.key != problem.source and problem.key not in _path(problem)[-1]:
        about.append(problem.key)
    return ": ".join(filter(None, (*about, problem.message)))


def _unknown_names(resolved: ResolvedScenario, case: QuotaCase) -> list[InputProblem]:
    """Names of nodes, products and periods in the settings that are not there."""
    owners = set(primary_owners(case.problem))
    nodes = {COMPANY, *node_tree(case.problem, case.structure)["node"], *owners}
    products, asked = set(case.products), case.asked
    known = {"node": nodes, "product": products, "period": set(asked.periods)}
    named: list[tuple[tuple[str, ...], str, str, set[str]]] = [
        (("pins", str(position), key), str(getattr(pin, key)), key, names)
        for position, pin in enumerate(asked.pins)
        for key, names in known.items()
        if getattr(pin, key)
    ]
    named += [(("fixed_shares", owner), owner, "owner", owners) for owner in asked.fixed_shares]
    named += [
        (("moves", str(position), key), word, "owner", owners)
        for position, move in enumerate(asked.moves)
        for key, word in (("giver", move.giver), ("taker", move.taker))
    ]
    named += [(("currencies", node), node, "node", nodes) for node in asked.currencies]
    named += [
        (("new_products", str(position), "like"), launch.analogue, "product", products)
        for position, launch in enumerate(asked.launches())
        if launch.analogue
    ]
    return [
        resolved.problem(
            ("quotas", *path), f"there is no such {what}; {did_you_mean(word, names)}", word
        )
        for path, word, what, names in named
        if word not in names
    ]


def _missing_tables(resolved: ResolvedScenario, case: QuotaCase) -> list[InputProblem]:
    """Tables that the method or the settings need and the file does not name."""
    asked, found = case.asked, list[InputProblem]()
    try:
        needed = needed_measures(asked.method, case.parameters)
    except ValueError as error:
        return [resolved.problem(("quotas", "weights"), str(error), "")]
    for measure, table in (("forecast", "history"), ("estimate", "estimates")):
        if measure in needed and table not in case.tables:
            message = f"needs the table data.{table}"
            found.append(resolved.problem(("quotas", "method"), message, asked.method))
    known = {"forecast", "estimate", *case.problem.covers.measures}
    for measure in needed:
        if measure not in known:
            message = f"there is no such measure; {did_you_mean(measure, known)}"
            found.append(resolved.problem(("quotas", "weights"), message, measure))
    if asked.new_products and case.figures is None:
        message = "needs the table data.history"
        found.append(resolved.problem(("quotas", "new_products"), message, ""))
    found += _strange_estimates(resolved, case)
    for node, currency in asked.currencies.items():
        if currency not in {case.problem.currency, *case.settings.rates}:
            message = "has no plan rate in rates"
            found.append(resolved.problem(("quotas", "currencies", node), message, currency))
    return found


def _strange_estimates(resolved: ResolvedScenario, case: QuotaCase) -> list[InputProblem]:
    """Estimates of somebody who is in no roster: their money would be lost unsaid."""
    estimates = case.estimates()
    if estimates is None:
        return []
    roster = set(pd.DataFrame(case.tables["reps"][0].frame)["rep"].astype(str))
    known = roster | set(primary_owners(case.problem))
    return [
        resolved.problem(
            ("data", "estimates"), f"there is no such owner; {did_you_mean(owner, known)}", owner
        )
        for owner in dict.fromkeys(estimates["owner"].astype(str))
        if owner not in known
    ]


def _dealt_out(problem: Problem) -> Plan:
    """Some plan, for checking: today's, and what nobody has goes to its team's first owner."""
    owner = Plan.incumbent(problem).owner.copy()
    for team in problem.teams:
        covers = slice(team.covers.start, team.covers.stop)
        block = owner[covers]
        block[block < 0] = team.owners.start
        owner[covers] = block
    return Plan(owner)
