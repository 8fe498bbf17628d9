"""Quotas of a scenario: its plan's territories, its budget, its reporting lines."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.calendar import Ramp
from ...models.errors import BadInput, InputProblem, did_you_mean
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.quotas.history import Span, plan_spans
from ...models.tables import Table
from ...models.totals import owner_totals
from ...optimizer.quotas.adjustment import adjust_quotas
from ...optimizer.quotas.index import needed_measures
from ...optimizer.quotas.model import Work
from ...optimizer.quotas.moves import check_moves
from ...optimizer.quotas.outlook import forecast
from ...optimizer.quotas.result import QuotaResult
from ...optimizer.quotas.setting import set_quotas
from ..files import ResolvedScenario
from ..files.sections import QuotaSettings, Settings
from .figures import (
    OwnerFigures,
    begins_after,
    flat_outlook,
    history_of,
    owner_figures,
    unit_attributes,
)
from .presence import presence_of
from .study import QuotaStudy, studied

Tables = Mapping[str, tuple[Table, ...]]

QUOTA_COLUMNS = ("node", "level", "parent", "product", "period", "quota", "index", "currency")
COMPANY, TEAM = "company", "team"
PRIMARY = "primary"
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


def quotas_of(
    settings: Settings,
    tables: Tables,
    problem: Problem,
    plan: Plan,
    structure: pd.DataFrame,
) -> QuotaStudy:
    """Set the quotas of a plan: each owner's index is that of the territory it gets.

    Only teams of role ``primary`` carry the budget; overlays are credited in a ledger of
    their own, so that no sale is counted twice.
    """
    asked = settings.quotas
    if asked is None:
        raise ValueError("the scenario sets no quotas")
    periods, attributes = period_spans(settings), unit_attributes(tables)
    history = history_of(tables, problem.currency, settings.rates)
    figures = None
    if history is not None:
        outlook = forecast(history, periods, attributes)
        owners = primary_owners(problem)
        figures = owner_figures(history, outlook, problem, plan, owners, asked, periods)
    case = _Case(settings, asked, tables, problem, plan, structure, figures)
    result, audit = case.set(Work(seed=settings.seed)), pd.DataFrame()
    if asked.moves and result.plan is not None:
        adjusted = adjust_quotas(result, _moves(asked), periods, work=Work(seed=settings.seed))
        # Limits of fairness were kept when the plan was made; a change does not ask again.
        result, audit = adjusted.result, adjusted.audit
    study = studied(result, asked, problem, plan, figures, history, attributes, settings.rates)
    return dataclasses.replace(study, audit=audit)


def _moves(asked: QuotaSettings) -> pd.DataFrame:
    frame = pd.DataFrame([move.model_dump() for move in asked.moves])
    return frame.rename(columns={"giver": "from", "taker": "to"})


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
        case = _Case(resolved.settings, asked, tables, problem, plan, structure, figures)
        found = [*_unknown_names(resolved, case), *_missing_tables(resolved, case)]
        if not found and asked.moves:
            spans = period_spans(resolved.settings)
            check_moves(_moves(asked), primary_owners(problem), case.products, spans)
        if not found:
            case.set(_LITTLE)
    except BadInput as error:
        return [resolved.problem(_path(each), _told(each), each.value) for each in error.problems]
    except ValueError as error:
        key = "new_products" if str(error).startswith("new product") else "budget"
        return [resolved.problem(("quotas", key), str(error), "")]
    return found


def quota_nodes(problem: Problem, structure: pd.DataFrame) -> dict[str, str]:
    """Level of each node that gets a quota."""
    tree = _tree(problem, structure)
    nodes = dict(zip(tree["node"], tree["level"], strict=True))
    kinds = problem.owners.kinds
    return nodes | {o: str(kinds[problem.owner_index[o]]) for o in primary_owners(problem)}


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


def _unknown_names(resolved: ResolvedScenario, case: _Case) -> list[InputProblem]:
    """Names of nodes, products and periods in the settings that are not there."""
    owners = set(primary_owners(case.problem))
    nodes = {COMPANY, *_tree(case.problem, case.structure)["node"], *owners}
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


def _missing_tables(resolved: ResolvedScenario, case: _Case) -> list[InputProblem]:
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


def _strange_estimates(resolved: ResolvedScenario, case: _Case) -> list[InputProblem]:
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


@dataclass(frozen=True, eq=False)
class _Case:
    """A scenario, a plan, and what is known of its owners."""

    settings: Settings
    asked: QuotaSettings
    tables: Tables
    problem: Problem
    plan: Plan
    structure: pd.DataFrame
    figures: OwnerFigures | None

    def set(self, work: Work) -> QuotaResult:
        """Set the quotas."""
        asked = self.asked
        pins = pd.DataFrame([pin.model_dump() for pin in asked.pins]) if asked.pins else None
        owners = primary_owners(self.problem)
        there = presence_of(
            self.problem,
            self.tables,
            self.settings.calendar.work_calendar(),
            Ramp(self.settings.ramp.months),
            period_spans(self.settings),
            owners,
        )
        keys = ["owner", "period"]
        return set_quotas(
            self._territories(owners),
            asked.budget,
            _tree(self.problem, self.structure),
            method=asked.method,
            parameters=self.parameters,
            rounding=asked.rounding,
            over_assignment=asked.over_assignment,
            products=self.products,
            periods=asked.periods,
            floors=asked.floor,
            caps=asked.cap,
            growth=asked.growth,
            pins=pins,
            ramp=there[[*keys, "productivity"]] if "ramp" in asked.prorate else None,
            presence=there[[*keys, "presence"]] if "absence" in asked.prorate else None,
            relief=asked.relief,
            zero_deviation=asked.zero_deviation,
            figures=self._figures(),
            fairness=asked.fairness,
            currency=self.problem.currency,
            work=work,
        )

    @property
    def products(self) -> Any:
        """Products as the file names them, else those of the figures."""
        frame = self._figures()
        if self.asked.products != ("all",) or frame is None or "product" not in frame.columns:
            return self.asked.products
        return tuple(dict.fromkeys(frame["product"]))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters of the method."""
        asked = self.asked
        given: dict[str, Any] = {"weights": asked.weights}
        if asked.method == "blend" and asked.target_penetration is not None:
            penetration = {"target_penetration": asked.target_penetration}
            given["settings"] = {"market_potential": penetration}
        else:
            given["target_penetration"] = asked.target_penetration
        return {name: value for name, value in given.items() if value is not None}

    def estimates(self) -> pd.DataFrame | None:
        """What the owners expect themselves; None where the file has no such table."""
        return (
            pd.DataFrame(self.tables["estimates"][0].frame) if "estimates" in self.tables else None
        )

    def _figures(self) -> pd.DataFrame | None:
        """Figures by owner, product and period; estimates where they are as fine."""
        own = None if self.figures is None else self.figures.frame
        estimates = self.estimates()
        if estimates is None:
            return own
        keys = [key for key in ("product", "period") if key in estimates.columns]
        if not keys:
            return own
        if own is None:
            return estimates
        if len(keys) < 2:
            message = "must be by product and period, or by owner alone, where there is a history"
            raise BadInput([InputProblem("estimates", "", keys[0], "", message)])
        return own.merge(estimates, on=["owner", *keys], how="left")

    def _territories(self, owners: Sequence[str]) -> pd.DataFrame:
        problem, plan = self.problem, self.plan
        above = _parents(problem, self.structure)
        measures = {name: owner_totals(problem, plan, name) for name in problem.covers.measures}
        stays = _incumbency(problem, plan)
        reps = pd.DataFrame(self.tables["reps"][0].frame).set_index("rep")
        rows = []
        for owner in owners:
            index = problem.owner_index[owner]
            row: dict[str, object] = {"owner": owner, "parent": above[owner]}
            row["level"] = str(problem.owners.kinds[index])
            row["fixed_share"] = self.asked.fixed_shares.get(owner)
            row["incumbency"] = float(stays[index])
            row["tenure"] = _tenure(reps, owner, self.settings.calendar.start)
            if "part_time" in self.asked.prorate and "full_time" in reps:
                share = reps["full_time"].get(owner)
                row["availability"] = 1.0 if share is None or pd.isna(share) else float(share)
            rows.append(row | {name: float(values[index]) for name, values in measures.items()})
        frame = pd.DataFrame(rows)
        estimates = self.estimates()
        if estimates is not None and not {"product", "period"} & set(estimates.columns):
            known = dict(zip(estimates["owner"].astype(str), estimates["estimate"], strict=True))
            frame["estimate"] = [known.get(owner) for owner in owners]
        return frame if frame["fixed_share"].notna().any() else frame.drop(columns="fixed_share")


def _incumbency(problem: Problem, plan: Plan) -> FloatArray:
    """Share of each owner's present sales that the owner has today already, (owners,)."""
    sales = problem.covers.measures["sales"]
    held = plan.owner >= 0
    count = len(problem.owners)
    kept = held & (plan.owner == problem.covers.incumbent)
    total = np.bincount(plan.owner[held], weights=sales[held], minlength=count)
    same = np.bincount(plan.owner[kept], weights=sales[kept], minlength=count)
    return np.asarray(np.divide(same, total, out=np.zeros(count), where=total > 0))


def _tenure(reps: pd.DataFrame, owner: str, start: dt.date) -> float | None:
    """Years with the company at the start of the plan; None where nobody knows."""
    hired = reps["hired"].get(owner) if "hired" in reps else None
    return max((start - hired).days / 365.25, 0.0) if isinstance(hired, dt.date) else None


def period_spans(settings: Settings) -> dict[str, Span]:
    """The plan's periods: as many equal parts of the calendar as have names."""
    asked, calendar = settings.quotas, settings.calendar
    names = tuple(asked.periods) if asked is not None else ()
    return dict(zip(names, plan_spans(len(names), calendar.start, calendar.end), strict=True))


def primary_owners(problem: Problem) -> list[str]:
    """Ids of the owners that carry the budget."""
    owners = problem.owners
    return [
        owners.ids[owner] for team in problem.teams if team.role == PRIMARY for owner in team.owners
    ]


def _parents(problem: Problem, structure: pd.DataFrame) -> dict[str, str]:
    """Node that each primary owner reports to: its manager, else its team's name."""
    lines = dict(zip(structure["person"], structure["reports_to"], strict=True))
    owners = set(problem.owners.ids)
    parents = {}
    for owner in primary_owners(problem):
        team = problem.teams[problem.owners.team[problem.owner_index[owner]]].name
        manager = lines.get(owner, "")
        usable = manager in lines and manager not in owners
        # A team may be called as one of its people is; nodes need ids of their own.
        parents[owner] = manager if usable else f"team {team}"
    return parents


def _tree(problem: Problem, structure: pd.DataFrame) -> pd.DataFrame:
    """Nodes above the owners: managers who have owners below them, teams, the company."""
    lines = dict(zip(structure["person"], structure["reports_to"], strict=True))
    roles = dict(zip(structure["person"], structure["role"], strict=True))
    rows = {COMPANY: ("", COMPANY)}
    for node in sorted(set(_parents(problem, structure).values())):
        current = node
        while current not in rows:
            above = lines.get(current, "")
            if current not in lines:
                rows[current] = (COMPANY, TEAM)
                break
            usable = above in lines and above != current
            rows[current] = (above if usable else COMPANY, roles.get(current) or "manager")
            current = rows[current][0]
    return pd.DataFrame(
        [{"node": node, "parent": parent, "level": level} for node, (parent, level) in rows.items()]
    )
