"""The parts of a stage and of the stages before it, with their groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from ....models.arrays import BoolArray
from ..model import AssignmentModel, Home
from .arrays import HARD


class Parts:
    """Collects the parts of a stage and of earlier stages."""

    def __init__(self, model: AssignmentModel) -> None:
        self.model = model
        self.stages: list[tuple[AssignmentModel, float]] = [(model, np.inf)]
        self.stages += [(limit.model, limit.limit) for limit in model.earlier]
        self.allowed = _with_homes(model)

    def of(self, name: str) -> list[tuple[Any, float, int]]:
        """Parts of a kind with price and group; hard ones of the stage at hand only."""
        found: list[tuple[Any, float, int]] = []
        for group, (stage, _) in enumerate(self.stages):
            for part in getattr(stage, name):
                if np.isinf(part.price):
                    if group == 0:
                        found.append((part, 0.0, HARD))
                elif part.price > 0:
                    found.append((part, float(part.price), group))
        return found


def _with_homes(model: AssignmentModel) -> BoolArray:
    """Pairs that may be chosen, an item that is somebody's only hard home locked there."""
    allowed = model.allowed.copy()
    for home in model.homes:
        if is_locked(model, home):
            item = home.items[0]
            keep = model.pair(item, home.owner)
            begin = int(model.start[item])
            end = begin + int(model.last[item] - model.first[item])
            allowed[begin:keep] = False
            allowed[keep + 1 : end] = False
    return allowed


def is_locked(model: AssignmentModel, home: Home) -> bool:
    """Whether a home is nothing but an item that only one owner may have."""
    return (
        np.isinf(home.price)
        and len(home.items) == 1
        and bool(model.first[home.items[0]] <= home.owner < model.last[home.items[0]])
    )
