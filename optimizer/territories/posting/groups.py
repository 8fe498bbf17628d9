"""Units that belong together, or apart."""

from __future__ import annotations

import numpy as np

from ....models.rules import KeepApart, KeepTogether, Splits
from ..model import ApartPair, SpreadGroup
from .draft import Draft


def post_keep_together(rule: KeepTogether, draft: Draft, price: float) -> None:
    """Groups become items; softly, one owner a group and a price for each one more."""
    for group in rule.cover_groups(draft.problem):
        if np.isinf(price):
            draft.together.append(group)
        else:
            draft.spread.append(SpreadGroup(rule.name, group, 1, price))


def post_keep_apart(rule: KeepApart, draft: Draft, price: float) -> None:
    """Pairs with different owners."""
    for a, b in rule.cover_pairs(draft.problem):
        draft.apart.append(ApartPair(rule.name, a, b, price))


def post_splits(rule: Splits, draft: Draft, price: float) -> None:
    """Parts of a unit with few owners."""
    for group in rule.cover_groups(draft.problem):
        draft.spread.append(SpreadGroup(rule.name, group, rule.maximum_owners, price))
