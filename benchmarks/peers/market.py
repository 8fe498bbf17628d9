"""The market that every program gets, and the ruler that every plan is held against."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

EARTH_RADIUS_KM = 6371.0088
TOLERANCE = 0.1
"""Share by which a territory may miss its fair share."""


@dataclass(frozen=True, eq=False)
class Market:
    """Units, neighbours and, where somebody sells from a place, bases.

    Parameters
    ----------
    latitude, longitude
        Degrees, (units,).
    amounts
        Size and potential, (2, units), not negative.
    edges
        Neighbour pairs, (e, 2).
    bases
        Unit of each base, (territories,).
    """

    ids: tuple[str, ...]
    latitude: NDArray[np.float64]
    longitude: NDArray[np.float64]
    amounts: NDArray[np.float64]
    edges: NDArray[np.int64]
    bases: NDArray[np.int64]

    @property
    def units(self) -> int:
        """Number of units."""
        return len(self.ids)

    @property
    def territories(self) -> int:
        """Number of territories."""
        return len(self.bases)

    def plane(self) -> NDArray[np.float64]:
        """Kilometres east and north on a plane, (units, 2), for programs that know no globe."""
        middle = np.radians(self.latitude.mean())
        degree = EARTH_RADIUS_KM * np.pi / 180.0
        return np.column_stack(
            [(self.longitude - self.longitude.mean()) * np.cos(middle), self.latitude]
        ) * degree  # fmt: skip

    def kilometres(self, ones: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.float64]:
        """Great-circle kilometres between units, (ones, others)."""
        lat, lon = np.radians(self.latitude), np.radians(self.longitude)
        half = (
            np.sin((lat[ones][:, None] - lat[others]) / 2) ** 2
            + np.cos(lat[ones][:, None])
            * np.cos(lat[others])
            * np.sin((lon[ones][:, None] - lon[others]) / 2) ** 2
        )
        return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))

    def base_km(self) -> NDArray[np.float64]:
        """Great-circle kilometres from every unit to every base, (units, territories)."""
        return self.kilometres(np.arange(self.units), self.bases)

    def costs(self) -> NDArray[np.float64]:
        """Size × kilometres to each base, with the sizes scaled to sum to 1."""
        return np.asarray(self.amounts[0][:, None] / self.amounts[0].sum() * self.base_km())

    def graph(self) -> nx.Graph[int]:
        """Neighbours as a graph, with size and potential on its nodes."""
        graph: nx.Graph[int] = nx.Graph()
        for unit in range(self.units):
            size, potential = self.amounts[:, unit].tolist()
            graph.add_node(unit, size=size, potential=potential)
        graph.add_edges_from(self.edges.tolist())
        return graph


def read_market(folder: Path, plans: Path, size: str) -> Market:
    """Read a folder of units with the bases and edges that a plan of ``benchmarks.field`` used."""
    path = folder / "units.csv"
    path = path if path.exists() else folder / "units.csv.gz"
    table = pd.read_csv(path, dtype={"id": str})
    place = {unit: index for index, unit in enumerate(table["id"])}
    edges = pd.read_csv(plans / f"{folder.name}-edges.csv", dtype=str)
    bases = pd.read_csv(plans / f"{folder.name}-bases.csv", dtype=str)
    amounts = table[[size, "potential"]].fillna(0.0).to_numpy(dtype=np.float64).T
    return Market(
        ids=tuple(table["id"]),
        latitude=table["lat"].to_numpy(dtype=np.float64),
        longitude=table["lon"].to_numpy(dtype=np.float64),
        amounts=amounts,
        edges=np.array([[place[a], place[b]] for a, b in edges.iloc[:, :2].to_numpy().tolist()]),
        bases=np.array([place[unit] for unit in bases["unit"]]),
    )


@dataclass(frozen=True)
class Measures:
    """What one ruler says of a plan.

    Parameters
    ----------
    kilometres
        Σ size share × great-circle km to the base of its own; a program that knows no
        bases gets the best match of territories and bases.
    off_size, off_potential
        Largest share by which a territory misses its fair share.
    off_units
        The same for the number of units.
    pieces
        Pieces too many, over all territories.
    spread
        Σ squared km to the mean of each territory, on the plane.
    cut
        Neighbour pairs in different territories.
    """

    kilometres: float
    off_size: float
    off_potential: float
    off_units: float
    pieces: int
    spread: float
    cut: int

    @property
    def violations(self) -> int:
        """Rules of the field problem that are broken: each balance, and each piece too many."""
        off = (self.off_size, self.off_potential)
        return sum(amount > TOLERANCE * (1 + 1e-6) for amount in off) + self.pieces


def free_kilometres(market: Market, owner: NDArray[np.int64]) -> float:
    """Σ size share × great-circle km to the best unit of each unit's own territory."""
    share = market.amounts[0] / market.amounts[0].sum()
    total = 0.0
    for territory in np.unique(owner).tolist():
        held = np.flatnonzero(owner == territory)
        total += float((share[held] @ market.kilometres(held, held)).min())
    return total


def measure(
    market: Market, owner: NDArray[np.int64], *, matched: bool, free: bool = False
) -> Measures:
    """Measure a plan.

    Parameters
    ----------
    matched
        Whether its territories are those of the bases, in order.
    free
        Whether each territory may have its base where that is best.
    """
    reps = market.territories
    costs = np.zeros((reps, reps))
    np.add.at(costs, owner, market.costs())
    rows, columns = (np.arange(reps),) * 2 if matched else linear_sum_assignment(costs)
    loads = np.stack([np.bincount(owner, weights=a, minlength=reps) for a in market.amounts])
    counts = np.bincount(owner, minlength=reps)
    graph = market.graph()
    pieces = sum(
        nx.number_connected_components(graph.subgraph(np.flatnonzero(owner == r).tolist())) - 1
        for r in range(reps)
        if counts[r]
    )
    places = market.plane()
    means = np.stack([np.bincount(owner, weights=x, minlength=reps) for x in places.T], axis=1)
    means /= np.maximum(counts, 1)[:, None]
    return Measures(
        kilometres=free_kilometres(market, owner) if free else float(costs[rows, columns].sum()),
        off_size=_off(loads[0]),
        off_potential=_off(loads[1]),
        off_units=_off(counts),
        pieces=pieces,
        spread=float(((places - means[owner]) ** 2).sum()),
        cut=int((owner[market.edges[:, 0]] != owner[market.edges[:, 1]]).sum()),
    )


def _off(loads: NDArray[np.float64] | NDArray[np.int64]) -> float:
    return float(np.abs(loads / loads.mean() - 1.0).max())
