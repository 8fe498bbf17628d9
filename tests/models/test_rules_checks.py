"""Each rule's check on a row of two or three units, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models import Objective, OwnerKind, Plan, Problem, Rule, Touring, Violation, evaluate
from teig.models.rules import (
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
    Skills,
    Splits,
)
from teig.models.terms import TermValue
from teig.models.totals import owner_totals

from ..enumeration import Sketch, row

#: Half a degree on the equator, km.
STEP = 55.597


def checked(sketch: Sketch, rule: Rule, *owners: int) -> dict[str, float]:
    """Amount by subject of a rule's violations."""
    problem = sketch.problem([rule])
    found = rule.check(problem, plan(problem, *owners))
    assert all(isinstance(violation, Violation) for violation in found)
    assert all(violation.rule == rule.name for violation in found)
    return {violation.subject: violation.amount for violation in found}


def plan(problem: Problem, *owners: int) -> Plan:
    assert len(owners) == len(problem.covers)
    return Plan(np.array(owners))


def test_coverage() -> None:
    house = row(3, 2, kinds=[OwnerKind.REP, OwnerKind.HOUSE], opens=[True, False])
    assert checked(house, Coverage(), 0, 0, 0) == {}
    assert checked(house, Coverage(), -1, 0, 1) == {"u0": 1.0, "u2": 1.0}
    assert checked(row(3, 2, no_way=[(1, 0)]), Coverage(), 0, 0, 1) == {"u1": 1.0}


def test_a_closed_owner_may_have_what_is_locked_to_it_also_softly() -> None:
    house = row(3, 2, kinds=[OwnerKind.REP, OwnerKind.HOUSE], opens=[True, False])
    problem = house.problem([Lock(owners={"u2": "r1"}, hard=False)])
    assert Coverage().check(problem, plan(problem, 0, 0, 1)) == ()


def test_coverage_is_always_hard() -> None:
    with pytest.raises(ValueError, match="always hard"):
        Coverage(hard=False)


def test_capacity() -> None:
    # Visits: 4 a unit at 2 a tour with half an hour between: 2 h and the drive there.
    sketch = row(2, 2, hours=[25.0, 10.0])
    minutes = STEP
    far = 4 * (2 * minutes / 2 + 30) / 60 + 10
    over = checked(sketch, Capacity(), 0, 1)
    assert over == {"r1": pytest.approx(2.0)}
    over = checked(sketch, Capacity(), 0, 0)
    assert over == {"r0": pytest.approx(12.0 + far - 25.0, abs=1e-3)}


def test_balance() -> None:
    sketch = row(3, 2, sales=[1, 2, 3])
    fair = Balance(measure="sales", tolerance=0.1, target="equal")
    assert checked(sketch, fair, 0, 0, 1) == {}
    over = checked(sketch, fair, 0, 1, 1)
    assert over == {"r0": pytest.approx(1.7), "r1": pytest.approx(1.7)}


def test_range() -> None:
    rule = MeasureRange(measure="units", minimum=1, maximum=2)
    assert checked(row(3, 2), rule, 0, 0, 1) == {}
    assert checked(row(3, 2), rule, 0, 0, 0) == {"r0": 1.0, "r1": 1.0}


def test_overnights() -> None:
    # The far end is 111 km, so 111 minutes: beyond 90, trips of two days, 4 visits a trip.
    sketch = row(3, 2, touring=Touring(calls_per_tour=2, overnight_minutes=90))
    assert checked(sketch, Overnights(maximum=0.5), 0, 0, 1) == {}
    assert checked(sketch, Overnights(maximum=0.5), 0, 0, 0) == {"r0": 0.5}


def test_lock_and_forbid() -> None:
    assert checked(row(), Lock(owners={"u0": "r1"}), 1, 0, 0) == {}
    assert checked(row(), Lock(owners={"u0": "r1"}), 0, 0, 0) == {"u0": 1.0}
    assert checked(row(), Forbid(pairs=(("u0", "r1"),)), 0, 1, 1) == {}
    assert checked(row(), Forbid(pairs=(("u0", "r1"),)), 1, 1, 1) == {"u0": 1.0}


def test_skills() -> None:
    sketch = row(
        2, 2, needs=[frozenset({"a", "b"}), frozenset()], skills=[frozenset({"a"}), frozenset()]
    )
    assert checked(sketch, Skills(), 0, 0) == {"u0": 1.0}
    assert checked(sketch, Skills(), 1, 0) == {"u0": 2.0}


def test_maximum_distance() -> None:
    rule = MaximumDistance(kilometres=60)
    assert checked(row(), rule, 0, 0, 1) == {}
    assert checked(row(), rule, 0, 0, 0) == {"u2": pytest.approx(2 * STEP - 60, abs=0.01)}
    slow = MaximumDistance(minutes=100)
    assert checked(row(minutes_per_km=2.0), slow, 0, 0, 1) == {"u1": pytest.approx(11.2, abs=0.01)}


def test_base_in_territory() -> None:
    rule = BaseInTerritory(bases={"r0": "u0", "r1": "u2"})
    assert checked(row(), rule, 0, 1, 1) == {}
    assert checked(row(), rule, 1, 1, 1) == {"r0": 1.0}


def test_keep_together_and_apart() -> None:
    together = KeepTogether(groups=(("u0", "u2"),))
    assert checked(row(), together, 0, 1, 0) == {}
    assert checked(row(), together, 0, 1, 1) == {"group of u0": 1.0}
    assert checked(row(parents=[0, 0, -1]), KeepTogether(parents=("*",)), 0, 1, 1) == {
        "group of u0": 1.0
    }
    apart = KeepApart(groups=(("u0", "u1", "u2"),))
    assert checked(row(), apart, 0, 0, 1) == {"u0 and u1": 1.0}


def test_splits() -> None:
    sketch = row(3, 3, wholes=["w", "w", "w"])
    assert checked(sketch, Splits(maximum_owners=2), 0, 1, 1) == {}
    assert checked(sketch, Splits(maximum_owners=2), 0, 1, 2) == {"w": 1.0}


def test_disruption_cap() -> None:
    sketch = row(incumbent=["r0", "r0", "gone"], sales=[1, 3, 5])
    assert checked(sketch, DisruptionCap(share=0.25), 1, 0, 1) == {}
    assert checked(sketch, DisruptionCap(share=0.25), 0, 1, 1) == {"all": pytest.approx(2.0)}
    each = DisruptionCap(share=0.0, measure="units", scope="rep")
    assert checked(sketch, each, 1, 1, 0) == {"r0": 2.0}


def test_incumbent_preference() -> None:
    sketch = row(incumbent=["r0", "r0", ""], sales=[1, 3, 5], tenure=[0, 2, 0])
    rule = IncumbentPreference(measure="sales", per_year=0.5)
    assert checked(sketch, rule, 1, 1, 1) == {"u0": 1.0, "u1": 6.0}


def test_contiguity() -> None:
    assert checked(row(), Contiguity(), 0, 0, 1) == {}
    assert checked(row(), Contiguity(), 0, 1, 0) == {"r0": 1.0}
    assert checked(row(), Contiguity(barriers=(("u0", "u1"),)), 0, 0, 1) == {"r0": 1.0}
    house = row(3, 2, kinds=[OwnerKind.HOUSE, OwnerKind.REP])
    assert checked(house, Contiguity(), 0, 1, 0) == {}


def test_compactness() -> None:
    rule = Compactness(maximum_diameter=60)
    assert checked(row(), rule, 0, 0, 1) == {}
    assert checked(row(), rule, 0, 0, 0) == {"r0": pytest.approx(2 * STEP - 60, abs=0.01)}


def test_a_place_farther_off_never_takes_fewer_hours_beyond_the_overnight_limit() -> None:
    minutes = np.arange(0.0, 600.0)
    for days in (1, 2, 3, 5):
        touring = Touring(calls_per_tour=3, overnight_minutes=150, days_per_trip=days)
        hours = touring.hours(np.array(6.0), minutes)
        assert (np.diff(hours) > 0).all()
        # At the limit nobody minds whether to drive home or to stay.
        assert np.diff(hours).max() == pytest.approx(hours[1] - hours[0])
        assert np.diff(hours)[-1] == pytest.approx((hours[1] - hours[0]) / days)


def test_nights_are_a_measure_and_a_term() -> None:
    sketch = row(3, 2, touring=Touring(calls_per_tour=2, overnight_minutes=90))
    problem = sketch.problem([], Objective.weighted({"nights": 2.0}))
    plan = Plan(np.zeros(3, dtype=np.int64))
    away = float(owner_totals(problem, plan, "nights").sum())
    assert away > 0
    found = evaluate(problem, plan)
    assert found.terms["nights"] == TermValue(away, "nights", 2.0)
    assert found.objectives == {"total": pytest.approx(2.0 * away)}
