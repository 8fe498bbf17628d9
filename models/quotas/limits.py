"""Limits on quotas: floors, caps, growth limits, pins, fixed shares and the budget."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class LimitKind(StrEnum):
    """What a limit is called where a conflict is named."""

    BUDGET = "budget"
    PIN = "pin"
    SHARE = "share"
    GROWTH = "growth"
    FLOOR = "floor"
    CAP = "cap"
    FAIRNESS = "fairness"


#: The order in which limits are read, whatever order they were given in.
_ORDER = tuple(LimitKind)


@dataclass(frozen=True)
class Limit:
    """The least and the most that the sum of some cells of one node may be.

    Parameters
    ----------
    name
        Unique within the problem; conflicts and violations go by it.
    kind
        Budget, pin, share, growth, floor or cap.
    node
        Index of the node.
    products, periods
        Indices; the limit binds the **sum** over all pairs of them.
    low, high
        Minor units of money, ``None`` where that side is open.
    """

    name: str
    kind: LimitKind
    node: int
    products: tuple[int, ...]
    periods: tuple[int, ...]
    low: int | None = None
    high: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "products", tuple(sorted(set(self.products))))
        object.__setattr__(self, "periods", tuple(sorted(set(self.periods))))

    @classmethod
    def growth(
        cls,
        name: str,
        node: int,
        products: tuple[int, ...],
        periods: tuple[int, ...],
        *,
        history: int,
        least: Fraction | None = None,
        most: Fraction | None = None,
    ) -> Limit:
        """Limit how far quotas grow over ``history`` (minor units): −1/10 … 3/10, say."""
        low = None if least is None else -((-history * (1 + least)).__floor__())
        high = None if most is None else int((history * (1 + most)).__floor__())
        return cls(name, LimitKind.GROWTH, node, products, periods, low, high)

    @property
    def cells(self) -> int:
        """How many cells the limit sums over."""
        return len(self.products) * len(self.periods)

    @property
    def order(self) -> tuple[int, int, str]:
        """Sort key: the same limits give the same plan in whatever order they come."""
        return _ORDER.index(self.kind), self.node, self.name

    def excess(self, amount: int) -> int:
        """By how much an amount breaks the limit, minor units; 0 where it is kept."""
        short = 0 if self.low is None else self.low - amount
        over = 0 if self.high is None else amount - self.high
        return max(short, over, 0)
