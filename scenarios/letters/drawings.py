"""Small drawings of a letter, as numbers that the template puts into SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from .facts import Pay, Standing, Step

#: Size of the drawing of the pay curve, without its labels.
CURVE_WIDTH, CURVE_HEIGHT = 260.0, 120.0


@dataclass(frozen=True)
class Bar:
    """A bar of a waterfall, percent of the width."""

    left: float
    width: float
    down: bool


def waterfall(steps: Sequence[Step], start: int = 0) -> list[Bar]:
    """One bar per step from where the sum stood to where it stands.

    >>> [(bar.left, bar.width) for bar in waterfall([Step("a", 80), Step("b", 20)])]
    [(0.0, 80.0), (80.0, 20.0)]
    """
    running, reached = start, [start]
    for step in steps:
        running += step.amount
        reached.append(running)
    low, high = min(0, *reached), max(*reached, 1)
    if start:
        # From one sum to another the steps are small: show them, not what stays.
        inner = max(reached) - min(reached)
        low = max(min(reached) - inner, 0)
    scale = 100.0 / max(high - low, 1)
    bars = []
    for before, after in pairwise(reached):
        left = (min(before, after) - low) * scale
        bars.append(Bar(round(left, 2), round(abs(after - before) * scale, 2), after < before))
    return bars


@dataclass(frozen=True)
class Strip:
    """The middle half of a team and the recipient, percent of the width."""

    left: float
    width: float
    own: float


def strip(standing: Standing) -> Strip:
    """Place the middle half and the recipient on a line that shows nobody's extreme."""
    ends = (standing.low, standing.high, standing.own)
    margin = max((max(ends) - min(ends)) * 0.35, 0.02)
    low, high = min(ends) - margin, max(ends) + margin
    scale = 100.0 / (high - low)
    return Strip(
        round((standing.low - low) * scale, 1),
        round(max((standing.high - standing.low) * scale, 1.0), 1),
        round((standing.own - low) * scale, 1),
    )


@dataclass(frozen=True)
class Curve:
    """The pay curve as points, with the attainments that the letter prices."""

    path: str
    marks: tuple[tuple[float, float, float], ...]
    base: float


def pay_curve(pay: Pay) -> Curve:
    """Draw total pay over attainment."""
    right = max(x for x, _ in pay.curve)
    top = max(max(y for _, y in pay.curve), 1.0)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            round(x / right * CURVE_WIDTH, 1),
            round(CURVE_HEIGHT - y / top * CURVE_HEIGHT, 1),
        )

    points = [place(x, y) for x, y in pay.curve]
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    marks = tuple((*place(p.attainment, p.total), p.attainment) for p in pay.points)
    return Curve(path, marks, place(0.0, pay.base)[1])
