"""From data frames to a frozen problem: the steps, in order, and everything wrong at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..arrays import FloatArray
from ..calendar import Ramp, WorkCalendar
from ..campaigns import Campaign
from ..errors import ProblemList
from ..objective import Objective
from ..problem import Covers, Problem, Team
from ..rules import Balance, Rule
from ..standards import ServiceStandards
from ..structure import TeamSpec
from ..tables import Table, Tables, as_tables
from ..terms import default_objective
from ..touring import Touring
from ..travel import TravelProvider
from .accounting import check_control_totals, touched_notes, touched_table
from .alignment import TeamAlignment, incumbents, read_alignment
from .campaigns import address_campaigns, campaign_loads, with_campaigns
from .geography import Graphs, base_places, neighbours_of, team_travel, unit_places
from .intake import Intake, Rows, check_unique, gather
from .loads import TeamLoads, team_loads
from .owners import Roster, build_roster
from .teams import Assembled, assemble, given_teams, take_locks
from .units import Market, build_market, in_plan_currency, too_large

#: What units are held against fair shares by.
_SIZES = ("potential", "workload")


def build_problem(
    units: Tables,
    reps: Tables,
    *,
    calendar: WorkCalendar,
    travel: TravelProvider,
    teams: Sequence[TeamSpec] = (),
    standards: Tables | None = None,
    incumbent: Tables | None = None,
    geometry: Tables | None = None,
    names: Tables | None = None,
    leaves: Tables | None = None,
    neighbours: str | Tables | None = None,
    rules: Sequence[Rule] = (),
    objective: Objective | None = None,
    touring: Touring | None = None,
    currency: str = "EUR",
    rates: Mapping[str, float] | None = None,
    price_year: int = 0,
    ramp: Ramp | None = None,
    control_totals: Mapping[str, float] | None = None,
    campaigns: Sequence[Campaign] = (),
) -> Problem:
    """Build the territory problem from data frames, or from tables that were read.

    Parameters
    ----------
    units, reps, standards, incumbent, geometry, names, leaves
        Tables with the columns of :data:`teig.models.tables.COLUMNS`; one or several.
    calendar
        Plan period and working time.
    travel
        Gives minutes and kilometres from bases to units.
    teams
        Structure; without it the roster's one team covers everything.
    neighbours
        ``borders``, ``points``, ``none`` or a table of pairs; by default borders where
        units have areas, else points. A team's own setting goes first.
    rules
        In addition to a lock for every owner that ``takes`` units.
    objective
        By default the strict order capacity, balance, travel, disruption.
    currency, rates, price_year
        Plan currency, the plan rate of one unit of each other currency in it, and the
        year whose prices money is in.
    ramp
        What somebody new sells, month by month.
    control_totals
        ``units.sales`` and the like → what the column has to add up to.
    campaigns
        What is done beyond the service standards; their hours and visits are added to
        the units'.

    Returns
    -------
    Problem
        Its ``notes`` say what was repaired, left out, imputed and linked, and which
        units are larger than one rep's fair share.

    Raises
    ------
    BadInput
        With everything that is wrong in all tables, at once.

    Examples
    --------
    >>> import pandas as pd
    >>> from teig.models import WorkCalendar, build_problem
    >>> from teig.optimizer.travel import GreatCircle
    >>> units = pd.DataFrame({
    ...     "unit": ["0301", "3301", "3203"], "name": ["Oslo", "Drammen", "Asker"],
    ...     "latitude": [59.91, 59.74, 59.83], "longitude": [10.75, 10.20, 10.43],
    ...     "potential": [900.0, 200.0, 300.0], "sales": [200.0, 60.0, 50.0],
    ...     "workload_hours": [900.0, 240.0, 310.0], "visits": [450.0, 120.0, 150.0],
    ...     "parts": [3, 1, 1],
    ... })
    >>> reps = pd.DataFrame({"rep": ["R1", "R2"], "base": ["0301", "3203"]})
    >>> problem = build_problem(
    ...     units, reps, calendar=WorkCalendar.of_year(2027, "NO"), travel=GreatCircle(),
    ...     currency="NOK",
    ... )
    >>> problem.units.ids
    ('0301#1', '0301#2', '0301#3', '3301', '3203')
    >>> problem.teams[0].minutes.shape, problem.owners.hours.tolist()
    ((5, 2), [1472.0, 1472.0])
    """
    intake = Intake(ProblemList("input"))
    tables = {
        kind: as_tables(given, kind)
        for kind, given in (
            ("units", units),
            ("reps", reps),
            ("standards", standards),
            ("incumbent", incumbent),
            ("geometry", geometry),
            ("names", names),
            ("leaves", leaves),
        )
    }
    rates = dict(rates or {})
    rows = _gathered(tables, teams, currency, rates, intake)
    given = {kind: one for kind, one in rows.items() if tables[kind]}
    check_control_totals(control_totals or {}, given, intake)
    demanded = _demanded(teams, rules, objective)
    market = build_market(rows["units"], rows["geometry"], demanded, intake)
    roster = build_roster(
        rows["reps"], rows["names"], rows["leaves"], market, calendar, ramp or Ramp(), intake
    )
    standard = ServiceStandards(rows["standards"].frame) if tables["standards"] else None
    every_table = [table for several in tables.values() for table in several]
    intake.notes.extend(touched_notes(touched_table(every_table, standard), currency))
    everywhere = base_places(roster, range(len(roster.positions))), unit_places(market)
    intake.found.problems.extend(travel.check(*everywhere))
    specs = given_teams(teams, roster, intake)
    assembled = assemble(specs, market, roster, intake)
    alignments = read_alignment(rows["incumbent"], assembled, market, roster, calendar, intake)
    loads = [
        team_loads(team, market, standard, calendar.share_of_year, intake) for team in assembled
    ]
    addressed = address_campaigns(campaigns, assembled, market, calendar, intake)
    loads = with_campaigns(loads, addressed, assembled, market)
    graphs = Graphs(market, intake)
    unit_graphs = [
        graphs.graph(neighbours if team.spec.neighbours is None else team.spec.neighbours)
        for team in assembled
    ]
    built = _built_teams(assembled, loads, market, roster, travel, unit_graphs, intake)
    all_rules = (*rules, *take_locks(assembled, market, roster, rules, intake))
    intake.found.raise_any()
    intake.notes.extend(_too_large_notes(assembled, loads, market, roster))
    covers = _covers(assembled, loads, alignments, market, roster)
    members = [member for team in assembled for member in team.members]
    numbers = [number for number, team in enumerate(assembled) for _ in team.members]
    return Problem(
        units=market.parted(),
        owners=roster.owners(members, numbers),
        covers=covers,
        teams=built,
        rules=all_rules,
        objective=objective or default_objective(all_rules, _totals(all_rules, covers)),
        touring=touring or Touring(),
        currency=currency,
        price_year=price_year,
        notes=tuple(dict.fromkeys(intake.notes)),
        campaigns=campaign_loads(addressed, assembled, market),
    )


def _gathered(
    tables: Mapping[str, tuple[Table, ...]],
    teams: Sequence[TeamSpec],
    currency: str,
    rates: Mapping[str, float],
    intake: Intake,
) -> dict[str, Rows]:
    """Rows by kind, money in the plan currency; raises where a table cannot be read at all."""
    rows = {kind: gather(several, intake) for kind, several in tables.items()}
    if not all(one.readable for one in rows.values()):
        intake.found.raise_any()
    for name, rate in sorted(rates.items()):
        if not (np.isfinite(rate) and rate > 0):
            intake.found.add("a plan rate must be positive", place="rates", key=name, value=rate)
    money = ("potential", "sales", *_money_columns(teams))
    rows["units"] = in_plan_currency(rows["units"], money, currency, rates, intake)
    rows["reps"] = in_plan_currency(rows["reps"], ("cost",), currency, rates, intake)
    for kind, key in (("units", "unit"), ("reps", "rep")):
        check_unique(rows[kind], key, intake)
    return rows


def _money_columns(teams: Sequence[TeamSpec]) -> tuple[str, ...]:
    """Columns that teams take their own potential and sales from."""
    columns = {
        share for team in teams for share in (team.potential, team.sales) if isinstance(share, str)
    }
    return tuple(sorted(columns - {"potential", "sales"}))


def _demanded(
    teams: Sequence[TeamSpec], rules: Sequence[Rule], objective: Objective | None
) -> frozenset[str]:
    """Names of measures that rules, terms and teams ask for."""
    names: set[str] = {getattr(rule, key, "") for rule in rules for key in ("measure", "capacity")}
    for team in teams:
        names |= {str(one) for one in (team.potential, team.sales, team.workload, team.visits)}
    for stage in objective.stages if objective else ():
        names |= {term.name.partition(":")[2] for term in stage.terms}
    return frozenset(names - {""})


def _built_teams(
    assembled: Sequence[Assembled],
    loads: Sequence[TeamLoads],
    market: Market,
    roster: Roster,
    travel: TravelProvider,
    graphs: Sequence[Any],
    intake: Intake,
) -> tuple[Team, ...]:
    teams = []
    cover, owner = 0, 0
    for team, load, graph in zip(assembled, loads, graphs, strict=True):
        parts = market.parts[team.units]
        minutes, kilometres = team_travel(team, load.visits, market, roster, travel, intake)
        count = int(parts.sum())
        teams.append(
            Team(
                name=team.spec.name,
                role=team.spec.role,
                covers=range(cover, cover + count),
                owners=range(owner, owner + len(team.members)),
                minutes=np.repeat(minutes, parts, axis=0),
                kilometres=np.repeat(kilometres, parts, axis=0),
                neighbours=neighbours_of(team, cover, graph, market, roster, intake),
                credit=team.spec.credit,
            )
        )
        cover, owner = cover + count, owner + len(team.members)
    return tuple(teams)


def _covers(
    assembled: Sequence[Assembled],
    loads: Sequence[TeamLoads],
    alignments: Sequence[TeamAlignment],
    market: Market,
    roster: Roster,
) -> Covers:
    first = market.first_part
    members = [member for team in assembled for member in team.members]
    owner_at = {member: number for number, member in enumerate(members)}
    unit, number, columns = [], [], []
    for index, (team, load) in enumerate(zip(assembled, loads, strict=True)):
        parts = market.parts[team.units]
        within = np.arange(int(parts.sum())) - np.repeat(np.cumsum(parts) - parts, parts)
        unit.append(np.repeat(first[team.units], parts) + within)
        number.append(np.full(int(parts.sum()), index, dtype=np.int64))
        share = 1.0 / np.repeat(parts, parts)
        given = {**load.measures, " workload": load.workload, " visits": load.visits}
        columns.append({name: np.repeat(values, parts) * share for name, values in given.items()})
    joined: dict[str, FloatArray] = {
        name: np.concatenate([each[name] for each in columns]) for name in columns[0]
    }
    incumbent, incumbent_ids, tenure = incumbents(alignments, roster, owner_at)
    return Covers(
        unit=np.concatenate(unit),
        team=np.concatenate(number),
        workload=joined.pop(" workload"),
        visits=joined.pop(" visits"),
        measures=joined,
        incumbent=incumbent,
        incumbent_ids=incumbent_ids,
        tenure=tenure,
    )


def _totals(rules: Sequence[Rule], covers: Covers) -> dict[str, float]:
    """What each balanced measure adds up to, so that several can be weighed alike."""
    known = {
        **covers.measures,
        "workload": covers.workload,
        "load": covers.workload,
        "visits": covers.visits,
    }
    totals = {}
    for rule in rules:
        if isinstance(rule, Balance) and rule.measure in known:
            total = float(known[rule.measure].sum())
            if total > 0:
                totals[rule.measure] = total
    return totals


def _too_large_notes(
    assembled: Sequence[Assembled],
    loads: Sequence[TeamLoads],
    market: Market,
    roster: Roster,
) -> list[str]:
    """Name units, or parts, that alone are more than one rep's fair share."""
    notes = []
    names = market.rows.texts("name")
    for team, load in zip(assembled, loads, strict=True):
        owners = sum(roster.positions[m].kind.holds_territory for m in team.members)
        free = team.free(roster)
        parts = market.parts[team.units]
        if not owners:
            continue
        for size in _SIZES:
            values = load.workload if size == "workload" else load.measures[size]
            total = float(values[free].sum())
            for at in np.flatnonzero(free & too_large(values / parts, total, owners)):
                unit = team.units[at]
                times = values[at] / total * owners
                which = f"{market.ids[unit]} ({names[unit]})" if names[unit] else market.ids[unit]
                remedy = f"at least {int(np.ceil(times))} parts would let reps share it"
                notes.append(
                    f"team {team.spec.name}: unit {which} alone holds {times:.2f} fair shares "
                    f"of {size} in {parts[at]} part{'s' if parts[at] > 1 else ''}; {remedy}"
                )
    return notes
