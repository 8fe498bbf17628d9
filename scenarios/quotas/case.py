"""A scenario's quota settings on a plan's territories, as the optimizer takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.calendar import Ramp
from ...models.errors import BadInput, InputProblem
from ...models.plan import Plan
from ...models.problem import Problem
from ...models.quotas.history import Span, plan_spans
from ...models.tables import Table
from ...models.totals import owner_totals
from ...optimizer.quotas.model import Work
from ...optimizer.quotas.result import QuotaResult
from ...optimizer.quotas.setting import set_quotas
from ..files.sections import QuotaSettings, Settings
from .figures import (
    OwnerFigures,
)
from .nodes import node_tree, primary_owners, reporting_nodes
from .presence import presence_of

Tables = Mapping[str, tuple[Table, ...]]


@dataclass(frozen=True, eq=False)
class QuotaCase:
    """A scenario, a plan, and what is known of its owners."""

    settings: Settings
    asked: QuotaSettings
    tables: Tables
    problem: Problem
    plan: Plan
    structure: pd.DataFrame
    figures: OwnerFigures | None

    def set(self, work: Work) -> QuotaResult:
        """Set the quotas."""
        asked = self.asked
        pins = pd.DataFrame([pin.model_dump() for pin in asked.pins]) if asked.pins else None
        owners = primary_owners(self.problem)
        there = presence_of(
            self.problem,
            self.tables,
            self.settings.calendar.work_calendar(),
            Ramp(self.settings.ramp.months),
            period_spans(self.settings),
            owners,
        )
        keys = ["owner", "period"]
        return set_quotas(
            self._territories(owners),
            asked.budget,
            node_tree(self.problem, self.structure),
            method=asked.method,
            parameters=self.parameters,
            rounding=asked.rounding,
            over_assignment=asked.over_assignment,
            products=self.products,
            periods=asked.periods,
            floors=asked.floor,
            caps=asked.cap,
            growth=asked.growth,
            pins=pins,
            ramp=there[[*keys, "productivity"]] if "ramp" in asked.prorate else None,
            presence=there[[*keys, "presence"]] if "absence" in asked.prorate else None,
            relief=asked.relief,
            zero_deviation=asked.zero_deviation,
            figures=self._figures(),
            fairness=asked.fairness,
            currency=self.problem.currency,
            work=work,
        )

    @property
    def products(self) -> Any:
        """Products as the file names them, else those of the figures."""
        frame = self._figures()
        if self.asked.products != ("all",) or frame is None or "product" not in frame.columns:
            return self.asked.products
        return tuple(dict.fromkeys(frame["product"]))

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameters of the method."""
        asked = self.asked
        given: dict[str, Any] = {"weights": asked.weights}
        if asked.method == "blend" and asked.target_penetration is not None:
            penetration = {"target_penetration": asked.target_penetration}
            given["settings"] = {"market_potential": penetration}
        else:
            given["target_penetration"] = asked.target_penetration
        return {name: value for name, value in given.items() if value is not None}

    def estimates(self) -> pd.DataFrame | None:
        """What the owners expect themselves; None where the file has no such table."""
        return (
            pd.DataFrame(self.tables["estimates"][0].frame) if "estimates" in self.tables else None
        )

    def _figures(self) -> pd.DataFrame | None:
        """Figures by owner, product and period; estimates where they are as fine."""
        own = None if self.figures is None else self.figures.frame
        estimates = self.estimates()
        if estimates is None:
            return own
        keys = [key for key in ("product", "period") if key in estimates.columns]
        if not keys:
            return own
        if own is None:
            return estimates
        if len(keys) < 2:
            message = "must be by product and period, or by owner alone, where there is a history"
            raise BadInput([InputProblem("estimates", "", keys[0], "", message)])
        return own.merge(estimates, on=["owner", *keys], how="left")

    def _territories(self, owners: Sequence[str]) -> pd.DataFrame:
        problem, plan = self.problem, self.plan
        above = reporting_nodes(problem, self.structure)
        measures = {name: owner_totals(problem, plan, name) for name in problem.covers.measures}
        stays = _incumbency(problem, plan)
        reps = pd.DataFrame(self.tables["reps"][0].frame).set_index("rep")
        rows = []
        for owner in owners:
            index = problem.owner_index[owner]
            row: dict[str, object] = {"owner": owner, "parent": above[owner]}
            row["level"] = str(problem.owners.kinds[index])
            row["fixed_share"] = self.asked.fixed_shares.get(owner)
            row["incumbency"] = float(stays[index])
            row["tenure"] = _tenure(reps, owner, self.settings.calendar.start)
            if "part_time" in self.asked.prorate and "full_time" in reps:
                share = reps["full_time"].get(owner)
                row["availability"] = 1.0 if share is None or pd.isna(share) else float(share)
            rows.append(row | {name: float(values[index]) for name, values in measures.items()})
        frame = pd.DataFrame(rows)
        estimates = self.estimates()
        if estimates is not None and not {"product", "period"} & set(estimates.columns):
            known = dict(zip(estimates["owner"].astype(str), estimates["estimate"], strict=True))
            frame["estimate"] = [known.get(owner) for owner in owners]
        return frame if frame["fixed_share"].notna().any() else frame.drop(columns="fixed_share")


def _incumbency(problem: Problem, plan: Plan) -> FloatArray:
    """Share of each owner's present sales that the owner has today already, (owners,)."""
    sales = problem.covers.measures["sales"]
    held = plan.owner >= 0
    count = len(problem.owners)
    kept = held & (plan.owner == problem.covers.incumbent)
    total = np.bincount(plan.owner[held], weights=sales[held], minlength=count)
    same = np.bincount(plan.owner[kept], weights=sales[kept], minlength=count)
    return np.asarray(np.divide(same, total, out=np.zeros(count), where=total > 0))


def _tenure(reps: pd.DataFrame, owner: str, start: dt.date) -> float | None:
    """Years with the company at the start of the plan; None where nobody knows."""
    hired = reps["hired"].get(owner) if "hired" in reps else None
    return max((start - hired).days / 365.25, 0.0) if isinstance(hired, dt.date) else None


def period_spans(settings: Settings) -> dict[str, Span]:
    """The plan's periods: as many equal parts of the calendar as have names."""
    asked, calendar = settings.quotas, settings.calendar
    names = tuple(asked.periods) if asked is not None else ()
    return dict(zip(names, plan_spans(len(names), calendar.start, calendar.end), strict=True))


def asked_moves(asked: QuotaSettings) -> pd.DataFrame:
    """Changes in mid-period, as a frame."""
    frame = pd.DataFrame([move.model_dump() for move in asked.moves])
    return frame.rename(columns={"giver": "from", "taker": "to"})
