"""Published instances as they stand in their files."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance.

    Parameters
    ----------
    places
        (units, 2), in the file's own units.
    amounts
        Activities, population or demand, (activities, units).
    lower, upper
        Limits of each activity in a territory, (activities,) or (activities, units)
        where they go with the centre.
    edges
        Neighbours (e, 2), None where territories need not hang together.
    """

    name: str
    places: NDArray[np.float64]
    amounts: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    edges: NDArray[np.int64] | None
    territories: int
    ids: tuple[str, ...]


def instance_name(path: Path) -> str:
    """File name without its extensions; a dot inside a name stays."""
    name = path.name
    for ending in (".gz", ".json", ".dat", ".txt", ".in"):
        name = name.removesuffix(ending)
    return name


def _text(path: Path) -> str:
    if path.suffix == ".gz":
        with gzip.open(path, "rt") as file:
            return file.read()
    return path.read_text()


def _counted(n: int) -> tuple[str, ...]:
    return tuple(str(i) for i in range(n))


def read_pmedian(path: Path, tolerance: float = 0.05) -> Instance:
    """Salazar-Aguilar and Ríos-Mercado: units, edges, and a tail that begins with p."""
    words = _text(path).split()
    n = int(words[0])
    table = np.array(words[1 : 1 + 6 * n], dtype=float).reshape(n, 6)
    m = int(words[1 + 6 * n])
    begin = 2 + 6 * n
    edges = np.array(words[begin : begin + 2 * m], dtype=np.int64).reshape(m, 2)
    p = int(words[begin + 2 * m])
    order = np.argsort(table[:, 0], kind="stable")
    table = table[order]
    mean = table[:, 3:].sum(axis=0) / p
    return Instance(
        instance_name(path), table[:, 1:3], table[:, 3:].T.copy(), (1 - tolerance) * mean,
        (1 + tolerance) * mean, edges, p, _counted(n),
    )  # fmt: skip


def read_diameter(path: Path) -> Instance:
    """Gliesch, Ritt and Moreira: units, edges, then p, a seed and a tolerance an activity."""
    words = _text(path).split()
    n = int(words[0])
    table = np.array(words[1 : 1 + 6 * n], dtype=float).reshape(n, 6)
    m = int(words[1 + 6 * n])
    begin = 2 + 6 * n
    edges = np.array(words[begin : begin + 2 * m], dtype=np.int64).reshape(m, 2)
    tail = words[begin + 2 * m :]
    p, tolerance = int(tail[0]), np.array(tail[2:5], dtype=float)
    mean = table[:, 3:].sum(axis=0) / p
    return Instance(
        instance_name(path), table[:, 1:3], table[:, 3:].T.copy(), (1 - tolerance) * mean,
        (1 + tolerance) * mean, edges, p, _counted(n),
    )  # fmt: skip


def read_districting(path: Path) -> Instance:
    """States as graphs, with the limits of the population."""
    data = json.loads(_text(path))
    columns = {name: place for place, name in enumerate(data["node_columns"])}
    nodes = data["nodes"]
    places = np.array([[row[columns["x_m"]], row[columns["y_m"]]] for row in nodes], dtype=float)
    people = np.array([[row[columns["population"]] for row in nodes]], dtype=float)
    edges = np.array([edge[:2] for edge in data["edges"]], dtype=np.int64)
    return Instance(
        instance_name(path), places, people, np.array([data["L"]], dtype=float),
        np.array([data["U"]], dtype=float), edges, int(data["k"]), _counted(len(nodes)),
    )  # fmt: skip


def read_cpmp(path: Path) -> Instance:
    """Capacitated p-median: n and p, then place, capacity and demand of each node."""
    words = _text(path).split()
    n, p = int(words[0]), int(words[1])
    table = np.array(words[2 : 2 + 4 * n], dtype=float).reshape(n, 4)
    return Instance(
        instance_name(path), table[:, :2].copy(), table[:, 3][None, :].copy(),
        np.full((1, n), -np.inf), table[:, 2][None, :].copy(), None, p, _counted(n),
    )  # fmt: skip


def straight(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Euclidean distance of every pair, (units, units)."""
    across, along = (places[:, None, axis] - places[None, :, axis] for axis in (0, 1))
    distance: NDArray[np.float64] = np.hypot(across, along)
    return distance


def inertia_costs(instance: Instance) -> NDArray[np.float64]:
    """Population × square of whole metres in km ÷ a million, (unit, centre)."""
    km = np.round(straight(instance.places)) / 1000.0
    return np.asarray(instance.amounts[0][:, None] * km**2 / 1e6)
