"""Territories that hang together: separators added where a plan breaks them, or trees.

A plan whose territory of owner r is in pieces breaks one of two kinds of cuts, for
a piece C of it with neighbours N(C):

* where r needs more than C can carry (a hard lower limit), a territory with any item
  of C has to leave C, so ``x[a, r] ≤ Σ x[s, r] over N(C)`` for each a in C;
* else, with b in another piece, ``x[a, r] + x[b, r] ≤ 1 + Σ x[s, r] over S`` with S the
  part of N(C) that can be reached from b outside C and N(C): a minimal separator
  (Fischetti et al., Mathematical Programming Computation 9, 2017).

Pieces with a price are counted by spanning trees in the program: every cover is a
root or has one parent of the same owner, on a lower level.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from ....models.arrays import FloatArray, IndexArray
from ..model import Connected
from .program import Program, Variable


def count_pieces(program: Program, connected: Connected) -> list[list[Variable]]:
    """Post spanning trees; for each owner the variables of its roots, as many as its pieces."""
    cp, model = program.cp, program.model
    item = model.item_of_cover
    n = len(item)
    touching: list[list[int]] = [[] for _ in range(n)]
    for a, b in connected.cover_edges.tolist():
        touching[a].append(b)
        touching[b].append(a)
    level = [cp.new_int_var(0, n - 1, "") for _ in range(n)]
    roots: dict[int, list[Variable]] = {}
    for cover in range(n):
        owners = program.usable_owners(int(item[cover]))
        held = [owner for owner in owners if connected.owners[owner]]
        if not held:
            continue
        own: dict[int, Any] = {owner: program.chosen(int(item[cover]), owner) for owner in owners}
        options: list[Any] = [own[owner] for owner in owners if not connected.owners[owner]]
        for owner in held:
            root: Any = cp.new_bool_var("")
            cp.add_implication(root, own[owner])
            roots.setdefault(owner, []).append(root)
            options.append(root)
        for parent in touching[cover]:
            arc = cp.new_bool_var("")
            options.append(arc)
            cp.add(level[cover] >= level[parent] + 1).only_enforce_if(arc)
            for owner in owners:
                theirs = program.chosen(int(item[parent]), owner)
                clause = [arc.negated(), own[owner].negated()]
                cp.add_bool_or(clause if theirs is None else [*clause, theirs])
        cp.add_exactly_one(options)
    return [roots[owner] for owner in sorted(roots)]


@dataclass(frozen=True, eq=False)
class _Carried:
    """What an owner must carry at least, of something fixed."""

    values: FloatArray
    lower: FloatArray


class Separators:
    """Hard connected territories by cuts.

    Parameters
    ----------
    program
        The cuts are added to it.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        model = program.model
        self.parts = [part for part in model.connected if np.isinf(part.price)]
        self.graphs = [self._graph(part) for part in self.parts]
        self.needs = [
            _Carried(resource.values, limits[0] - 1e-6 * np.maximum(1.0, np.abs(limits[0])))
            for resource in model.resources
            if resource.hard and (limits := model.fixed_limits(resource)) is not None
        ]
        self.covers_of_item: list[list[int]] = [[] for _ in range(model.items)]
        for cover, item in enumerate(model.item_of_cover.tolist()):
            self.covers_of_item[item].append(cover)
        self.known: set[tuple[int, tuple[int, ...], tuple[int, ...]]] = set()
        self._link_single_items()

    def _graph(self, part: Connected) -> nx.Graph[int]:
        graph: nx.Graph[int] = nx.Graph()
        graph.add_nodes_from(range(len(self.program.model.item_of_cover)))
        graph.add_edges_from(map(tuple, part.cover_edges.tolist()))
        return graph

    def _link_single_items(self) -> None:
        """An item too small to be a territory of its own needs a neighbour."""
        for part, graph in zip(self.parts, self.graphs, strict=True):
            for item in range(self.program.model.items):
                for owner in self.program.usable_owners(item):
                    if part.owners[owner] and len(self.covers_of_item[item]) == 1:
                        piece = set(self.covers_of_item[item])
                        if self._too_light(piece, owner):
                            self._cut_off(graph, piece, owner)

    def pieces(self, owners: IndexArray) -> list[tuple[int, int, list[set[int]]]]:
        """Owners in pieces: (index of the part, owner, pieces of covers, largest first)."""
        found = []
        cover_owner = owners[self.program.model.item_of_cover]
        for index, (part, graph) in enumerate(zip(self.parts, self.graphs, strict=True)):
            same: nx.Graph[int] = nx.Graph()
            same.add_nodes_from(graph)
            same.add_edges_from((a, b) for a, b in graph.edges if cover_owner[a] == cover_owner[b])
            pieces: dict[int, list[set[int]]] = {}
            for piece in nx.connected_components(same):
                owner = int(cover_owner[min(piece)])
                if owner >= 0 and part.owners[owner]:
                    pieces.setdefault(owner, []).append(piece)
            for owner in sorted(pieces):
                if len(pieces[owner]) > 1:
                    ordered = sorted(pieces[owner], key=lambda p: (-len(p), min(p)))
                    found.append((index, owner, ordered))
        return found

    def cut(self, owners: IndexArray) -> int:
        """Add cuts that a plan breaks; return how many, 0 where every territory hangs together."""
        added = 0
        for index, owner, pieces in self.pieces(owners):
            graph, part = self.graphs[index], self.parts[index]
            main = pieces[0]
            for piece in pieces:
                if piece is not main:
                    for other in np.flatnonzero(part.owners).tolist():
                        if self._too_light(piece, other):
                            added += self._cut_off(graph, piece, other)
                if piece is main or not self._too_light(piece, owner):
                    rest = pieces[1] if piece is main else main
                    added += self._separate(graph, piece, rest, owner)
        return added

    def _too_light(self, piece: set[int], owner: int) -> bool:
        """Whether the owner needs more than the piece's items carry."""
        model = self.program.model
        items = sorted({int(model.item_of_cover[cover]) for cover in piece})
        pairs = [
            model.pair(item, owner)
            for item in items
            if model.first[item] <= owner < model.last[item]
        ]
        return any(need.values[pairs].sum() < need.lower[owner] for need in self.needs)

    def _cut_off(self, graph: nx.Graph[int], piece: set[int], owner: int) -> int:
        around = {s for cover in piece for s in graph[cover]} - piece
        return sum(self._post([cover], around, owner) for cover in sorted(piece))

    def _separate(self, graph: nx.Graph[int], piece: set[int], rest: set[int], owner: int) -> int:
        around = {s for cover in piece for s in graph[cover]} - piece
        outside = graph.subgraph(set(graph) - piece - around)
        b = min(rest)
        reach = nx.node_connected_component(outside, b)
        separator = {s for s in around if any(t in reach for t in graph[s])}
        return sum(self._post([a, b], separator, owner) for a in sorted(piece))

    def _post(self, ends: list[int], separator: set[int], owner: int) -> int:
        """Post: not all ends, or one of the separator, with the owner."""
        model, program = self.program.model, self.program
        own = sorted({int(model.item_of_cover[cover]) for cover in ends})
        others = sorted({int(model.item_of_cover[cover]) for cover in separator})
        key = (owner, tuple(own), tuple(others))
        if key in self.known:
            return 0
        self.known.add(key)
        literals = []
        for item in own:
            variable = program.chosen(item, owner)
            if variable is None:
                return 0
            literals.append(variable.negated())
        literals += [v for item in others if (v := program.chosen(item, owner)) is not None]
        program.cp.add_bool_or(literals)
        return 1
