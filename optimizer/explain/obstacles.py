"""What makes plans impossible, found by counting, without a search."""

from __future__ import annotations

from dataclasses import dataclass

import networkx as nx
import numpy as np

from ...models.fair_share import share_weights
from ...models.problem import Problem
from ...models.rules import TOLERANCE, Balance, Lock, cover_name
from ...models.totals import PAIR_MEASURES, cover_values
from ..territories.model import AssignmentModel, Resource
from ..territories.posting import compile_rules

#: Names listed before "and 3 more".
LISTED = 5


@dataclass(frozen=True)
class Obstacle:
    """One thing that stands in the way of every plan.

    Parameters
    ----------
    text
        For people: which units, owners and rules, and what would help.
    rules
        Names of the rules concerned.
    """

    text: str
    rules: tuple[str, ...]


def find_obstacles(problem: Problem) -> tuple[Obstacle, ...]:
    """Everything that counting alone proves to be in the way; each makes plans impossible."""
    search = _Obstacles(problem, compile_rules(problem))
    search.nobody_allowed()
    search.too_large()
    search.totals()
    search.forced_moves()
    search.together_and_apart()
    search.homes()
    search.islands()
    return tuple(search.found)


def listed(names: list[str]) -> str:
    """Some of the names, and how many more there are.

    >>> listed(["a", "b", "c", "d", "e", "f", "g"])
    'a, b, c, d, e and 2 more'
    """
    more = len(names) - LISTED
    text = ", ".join(names[:LISTED])
    return f"{text} and {more} more" if more > 0 else text


class _Obstacles:
    def __init__(self, problem: Problem, model: AssignmentModel) -> None:
        self.problem, self.model = problem, model
        self.found: list[Obstacle] = []
        self.owner_of_pair = model.pair_owners()
        self.item_of_pair = model.pair_items()
        self.covers: list[list[int]] = [[] for _ in range(model.items)]
        for cover, item in enumerate(model.item_of_cover.tolist()):
            self.covers[item].append(cover)

    def note(self, text: str, *rules: str) -> None:
        self.found.append(Obstacle(text, tuple(dict.fromkeys(rules))))

    def name(self, item: int) -> str:
        """The item for people: its units."""
        names = [cover_name(self.problem, cover) for cover in self.covers[item]]
        return names[0] if len(names) == 1 else f"the group {listed(names)}"

    def span(self, item: int) -> slice:
        begin = int(self.model.start[item])
        return slice(begin, begin + int(self.model.last[item] - self.model.first[item]))

    # ------------------------------------------------------------------ who may have what

    def nobody_allowed(self) -> None:
        """Items that no owner may have, and the rules that forbid each."""
        model, ids = self.model, self.problem.owners.ids
        for item in range(model.items):
            span = self.span(item)
            if model.allowed[span].any():
                continue
            locks = self._locks(item)
            if len({owner for owner, _ in locks}) > 1:
                said = " and ".join(f"to {owner} (rule {rule})" for owner, rule in locks)
                self.note(f"{self.name(item)} is locked {said}", *(rule for _, rule in locks))
                continue
            reasons = []
            rules: list[str] = []
            for position, owner in enumerate(range(model.first[item], model.last[item])):
                why = [
                    rule
                    for rule, mask in sorted(model.forbidden_by.items())
                    if mask[span][position]
                ]
                rules += why
                reasons.append(f"{ids[owner]} ({', '.join(why)})")
            self.note(f"nobody may have {self.name(item)}: not {listed(reasons)}", *rules)

    def _locks(self, item: int) -> list[tuple[str, str]]:
        found = set()
        for rule in self.problem.rules:
            if isinstance(rule, Lock) and rule.hard:
                for unit, owner in rule.owners.items():
                    if set(rule.covers(self.problem, unit, owner)) & set(self.covers[item]):
                        found.add((owner, rule.name))
        return sorted(found)

    def homes(self) -> None:
        """Bases that their owners may not have, or that two owners need whole."""
        only: dict[int, list[str]] = {}
        for home in self.model.homes:
            owner = self.problem.owners.ids[home.owner]
            mine = [item for item in home.items if self.model.allowed[self._pair(item, home.owner)]]
            if not mine:
                text = f"{owner} must have its base {self.name(home.items[0])} and may not"
                why = self._why(home.items[0], home.owner)
                self.note(f"{text} (rule {home.name}): {why}", home.name)
            elif len(home.items) == 1:
                only.setdefault(home.items[0], []).append(owner)
        for item, owners in sorted(only.items()):
            if len(owners) > 1:
                text = f"{self.name(item)} is the base of {listed(owners)}, and only one can have"
                rule = next(home.name for home in self.model.homes if home.items == (item,))
                self.note(f"{text} it (rule {rule}): declare `parts` for the unit", rule)

    def _pair(self, item: int, owner: int) -> int:
        return self.model.pair(item, owner)

    def _why(self, item: int, owner: int) -> str:
        pair = self._pair(item, owner)
        return ", ".join(n for n, mask in sorted(self.model.forbidden_by.items()) if mask[pair])

    # ------------------------------------------------------------------ amounts

    def too_large(self) -> None:
        """Items above every owner's hard limit on their own."""
        for resource in self.model.resources:
            limits = self.model.fixed_limits(resource)
            if limits is None or not np.isfinite(limits[1][resource.takes_part]).any():
                continue
            upper = np.where(resource.takes_part, limits[1], np.inf)
            room = upper * (1 + TOLERANCE) + TOLERANCE
            fits = self.model.allowed & (resource.values <= room[self.owner_of_pair])
            for item in range(self.model.items):
                span = self.span(item)
                if self.model.allowed[span].any() and not fits[span].any():
                    self._say_too_large(item, resource, upper)

    def _say_too_large(self, item: int, resource: Resource, upper: np.ndarray) -> None:
        span = self.span(item)
        options = np.flatnonzero(self.model.allowed[span])
        size = float(resource.values[span][options].min())
        largest = float(upper[options + self.model.first[item]].max())
        rule = next(rule for rule in self.problem.rules if rule.name == resource.name)
        if isinstance(rule, Balance):
            fair = largest / (1 + rule.tolerance)
            share = f"{size / fair:.2f} fair shares of {rule.measure}, where at most"
            text = f"{self.name(item)} holds {share} {1 + rule.tolerance:.2f} are allowed"
        else:
            unit = rule.amount_unit(self.problem)
            text = f"{self.name(item)} takes {size:,.6g} {unit} where no owner may have more than"
            text += f" {largest:,.6g}"
        advice = "declare `parts` for it, or allow more"
        self.note(f"{text} (rule {resource.name}): {advice}", resource.name)

    def _unit(self, resource: Resource) -> str:
        """Unit of what a rule limits, after a space; nothing for what no rule of a name limits."""
        rules = [rule for rule in self.problem.rules if rule.name == resource.name]
        return f" {rules[0].amount_unit(self.problem)}" if rules else ""

    def totals(self) -> None:
        """Sums that exceed what all owners together may carry, or fall short of what they must."""
        for resource in self.model.resources:
            limits = self.model.fixed_limits(resource)
            if limits is None:
                continue
            part = resource.takes_part
            least, most = self.model.total_range(resource)
            upper, lower = float(limits[1][part].sum()), float(limits[0][part].sum())
            unit = self._unit(resource)
            if least > upper + TOLERANCE * max(1.0, upper) * max(1, int(part.sum())):
                text = (
                    f"all units together take at least {least:,.6g}{unit}, all owners together may"
                )
                self.note(f"{text} carry {upper:,.6g} (rule {resource.name})", resource.name)
            if most < lower - TOLERANCE * max(1.0, lower) * max(1, int(part.sum())):
                text = f"all units together come to {most:,.6g}{unit} at most, all owners together"
                self.note(f"{text} must carry {lower:,.6g} (rule {resource.name})", resource.name)
            reach = np.bincount(
                self.owner_of_pair,
                np.where(self.model.allowed, resource.values, 0.0),
                minlength=self.model.owners,
            )
            for owner in np.flatnonzero(part & (limits[0] > -np.inf)).tolist():
                need = float(limits[0][owner])
                if reach[owner] < need - TOLERANCE * max(1.0, abs(need)):
                    who = self.problem.owners.ids[owner]
                    text = f"{who} must carry {need:,.6g}{unit}, and all units that it may have"
                    self.note(
                        f"{text} come to {reach[owner]:,.6g} (rule {resource.name})", resource.name
                    )

    def forced_moves(self) -> None:
        """Caps on change below what has to change hands anyway."""
        for budget in self.model.budgets:
            values = np.where(self.model.allowed, budget.values, np.inf)
            least = np.minimum.reduceat(values, self.model.start)
            forced = np.flatnonzero(np.isfinite(least) & (least > 0)).tolist()
            total = float(least[forced].sum())
            if total > budget.upper + TOLERANCE * max(1.0, budget.upper):
                text = f"at least {total:,.6g} must change hands, since the present owners may not"
                text += f" keep {listed([self.name(item) for item in forced])}; the cap is"
                self.note(f"{text} {budget.upper:,.6g} (rule {budget.name})", budget.name)

    # ------------------------------------------------------------------ units together

    def together_and_apart(self) -> None:
        """Units kept together by one rule and apart by another."""
        for apart in self.model.apart:
            if apart.a == apart.b:
                text = f"{self.name(apart.a)} must stay together, and apart (rule {apart.name})"
                self.note(text, apart.name)

    def islands(self) -> None:
        """More separate pieces of land than owners, or pieces too small for any owner."""
        for part in self.model.connected:
            graph: nx.Graph[int] = nx.Graph()
            owners = np.flatnonzero(part.owners)
            inside = [item for item in range(self.model.items) if self._only_for(item, part.owners)]
            graph.add_nodes_from(range(self.model.items))
            graph.add_edges_from(map(tuple, part.edges.tolist()))
            islands = [sorted(c & set(inside)) for c in nx.connected_components(graph)]
            islands = sorted([island for island in islands if island], key=lambda i: (len(i), i))
            if len(islands) > len(owners):
                text = f"the neighbour graph falls into {len(islands)} pieces"
                text += f" and there are {len(owners)} owners (rule {part.name}); the smallest"
                some = [self.name(island[0]) for island in islands[: LISTED + 1]]
                self.note(f"{text} begin at {listed(some)}: link them", part.name)
            for component in nx.connected_components(graph):
                if component & set(inside):
                    self._too_small(sorted(component), part.name)

    def _only_for(self, item: int, owners: np.ndarray) -> bool:
        """Whether only owners whose territory hangs together may have the item."""
        span = self.span(item)
        options = np.flatnonzero(self.model.allowed[span]) + self.model.first[item]
        return bool(len(options)) and bool(owners[options].all())

    def _too_small(self, component: list[int], contiguity: str) -> None:
        """A piece of land that no owner could live on alone, and that nobody can leave."""
        usable = np.isin(self.item_of_pair, component) & self.model.allowed
        for resource in self.model.resources:
            limits = self.model.fixed_limits(resource)
            if limits is None:
                continue
            carried = np.bincount(
                self.owner_of_pair, np.where(usable, resource.values, 0.0), self.model.owners
            )
            who = np.unique(self.owner_of_pair[usable])
            need = limits[0] - TOLERANCE * np.maximum(1.0, np.abs(limits[0]))
            short = carried[who] < need[who]
            if who.size and bool(short.all()):
                names = listed([self.name(item) for item in component])
                text = f"{names} hang together with nothing else and come to"
                text += f" {carried[who].max():,.6g}, less than any owner must carry"
                text += f" (rules {contiguity}, {resource.name}): link them to their neighbours"
                self.note(text, contiguity, resource.name)


def oversized_units(problem: Problem) -> tuple[str, ...]:
    """Units above the largest fair share of a balanced measure plus its tolerance, with advice."""
    found = []
    for rule in problem.rules:
        if not isinstance(rule, Balance) or rule.measure in PAIR_MEASURES:
            continue
        values = cover_values(problem, rule.measure)
        for index in problem.owner_teams(rule.teams):
            team = problem.teams[index]
            mine = values[team.covers.start : team.covers.stop]
            fair = float(share_weights(problem, index, rule.target).max(initial=0.0) * mine.sum())
            for row in np.flatnonzero(mine > fair * (1 + rule.tolerance) * (1 + TOLERANCE)):
                name = cover_name(problem, team.covers.start + int(row))
                found.append(
                    f"{name} alone is {mine[row] / fair:.2f} of the largest fair share of"
                    f" {rule.measure} (rule {rule.name}): declare `parts` for it"
                )
    return tuple(found)
