"""The invented sales force: positions, people, service standards.

Nobody here exists. Bases are real towns, so that distances are real.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .census import Census

#: Cost of a full-time position a year, USD: pay, bonus at target, car, benefits.
COSTS = {
    "field": 118_000,
    "hire": 118_000,
    "contracts": 152_000,
    "key": 152_000,
    "specialists": 136_000,
    "inside": 74_000,
}


@dataclass(frozen=True)
class Position:
    """One row of the roster; see the columns of ``reps.csv``."""

    rep: str
    town: str
    state: str
    name: str
    reports_to: str
    team: str = "field"
    kind: str = "rep"
    full_time: float = 1.0
    skills: str = ""
    valid_from: str = ""
    valid_to: str = ""
    leave: tuple[str, str] = ("", "")
    hired: str = ""
    takes: str = ""


_SAFE = "food-safety"
POSITIONS = (
    Position("R01", "Chicago", "IL", "Aaliyah Brooks", "M2"),
    Position("R02", "Oak Lawn", "IL", "Tomasz Wiśniewski", "M2"),
    Position("R03", "Naperville", "IL", "Grace O'Malley", "M2", skills=_SAFE),
    Position("R04", "Schaumburg", "IL", "José Núñez", "M2", skills=_SAFE),
    Position("R05", "Peoria", "IL", "Dale Hutchins", "M4"),
    Position("R06", "Indianapolis", "IN", "Marcus Webb", "M1"),
    Position("R07", "Fort Wayne", "IN", "Renée Dubois", "M1", full_time=0.8),
    Position("R08", "Bloomington", "IN", "Carol Steiner", "M4"),
    Position("R09", "Dearborn", "MI", "Layla Haddad", "M1"),
    Position("R10", "Troy", "MI", "Kevin Park", "M1", skills=_SAFE),
    Position("R11", "Lansing", "MI", "Bill Vandenberg", "M1", skills=_SAFE),
    Position("R12", "Grand Rapids", "MI", "Ruth Ter Haar", "M1", valid_to="2026-10-31"),
    Position("V01", "Grand Rapids", "MI", "vacant", "M1", kind="vacancy", skills=_SAFE),
    Position("R13", "Cleveland", "OH", "Nguyễn Thị Lan", "M1", skills=_SAFE),
    Position("R14", "Akron", "OH", "Brian Kowalski", "M1", skills=_SAFE),
    Position("R15", "Columbus", "OH", "Shanice Miller", "M1"),
    Position(
        "R16",
        "Cincinnati",
        "OH",
        "Emily Carver",
        "M1",
        skills=_SAFE,
        leave=("2027-02-01", "2027-06-30"),
    ),
    Position("R17", "Milwaukee", "WI", "Jürgen Krause", "M2", skills=_SAFE),
    Position("R18", "Green Bay", "WI", "Mai Xiong", "M2"),
    Position("R19", "Madison", "WI", "Peter Lindqvist", "M2", skills=_SAFE),
    Position("R20", "Minneapolis", "MN", "Søren Bjørk", "M3", skills=_SAFE),
    Position("R21", "Saint Paul", "MN", "Fatima Warsame", "M3"),
    Position("R22", "Saint Cloud", "MN", "Ellen Tuomi", "M3", full_time=0.6),
    Position("R23", "Saint Louis", "MO", "Darnell Hughes", "M4"),
    Position("R24", "Kansas City", "MO", "Ana Peña", "M4", skills=_SAFE),
    Position("R25", "Columbia", "MO", "Wade Collier", "M4", skills=_SAFE),
    Position("R26", "Des Moines", "IA", "Joan Petersen", "M3", skills=_SAFE),
    Position("R27", "Cedar Rapids", "IA", "Zdeněk Novák", "M3", skills=_SAFE),
    Position("R28", "Omaha", "NE", "Luis Ortega", "M3"),
    Position("R29", "Wichita", "KS", "Kayla Simmons", "M4"),
    Position("R30", "Sioux Falls", "SD", "Mark Iverson", "M3", skills=_SAFE),
    Position(
        "R31", "Fargo", "ND", "Zoë Łukasik", "M3", full_time=0.6, skills=_SAFE, hired="2026-11-02"
    ),
    Position("H01", "", "", "house (nobody calls)", "D1", kind="house", takes="route == 'quiet'"),
    Position(
        "P01",
        "",
        "",
        "Plains Dealer Co.",
        "M3",
        kind="partner",
        skills=_SAFE,
        takes="route == 'dealer'",
    ),
    Position("K01", "Chicago", "IL", "Priya Raman", "D1", "contracts", skills=_SAFE),
    Position("K02", "Columbus", "OH", "Håkon Dahl", "D1", "contracts", skills=_SAFE),
    Position(
        "K03", "Minneapolis", "MN", "to be hired", "D1", "key", skills=_SAFE, hired="2027-01-04"
    ),
    Position(
        "S01", "Elgin", "IL", "to be hired", "M2", "specialists", skills=_SAFE, hired="2027-01-04"
    ),
    Position(
        "S02", "Toledo", "OH", "to be hired", "M1", "specialists", skills=_SAFE, hired="2027-01-04"
    ),
    Position(
        "S03",
        "Des Moines",
        "IA",
        "to be hired",
        "M3",
        "specialists",
        skills=_SAFE,
        hired="2027-01-04",
    ),
    Position("I01", "Madison", "WI", "to be hired", "M4", "inside", hired="2027-01-04"),
    Position("I02", "Madison", "WI", "to be hired", "M4", "inside", hired="2027-01-04"),
    Position("I03", "Madison", "WI", "to be hired", "M4", "inside", hired="2027-01-04"),
    Position("C01", "Aurora", "IL", "to be hired", "M2", "hire", skills=_SAFE, hired="2027-01-04"),
    Position(
        "C02", "Columbus", "OH", "to be hired", "M1", "hire", skills=_SAFE, hired="2027-01-04"
    ),
    Position(
        "C03", "Ann Arbor", "MI", "to be hired", "M1", "hire", skills=_SAFE, hired="2027-01-04"
    ),
)

#: Managers and the director; their cost stands under ``money`` in the scenario file.
PEOPLE = (
    ("D1", "director", "", ""),
    ("M1", "manager", "field", "D1"),
    ("M2", "manager", "field", "D1"),
    ("M3", "manager", "field", "D1"),
    ("M4", "manager", "field", "D1"),
)
#: Whom reps of the fourth manager report to where there are only three.
WITHOUT_M4 = {"R05": "M2", "R23": "M3", "R24": "M3", "R29": "M3"}
#: Who is not there with three managers: see ``channels`` in the scenario file.
NOT_WITH_THREE = ("R08", "R12", "R21", "R25", "R30", "V01")
#: Calls and hours promised to one account a year: standard, class, channel, calls, hours.
STANDARDS = (
    ("field", "A", "field", 6, 1.0),
    ("field", "A", "phone", 6, 0.25),
    ("field", "B", "field", 5, 0.9),
    ("field", "B", "phone", 4, 0.25),
    ("field", "C", "field", 3, 0.75),
    ("field", "C", "phone", 3, 0.25),
    ("field", "N", "field", 14, 1.5),
    ("field", "N", "phone", 12, 0.25),
    ("relieved", "A", "field", 5, 1.0),
    ("relieved", "A", "phone", 6, 0.25),
    ("relieved", "B", "field", 5, 0.9),
    ("relieved", "B", "phone", 4, 0.25),
    ("relieved", "C", "field", 3, 0.75),
    ("relieved", "C", "phone", 3, 0.25),
    ("relieved", "N", "field", 12, 1.5),
    ("relieved", "N", "phone", 12, 0.25),
    ("contract", "N", "field", 4, 4.0),
    ("contract", "N", "video", 12, 1.25),
    ("key", "N", "field", 6, 2.0),
    ("key", "N", "video", 20, 0.5),
    ("specialist", "A", "field", 0.5, 1.6),
    ("specialist", "N", "field", 2, 2.0),
    ("inside", "C", "phone", 9, 0.4),
)


def roster_table(census: Census) -> pd.DataFrame:
    """``reps.csv``: positions by pseudonymous id, without names."""
    return pd.DataFrame([_row(position, census) for position in POSITIONS])


def _row(position: Position, census: Census) -> dict[str, object]:
    full_cost = COSTS[position.team] if position.kind in ("rep", "vacancy") else 0
    row: dict[str, object] = {
        "rep": position.rep,
        "kind": position.kind,
        "team": position.team,
        "town": f"{position.town}, {position.state}" if position.town else "",
        "latitude": None,
        "longitude": None,
        "full_time": position.full_time,
        "valid_from": position.valid_from,
        "valid_to": position.valid_to,
        "leave_from": position.leave[0],
        "leave_to": position.leave[1],
        "hired": position.hired,
        "cost": round(full_cost * position.full_time),
        "skills": position.skills,
        "takes": position.takes,
        "reports_to": position.reports_to,
    }
    if position.town:
        town = census.town(position.town, position.state)
        # Two decimals, about a kilometre: nobody's front door.
        row["latitude"] = round(float(town["latitude"]), 2)
        row["longitude"] = round(float(town["longitude"]), 2)
    return row


def names_table() -> pd.DataFrame:
    """``names.csv``: names apart from the ids."""
    return pd.DataFrame([(p.rep, p.name) for p in POSITIONS], columns=["rep", "name"])


def people_table() -> pd.DataFrame:
    """``people.csv``: the management."""
    return pd.DataFrame(PEOPLE, columns=["person", "role", "team", "reports_to"])


def three_managers_table() -> pd.DataFrame:
    """``people_three.csv``: three managers, and whom everybody reports to then."""
    managers = [row for row in PEOPLE if row[0] != "M4"]
    lines = [
        (p.rep, p.kind, p.team, WITHOUT_M4.get(p.rep, p.reports_to.replace("M4", "M2")))
        for p in POSITIONS
        if p.team in ("field", "inside") and p.rep not in NOT_WITH_THREE
    ]
    lines += [(p.rep, p.kind, "key", p.reports_to) for p in POSITIONS if p.rep.startswith("K")]
    return pd.DataFrame([*managers, *lines], columns=["person", "role", "team", "reports_to"])


def standards_table() -> pd.DataFrame:
    """``standards.csv``."""
    columns = ["standard", "class", "channel", "calls_per_year", "hours_per_call"]
    return pd.DataFrame(STANDARDS, columns=columns)
