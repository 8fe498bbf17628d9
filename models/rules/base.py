"""What every rule has: a name, hard or soft with a price, and a check without a solver."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from ..plan import Plan
    from ..problem import Problem

#: A limit counts as kept up to this share of its own size: sums of thousands of
#: floats differ in the last digits with the order of adding.
TOLERANCE = 1e-6


@dataclass(frozen=True, order=True)
class Violation:
    """By how much one subject breaks one rule.

    Parameters
    ----------
    rule
        The rule's name.
    subject
        Whom or what it concerns: a rep, a unit, a team.
    amount
        How much, in ``unit``, positive.
    """

    rule: str
    subject: str
    amount: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """A rule of a territory problem.

    Parameters
    ----------
    name
        Unique within the problem; used in messages and as ``rule:<name>``.
    hard
        A plan that breaks a hard rule is not feasible.
    price
        Objective units per natural unit of violation, for a soft rule under a
        weighted objective; 0 for a rule that is only watched (or that a stage
        of a strict order names).
    """

    kind: ClassVar[str]
    #: Natural unit of what the check finds, where it is the same for every problem.
    unit_of_amounts: ClassVar[str] = ""
    name: str = ""
    hard: bool = True
    price: float = 0.0

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.kind)
        if not self.price >= 0:
            raise ValueError(f"the price of rule {self.name} must be a number of at least 0")
        if self.hard and self.price:
            raise ValueError(f"rule {self.name} is hard, so it has no price")

    @abstractmethod
    def check(self, problem: Problem, plan: Plan) -> tuple[Violation, ...]:
        """By how much the plan breaks the rule, subject by subject; empty when kept."""

    def amount_unit(self, problem: Problem) -> str:
        """Natural unit of what the check finds, also where it finds nothing."""
        del problem
        return self.unit_of_amounts

    def problems(self, problem: Problem) -> tuple[str, ...]:
        """What makes the rule meaningless for the problem (unknown names, say)."""
        del problem
        return ()
