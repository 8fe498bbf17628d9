"""Fronts of large problems: limits on terms turned into prices for them.

A search under limits on whole sums does badly where one under prices does well. So the
plans of a front are looked for with prices g on the terms after the first,

    min f₁ + Σ g·f,   whose bound B proves f₁ ≥ B − Σ g·L of every plan within limits L,

whatever the limits: each solve bounds all points. The prices of the next solve are
those at which the mixtures of the plans known are best within the limits: columns of a
linear program (Dantzig and Wolfe, Operations Research 8(1), 1960). All plans are kept,
and each limit takes the best of all that keep it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import linprog

from ...models.arrays import FloatArray
from ...models.objective import Objective, Stage
from ...models.placement import placed
from ...models.plan import Plan, Status
from ...models.problem import Problem
from ...models.terms import term_value
from .result import TerritoryResult

#: Solves for one combination of limits with targets at the limits, and with tighter ones.
SOLVES = 5
#: By how much of its range a limit is tightened in turn, as plans seldom lie at it.
TIGHTER = (0.0, 0.03, 0.08)
#: Share of the first term's span by which mixtures must promise to be better.
PROMISE = 2e-3
#: Largest price: so many spans of the first term for a span of another.
DEAREST = 30.0
#: Price of terms that no limit presses, likewise: of equal plans the better one is found.
FAINT = 1e-3
#: By how much a bound must exceed limits that it says cannot be kept.
PROVEN = 1e-7

#: Solves a problem within limits, from a plan.
Solve = Callable[[Problem, Sequence[tuple[Stage, float]], Plan | None], TerritoryResult]


@dataclass(frozen=True, eq=False)
class Found:
    """A plan and its terms."""

    values: tuple[float, ...]
    plan: Plan


@dataclass(frozen=True, eq=False)
class Cut:
    """What a solve proves of every plan: Σ weights · f ≥ bound; weights of the terms, (terms,)."""

    weights: FloatArray
    bound: float


@dataclass(eq=False)
class PricedFront:
    """Plans found at any prices, and what the prices prove.

    Parameters
    ----------
    problem
        Soft rules without a price of their own.
    start
        Where the first solve begins.
    """

    problem: Problem
    terms: tuple[str, ...]
    solve: Solve
    start: Plan | None
    found: list[Found] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    known: dict[tuple[float, ...], tuple[float, ...] | None] = field(default_factory=dict)

    # ------------------------------------------------------------------ looking

    def ends(self) -> list[tuple[float, ...]]:
        """Values of plans that are best in one term, the others weighing next to nothing.

        Empty where no plan was found.
        """
        alone = []
        for position in range(len(self.terms)):
            self._solved(np.eye(len(self.terms))[position])
        if not self.found:
            return []
        for position in range(len(self.terms)):
            weights = FAINT * self._spans()[position] / self._spans()
            weights[position] = 1.0
            values = self._solved(weights)
            if values is not None:
                alone.append(values)
        return alone

    def look(self, limits: tuple[float, ...]) -> None:
        """Look for plans that have little of the first term within limits."""
        low = np.min([each.values for each in self.found], axis=0)[1:]
        for share in TIGHTER:
            target = np.where(
                np.isfinite(limits), low + (np.array(limits) - low) * (1 - share), np.inf
            )
            mixed = self._look_at(target)
            best = min(
                (each.values[0] for each in self.found if _keeps(each, limits)), default=np.inf
            )
            if best - mixed <= PROMISE * self._spans()[0]:
                break

    def _look_at(self, target: FloatArray) -> float:
        """Add plans until mixtures of them can be little better within the target.

        Returns what the best mixture costs.
        """
        tried: list[FloatArray] = []
        mixed = -np.inf
        for _ in range(SOLVES):
            prices, known, mixed = self._prices(target)
            if any(np.allclose(prices, before, rtol=1e-6, atol=0.0) for before in tried):
                break
            tried.append(prices)
            faint = FAINT * self._spans()[0] / self._spans()[1:]
            weights = np.concatenate([[1.0], np.maximum(prices, faint)])
            values = self._solved(weights)
            if values is None:
                break
            if known - values[0] - float(prices @ values[1:]) <= PROMISE * self._spans()[0]:
                break
        return mixed

    def reach(self, limits: tuple[float, ...]) -> Status:
        """Look for a plan that keeps limits at all; whether it is proven that there is none."""
        pressing = np.flatnonzero(np.isfinite(limits)) + 1
        for _ in range(SOLVES):
            spans = self._spans()
            scaled = np.array([each.values for each in self.found])[:, pressing] / spans[pressing]
            held = np.array(limits)[pressing - 1] / spans[pressing]
            cost = np.concatenate([np.zeros(len(scaled)), np.ones(len(pressing))])
            mixture = _mixture(cost, scaled, held)
            prices = np.clip(-mixture.ineqlin.marginals, 0.0, 1.0)
            if mixture.fun <= PROMISE or not prices.any():
                return Status.UNKNOWN
            weights = np.zeros(len(self.terms))
            weights[pressing] = prices / spans[pressing]
            before = float((scaled @ prices).min())
            values = self._solved(weights)
            need = np.array(limits)[pressing - 1]
            if any(
                not cut.weights[0] and cut.bound > _most(cut.weights[pressing] @ need)
                for cut in self.cuts
                if not np.delete(cut.weights, pressing).any()
            ):
                return Status.INFEASIBLE
            if values is None or np.array(values)[pressing] / spans[pressing] @ prices >= before:
                return Status.UNKNOWN
        return Status.UNKNOWN

    def bound(self, limits: Sequence[float]) -> float:
        """What no plan within limits has less of the first term than; -inf for unknown."""
        proven = [-math.inf]
        for cut in self.cuts:
            if cut.weights[0] > 0:
                prices = cut.weights[1:] / cut.weights[0]
                priced = prices > 0
                held = np.array(limits)[priced]
                if np.isfinite(held).all():
                    proven.append(cut.bound / cut.weights[0] - float(prices[priced] @ held))
        return max(proven)

    # ------------------------------------------------------------------ prices

    def _spans(self) -> FloatArray:
        values = np.array([each.values for each in self.found])
        spans = np.ptp(values, axis=0)
        return np.asarray(np.where(spans > 0, spans, np.maximum(np.abs(values).max(axis=0), 1.0)))

    def _prices(self, target: FloatArray) -> tuple[FloatArray, float, float]:
        """Prices at which mixtures of known plans are best within the target.

        The second is the least f₁ + Σ prices · f over the plans known, the third what
        the best mixture has of f₁, exceeding a limit at :data:`DEAREST`, so that there
        is one for any target.
        """
        spans = self._spans()
        values = np.array([each.values for each in self.found])
        pressing = np.isfinite(target)
        prices, rows = np.zeros(len(target)), int(pressing.sum())
        mixed = float(values[:, 0].min())
        if rows:
            scaled = values / spans
            cost = np.concatenate([scaled[:, 0], np.full(rows, DEAREST)])
            held = (target / spans[1:])[pressing]
            mixture = _mixture(cost, scaled[:, 1:][:, pressing], held)
            dual = np.clip(-mixture.ineqlin.marginals, 0.0, DEAREST)
            prices[pressing] = dual * spans[0] / spans[1:][pressing]
            mixed = float(mixture.x[: len(values)] @ values[:, 0])
        return prices, float((values[:, 0] + values[:, 1:] @ prices).min()), mixed

    def _solved(self, weights: FloatArray) -> tuple[float, ...] | None:
        """Solve at weights from the best plan known there; the values of what was found.

        The same weights from the same plan would give the same again.
        """
        begin = min(
            range(len(self.found)),
            key=lambda number: float(weights @ self.found[number].values),
            default=-1,
        )
        case = (begin, *(float(f"{weight:.9g}") for weight in weights))
        if case not in self.known:
            start = self.start if begin < 0 else self.found[begin].plan
            self.known[case] = self._solve(weights, start)
        return self.known[case]

    def _solve(self, weights: FloatArray, start: Plan | None) -> tuple[float, ...] | None:
        named = {
            term: float(weight)
            for term, weight in zip(self.terms, weights, strict=True)
            if weight > 0
        }
        problem = self.problem.replace(objective=Objective.weighted(named))
        result = self.solve(problem, (), start)
        bound = result.stages[0].bound
        used = np.array([named.get(term, 0.0) for term in self.terms])
        self.cuts.append(Cut(used, -math.inf if bound is None else bound))
        if result.plan is None:
            return None
        based = placed(problem, result.plan)
        values = tuple(float(term_value(based, result.plan, term)) for term in self.terms)
        if all(each.values != values for each in self.found):
            self.found.append(Found(values, result.plan))
        return values


def _most(value: float) -> float:
    """What a sum that keeps limits may come to, rounding allowed for."""
    return float(value) + PROVEN * max(1.0, abs(float(value)))


def _keeps(found: Found, limits: Sequence[float]) -> bool:
    return all(v <= limit * (1 + 1e-9) for v, limit in zip(found.values[1:], limits, strict=True))


def _mixture(cost: FloatArray, values: FloatArray, held: FloatArray) -> Any:
    """Cheapest mixture of plans, (plans, terms), within limits that slack may exceed."""
    rows = len(held)
    within = np.hstack([values.T, -np.eye(rows)])
    whole = np.concatenate([np.ones(len(values)), np.zeros(rows)])[None, :]
    return linprog(cost, within, held, whole, [1.0], method="highs")
