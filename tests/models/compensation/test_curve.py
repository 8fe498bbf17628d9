"""Pay curves: exact at their knots, against hand-worked examples and a slow definition."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from teig.models.compensation import PayTerms, Tier
from teig.models.errors import BadInput


def by_definition(terms: PayTerms, reached: Fraction) -> Fraction:
    """Payout by adding the rate of every ten-thousandth of attainment; exact on that grid."""
    step = Fraction(1, 10_000)
    tiers = {Fraction(0): Fraction(1)}
    if terms.accelerator != 1.0:
        tiers[Fraction(1)] = Fraction(str(terms.accelerator))
    tiers |= {Fraction(str(t.above)): Fraction(str(t.rate)) for t in terms.tiers}
    threshold = Fraction(str(terms.threshold))

    def earned(until: Fraction) -> Fraction:
        if until < threshold:
            return Fraction(0)
        first = Fraction(0) if terms.from_first else threshold
        total, starts = Fraction(0), sorted(tiers)
        for at, start in enumerate(starts):
            end = min(until, starts[at + 1]) if at + 1 < len(starts) else until
            total += max(end - max(start, first), Fraction(0)) * tiers[start]
        return total

    assert (reached / step).denominator == 1
    rate = 1 / earned(Fraction(1)) if terms.rate is None else Fraction(str(terms.rate))
    paid = rate * earned(reached)
    return paid if terms.cap is None else min(paid, Fraction(str(terms.cap)))


hundredths = st.integers(1, 200).map(lambda n: n / 100)
curves = st.builds(
    PayTerms,
    threshold=st.integers(0, 99).map(lambda n: n / 100),
    from_first=st.booleans(),
    rate=st.none() | hundredths,
    accelerator=st.integers(1, 40).map(lambda n: n / 10),
    tiers=st.lists(
        st.builds(Tier, st.sampled_from([0.3, 0.7, 0.9, 1.1, 1.25, 1.6]), hundredths),
        max_size=3,
        unique_by=lambda tier: tier.above,
    ).map(tuple),
    cap=st.none() | st.integers(50, 300).map(lambda n: n / 100),
)


@given(curves, st.integers(0, 30_000))
def test_a_curve_is_what_its_terms_say(terms: PayTerms, ten_thousandths: int) -> None:
    reached = Fraction(ten_thousandths, 10_000)
    expected = float(by_definition(terms, reached))
    assert terms.curve.payout(float(reached)) == pytest.approx(expected, abs=1e-9)


@given(curves)
def test_more_sold_never_pays_less_and_knots_are_exact(terms: PayTerms) -> None:
    reached = np.linspace(0, 3, 601)
    assert (np.diff(terms.curve.payout(reached)) >= -1e-12).all()
    knots = [t.above for t in terms.tiers] + [terms.threshold, 1.0]
    for knot in knots:
        exact = float(by_definition(terms, Fraction(str(knot))))
        assert float(terms.curve.payout(knot)) == exact


def test_a_plan_worked_by_hand() -> None:
    # Nothing below 50 %; from the first sale then; half as much again above quota, twice
    # above 120 %; no more than double the target incentive.
    terms = PayTerms(threshold=0.5, accelerator=1.5, tiers=(Tier(1.2, 2.0),), cap=2.0)
    reached = [0.0, 0.49, 0.5, 0.8, 1.0, 1.1, 1.2, 1.4, 1.55, 1.6, 9.0]
    paid = [0.0, 0.0, 0.5, 0.8, 1.0, 1.15, 1.3, 1.7, 2.0, 2.0, 2.0]
    assert terms.curve.payout(reached).tolist() == pytest.approx(paid, abs=1e-12)


def test_pay_from_the_threshold_reaches_the_target_at_quota() -> None:
    curve = PayTerms(threshold=0.6, from_first=False).curve
    assert curve.payout([0.6, 0.8, 1.0, 1.2]).tolist() == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert float(curve.payout(1.0)) == 1.0


def test_terms_that_make_no_sense_are_all_named() -> None:
    with pytest.raises(BadInput) as caught:
        PayTerms(threshold=-0.1, cap=float("nan"), tiers=(Tier(0.0, 1.0), Tier(1.5, -1.0)))
    assert {p.key for p in caught.value.problems} == {"threshold", "cap", "tiers"}
    with pytest.raises(BadInput, match="no rate reaches the target incentive"):
        PayTerms(threshold=1.2)
    with pytest.raises(BadInput, match="the same thing"):
        PayTerms(accelerator=2.0, tiers=(Tier(1.0, 3.0),))
