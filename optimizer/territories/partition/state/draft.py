"""What moves change, and the room for it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .....models.arrays import FloatArray, IndexArray
from .ground import Ground

Words = NDArray[np.uint64]
"""Random words."""


class Draft(NamedTuple):
    """What moves change.

    ``member[t, :size[t]]`` are the units of a territory, ``slot`` their columns, ``px``,
    ``py``, ``pz`` their places. ``border[:whole[BORDER]]`` are units with a neighbour
    elsewhere, ``place`` their columns in it, ``foreign`` how many such neighbours.
    """

    owner: IndexArray
    load: FloatArray
    size: IndexArray
    member: IndexArray
    slot: IndexArray
    px: FloatArray
    py: FloatArray
    pz: FloatArray
    border: IndexArray
    place: IndexArray
    foreign: IndexArray
    mark: IndexArray
    queue: IndexArray
    best: IndexArray
    whole: IndexArray
    real: FloatArray


BORDER, STAMP, STOP = 0, 1, 2
"""Places in ``Draft.whole``: units at borders, last mark used, whether to stop."""

FAR, CUTS, LIMIT, BEST, VALUE, SHRINK, BALANCE = 0, 1, 2, 3, 4, 5, 6
"""Places in ``Draft.real``.

Excess of pairs too far apart, neighbours cut, squared limit, squared diameter and value
of the best plan, the share of the last diameter that becomes the next limit (squared),
and the cost of all amounts outside limits.
"""


def draft_of(ground: Ground, territories: int) -> Draft:
    """Room for a plan; :func:`load_plan` fills it."""
    n, p = len(ground.x), territories

    def indices() -> IndexArray:
        return np.zeros(n, dtype=np.int64)

    return Draft(
        owner=indices(),
        load=np.zeros((p, ground.activity.shape[1])),
        size=np.zeros(p, dtype=np.int64),
        member=np.zeros((p, n), dtype=np.int64),
        slot=indices(),
        px=np.zeros((p, n)),
        py=np.zeros((p, n)),
        pz=np.zeros((p, 1 if ground.flat else n)),
        border=indices(),
        place=indices(),
        foreign=indices(),
        mark=indices(),
        queue=indices(),
        best=indices(),
        whole=np.zeros(3, dtype=np.int64),
        real=np.array([0.0, 0.0, np.inf, np.inf, np.inf, 1.0, 0.0]),
    )
