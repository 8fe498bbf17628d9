"""The invented side of the market: spend, sales, classes, accounts, named customers.

The company, *Prairie Supply*, sells kitchen and hygiene supplies to hotels, schools,
clinics and food plants. Every figure here that is not read from the census is
invented by the plain rules below; none describes a real company.
"""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
import pandas as pd

from ....models.geodesy import great_circle_km
from ....models.neighbours import border_pairs
from .census import STATES, Census
from .chance import between, draw

#: Yearly spend on kitchen and hygiene supplies per dollar of household income.
SPEND = 220e-6
#: Households per account that is served one by one.
HOUSEHOLDS_PER_ACCOUNT = 8800
#: Least spend of a county of class A and B; the rest is C.
CLASSES = (("A", 1_500_000), ("B", 140_000), ("C", 0))
#: Share of the spend that the company has, by state.
PENETRATION = {
    "IL": 0.24,
    "IN": 0.21,
    "IA": 0.30,
    "KS": 0.19,
    "MI": 0.22,
    "MN": 0.29,
    "MO": 0.20,
    "NE": 0.27,
    "ND": 0.25,
    "OH": 0.18,
    "SD": 0.26,
    "WI": 0.32,
}
#: West of this meridian the counties of these states are sold through a dealer.
DEALER_WEST_OF = -100.8
DEALER_STATES = ("ND", "SD", "NE")
#: Counties below this spend may have gone quiet, about this share of them, but at
#: most so many, and none that would cut the rest of the map in two.
QUIET_BELOW, QUIET_SHARE, QUIET_MOST = 26_000, 0.45, 36
#: Equal parts that the largest counties may be split into.
PARTS = {
    "17031": 12,  # Cook (Chicago), more than two reps' fair shares
    "26125": 3,  # Oakland
    "26163": 3,  # Wayne (Detroit)
    "27053": 3,  # Hennepin (Minneapolis)
}


@dataclass(frozen=True)
class Group:
    """A group of invented customers.

    Parameters
    ----------
    buying
        ``central``: one buyer, so one owner for all sites; ``local``: every site buys
        by itself within a frame contract, so the local rep serves it and one owner
        holds the contract; ``single``: no group.
    anchor
        Town and state around which the sites lie; anywhere where there is none.
    """

    name: str
    buying: str
    sites: int
    spend: float
    skills: str = ""
    anchor: tuple[str, str] | None = None
    radius: float = 60.0


GROUPS = (
    Group("Alewife Restaurants", "central", 5, 420_000, "", ("Chicago", "IL"), 30),
    Group("Bur Oak Clinics", "central", 4, 380_000, "food-safety", ("Kansas City", "MO"), 45),
    Group("Cordwood Taprooms", "central", 4, 260_000, "", ("Grand Rapids", "MI"), 70),
    Group("Ninebark Catering", "central", 4, 450_000, "food-safety", ("Minneapolis", "MN"), 35),
    Group("Osier Hospitals", "central", 4, 520_000, "food-safety", ("Cleveland", "OH"), 55),
    Group("Pawpaw Grocers", "central", 5, 300_000, "", ("Indianapolis", "IN"), 60),
    Group("Redhorse School Kitchens", "central", 4, 280_000, "", ("Milwaukee", "WI"), 55),
    Group("Sedge Foods", "central", 3, 610_000, "food-safety", ("Des Moines", "IA"), 70),
    Group("Switchgrass Poultry", "central", 3, 480_000, "food-safety", ("Springfield", "MO"), 110),
    Group("Tamarack Care Homes", "central", 4, 240_000, "", ("Detroit", "MI"), 40),
    Group("Tallgrass Health", "central", 4, 400_000, "", ("Omaha", "NE"), 80),
    Group("Vireo Catering", "central", 3, 350_000, "", ("Cincinnati", "OH"), 45),
    Group("Whippoorwill Hotels", "central", 4, 310_000, "", ("Saint Louis", "MO"), 45),
    Group("Bluestem Fitness", "local", 5, 120_000),
    Group("Jørgensen Bakeries", "local", 6, 210_000),
    Group("Juneberry Colleges", "local", 6, 330_000),
    Group("Kestrel Hotels", "local", 6, 260_000),
    Group("Peña Tortillerías", "local", 4, 280_000, "food-safety"),
    Group("Périgord Bistros", "local", 4, 140_000),
    Group("Søndergaard Dairies", "local", 5, 430_000, "food-safety"),
    Group("Sumac Coffee", "local", 6, 110_000),
    Group("Wren Laundries", "local", 5, 190_000),
    Group("Catalpa Meats", "single", 1, 720_000, "food-safety", ("Sioux Falls", "SD"), 30),
    Group("Ironweed Ethanol", "single", 1, 260_000, "", ("Mitchell", "SD"), 60),
    Group("Moraine Sugar", "single", 1, 540_000, "food-safety", ("Fargo", "ND"), 60),
    Group("Kettle Lake Resorts", "single", 1, 300_000, "", ("Traverse City", "MI"), 50),
    Group("Driftless Creamery", "single", 1, 480_000, "food-safety", ("La Crosse", "WI"), 50),
    Group("Black Locust Pork", "single", 1, 690_000, "food-safety", ("Waterloo", "IA"), 70),
    Group("Osage Stadiums", "single", 1, 350_000, "", ("Wichita", "KS"), 30),
    Group("Hawthorn Airport Kitchens", "single", 1, 560_000, "", ("Columbus", "OH"), 25),
)


def county_table(census: Census) -> pd.DataFrame:
    """Counties as units: everybody there who is not a named account."""
    counties = census.counties
    potential = (counties["income"] * SPEND).round(-2)
    table = counties[["unit", "name", "state", "latitude", "longitude"]].assign(
        region=counties["state"].map(STATES),
        potential=potential,
        accounts=np.maximum((counties["households"] / HOUSEHOLDS_PER_ACCOUNT).round(), 1).astype(
            int
        ),
    )
    table["class"] = [_service_class(spend) for spend in potential]
    table["parts"] = [PARTS.get(unit, 1) for unit in table["unit"]]
    table["segment"] = "general"
    table["route"] = _routes(table, census)
    share = [
        PENETRATION[state] * between(0.55, 1.45, unit, "penetration") * (0.85 if c == "C" else 1.0)
        for unit, state, c in zip(table["unit"], table["state"], table["class"], strict=True)
    ]
    sales = (potential * share).round(-2)
    table["sales"] = sales.where(table["route"] != "quiet", 0.0)
    return table


def _service_class(spend: float) -> str:
    return next(name for name, least in CLASSES if spend >= least)


def _routes(table: pd.DataFrame, census: Census) -> list[str]:
    """Way to the market: ``dealer``, ``quiet`` (nobody has bought for two years) or ``own``."""
    dealer = table["state"].isin(DEALER_STATES) & (table["longitude"] < DEALER_WEST_OF)
    routes = ["dealer" if one else "own" for one in dealer]
    pairs, _ = border_pairs(np.asarray(census.outlines.geometry))
    own: nx.Graph[int] = nx.Graph(pairs.tolist())
    own.remove_nodes_from(at for at, route in enumerate(routes) if route == "dealer")
    for at in table["potential"].argsort(kind="stable").tolist():
        small = table["potential"].iloc[at] < QUIET_BELOW
        if at not in own or not small or draw(table["unit"].iloc[at], "quiet") >= QUIET_SHARE:
            continue
        if routes.count("quiet") < QUIET_MOST and nx.is_connected(own.subgraph(set(own) - {at})):
            own.remove_node(at)
            routes[at] = "quiet"
    return routes


def account_table(census: Census, counties: pd.DataFrame) -> pd.DataFrame:
    """Named accounts: a site each, in the middle of a real town."""
    own = set(counties.loc[counties["route"] == "own", "unit"])
    towns = census.towns[census.towns["county"].isin(own)]
    name_of = dict(zip(counties["unit"], counties["name"], strict=True))
    rows: list[dict[str, object]] = []
    for number, group in enumerate(GROUPS, start=1):
        for site in _sites(group, census, towns):
            unit = f"A{len(rows) + 1:03d}"
            potential = round(group.spend * between(0.5, 1.5, unit, "spend"), -2)
            share = between(0.12, 0.55, unit, "share")
            rows.append(
                {
                    "unit": unit,
                    "name": f"{group.name}, {site.town}",
                    "state": site.state,
                    "latitude": round(float(site.latitude), 4),
                    "longitude": round(float(site.longitude), 4),
                    "region": STATES[str(site.state)],
                    "potential": potential,
                    "sales": round(potential * share, -2),
                    "accounts": 1,
                    "class": "N",
                    "parent": "" if group.buying == "single" else f"P{number:02d}",
                    "buying": group.buying,
                    "skills": group.skills,
                    "county": name_of[str(site.county)],
                    "segment": "named",
                    "route": "own",
                }
            )
    return pd.DataFrame(rows)


def _sites(group: Group, census: Census, towns: pd.DataFrame) -> list[pd.Series]:
    """Towns of a group: some of the largest around its anchor, or of all the large ones."""
    if group.anchor is None:
        return _drawn(group, towns.head(90))
    middle = census.town(*group.anchor)
    away = great_circle_km(
        towns["latitude"].to_numpy(),
        towns["longitude"].to_numpy(),
        np.array(float(middle["latitude"])),
        np.array(float(middle["longitude"])),
    )
    chosen = _drawn(group, towns[away <= group.radius].head(3 * group.sites))
    return sorted(chosen, key=lambda town: -int(town["population"]))


def _drawn(group: Group, towns: pd.DataFrame) -> list[pd.Series]:
    names = zip(towns["town"], towns["state"], strict=True)
    order = np.argsort([draw(group.name, town, state) for town, state in names], kind="stable")
    return [towns.iloc[at] for at in order[: group.sites].tolist()]
