"""How today's alignment came about: grown round the bases, and never tidied up.

Territories grow along the borders from every base, pushed by a price each until the
rep carries about the load that the history below says. So they hang together and are
plausible, and some are far too large. A few counties stay with whoever opened them.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....models import Problem
from ....models.arrays import FloatArray, IndexArray
from .chance import draw

#: Load over hours that each rep has grown into.
GROWN: Mapping[str, float] = {
    "R01": 1.22,
    "R02": 0.86,
    "R03": 0.85,
    "R04": 1.05,
    "R05": 0.95,
    "R06": 1.08,
    "R07": 0.88,
    "R08": 0.80,
    "R09": 1.16,
    "R10": 0.98,
    "R11": 0.96,
    "V01": 0.97,
    "R13": 1.06,
    "R14": 0.84,
    "R15": 0.80,
    "R16": 0.95,
    "R17": 1.04,
    "R18": 0.86,
    "R19": 0.98,
    "R20": 1.05,
    "R21": 0.82,
    "R22": 0.93,
    "R23": 0.96,
    "R24": 0.78,
    "R25": 1.10,
    "R26": 0.90,
    "R27": 0.80,
    "R28": 1.02,
    "R29": 0.85,
    "R30": 0.8,
    "R31": 0.96,
}
#: Parts of the largest counties by who has them today.
SHARED: Mapping[str, Mapping[str, int]] = {
    "17031": {"R01": 6, "R02": 3, "R04": 2, "R03": 1},
    "26125": {"R10": 3},
    "26163": {"R09": 3},
    "27053": {"R20": 2, "R21": 1},
}
#: Counties that stayed with whoever opened them.
FAVOURS: Mapping[str, str] = {
    "17113": "R23",  # McLean, IL (Bloomington)
    "39113": "R15",  # Montgomery, OH (Dayton)
    "29077": "R24",  # Greene, MO (Springfield)
    "26077": "R03",  # Kalamazoo, MI
    "38015": "R20",  # Burleigh, ND (Bismarck)
    "31079": "R29",  # Hall, NE (Grand Island)
    "55063": "R20",  # La Crosse, WI
}
#: Who left at the end of October 2026, and the vacancy that stands in the roster since.
LEAVER, VACANCY = "R12", "V01"
#: Share of the sites that need a certificate whose rep of today has none.
EXPIRED = 0.15
ROUNDS = 400


@dataclass(frozen=True, eq=False)
class Map:
    """The field team's covers, ready to be grown over.

    Parameters
    ----------
    kilometres
        From every base, (covers, owners).
    load
        Workload and travel with each owner, (covers, owners).
    settled
        Owner of covers that are not grown over, -1 for the others, (covers,).
    """

    neighbours: tuple[tuple[int, ...], ...]
    kilometres: FloatArray
    load: FloatArray
    settled: IndexArray
    homes: Mapping[int, int]


def incumbent_table(problem: Problem, accounts: pd.DataFrame, routes: pd.Series) -> pd.DataFrame:
    """``incumbent.csv`` of the field team: ``unit, rep, role, share, since``.

    Parameters
    ----------
    problem
        The field team alone.
    accounts
        Named accounts with the ``county`` around them.
    routes
        ``own``, ``dealer`` or ``quiet`` by county.
    """
    chart = _map(problem, frozenset(accounts["unit"]), routes)
    owner = _pushed(problem, chart)
    units, owners = problem.units, problem.owners
    for county, rep in FAVOURS.items():
        owner[list(problem.covers_of_whole[county])] = problem.owner_index[rep]
    held: dict[tuple[str, str], float] = {}
    for cover in np.flatnonzero(owner >= 0).tolist():
        unit = int(problem.covers.unit[cover])
        key = (units.wholes[unit], owners.ids[owner[cover]])
        held[key] = held.get(key, 0.0) + float(units.shares[unit])
    held.update(_accounts_held(problem, accounts, held))
    rows = [
        (unit, LEAVER if rep == VACANCY else rep, "primary", round(share, 4))
        for (unit, rep), share in sorted(held.items())
    ]
    table = pd.DataFrame(rows, columns=["unit", "rep", "role", "share"])
    table["since"] = [_since(*key) for key in zip(table["unit"], table["rep"], strict=True)]
    return table


def contract_table(accounts: pd.DataFrame) -> pd.DataFrame:
    """Who holds the frame contract of which local group today: one owner a group."""
    local = accounts[accounts["buying"] == "local"]
    groups = sorted(set(local["parent"]))
    owner = {group: ("K01", "K02")[number % 2] for number, group in enumerate(groups)}
    table = pd.DataFrame({"unit": local["unit"], "rep": local["parent"].map(owner)})
    table = table.assign(role="contract", share=1.0)
    table["since"] = [_since(*key) for key in zip(local["parent"], table["rep"], strict=True)]
    return table


def _map(problem: Problem, accounts: frozenset[str], routes: pd.Series) -> Map:
    team = problem.teams[0]
    near: list[list[int]] = [[] for _ in team.covers]
    for a, b in team.neighbours.pairs.tolist():
        near[a].append(b)
        near[b].append(a)
    wholes = [problem.units.wholes[unit] for unit in problem.covers.unit]
    settled = np.full(len(problem.covers), -1, dtype=np.int64)
    other = {"dealer": problem.owner_index["P01"], "quiet": problem.owner_index["H01"]}
    for cover, whole in enumerate(wholes):
        if whole in accounts:
            settled[cover] = -2
        elif routes[whole] != "own":
            settled[cover] = other[routes[whole]]
    homes: dict[int, int] = {}
    for whole, shares in SHARED.items():
        covers = iter(problem.covers_of_whole[whole])
        for rep, count in shares.items():
            for _ in range(count):
                cover = next(covers)
                settled[cover] = problem.owner_index[rep]
    load = problem.covers.workload[:, None] + problem.travel_hours(0)
    for owner in np.flatnonzero(problem.owners.holds_territory).tolist():
        kilometres = np.where(
            (settled == owner) | (settled == -1), team.kilometres[:, owner], np.inf
        )
        homes[owner] = int(kilometres.argmin())
    return Map(tuple(map(tuple, near)), team.kilometres, load, settled, homes)


def _pushed(problem: Problem, chart: Map) -> IndexArray:
    """Owner of every county after prices have pushed the loads to what history says."""
    hours = problem.owners.hours
    wanted = np.array([GROWN.get(rep, 0.0) for rep in problem.owners.ids]) * hours
    grows = wanted > 0
    price = np.zeros(len(hours))
    best, worst = chart.settled, np.inf
    for turn in range(ROUNDS):
        owner = _grown(chart, price)
        mine = np.flatnonzero(owner >= 0)
        carried = np.bincount(owner[mine], chart.load[mine, owner[mine]], minlength=len(hours))
        ratio = np.log(np.maximum(carried[grows], 1.0) / wanted[grows])
        ratio -= ratio.mean()
        if np.abs(ratio).max() < worst:
            best, worst = owner, float(np.abs(ratio).max())
        price[grows] += 60.0 * ratio / (1.0 + turn / 25.0)
    return best


def _grown(chart: Map, price: FloatArray) -> IndexArray:
    """Grow all territories at once, the cheapest step first; each stays in one piece."""
    owner = np.where(chart.settled >= 0, chart.settled, -1)
    steps: list[tuple[float, int, int]] = []

    def reach(cover: int, who: int) -> None:
        owner[cover] = who
        for other in chart.neighbours[cover]:
            if owner[other] < 0 and chart.settled[other] == -1:
                heapq.heappush(steps, (chart.kilometres[other, who] + price[who], other, who))

    for who, home in sorted(chart.homes.items()):
        if owner[home] in (-1, who):
            reach(home, who)
    for cover in np.flatnonzero(chart.settled >= 0).tolist():
        if int(chart.settled[cover]) in chart.homes:
            reach(cover, int(chart.settled[cover]))
    while steps:
        _, cover, who = heapq.heappop(steps)
        if owner[cover] < 0:
            reach(cover, who)
    return owner


def _accounts_held(
    problem: Problem, accounts: pd.DataFrame, held: Mapping[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    """Owner of every named account: the county's, the whole group's, or one with the skill."""
    around = dict(zip(problem.units.names, problem.units.wholes, strict=True))
    by_county: dict[str, tuple[float, str]] = {}
    for (county, rep), share in sorted(held.items()):
        by_county[county] = max(by_county.get(county, (0.0, "")), (share, rep))
    found: dict[tuple[str, str], float] = {}
    group_owner: dict[str, str] = {}
    for site in accounts.itertuples():
        rep = by_county[around[str(site.county)]][1]
        cover = problem.covers_of_whole[str(site.unit)][0]
        if site.skills and draw(site.unit, "expired") >= EXPIRED:
            rep = _nearest_skilled(problem, cover, rep)
        if site.buying == "central":
            rep = group_owner.setdefault(str(site.parent), rep)
        found[str(site.unit), rep] = 1.0
    return found


def _nearest_skilled(problem: Problem, cover: int, rep: str) -> str:
    needed = problem.units.required_skills[problem.covers.unit[cover]]
    owners = problem.owners
    if needed <= owners.skills[problem.owner_index[rep]]:
        return rep
    able = [
        who
        for who in range(len(owners))
        if owners.holds_territory[who] and needed <= owners.skills[who]
    ]
    return owners.ids[min(able, key=lambda who: problem.teams[0].minutes[cover, who])]


def _since(unit: str, rep: str) -> str:
    """First day of a relationship; nothing of somebody new is old."""
    begin = 2026.84 if rep == "R31" else 2012.0
    day = begin + (2026.9 - begin) * draw(unit, rep, "since") ** 0.7
    year = int(day)
    return f"{year}-{1 + int((day - year) * 12):02d}-01"
