"""The bound on contribution, to be computed where a plan is solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ...models.plan import Plan
from ...models.problem import Problem
from .bound import contribution_bound
from .calibration import calibrate
from .facts import Market, PlanFacts, facts_of
from .figures import Figures


@dataclass(frozen=True, eq=False)
class Basis:
    """What all scenarios of a workbook have in common: the market as it is served today."""

    market: Market
    today: PlanFacts
    employed: frozenset[str]

    @cached_property
    def key(self) -> str:
        """Hash of all of it."""
        from ..solving.keys import digest_of

        return digest_of((self.market, self.today, self.employed))


@dataclass(frozen=True, eq=False)
class Appraisal:
    """How a scenario's plan is judged in money."""

    figures: Figures
    basis: Basis

    @property
    def key(self) -> str:
        """Hash of what the bound depends on beside the plan and its problem."""
        from ..solving.keys import digest_of
        from ..versions import code_digest

        return digest_of((self.figures, self.basis.key, code_digest(("scenarios/money",))))

    def bound(self, problem: Problem, plan: Plan, reached: Mapping[str, float]) -> float:
        """What no plan can contribute more than; see :func:`.bound.contribution_bound`."""
        basis = self.basis
        facts = facts_of(problem, plan, basis.market, basis.employed)
        calibration = calibrate(basis.market, basis.today, self.figures)
        return contribution_bound(facts, self.figures, calibration, reached)
