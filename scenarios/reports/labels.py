"""Where the labels of territories stand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from .mesh import Ring

#: Largest and smallest letters of a label, in grid steps.
LABEL_SIZES = (46, 26)


def label_spot(
    rings: Sequence[Ring], dots: Sequence[tuple[int, int]]
) -> tuple[float, float, float] | None:
    """Middle of the widest place of a territory and its radius, grid steps."""
    if rings:
        shape = shapely.make_valid(shapely.union_all([shapely.Polygon(r).buffer(0) for r in rings]))
        largest = max(shapely.get_parts(shape), key=lambda part: part.area, default=None)
        if largest is not None and largest.area > 0:
            line = shapely.maximum_inscribed_circle(largest, tolerance=4)
            (x, y), *_ = line.coords
            return float(x), float(y), float(line.length)
    if dots:
        middle = np.median(np.array(dots), axis=0)
        distance = np.hypot(*(np.array(dots) - middle).T)
        x, y = dots[int(distance.argmin())]
        return float(x), float(y), float(np.percentile(distance, 50)) + 10.0
    return None


def place_labels(
    candidates: Sequence[tuple[str, float, float, float]],
    sizes: tuple[int, int] = LABEL_SIZES,
) -> dict[str, tuple[int, int, int]]:
    """Labels that fit without covering one another, the widest territories first.

    Parameters
    ----------
    candidates
        Owner, middle and radius of its widest place, grid steps.
    sizes
        Largest and smallest letters, grid steps.

    Returns
    -------
    dict
        Middle and size of the letters by owner, for those that fit.
    """
    largest, smallest = sizes
    if len(candidates) > 40:
        largest = max(largest - 10, smallest)
    taken: list[tuple[float, float, float, float]] = []
    placed: dict[str, tuple[int, int, int]] = {}
    for owner, x, y, radius in sorted(candidates, key=lambda c: (-c[3], c[0])):
        size = int(max(smallest, min(largest, radius * 0.9)))
        half_width, half_height = 0.31 * size * max(len(owner), 2), 0.55 * size
        box = (x - half_width, y - half_height, x + half_width, y + half_height)
        if radius < 9 or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        placed[owner] = (round(x), round(y), size)
    return placed


def _overlap(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
