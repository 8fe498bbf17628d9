"""Rules of a territory problem: one class each, hard or soft, checked without a solver."""

from __future__ import annotations

from .base import TOLERANCE, Rule, Violation
from .groups import (
    Compactness,
    Contiguity,
    DisruptionCap,
    IncumbentPreference,
    KeepApart,
    KeepTogether,
    Splits,
)
from .limits import Balance, Capacity, MeasureRange, Overnights, TeamRule
from .pairs import (
    BaseInTerritory,
    Coverage,
    Forbid,
    Lock,
    MaximumDistance,
    Skills,
    cover_name,
    moved,
    named_covers,
)
from .sites import SiteCapacity

#: Every rule by the word that scenario files use for it.
RULES: dict[str, type[Rule]] = {
    rule.kind: rule
    for rule in (
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
}

__all__ = [
    "RULES",
    "TOLERANCE",
    "Balance",
    "BaseInTerritory",
    "Capacity",
    "Compactness",
    "Contiguity",
    "Coverage",
    "DisruptionCap",
    "Forbid",
    "IncumbentPreference",
    "KeepApart",
    "KeepTogether",
    "Lock",
    "MaximumDistance",
    "MeasureRange",
    "Overnights",
    "Rule",
    "SiteCapacity",
    "Skills",
    "Splits",
    "TeamRule",
    "Violation",
    "cover_name",
    "moved",
    "named_covers",
]
