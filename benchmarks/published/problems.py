"""Instances put to the engine: units, free bases, its own rules and terms, nothing else."""

from __future__ import annotations

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
from teig.models.rules import Contiguity, MeasureRange, SiteCapacity

from .instances import Instance


def located_problem(instance: Instance, term: str, sites: Sites) -> Problem:
    """The instance as a problem of free bases.

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
