"""Every term of an objective, into the same draft as the rules."""

from __future__ import annotations

import numpy as np

from ....models.rules import Balance
from ....models.terms import TRAVEL_TERMS
from ..model import Largest
from .draft import Draft
from .loads import post_balance
from .pairs import moves


def post_term(draft: Draft, name: str, weight: float) -> None:
    """Add a term of :mod:`teig.models.terms` to the objective."""
    kind, _, measure = name.partition(":")
    problem = draft.problem
    if name in TRAVEL_TERMS:
        draft.cost += weight * draft.pair_values(name)
    elif kind in ("distance", "inertia"):
        power = 1 if kind == "distance" else 2
        draft.cost += weight * draft.pair_values(measure) * draft.kilometres() ** power
    elif kind == "disruption":
        draft.cost += weight * np.where(moves(draft), draft.pair_values(measure), 0.0)
    elif name == "cut_edges":
        for team in problem.teams:
            edges = team.neighbours.pairs
            draft.cuts.append((edges, np.full(len(edges), weight)))
    elif name == "farthest_km":
        far = draft.kilometres()
        draft.largest.append(Largest(name, far, draft.points(), draft.owners_of(()), weight))
    elif name == "diameter_km":
        points, owners = draft.points(), draft.owners_of(())
        draft.largest.append(Largest(name, None, points, owners, weight))
    elif kind == "deviation":
        for team in problem.teams:
            even = Balance(
                name=name, measure=measure, tolerance=0.0, hard=False, teams=(team.name,)
            )
            post_balance(even, draft, weight, dead_zone=0.0)
    else:
        raise KeyError(name)
