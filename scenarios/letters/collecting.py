"""Gathers the facts of every letter of a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...models.arrays import IndexArray
from ...models.plan import Plan
from ...models.problem import OwnerKind, Problem
from ...models.tables import Table
from ...optimizer.quotas.result import QuotaResult
from ..files.sections import LetterSettings, Settings
from ..pay import PayForecast, in_plan_currency
from .facts import Letter, Role, Standing, Team
from .history import Previous
from .holdings import holdings_of
from .paying import pay_of
from .steps import steps_of

Tables = Mapping[str, tuple[Table, ...]]


def collect_letters(
    settings: Settings,
    tables: Tables,
    problem: Problem,
    plan: Plan,
    structure: pd.DataFrame,
    quotas: QuotaResult,
    forecast: PayForecast | None,
) -> tuple[Letter, ...]:
    """Letters to all reps and managers with a quota, in the order of the tree.

    None for vacancies, the house and partners, nor where the file asks for none.
    """
    if settings.letters is None or quotas.plan is None:
        return ()
    desk = _Desk(settings, settings.letters, tables, problem, plan, structure, quotas, forecast)
    return tuple(desk.letter(node) for node in desk.recipients)


@dataclass(frozen=True, eq=False)
class _Desk:
    settings: Settings
    wishes: LetterSettings
    tables: Tables
    problem: Problem
    plan: Plan
    structure: pd.DataFrame
    quotas: QuotaResult
    forecast: PayForecast | None

    @cached_property
    def recipients(self) -> tuple[int, ...]:
        """Nodes of the people who get a letter."""
        tree = self.quotas.problem.tree
        people = set(self.structure["person"])
        return tuple(
            node
            for node, name in enumerate(tree.ids)
            if self._is_seller(node) or (name in people and name not in self._owners)
        )

    @cached_property
    def _owners(self) -> frozenset[str]:
        return frozenset(self.problem.owners.ids)

    def _is_seller(self, node: int) -> bool:
        name = self.quotas.problem.tree.ids[node]
        index = self.problem.owner_index.get(name)
        return index is not None and self.problem.owners.kinds[index] is OwnerKind.REP

    @cached_property
    def _names(self) -> dict[str, str]:
        names = dict(zip(self.problem.owners.ids, self.problem.owners.names, strict=True))
        names |= self._column("name")
        # Without a name the builder puts the id in its place.
        return {person: name for person, name in names.items() if name != person}

    @cached_property
    def _languages(self) -> dict[str, str]:
        return self._column("language") | dict(self.wishes.languages)

    def _column(self, column: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for table in self.tables.get("names", ()):
            if column in table.frame.columns:
                ids, texts = table.frame["rep"].astype(str), table.frame[column].fillna("")
                found |= {i: str(t) for i, t in zip(ids, texts, strict=True) if t}
        return found

    @cached_property
    def _sellers_below(self) -> tuple[tuple[int, ...], ...]:
        """Sellers at or below each node."""
        tree = self.quotas.problem.tree
        below: list[list[int]] = [[] for _ in tree.ids]
        for leaf in tree.leaves.tolist():
            if self._is_seller(leaf):
                node = leaf
                while node >= 0:
                    below[node].append(leaf)
                    node = int(tree.parent[node])
        return tuple(map(tuple, below))

    @cached_property
    def _previous(self) -> Previous | None:
        tables = self.tables.get("previous_quotas", ())
        if not tables:
            return None
        frame = in_plan_currency(tables[0], ("quota",), self.settings)
        return Previous.read(frame, self.quotas, self.wishes.smallest_team)

    def letter(self, node: int) -> Letter:
        """Gather one letter."""
        problem, quotas = self.quotas.problem, self.quotas
        tree = problem.tree
        name, seller = tree.ids[node], self._is_seller(node)
        assert quotas.plan is not None  # noqa: S101 - no letters without one
        cells = quotas.plan.quota[node]
        large = len(self._sellers_below[node]) >= self.wishes.smallest_team
        hidden = not seller and not large
        calendar = self.settings.calendar
        paid = pay_of(self.forecast, name) if self.forecast and self.wishes.pay else None
        parent = int(tree.parent[node])
        return Letter(
            recipient=name,
            name=self._names.get(name, ""),
            role=Role.REP if seller else Role.MANAGER,
            language=self._languages.get(name, self.wishes.language),
            manager=self._manager(parent),
            plan=self.settings.name,
            company=self.wishes.company,
            sender=self.wishes.sender,
            dated=self.wishes.dated,
            start=calendar.start,
            end=calendar.end,
            currency=problem.currency,
            minor_units=problem.minor_units,
            quota=int(cells.sum()),
            products=problem.products,
            periods=problem.periods,
            cells=tuple(
                (product, period, int(cells[p, t]))
                for t, period in enumerate(problem.periods)
                for p, product in enumerate(problem.products)
            ),
            steps=() if hidden else steps_of(quotas, node),
            over_assignment=float(tree.over_assignment[node]) if len(tree.children[node]) else 0.0,
            holdings=None
            if hidden
            else holdings_of(
                self.settings, self.tables, self.problem, self.plan, self._ids_below(node), seller
            ),
            team=None if seller or hidden else self._team(node),
            standings=self._standings(node),
            change=self._previous.change(node, self._moved(name), self._reasons_known(hidden))
            if self._previous
            else None,
            pay=paid,
        )

    def _manager(self, parent: int) -> str:
        """Name of the one above, where it is a person."""
        name = self.quotas.problem.tree.ids[parent] if parent >= 0 else ""
        if name not in set(self.structure["person"]):
            return ""
        return self._names.get(name) or name

    def _ids_below(self, node: int) -> tuple[str, ...]:
        """Owners whose accounts are counted: the seller, or everybody below a manager."""
        tree = self.quotas.problem.tree
        return tuple(
            tree.ids[leaf]
            for leaf in tree.leaves.tolist()
            if leaf == node or node in _above(tree.parent, leaf)
        )

    def _team(self, node: int) -> Team:
        tree, plan = self.quotas.problem.tree, self.quotas.plan
        assert plan is not None  # noqa: S101 - no letters without one
        children = tree.children[node]
        return Team(
            people=sum(child in self.recipients for child in children.tolist()),
            sellers=len(self._sellers_below[node]),
            handed_down=int(plan.quota[children].sum()),
        )

    def _moved(self, name: str) -> float | None:
        """Sales that came to a seller less those that went, a year; None for a manager."""
        index = self.problem.owner_index.get(name)
        if index is None:
            return None
        covers = self.problem.covers
        mine, was = self.plan.owner == index, covers.incumbent == index
        sales = covers.measures["sales"]
        return float(sales[mine & ~was].sum() - sales[was & ~mine].sum())

    def _reasons_known(self, hidden: bool) -> bool:
        return not hidden and any(self.problem.covers.incumbent_ids)

    def _standings(self, node: int) -> tuple[Standing, ...]:
        """Growth and penetration among the sellers under the same manager."""
        if not self._is_seller(node):
            return ()
        tree = self.quotas.problem.tree
        team = [n for n in tree.children[int(tree.parent[node])].tolist() if self._is_seller(n)]
        found = []
        for measure, column in (("growth", "sales"), ("penetration", "potential")):
            shares = {n: s for n in team if (s := self._share(n, column)) is not None}
            if node not in shares or len(shares) < self.wishes.smallest_team:
                continue
            low, high = np.quantile(list(shares.values()), (0.25, 0.75))
            less = 1.0 if measure == "growth" else 0.0
            found.append(
                Standing(
                    measure=measure,
                    own=shares[node] - less,
                    low=round(float(low) - less, 2),
                    high=round(float(high) - less, 2),
                    people=len(shares),
                )
            )
        return tuple(found)

    def _share(self, node: int, column: str) -> float | None:
        """A seller's quota ÷ what the territory has of a measure; None without any."""
        plan, problem = self.quotas.plan, self.quotas.problem
        assert plan is not None  # noqa: S101 - no letters without one
        index = self.problem.owner_index[problem.tree.ids[node]]
        has = float(self.problem.covers.measures[column][self.plan.owner == index].sum())
        quota = float(plan.quota[node].sum()) / problem.minor_units
        return quota / has if has > 0 else None


def _above(parent: IndexArray, node: int) -> set[int]:
    found = set()
    while node >= 0:
        node = int(parent[node])
        found.add(node)
    return found
