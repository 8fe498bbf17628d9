"""Ways to say a rule less strictly: a number by degrees, an entry taken out, no longer hard."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from ...models.rules import (
    Balance,
    Capacity,
    Compactness,
    DisruptionCap,
    Forbid,
    KeepApart,
    KeepTogether,
    Lock,
    MaximumDistance,
    MeasureRange,
    Overnights,
    Rule,
    Splits,
)

#: Limits that can be loosened by degrees: setting, and whether more of it is looser.
NUMBERS: dict[type[Rule], tuple[tuple[str, bool], ...]] = {
    Capacity: (("limit", True),),
    Balance: (("tolerance", True),),
    MeasureRange: (("minimum", False), ("maximum", True)),
    Overnights: (("maximum", True),),
    DisruptionCap: (("share", True),),
    MaximumDistance: (("kilometres", True), ("minutes", True)),
    Compactness: (("maximum_diameter", True),),
    Splits: (("maximum_owners", True),),
}

#: Those that are whole numbers.
COUNTS = ("maximum_owners",)

#: Settings whose entries are demands of their own.
ENTRIES = ("owners", "pairs", "groups", "parents")

#: What taking out one entry, or making a whole rule soft, counts beside loosening a
#: limit by its own size.
ENTRY, SOFT = 0.25, 1.0

#: A loosened limit is closer than this share of its change to one that is proven
#: impossible.
PRECISION = 0.02


@dataclass(frozen=True)
class Loosening:
    """One rule, said otherwise.

    Parameters
    ----------
    setting
        ``limit``, ``tolerance`` … for a number; ``owners``, ``pairs``, ``groups`` or
        ``parents`` for an entry that is taken out; ``hard`` for a rule made soft.
    old, new
        Numbers of the setting; for an entry, the entry and None.
    impossible
        A number between old and new that is proven not to do, the nearest one known.
    size
        Change ÷ old number, or :data:`ENTRY`, or :data:`SOFT`.
    """

    rule: str
    setting: str
    old: object
    new: object
    impossible: float | None
    size: float

    @property
    def smallest(self) -> bool:
        """Whether no smaller change of the setting would do, as far as :data:`PRECISION` goes."""
        if self.impossible is None:
            return True
        new, old = float(str(self.new)), float(str(self.old))
        close = max(PRECISION * abs(new - old), 1e-9)
        if self.setting in COUNTS:
            close = max(close, 1.0)
        # The number is rounded to few digits after the last solve.
        return abs(new - self.impossible) <= 1.5 * close


def loosened(rule: Rule, change: Loosening) -> Rule:
    """The rule, said as a loosening has it."""
    if change.setting in ENTRIES:
        return without_entry(rule, change.setting, change.old)
    return set_to(rule, change.setting, change.new)


def loosest(rule: Rule, setting: str, more: bool) -> float:
    """A number that binds nobody."""
    if isinstance(rule, DisruptionCap | Balance):
        return 1.0
    if isinstance(rule, Splits):
        return 1_000
    old = float(getattr(rule, setting))
    if not more:
        return min(0.0, 1e3 * old)
    return 1e3 * max(old, 1.0)


def rounded(kept: float, broken: float, more: bool) -> float:
    """The fewest digits, from three on, of a number on the side that is kept."""
    for digits in range(3, 15):
        step = 10.0 ** (math.floor(math.log10(max(abs(kept), 1e-12))) + 1 - digits)
        value = (math.ceil if more else math.floor)(kept / step) * step
        value = float(f"{value:.{digits}g}")
        near = abs(value - kept) <= 0.01 * max(abs(kept - broken), 0.1 * abs(kept))
        if near and ((value >= kept) if more else (value <= kept)):
            return value
    return kept


def entry_of(part: Rule) -> tuple[str, object] | None:
    """The one entry of a rule's part."""
    if isinstance(part, Lock):
        return "owners", next(iter(part.owners.items()))
    if isinstance(part, Forbid):
        return "pairs", part.pairs[0]
    if isinstance(part, KeepTogether) and part.parents and not part.groups:
        return "parents", part.parents[0]
    if isinstance(part, KeepApart | KeepTogether) and part.groups:
        return "groups", part.groups[0]
    return None


def without_entry(rule: Rule, setting: str, entry: object) -> Rule:
    """The rule without one of its entries."""
    entries = getattr(rule, setting)
    if isinstance(rule, Lock) and isinstance(entry, tuple):
        left: object = {unit: owner for unit, owner in entries.items() if unit != entry[0]}
    else:
        left = tuple(each for each in entries if each != entry)
    return set_to(rule, setting, left)


def set_to(rule: Rule, setting: str, value: object) -> Rule:
    """The rule with another value of one setting."""
    settings: dict[str, Any] = {setting: value}
    return dataclasses.replace(rule, **settings)
