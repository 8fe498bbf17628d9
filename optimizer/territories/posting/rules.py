"""Every rule with its post."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ....models.rules import (
    Balance,
    BaseInTerritory,
    Capacity,
    Compactness,
    Contiguity,
    Coverage,
    DisruptionCap,
    Forbid,
    IncumbentPreference,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Overnights,
    SiteCapacity,
    Skills,
    Splits,
)
from ....models.rules.sampled import UnderFuture
from .draft import Draft
from .groups import post_keep_apart, post_keep_together, post_splits
from .loads import (
    post_balance,
    post_capacity,
    post_overnights,
    post_range,
    post_site_capacity,
)
from .pairs import (
    post_coverage,
    post_disruption_cap,
    post_forbid,
    post_incumbent_preference,
    post_lock,
    post_maximum_distance,
    post_skills,
)
from .shapes import post_base_in_territory, post_compactness, post_contiguity

Post = Callable[[Any, Draft, float], None]


def post_under_future(rule: UnderFuture, draft: Draft, price: float) -> None:
    """The rule itself, with the values of its future, into the same model."""
    there = copy.copy(draft)
    there.problem = rule.future.of(draft.problem)
    POSTS[rule.rule.kind](replace(rule.rule, name=rule.name), there, price)


POSTS: dict[str, Post] = {
    Balance.kind: post_balance,
    BaseInTerritory.kind: post_base_in_territory,
    Capacity.kind: post_capacity,
    Compactness.kind: post_compactness,
    Contiguity.kind: post_contiguity,
    Coverage.kind: post_coverage,
    DisruptionCap.kind: post_disruption_cap,
    Forbid.kind: post_forbid,
    IncumbentPreference.kind: post_incumbent_preference,
    KeepApart.kind: post_keep_apart,
    KeepTogether.kind: post_keep_together,
    Lock.kind: post_lock,
    MaximumDistance.kind: post_maximum_distance,
    MeasureRange.kind: post_range,
    Overnights.kind: post_overnights,
    SiteCapacity.kind: post_site_capacity,
    Skills.kind: post_skills,
    Splits.kind: post_splits,
    UnderFuture.kind: post_under_future,
}
