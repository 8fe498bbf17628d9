"""The families of instances: how each is read, put to the engine and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from teig.models import Sites
from teig.optimizer import solve_territories

from .checks import Verdict, check_cut_edges, check_diameter, check_inertia, check_medians
from .instances import (
    Instance,
    read_cpmp,
    read_diameter,
    read_districting,
    read_pmedian,
    straight,
)
from .problems import alike_problem, globe, located_problem

CHECKING = 1e-3
"""Seconds kept per unit for evaluating and checking a plan of free bases."""


EVALUATING = 5e-4
"""Seconds a unit kept for the evaluation after a search and for the check."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What a solver says: the territory of each unit by name, and its bound."""

    territory: NDArray[np.int64] | None
    bound: float


@dataclass(frozen=True)
class Family:
    """One family of instances.

    Parameters
    ----------
    solve
        Given the instance and the seconds that are left.
    check
        Measures a plan from the instance itself, without the engine.
    """

    read: Callable[[Path], Instance]
    solve: Callable[[Instance, float], Answer]
    check: Callable[[Instance, NDArray[np.int64]], Verdict]


def _located(instance: Instance, term: str, sites: Sites, seconds: float) -> Answer:
    """Choose centres and territories; units are named by the centre of their territory."""
    # Checking a plan takes its time too where there are thousands of units.
    seconds = max(1.0, seconds - CHECKING * len(instance.places))
    result = solve_territories(located_problem(instance, term, sites), seconds=seconds)
    bound = result.stages[0].bound
    known = -np.inf if bound is None else bound
    if result.plan is None or result.plan.centres is None:
        return Answer(None, known)
    return Answer(result.plan.centres[result.plan.owner], known)


def _everybody(instance: Instance) -> NDArray[np.int64]:
    return np.arange(instance.territories)


def solve_pmedian(instance: Instance, seconds: float) -> Answer:
    """Least distance to the centres."""
    sites = Sites(_everybody(instance), points=instance.places)
    return _located(instance, "distance:units", sites, seconds)


def solve_inertia(instance: Instance, seconds: float) -> Answer:
    """Least moment of inertia about the centres, in millions, on whole metres."""
    km = np.round(straight(instance.places)) / 1000.0
    sites = Sites(_everybody(instance), table=km, factor=1e-3)
    return _located(instance, "inertia:activity0", sites, seconds)


def solve_cpmp(instance: Instance, seconds: float) -> Answer:
    """Least distance to medians with capacities."""
    sites = Sites(_everybody(instance), points=instance.places, inside=False)
    return _located(instance, "distance:units", sites, seconds)


def solve_diameter(instance: Instance, seconds: float) -> Answer:
    """Least largest diameter."""
    return _dealt(instance, "diameter_km", seconds, globe(instance)[2])


def solve_cut_edges(instance: Instance, seconds: float) -> Answer:
    """Fewest neighbours in different territories."""
    return _dealt(instance, "cut_edges", seconds, 1.0)


def _dealt(instance: Instance, term: str, seconds: float, unit: float) -> Answer:
    """Territories without a base; ``unit`` is what 1 of the instance is in the term."""
    left = max(1.0, seconds - EVALUATING * len(instance.places))
    result = solve_territories(alike_problem(instance, term), seconds=left, work=np.inf)
    bound = result.stages[0].bound
    known = -np.inf if bound is None else bound / unit
    return Answer(None if result.plan is None else result.plan.owner, known)


FAMILIES: dict[str, Family] = {
    "diameter": Family(read_diameter, solve_diameter, check_diameter),
    "pmedian": Family(read_pmedian, solve_pmedian, check_medians),
    "inertia": Family(read_districting, solve_inertia, check_inertia),
    "cut-edges": Family(read_districting, solve_cut_edges, check_cut_edges),
    "cpmp": Family(read_cpmp, solve_cpmp, check_medians),
}
"""By name."""
