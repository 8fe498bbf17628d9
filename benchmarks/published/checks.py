"""Plans measured from the instances, by code that shares nothing with the engine."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from .instances import Instance, inertia_costs, straight

ROUNDING = 1e-9


@dataclass(frozen=True)
class Verdict:
    """Value of a plan, and what is wrong with it."""

    objective: float
    violations: tuple[str, ...]


def broken_rules(instance: Instance, territory: NDArray[np.int64]) -> list[str]:
    """Coverage, number of territories, limits and contiguity; one line for each breach."""
    n = len(instance.places)
    if territory.shape != (n,):
        return [f"{territory.shape} for {n} units"]
    broken = [
        f"unit {i} has no territory" for i in np.flatnonzero((territory < 0) | (territory >= n))
    ]
    names = sorted({int(name) for name in territory} - set(range(-n - 1, 0)))
    wanted = instance.territories
    if len(names) > wanted or (instance.edges is not None and len(names) < wanted):
        broken.append(f"{len(names)} territories instead of {wanted}")
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(n))
    if instance.edges is not None:
        graph.add_edges_from((int(a), int(b)) for a, b in instance.edges)
    for name in names:
        units = [i for i in range(n) if territory[i] == name]
        for k, amounts in enumerate(instance.amounts):
            load = sum(float(amounts[i]) for i in units)
            low = float(instance.lower[k] if instance.lower.ndim == 1 else instance.lower[k, name])
            high = float(instance.upper[k] if instance.upper.ndim == 1 else instance.upper[k, name])
            if load < low - ROUNDING * abs(load) or load > high + ROUNDING * abs(load):
                broken.append(f"territory {name} carries {load} of activity {k}")
        if instance.edges is not None:
            parts = nx.number_connected_components(graph.subgraph(units))
            broken += [f"territory {name} has a part too many"] * (parts - 1)
    return broken


def check_medians(instance: Instance, territory: NDArray[np.int64]) -> Verdict:
    """Sum of distances to the units that the territories are named by."""
    broken = broken_rules(instance, territory)
    if instance.edges is not None:
        for name in sorted({int(name) for name in territory}):
            if territory[name] != name:
                broken.append(f"centre {name} is not in its own territory")
    distance = straight(instance.places)
    total = sum(float(distance[i, territory[i]]) for i in range(len(territory)))
    return Verdict(total, tuple(broken))


def check_inertia(instance: Instance, territory: NDArray[np.int64]) -> Verdict:
    """Moment of inertia of each territory about its best unit."""
    costs = inertia_costs(instance)
    total = 0.0
    for name in sorted({int(name) for name in territory}):
        units = [i for i in range(len(territory)) if territory[i] == name]
        total += min(sum(float(costs[i, j]) for i in units) for j in units)
    return Verdict(total, tuple(broken_rules(instance, territory)))


def check_diameter(instance: Instance, territory: NDArray[np.int64]) -> Verdict:
    """Largest distance between two units of one territory."""
    largest = 0.0
    for name in sorted({int(name) for name in territory}):
        places = instance.places[territory == name]
        largest = max(largest, float(straight(places).max()))
    return Verdict(largest, tuple(broken_rules(instance, territory)))


def check_cut_edges(instance: Instance, territory: NDArray[np.int64]) -> Verdict:
    """Neighbours in different territories."""
    edges = [] if instance.edges is None else instance.edges.tolist()
    cut = sum(1 for a, b in edges if territory[a] != territory[b])
    return Verdict(float(cut), tuple(broken_rules(instance, territory)))
