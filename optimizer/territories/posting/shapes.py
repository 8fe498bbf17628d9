"""The shape of a territory: about its base, in one piece, compact."""

from __future__ import annotations

import numpy as np

from ....models.geodesy import chord_km
from ....models.rules import BaseInTerritory, Compactness, Contiguity
from ..model import Connected, Diameter, Home
from .draft import Draft


def post_base_in_territory(rule: BaseInTerritory, draft: Draft, price: float) -> None:
    """Each owner has one of the covers of its home unit."""
    for owner, covers in rule.homes(draft.problem):
        draft.homes.append(Home(rule.name, owner, covers, price))


def post_contiguity(rule: Contiguity, draft: Draft, price: float) -> None:
    """Territories hang together on neighbour pairs that no barrier parts."""
    barriers = rule.barrier_pairs(draft.problem)
    for index in draft.problem.owner_teams(rule.teams):
        team = draft.problem.teams[index]
        edges = team.neighbours.pairs
        keep = [tuple(pair) not in barriers for pair in edges.tolist()]
        who = draft.owners_of((team.name,))
        edges = edges[np.array(keep, dtype=np.bool_)].reshape(-1, 2)
        draft.connected.append(Connected(rule.name, edges, who, price, edges))


def post_compactness(rule: Compactness, draft: Draft, price: float) -> None:
    """No two covers of an owner farther apart than a diameter."""
    chord = chord_km(rule.maximum_diameter)
    owners = draft.owners_of(rule.teams)
    draft.diameters.append(Diameter(rule.name, draft.points(), owners, chord, price))
