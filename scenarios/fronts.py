"""Trade-off fronts of a loaded scenario, as tables and files."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from ..models.evaluation import evaluate
from ..models.objective import Stage
from ..models.plan import Plan
from ..models.problem import Problem
from ..optimizer import solve_territories
from ..optimizer.territories.front import Front, trade_off_front
from ..optimizer.territories.result import TerritoryResult, relative_gap
from .digits import significant
from .loading import LoadedScenario
from .store.writing import Held, Outputs

#: The page of a front.
REPORT = "report.html"
FRONT = Outputs("frontier", "teig frontier", "frontier.csv", stale=("point_*.csv",))


def front_of(
    scenario: LoadedScenario,
    terms: Sequence[str],
    points: int = 10,
    *,
    work: float | None = None,
    seconds: float | None = None,
) -> Front:
    """Find the front of a scenario over two or three terms, from today's alignment.

    Parameters
    ----------
    work, seconds
        For each point, in place of the scenario's own limits.
    """
    settings = scenario.resolved.settings
    return problem_front(
        scenario.problem,
        terms,
        points,
        work=settings.limits.work if work is None else work,
        seconds=settings.limits.seconds if seconds is None else seconds,
        gap=settings.limits.gap,
        seed=settings.seed,
    )


def problem_front(
    problem: Problem,
    terms: Sequence[str],
    points: int = 10,
    *,
    work: float = 1.0,
    seconds: float | None = None,
    gap: float = 0.0,
    seed: int = 1,
    progress: Callable[[str], None] | None = None,
) -> Front:
    """Find the front of a problem over two or three terms, from today's alignment.

    Parameters
    ----------
    work, seconds, gap
        For each point.
    progress
        Told of each point that was solved.
    """

    def solve(
        posed: Problem, limits: Sequence[tuple[Stage, float]], start: Plan | None
    ) -> TerritoryResult:
        found = solve_territories(
            posed, work=work, seconds=seconds, gap=gap, seed=seed, start=start, limits=limits
        )
        if progress is not None:
            values = {} if found.evaluation is None else found.evaluation.objectives
            said = ", ".join(f"{name} {significant(value)}" for name, value in values.items())
            held = ", ".join(f"{stage.name} ≤ {significant(limit)}" for stage, limit in limits)
            progress(f"{said or found.status} ({held or 'no limits'}), {found.seconds:.1f} s")
        return found

    known = any(problem.covers.incumbent_ids)
    start = Plan.incumbent(problem) if known else None
    return trade_off_front(problem, terms, points, solve, start)


def front_table(scenario: LoadedScenario, front: Front) -> pd.DataFrame:
    """One row per point: terms with units and limits, bound and gap of the first term.

    ``units_moved`` counts the units whose owner is another than today's.
    """
    rows = []
    for number, point in enumerate(front.points, start=1):
        row: dict[str, object] = {"point": number}
        terms = evaluate(scenario.problem, point.plan).terms
        for position, (term, value) in enumerate(zip(front.terms, point.values, strict=True)):
            unit = terms[term].unit if term in terms else ""
            row |= {term: value, f"{term}_unit": unit}
            if position:
                limit = point.limits[position - 1]
                row[f"{term}_limit"] = limit if math.isfinite(limit) else None
        bound = point.bound if point.bound is not None and math.isfinite(point.bound) else None
        row |= {
            "bound": bound,
            "gap": None if bound is None else relative_gap(point.values[0], bound),
            "status": str(point.status),
            "dominated": point.dominated,
            "units_moved": _moved(scenario.problem, point.plan),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def _moved(problem: Problem, plan: Plan) -> int:
    covers = problem.covers
    moved = np.flatnonzero((covers.incumbent >= 0) & (plan.owner != covers.incumbent))
    return len({problem.units.wholes[int(covers.unit[cover])] for cover in moved})


def write_front(scenario: LoadedScenario, front: Front, table: pd.DataFrame, held: Held) -> None:
    """Write the table, the limits without a plan, ``point_NN.csv`` of each point, and the page."""
    from .reports.front_page import render_front

    def csv(frame: pd.DataFrame, path: Path) -> None:
        frame.to_csv(path, index=False, float_format="%.10g", lineterminator="\n")

    def write(staging: Path) -> None:
        for number, point in enumerate(front.points, start=1):
            plan = evaluate(scenario.problem, point.plan)
            csv(plan.assignments, staging / f"point_{number:02d}.csv")
        missed = [(*limits, str(status)) for limits, status in front.missed]
        names = [*(f"{term}_limit" for term in front.terms[1:]), "status"]
        without = pd.DataFrame(missed, columns=names)
        csv(without, staging / "without_plan.csv")
        market = scenario.resolved.settings.name
        name = f"{market} · {scenario.name}" if market else scenario.name
        page = render_front(name, front.terms, table, without)
        (staging / REPORT).write_text(page, encoding="utf-8", newline="\n")
        csv(table, staging / FRONT.mark)

    held.write(write)
