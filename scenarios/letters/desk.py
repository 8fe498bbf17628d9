"""Where letters are put together, one recipient at a time, from what is known of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ...models.arrays import IndexArray
from ...optimizer.quotas.result import QuotaResult
from ...optimizer.quotas.simulation import Simulation
from .accounts import AccountBook
from .facts import Letter, Role, Standing, Team
from .history import Previous
from .holdings import holdings_of
from .paying import pay_of
from .steps import BuildUp

#: Of fewer people the middle half and one's own figure give away those of the others.
LEAST = 4


@dataclass(frozen=True)
class Letterhead:
    """What stands in every letter of a company alike.

    Parameters
    ----------
    smallest_team
        Teams of fewer people are not described.
    """

    plan: str
    company: str
    sender: str
    dated: date | None
    start: date
    end: date
    language: str
    smallest_team: int


@dataclass(frozen=True, eq=False)
class Desk:
    """Puts letters together; each gets only what its recipient may know.

    Parameters
    ----------
    sellers, managers
        Ids of those who get a letter.
    names, languages, weeks
        By id, where known; weeks at work in the plan period.
    simulation
        Has the pay of each; None where letters say nothing of pay.
    """

    head: Letterhead
    quotas: QuotaResult
    book: AccountBook
    sellers: frozenset[str]
    managers: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, str] = field(default_factory=dict)
    weeks: Mapping[str, float] = field(default_factory=dict)
    simulation: Simulation | None = None
    previous: Previous | None = None

    def letters(self) -> tuple[Letter, ...]:
        """All letters, in the order of the tree."""
        return tuple(self._letter(node) for node in self._recipients)

    @cached_property
    def _recipients(self) -> tuple[int, ...]:
        ids = self.quotas.problem.tree.ids
        people = self.sellers | self.managers
        return tuple(node for node, name in enumerate(ids) if name in people)

    @cached_property
    def _below(self) -> tuple[tuple[int, ...], ...]:
        """Leaves at or below each node."""
        tree = self.quotas.problem.tree
        below: list[list[int]] = [[] for _ in tree.ids]
        for leaf in tree.leaves.tolist():
            node = leaf
            while node >= 0:
                below[node].append(leaf)
                node = int(tree.parent[node])
        return tuple(map(tuple, below))

    @cached_property
    def _quota(self) -> IndexArray:
        """Quota of each node over products and periods, minor units."""
        plan = self.quotas.plan
        assert plan is not None  # noqa: S101 - no desk without quotas
        total: IndexArray = plan.quota.sum(axis=(1, 2))
        return total

    @cached_property
    def _build_up(self) -> BuildUp:
        return BuildUp(self.quotas)

    def _is_seller(self, node: int) -> bool:
        return self.quotas.problem.tree.ids[node] in self.sellers

    def _letter(self, node: int) -> Letter:
        problem, plan = self.quotas.problem, self.quotas.plan
        assert plan is not None  # noqa: S101 - no desk without quotas
        tree, head = problem.tree, self.head
        name, seller = tree.ids[node], self._is_seller(node)
        sellers = sum(self._is_seller(leaf) for leaf in self._below[node])
        # Sums over a small team would tell what single people have.
        hidden = not seller and sellers < head.smallest_team
        people = {tree.ids[leaf] for leaf in self._below[node]}
        holdings = holdings_of(self.book, people, seller=seller, weeks=self.weeks.get(name))
        return Letter(
            recipient=name,
            name=self.names.get(name, ""),
            role=Role.REP if seller else Role.MANAGER,
            language=self.languages.get(name, head.language),
            manager=self._manager(int(tree.parent[node])),
            plan=head.plan,
            company=head.company,
            sender=head.sender,
            dated=head.dated,
            start=head.start,
            end=head.end,
            currency=problem.currency,
            minor_units=problem.minor_units,
            quota=int(self._quota[node]),
            products=problem.products,
            periods=problem.periods,
            cells=tuple(
                (product, period, int(plan.quota[node, p, t]))
                for t, period in enumerate(problem.periods)
                for p, product in enumerate(problem.products)
            ),
            steps=() if hidden else self._build_up.steps(node, self._below[node]),
            over_assignment=float(tree.over_assignment[node]) if not seller else 0.0,
            holdings=None if hidden else holdings,
            team=None if seller or hidden else self._team(node, sellers),
            standings=self._standings(node) if seller else (),
            change=self.previous.change(node, self._moved(name)) if self.previous else None,
            pay=pay_of(self.simulation, name) if self.simulation else None,
        )

    def _manager(self, parent: int) -> str:
        """Name of the one above, where it is a person."""
        name = self.quotas.problem.tree.ids[parent] if parent >= 0 else ""
        return (self.names.get(name) or name) if name in self.managers else ""

    def _team(self, node: int, sellers: int) -> Team | None:
        """Sums of the direct reports; of a single one they would be that person's."""
        children = self.quotas.problem.tree.children[node]
        if len(children) < 2:
            return None
        ids, addressed = self.quotas.problem.tree.ids, self.sellers | self.managers
        people = sum(ids[child] in addressed for child in children.tolist())
        return Team(people, sellers, int(self._quota[children].sum()))

    def _moved(self, name: str) -> float | None:
        """Sales that came to a seller less those that went, a year; None where unknown."""
        if name not in self.sellers or not self.book.knows_before:
            return None
        mine, was = self.book.of({name}), self.book.were_of({name})
        return float(self.book.sales[mine & ~was].sum() - self.book.sales[was & ~mine].sum())

    def _standings(self, node: int) -> tuple[Standing, ...]:
        """Growth and penetration among the sellers under the same manager."""
        tree = self.quotas.problem.tree
        parent = int(tree.parent[node])
        team = [n for n in tree.children[parent].tolist() if self._is_seller(n)] if node else []
        found = []
        for measure, has in self._totals.items():
            shares = {n: s for n in team if (s := self._share(n, has)) is not None}
            if node not in shares or len(shares) < max(self.head.smallest_team, LEAST):
                continue
            low, high = middle_half(list(shares.values()))
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

    @cached_property
    def _totals(self) -> dict[str, dict[str, float]]:
        """By measure: what each person's accounts have that quotas are held against."""
        book = self.book
        return {"growth": book.totals(book.sales), "penetration": book.totals(book.potential)}

    def _share(self, node: int, has: Mapping[str, float]) -> float | None:
        """A seller's quota ÷ what the accounts have of a measure; None without any."""
        problem = self.quotas.problem
        total = has.get(problem.tree.ids[node], 0.0)
        return float(self._quota[node]) / problem.minor_units / total if total > 0 else None


def middle_half(values: Sequence[float]) -> tuple[float, float]:
    """Ends of the middle half, each the mean of two people's figures, so nobody's own.

    A plain quartile of five or nine people is exactly the figure of one of them.

    >>> middle_half([5.0, 1.0, 3.0, 2.0, 4.0])
    (2.5, 3.5)
    >>> middle_half([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    (2.5, 6.5)
    """
    ordered = sorted(values)
    at = (len(ordered) - 1) // 4
    return (ordered[at] + ordered[at + 1]) / 2, (ordered[-1 - at] + ordered[-2 - at]) / 2
