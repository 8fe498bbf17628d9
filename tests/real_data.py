"""Scenario folders made from the real data beside a checkout, for tests and benchmarks.

Figures that the data does not hold (sales, calls, rosters) are invented here by
plain formulas; nothing of it is shipped.
"""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from teig.models.arrays import FloatArray, IndexArray
from teig.models.geodesy import great_circle_km

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def needs(folder: str) -> Path:
    """The data folder, or skip the test, saying so."""
    path = SHARED / folder
    if not path.is_dir():
        pytest.skip(f"the data folder {folder} is not beside this checkout")
    return path


def norway_units() -> pd.DataFrame:
    """357 municipalities; 12 calls of an hour a year for every 400 establishments."""
    units = pd.read_csv(needs("norway") / "units.csv", dtype={"id": str, "county_id": str})
    return pd.DataFrame(
        {
            "unit": units["id"],
            "name": units["name"],
            "latitude": units["lat"],
            "longitude": units["lon"],
            "county": units["county_name"],
            "potential": units["employees_2025"].astype(float) * 1000,
            "sales": units["employees_2025"].astype(float) * 250,
            "accounts": units["establishments_2025"].astype(float),
        }
    )


def county_units() -> pd.DataFrame:
    """3,108 counties; potential is personal income, accounts go by jobs."""
    units = pd.read_csv(needs("us-counties") / "units.csv", dtype={"id": str})
    return pd.DataFrame(
        {
            "unit": units["id"],
            "name": units["name"],
            "latitude": units["lat"],
            "longitude": units["lon"],
            "state": units["state"],
            "potential": units["potential"],
            "sales": units["potential"] * 0.2,
            "accounts": units["employed_2018"] / 500.0,
        }
    )


def neighbours(folder: str) -> pd.DataFrame:
    """Neighbour pairs as given with the data."""
    table = pd.read_csv(needs(folder) / "adjacency.csv", dtype={"a": str, "b": str})
    return table[["a", "b"]].assign(kind=table["kind"])


def with_calls(units: pd.DataFrame, reps: int, hours: float = 1000.0) -> pd.DataFrame:
    """Add workload and visits so that ``reps`` people with ``hours`` each are about busy."""
    per_account = reps * hours / units["accounts"].sum()
    workload = units["accounts"] * per_account
    return units.assign(workload_hours=workload.round(2), visits=workload.round(2))


def with_parts(units: pd.DataFrame, reps: int, share: float = 0.2) -> pd.DataFrame:
    """Declare units above half a fair share splittable into parts of ``share`` of one."""
    fair = units[["potential", "accounts"]].sum() / reps
    size = (units[["potential", "accounts"]] / fair).max(axis=1)
    parts = np.where(size > 0.5, np.ceil(size / share), 1).astype(int)
    return units.assign(parts=parts)


def placed_bases(units: pd.DataFrame, reps: int, rounds: int = 60) -> pd.DataFrame:
    """Bases by weighted k-medians with equal shares: each base serves what is nearest to it.

    Large units are counted as many points, so several bases may share one city.
    """
    weight = np.asarray(units["potential"] / units["potential"].sum())
    lat, lon = np.asarray(units["latitude"]), np.asarray(units["longitude"])
    copies = np.maximum(np.ceil(weight * reps * 2).astype(int), 1)
    point = np.repeat(np.arange(len(units)), copies)
    mass = (weight / copies)[point]
    generator = np.random.default_rng(7)
    centres = generator.choice(point, size=reps, replace=False, p=mass)
    for _ in range(rounds):
        owner = _balanced_owners(lat[point], lon[point], mass, lat[centres], lon[centres])
        moved = centres.copy()
        for rep in range(reps):
            mine = point[owner == rep]
            if mine.size:
                apart = great_circle_km(
                    lat[mine][:, None], lon[mine][:, None], lat[mine][None], lon[mine][None]
                )
                moved[rep] = mine[(apart * mass[owner == rep][None, :]).sum(axis=1).argmin()]
        if (moved == centres).all():
            break
        centres = moved
    chosen = units.iloc[np.sort(centres)]
    return pd.DataFrame(
        {
            "rep": [f"R{number + 1:02d}" for number in range(reps)],
            "kind": "rep",
            "team": "field",
            "latitude": chosen["latitude"].to_numpy(),
            "longitude": chosen["longitude"].to_numpy(),
            "base": chosen["unit"].to_numpy(),
        }
    )


def _balanced_owners(
    lat: FloatArray, lon: FloatArray, mass: FloatArray, base_lat: FloatArray, base_lon: FloatArray
) -> IndexArray:
    """Nearest base under a few rounds of prices that push the shares together."""
    km = great_circle_km(lat[:, None], lon[:, None], base_lat[None], base_lon[None])
    price = np.zeros(len(base_lat))
    scale = float(np.median(km.min(axis=1))) + 1.0
    for step in range(200):
        owner = (km + price).argmin(axis=1)
        share = np.bincount(owner, mass, minlength=len(base_lat)) * len(base_lat)
        price += scale * np.clip(share - 1.0, -1.0, 1.0) / (1.0 + step / 10.0)
    return np.asarray((km + price).argmin(axis=1))


def grown_incumbent(units: pd.DataFrame, reps: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Today's alignment: each unit belongs to the base nearest along the neighbour graph.

    Bases in one unit share it and what hangs on it, in parts.
    """
    at = units.set_index("unit")[["latitude", "longitude"]]
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(units["unit"])
    a, b = at.loc[pairs["a"]], at.loc[pairs["b"]]
    km = great_circle_km(*(end[k].to_numpy() for end in (a, b) for k in ("latitude", "longitude")))
    graph.add_weighted_edges_from(zip(pairs["a"], pairs["b"], km.tolist(), strict=True))
    towns = reps.groupby("base")["rep"].apply(list)
    _, paths = nx.multi_source_dijkstra(graph, set(towns.index))
    rows = []
    for unit in units["unit"]:
        owners = towns[paths[unit][0]] if unit in paths else [reps["rep"].iloc[0]]
        if unit in towns.index:
            rows += [(unit, owner, 1.0 / len(owners)) for owner in owners]
        else:
            rows.append((unit, owners[0], 1.0))
    return pd.DataFrame(rows, columns=["unit", "rep", "share"])
