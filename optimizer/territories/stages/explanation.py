"""For people: why there is no plan, or what stands out in one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ....models.plan import Status
from ....models.problem import Problem
from ....models.rules import cover_name
from ...explain import (
    Cornered,
    broken_texts,
    conflicting_rules,
    describe,
    find_obstacles,
    oversized_units,
)
from ..model import AssignmentModel
from .effort import SMALL
from .record import Record


def explanation(
    problem: Problem,
    status: Status,
    model: AssignmentModel | None,
    record: Record,
    stop: Callable[[], bool],
) -> tuple[str, ...]:
    """Say what stands in the way.

    Parameters
    ----------
    model
        Of the last stage that was begun; None before the first.
    """
    if status in (Status.OPTIMAL, Status.FEASIBLE):
        return oversized_units(problem)
    said = [] if model is None else [_in_a_corner(problem, model, c) for c in record.cornered]
    said += [obstacle.text for obstacle in find_obstacles(problem)]
    if status is Status.UNKNOWN:
        said = ["nothing was found within the limits; it is not proven impossible", *said]
        said += oversized_units(problem)
        said += () if record.nearest is None else broken_texts(problem, record.nearest)
    elif not said and model is not None and model.pairs <= SMALL:
        said = _in_conflict(problem, stop)
    return tuple(dict.fromkeys(said)) or ("it is proven that no plan keeps the hard rules",)


def _in_conflict(problem: Problem, stop: Callable[[], bool]) -> list[str]:
    """Name rules that cannot hold together."""
    rules = conflicting_rules(problem, stop)
    if rules is None:
        return []
    together = "these rules cannot hold together, and any of them left out, they can:"
    alone = "this rule cannot be kept, whatever the others say:"
    named = "; ".join(describe(rule) for rule in rules)
    return [f"{alone if len(rules) == 1 else together} {named}", *oversized_units(problem)]


def _in_a_corner(problem: Problem, model: AssignmentModel, found: Cornered) -> str:
    """Name a unit that alone fills what some rules allow."""
    cover = int(np.flatnonzero(model.item_of_cover == found.item)[0])
    fills = " and ".join(
        f"{100 * share:.0f} % of the most that rule {name} allows"
        for name, share in zip(found.rules, found.shares, strict=True)
    )
    return (
        f"{cover_name(problem, cover)} fills {fills}; no connected territory with it "
        "keeps these rules: wider tolerances or `parts` for it would help"
    )
