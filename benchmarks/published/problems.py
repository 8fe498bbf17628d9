"""Instances put to the engine: units, free bases or none, its own rules and terms, nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from teig.models import (
    Covers,
    Neighbours,
    Objective,
    OwnerKind,
    Owners,
    Problem,
    Rule,
    Sites,
    Team,
    Units,
)
from teig.models.geodesy import EARTH_RADIUS_KM
from teig.models.rules import Contiguity, MeasureRange, SiteCapacity

from .instances import Instance


def globe(instance: Instance) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Latitude and longitude of the places, and a plane unit in km.

    The market is laid where equator and meridian meet, a kilometre wide: distances on
    the globe are those in the plane to nine digits there.
    """
    least = instance.places.min(axis=0)
    unit = 1.0 / float((instance.places.max(axis=0) - least).max())
    degrees = np.degrees((instance.places - least) * unit / EARTH_RADIUS_KM)
    return degrees[:, 1], degrees[:, 0], unit


def alike_problem(instance: Instance, term: str) -> Problem:
    """The instance as a problem of territories without a base."""
    latitude, longitude, _ = globe(instance)
    problem = located_problem(instance, term, None)
    places = replace(problem.units, latitude=latitude, longitude=longitude)
    return problem.replace(units=places)


def located_problem(instance: Instance, term: str, sites: Sites | None) -> Problem:
    """The instance as a problem of free bases, or of none.

    Measures are ``activity0`` and so on; ``site0`` where limits go with the site.
    """
    n, p = len(instance.places), instance.territories
    measures = {name: np.zeros(n) for name in ("potential", "sales")}
    measures["accounts"] = np.ones(n)
    rules: list[Rule] = []
    for k, amounts in enumerate(instance.amounts):
        measures[f"activity{k}"] = amounts
        if instance.upper.ndim == 1:
            rules.append(
                MeasureRange(
                    name=f"limits{k}", measure=f"activity{k}",
                    minimum=float(instance.lower[k]), maximum=float(instance.upper[k]),
                )
            )  # fmt: skip
        else:
            measures[f"site{k}"] = instance.upper[k]
            rules.append(SiteCapacity(name=f"room{k}", measure=f"activity{k}", capacity=f"site{k}"))
    pairs: NDArray[np.int64] = np.zeros((0, 2), dtype=np.int64)
    if instance.edges is not None:
        pairs = np.unique(np.sort(instance.edges, axis=1), axis=0)
        rules.append(Contiguity())
    nowhere, none = np.full(n, np.nan), np.zeros((n, p))
    team = Team(
        "all", "primary", range(n), range(p), none, none,
        Neighbours(pairs, ("given",) * len(pairs)), sites=sites,
    )  # fmt: skip
    return Problem(
        units=Units(
            instance.ids, instance.ids, instance.ids, np.ones(n), nowhere, nowhere, measures,
            np.full(n, -1),
        ),
        owners=_owners(p),
        covers=Covers(
            np.arange(n), np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n), measures,
            np.full(n, -1), ("",) * n, np.zeros(n),
        ),
        teams=(team,),
        rules=tuple(rules),
        objective=Objective.weighted({term: 1.0}),
    )  # fmt: skip


def _owners(count: int) -> Owners:
    ids = tuple(f"R{number + 1}" for number in range(count))
    ones, nowhere = np.ones(count), np.full(count, np.nan)
    return Owners(
        ids, ids, (OwnerKind.REP,) * count, np.zeros(count, dtype=np.int64), nowhere, nowhere,
        ones, ones, ones, np.zeros(count), np.ones(count, dtype=np.bool_),
    )  # fmt: skip
