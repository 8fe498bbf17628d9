"""Make the example's tables anew: ``python -m teig.scenarios.examples.midwest.make``.

The modules beside this one say how every column comes about: ``census`` what is real,
``market`` customers, ``roster`` the sales force, ``history`` today's alignment,
``lakes`` ways round open water. Same source, same bytes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ....models import Places, Problem, TeamSpec, WorkCalendar, build_problem
from ....models.touring import Touring
from ....optimizer.travel import GreatCircle
from .census import Census, read_census
from .history import contract_table, incumbent_table
from .lakes import lake_ways
from .market import account_table, county_table
from .roster import (
    names_table,
    people_table,
    roster_table,
    standards_table,
    three_managers_table,
)

HERE = Path(__file__).resolve().parent
#: Beside a checkout.
SOURCE = HERE.parents[2] / "../shared/data"
#: As in the scenario file; the alignment's loads were grown with these.
CALENDAR = WorkCalendar(
    dt.date(2027, 1, 1),
    dt.date(2027, 12, 31),
    "US",
    leave_days=20,
    training_days=5,
    administration=0.2,
)
TRAVEL = GreatCircle(circuity=1.27, circuity_by_region={"plains": 1.2})
TOURING = Touring(calls_per_tour=4, local_minutes=18)


def make(source: Path, folder: Path) -> None:
    """Write all tables of the example into a folder."""
    census = read_census(source)
    counties = county_table(census)
    accounts = account_table(census, counties)
    reps = roster_table(census)
    standards = standards_table()
    lakes = _lakes(reps, pd.concat([counties, accounts]))
    problem = _field_team(census, counties, accounts, reps, standards)
    routes = counties.set_index("unit")["route"]
    incumbent = pd.concat(
        [incumbent_table(problem, accounts, routes), contract_table(accounts)], ignore_index=True
    )
    tables = {
        "counties": counties,
        "accounts": accounts,
        "census": census.counties,
        "reps": reps,
        "names": names_table(),
        "people": people_table(),
        "people_three": three_managers_table(),
        "standards": standards,
        "incumbent": incumbent,
        "lakes": lakes,
    }
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    _write_outlines(census.outlines, folder / "counties.geojson")


def _field_team(
    census: Census,
    counties: pd.DataFrame,
    accounts: pd.DataFrame,
    reps: pd.DataFrame,
    standards: pd.DataFrame,
) -> Problem:
    return build_problem(
        [counties, accounts.replace("", None)],
        reps.replace("", None),
        calendar=CALENDAR,
        travel=TRAVEL,
        teams=[TeamSpec("field", standard="field")],
        standards=standards,
        geometry=census.outlines,
        touring=TOURING,
        currency="USD",
    )


def _lakes(reps: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    based = reps[reps["latitude"].notna()]
    places = [
        Places(tuple(table[key]), np.asarray(table["latitude"]), np.asarray(table["longitude"]))
        for table, key in ((based, "rep"), (units, "unit"))
    ]
    return lake_ways(places[0], places[1], TRAVEL)


def _write_outlines(outlines: gpd.GeoDataFrame, path: Path) -> None:
    """Write GeoJSON, one county a line, with the four decimals that the grid has."""
    lines = [
        json.dumps(
            {
                "type": "Feature",
                "properties": {"unit": unit},
                "geometry": _rounded(json.loads(shapely.to_geojson(shape))),
            },
            separators=(",", ":"),
        )
        for unit, shape in zip(outlines["unit"], outlines.geometry, strict=True)
    ]
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8")


def _rounded(geometry: dict[str, object]) -> dict[str, object]:
    def walk(value: object) -> object:
        if isinstance(value, list):
            return [walk(each) for each in value]
        return round(value, 4) if isinstance(value, float) else value

    return {key: walk(value) for key, value in geometry.items()}


def main() -> None:
    """Read the arguments and make the tables."""
    parser = argparse.ArgumentParser(description="Make the example's tables anew.")
    parser.add_argument("--source", type=Path, default=SOURCE, help="folder of the census data")
    parser.add_argument("--folder", type=Path, default=HERE, help="where to write")
    arguments = parser.parse_args()
    make(arguments.source, arguments.folder)


if __name__ == "__main__":
    main()
