"""From data frames to a frozen problem: the steps, in order, and everything wrong at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..calendar import Ramp, WorkCalendar
from ..campaigns import Campaign
from ..errors import ProblemList
from ..objective import Objective
from ..problem import Covers, Problem
from ..rules import Balance, Rule
from ..standards import ServiceStandards
from ..structure import TeamSpec
from ..tables import Tables, as_tables
from ..terms import default_objective
from ..touring import Touring
from ..travel import TravelProvider
from .accounting import check_control_totals, touched_notes, touched_table
from .alignment import read_alignment
from .campaigns import address_campaigns, campaign_loads, with_campaigns
from .covers import built_covers, built_teams
from .gathering import demanded_measures, gathered
from .geography import base_places, unit_places
from .intake import Intake
from .loads import team_loads
from .oversized import oversized_notes
from .owners import build_roster
from .teams import assemble, given_teams, take_locks
from .units import build_market


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
    given = {
        "units": units, "reps": reps, "standards": standards, "incumbent": incumbent,
        "geometry": geometry, "names": names, "leaves": leaves,
    }  # fmt: skip
    tables = {kind: as_tables(some, kind) for kind, some in given.items()}
    rows = gathered(tables, teams, currency, rates or {}, intake)
    read = {kind: one for kind, one in rows.items() if tables[kind]}
    check_control_totals(control_totals or {}, read, intake)
    market = build_market(
        rows["units"], rows["geometry"], demanded_measures(teams, rules, objective), intake
    )
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
    built = built_teams(assembled, loads, market, roster, travel, neighbours, intake)
    all_rules = (*rules, *take_locks(assembled, market, roster, rules, intake))
    intake.found.raise_any()
    intake.notes.extend(oversized_notes(assembled, loads, market, roster))
    covers = built_covers(assembled, loads, alignments, market, roster)
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
