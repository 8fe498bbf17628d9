"""``quotas:``: the budget and how it is handed down."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..kinds import NotNegative, Number, Positive, Section, Text


class QuotaSettings(Section):
    """The year's budget and how it is handed down."""

    budget: Positive
    """Sales to reach in the plan period, plan currency."""

    method: Literal["weighted_index"] = "weighted_index"
    """How the raw index comes about."""

    weights: dict[Text, NotNegative] = Field(default_factory=lambda: {"sales": 1.0})
    """Measures that the index blends, each as a share of its total."""

    rounding: Positive = 1000.0
    """Every quota is a multiple of this."""

    over_assignment: dict[Text, Annotated[float, Field(strict=True, ge=0, le=1)]] = Field(
        default_factory=dict
    )
    """By level: how far the quotas below a manager sum above the manager's own."""

    minimum: Number | None = None
    """Least quota of a rep."""
