"""What a plan is judged by: a strict order of stages, each a weighted sum of terms."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """One thing to make small.

    Parameters
    ----------
    name
        A term of :data:`teig.models.terms.TERMS` (``travel_hours``,
        ``distance:<measure>``, ``disruption:<measure>`` …), or ``rule:<name>``, by
        how much a soft rule of the problem is broken, in the rule's own unit.
    weight
        Cost of one natural unit.
    """

    name: str
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weight) and self.weight >= 0):
            raise ValueError(f"the weight of {self.name} must be a number of at least 0")


@dataclass(frozen=True)
class Stage:
    """A weighted sum of terms, minimised after the stages before it.

    Parameters
    ----------
    tolerance
        Share of this stage's value that later stages may give up again.
    """

    name: str
    terms: tuple[Term, ...]
    tolerance: float = 0.0


@dataclass(frozen=True)
class Objective:
    """Stages in strict order; one stage is a plain weighted sum."""

    stages: tuple[Stage, ...]

    @classmethod
    def weighted(cls, weights: Mapping[str, float]) -> Objective:
        """Make a single stage from names and weights.

        >>> Objective.weighted({"travel_hours": 40.0}).stages[0].terms
        (Term(name='travel_hours', weight=40.0),)
        """
        terms = tuple(Term(name, weight) for name, weight in weights.items())
        return cls((Stage("total", terms),))

    @classmethod
    def in_order(cls, stages: Sequence[tuple[str, Mapping[str, float]]]) -> Objective:
        """Make a strict order of named stages."""
        return cls(
            tuple(
                Stage(name, tuple(Term(term, weight) for term, weight in terms.items()))
                for name, terms in stages
            )
        )
