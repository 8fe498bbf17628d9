"""The means of a solve: prices, search, the exact core and whole territories, each counted."""

from __future__ import annotations

import math

import numpy as np

from ....models.arrays import IndexArray
from ....models.problem import Problem
from ..clock import Clock
from ..columns import CLOSE, prove
from ..exact import Effort, deal_undecided, solve_exact
from ..measures import measure
from ..model import AssignmentModel
from ..prices import PriceResult, branch_bound, price_bound, worthwhile_passes
from ..prices.bound import Prices
from ..search import SearchResult, improve
from ..search.together import improve_together
from .effort import (
    BRANCHING_TIME,
    FEWEST_PROPOSALS,
    FINISHED,
    LARGER,
    MOST_BRANCHING,
    PASSES,
    PROPOSALS,
    SMALL,
    WIDE_GAP,
    Commission,
)
from .outcome import Outcome, value_unit
from .record import Record
from .start import todays_owners


class Means:
    """What a stage can be solved by; it reports to the record and adds up its work.

    Attributes
    ----------
    used
        Work of each means so far, in its own unit.
    """

    def __init__(
        self, problem: Problem, commission: Commission, clock: Clock, record: Record
    ) -> None:
        self.problem, self.commission = problem, commission
        self.clock, self.record = clock, record
        self.used = {"exact": 0.0, "passes": 0.0, "proposals": 0.0}

    def prices(self, model: AssignmentModel) -> PriceResult:
        """Prices from nothing, and from full prices where soft upper limits may all be broken.

        With every price at nothing and no cost but the limits', all owners look alike,
        and the ascent has no direction.
        """
        work = PASSES * self.commission.work
        found = price_bound(model, work=work, stop=self.clock.stop)
        self.used["passes"] += found.work
        full = _full_prices(found)
        if full is None or not math.isfinite(found.bound):
            return found
        tables = found.tables
        again = price_bound(model, work=work, prices=full, tables=tables, stop=self.clock.stop)
        self.used["passes"] += again.work
        return again if again.bound > found.bound else found

    def branched(self, what: str, model: AssignmentModel, prices: PriceResult) -> float:
        """A bound by branching on large items, where there are some; else that of the prices."""
        asked, clock = self.commission, self.clock
        # A smaller model is left to whole territories and the exact core.
        if model.pairs <= FINISHED or asked.gap >= WIDE_GAP:
            return prices.bound
        passes = worthwhile_passes(model, prices) * min(asked.work, MOST_BRANCHING)
        if passes <= 0.0:
            return prices.bound
        left = clock.left_of_share()
        until = math.inf if left is None else clock.elapsed() + BRANCHING_TIME * left

        def heard(bound: float) -> None:
            self.record.bounded(bound)
            clock.say(f"{what}: bound by branching", None, bound)

        found = branch_bound(
            model, prices, work=passes, report=heard,
            stop=lambda: clock.elapsed() > until or clock.stop(),
        )  # fmt: skip
        self.used["passes"] += found.work
        return found.bound

    def prices_below(
        self, model: AssignmentModel, value: float, prices: PriceResult
    ) -> PriceResult:
        """Prices again, against a plan: they rule out pairs that no better one holds."""
        found = price_bound(
            model,
            upper=value,
            work=PASSES * self.commission.work / 2,
            prices=prices.prices,
            tables=prices.tables,
            stop=self.clock.stop,
        )
        self.used["passes"] += found.work
        return found

    def undecided(
        self, what: str, model: AssignmentModel, prices: PriceResult
    ) -> IndexArray | None:
        """What prices leave undecided, dealt by an integer program; a plan or None."""
        found = deal_undecided(
            model, prices, seconds=self.clock.left_of_share, stop=self.clock.stop
        )
        if found is not None:
            value = measure(model, found).objective
            self.record.better(model, found, value)
            self.clock.say(f"{what}: ties of prices", value, prices.bound)
        return found

    def search(
        self,
        what: str,
        model: AssignmentModel,
        start: IndexArray | None,
        prices: PriceResult,
        *,
        target: float | None = None,
        share: float = 1.0,
        report: bool = False,
    ) -> SearchResult:
        """Search, or several of them together.

        Parameters
        ----------
        what
            What the search is for, told to the listener.
        target
            Value at which a plan is good enough.
        share
            Of the usual work.
        report
            Whether better plans are plans of the stage at hand.
        """

        def heard(best: float, _: float, owners: IndexArray | None) -> None:
            if report and owners is not None:
                self.record.better(model, owners, best)
            self.clock.say(f"{what}: search", best, prices.bound)

        asked = self.commission
        work = max(PROPOSALS * model.items, FEWEST_PROPOSALS) * asked.work * share
        others = todays_owners(self.problem, model)
        if asked.searches > 1 and model.pairs > SMALL:
            found = improve_together(
                model, searches=asked.searches, prices=prices, start=start, seed=asked.seed,
                work=work, target=target, seconds=self.clock.left_of_share(), others=others,
                workers=asked.workers, listener=heard, stop=self.clock.stop,
            )  # fmt: skip
        else:
            found = improve(
                model, start=start, seed=asked.seed, work=work, target=target, prices=prices,
                others=others, listener=heard, stop=self.clock.stop,
            )  # fmt: skip
        self.used["proposals"] += found.work
        return found

    def exact(
        self, what: str, model: AssignmentModel, start: IndexArray | None, work: float
    ) -> Outcome:
        """CP-SAT on all allowed pairs, for a multiple of so much deterministic time."""

        def heard(best: float | None, bound: float | None, owners: IndexArray) -> None:
            plain = measure(model, owners)
            if plain.feasible:
                self.record.better(model, owners, plain.objective)
            self.clock.say(f"{what}: exact", best, bound)

        asked = self.commission
        found = solve_exact(
            model, Effort(work=work * asked.work, gap=asked.gap), seed=asked.seed, start=start,
            report=heard, stop=self.clock.stop,
        )  # fmt: skip
        self.used["exact"] += found.work
        value = math.inf if found.value is None else found.value
        proven = found.stopped_by == "proof"
        return Outcome(found.owners, value, found.unit, found.bound, proven, found.stopped_by)

    def whole_territories(
        self, what: str, model: AssignmentModel, best: Outcome, prices: PriceResult
    ) -> Outcome:
        """Whole territories, as far as those that count beside a plan can be listed."""

        def heard(owners: IndexArray, value: float, bound: float) -> None:
            self.record.better(model, owners, value)
            self.record.bounded(bound)
            self.clock.say(f"{what}: territories", value, bound)

        if best.owners is None:
            return best
        effort = self.commission.work * (1.0 if model.pairs <= SMALL else LARGER)
        found = prove(
            model, prices, best.owners, work=effort, gap=self.commission.gap,
            seconds=self.clock.left_of_share, stop=self.clock.stop, report=heard,
        )  # fmt: skip
        self.used["territories"] = self.used.get("territories", 0.0) + found.work
        bound = max(best.bound, found.bound)
        proven = found.value - bound <= CLOSE * max(abs(found.value), 1e-9)
        unit = value_unit(model, found.owners, found.value)
        reason = "proof" if proven else best.stopped_by
        return Outcome(found.owners, found.value, unit, bound, proven, reason)


def _full_prices(found: PriceResult) -> Prices | None:
    """Every soft upper limit at its full price; None where there is none."""
    tables = found.tables
    upper_only = np.isinf(tables.lower) & np.isfinite(tables.upper) & tables.takes_part
    soft = np.isfinite(tables.resource_price) & (tables.resource_group == 0)
    priced = upper_only & soft[:, None]
    if not priced.any():
        return None
    full = np.where(priced, tables.resource_price[:, None], 0.0)
    groups = np.eye(1, len(found.prices.groups))[0]
    return Prices(groups, full, np.zeros_like(found.prices.counters))
