"""The pay curve: payout, as a share of the target incentive, over attainment."""

from __future__ import annotations

import bisect
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import FloatArray, frozen_floats
from ..errors import ProblemList


@dataclass(frozen=True)
class Tier:
    """From some attainment on, another rate.

    Parameters
    ----------
    above
        Attainment at which it begins, 1 for quota.
    rate
        Multiple of the plan's rate: 1.5 for half as much again.
    """

    above: float
    rate: float


@dataclass(frozen=True)
class PayTerms:
    """What makes a pay curve.

    Parameters
    ----------
    threshold
        Attainment below which nothing is paid.
    from_first
        Whether, with the threshold reached, pay counts from the first sale (a jump
        at the threshold) or only from the threshold on.
    rate
        Share of the target incentive for each 1.0 of attainment. By default the rate
        that pays exactly the target incentive at quota.
    accelerator
        Multiple of the rate above quota.
    tiers
        Further rates, each up to where the next begins.
    cap
        Largest payout as a share of the target incentive.

    Raises
    ------
    BadInput
        When a number makes no sense; all problems at once.
    """

    threshold: float = 0.0
    from_first: bool = True
    rate: float | None = None
    accelerator: float = 1.0
    tiers: tuple[Tier, ...] = ()
    cap: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiers", tuple(sorted(self.tiers, key=lambda tier: tier.above)))
        found = ProblemList("compensation")
        for key, least in (("threshold", 0.0), ("rate", 0.0), ("accelerator", 0.0), ("cap", 0.0)):
            value = getattr(self, key)
            if value is not None and not (np.isfinite(value) and value >= least):
                found.add("must be a number of at least 0", key=key, value=value)
        self._check_tiers(found)
        found.raise_any()
        if self.rate is None and not _payout_at_quota(self._pieces(Fraction(1))) > 0:
            found.add(
                "pays nothing at quota, so that no rate reaches the target incentive there; "
                "give a threshold of at most 1 or a rate",
                key="threshold",
                value=self.threshold,
            )
        found.raise_any()

    def _check_tiers(self, found: ProblemList) -> None:
        starts = [tier.above for tier in self.tiers]
        for tier in self.tiers:
            if not (np.isfinite(tier.above) and tier.above > 0):
                found.add("must be an attainment above 0", key="tiers", value=tier.above)
            if not (np.isfinite(tier.rate) and tier.rate >= 0):
                found.add("must be a rate of at least 0", key="tiers", value=tier.rate)
        if len(set(starts)) < len(starts):
            found.add("two tiers begin at the same attainment", key="tiers")
        if self.accelerator != 1.0 and 1.0 in starts:
            message = "a tier above 1 and an accelerator are the same thing; give one of them"
            found.add(message, key="accelerator", value=self.accelerator)

    @cached_property
    def rate_in_force(self) -> Fraction:
        """The rate, or the one that pays exactly the target incentive at quota."""
        if self.rate is not None:
            return _exact(self.rate)
        return 1 / _payout_at_quota(self._pieces(Fraction(1)))

    @cached_property
    def curve(self) -> PayCurve:
        """The curve that the terms describe."""
        cap = None if self.cap is None else _exact(self.cap)
        pieces = _capped(self._pieces(self.rate_in_force), cap)
        return PayCurve(*(frozen_floats([float(p[k]) for p in pieces]) for k in range(3)))

    def _pieces(self, rate: Fraction) -> list[_Piece]:
        """Straight pieces as (start, value there, slope) without a cap; 0 to infinity."""
        threshold = _exact(self.threshold)
        rates = {Fraction(0): Fraction(1)}
        if self.accelerator != 1.0:
            rates[Fraction(1)] = _exact(self.accelerator)
        rates |= {_exact(tier.above): _exact(tier.rate) for tier in self.tiers}
        starts = sorted(rates)
        # Quota is a knot always, so that pay at quota is exact.
        knots = sorted({*starts, threshold, Fraction(1)})
        pieces, value = [], Fraction(0)
        for position, start in enumerate(knots):
            slope = rate * rates[starts[bisect.bisect_right(starts, start) - 1]]
            end = knots[position + 1] if position + 1 < len(knots) else None
            if start < threshold:
                pieces.append((start, Fraction(0), Fraction(0)))
                if self.from_first and end is not None:
                    value += slope * (end - start)
                continue
            pieces.append((start, value, slope))
            if end is not None:
                value += slope * (end - start)
        return pieces


#: Attainment at which a straight piece begins, payout there, slope.
_Piece = tuple[Fraction, Fraction, Fraction]


@dataclass(frozen=True, eq=False)
class PayCurve:
    """Straight pieces; each holds from its start, included, to the next one's.

    Parameters
    ----------
    starts, values, slopes
        Attainment at which each piece begins (the first at 0), payout there, and
        payout per 1.0 of attainment, (pieces,) each.
    """

    starts: FloatArray
    values: FloatArray
    slopes: FloatArray

    def payout(self, attainment: ArrayLike) -> FloatArray:
        """Payout as a share of the target incentive; exact at the knots.

        >>> PayTerms(threshold=0.5, accelerator=2.0).curve.payout([0.4, 0.5, 1.0, 1.2]).tolist()
        [0.0, 0.5, 1.0, 1.4]
        """
        reached = np.asarray(attainment, dtype=np.float64)
        piece = np.searchsorted(self.starts, reached, side="right") - 1
        piece = np.maximum(piece, 0)
        beyond = np.maximum(reached - self.starts[piece], 0.0)
        result: FloatArray = self.values[piece] + self.slopes[piece] * beyond
        return result


def _payout_at_quota(pieces: list[_Piece]) -> Fraction:
    """Payout at an attainment of 1."""
    start, value, slope = next(piece for piece in reversed(pieces) if piece[0] <= 1)
    return value + slope * (1 - start)


def _capped(pieces: list[_Piece], cap: Fraction | None) -> list[_Piece]:
    """Cut the curve off at the cap, with a knot of its own where it is reached."""
    if cap is None:
        return pieces
    kept: list[_Piece] = []
    for start, value, slope in pieces:
        if value >= cap:
            return [*kept, (start, cap, Fraction(0))]
        kept.append((start, value, slope))
        following = [other for other in pieces if other[0] > start]
        end = following[0][0] if following else None
        if slope > 0:
            reached = start + (cap - value) / slope
            if end is None or reached < end:
                return [*kept, (reached, cap, Fraction(0))]
    return kept


def _exact(number: float) -> Fraction:
    """The decimal that was written, not the float beside it."""
    return Fraction(str(number))
