"""Travel: great circle with circuity and speed bands, and given matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models import BadInput, Places, TravelProvider, WorkCalendar, build_problem
from teig.models.geodesy import EARTH_RADIUS_KM
from teig.optimizer.travel import GivenMatrix, GreatCircle

BASES = Places(("R1", "R2"), np.array([59.9, 60.4]), np.array([10.7, 5.3]), ("0301", "4601"))
UNITS = Places(
    ("0301", "4601", "1103"),
    np.array([59.91, 60.39, 58.97]),
    np.array([10.75, 5.32, 5.73]),
    (),
    ("east", "west", "west"),
)


def kilometres_by_cosines(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Spherical law of cosines, another formula than the one in use."""
    (lat, lon), (to_lat, to_lon) = (tuple(map(math.radians, place)) for place in (a, b))
    cosine = math.sin(lat) * math.sin(to_lat) + math.cos(lat) * math.cos(to_lat) * math.cos(
        lon - to_lon
    )
    return EARTH_RADIUS_KM * math.acos(min(1.0, cosine))


def test_kilometres_are_great_circle_times_circuity() -> None:
    provider = GreatCircle(circuity=1.2, circuity_by_region={"west": 1.5})
    assert isinstance(provider, TravelProvider)
    _, kilometres = provider.times(BASES, UNITS)
    for row in range(3):
        for column in range(2):
            unit = (float(UNITS.latitude[row]), float(UNITS.longitude[row]))
            base = (float(BASES.latitude[column]), float(BASES.longitude[column]))
            expected = kilometres_by_cosines(unit, base) * (1.2 if row == 0 else 1.5)
            assert kilometres[row, column] == pytest.approx(expected, abs=1e-4)


@settings(derandomize=True, deadline=None)
@given(st.floats(0, 2000), st.floats(0, 2000))
def test_minutes_are_concave_and_rise(a: float, b: float) -> None:
    provider = GreatCircle()
    low, middle, high = provider.minutes(np.array([min(a, b), (a + b) / 2, max(a, b)]))
    assert low <= middle + 1e-9 <= high + 2e-9
    assert middle >= (low + high) / 2 - 1e-9


def test_minutes_by_band() -> None:
    minutes = GreatCircle(speeds=((10, 30), (60, 60), (float("inf"), 120))).minutes(
        np.array([0.0, 5.0, 10.0, 30.0, 60.0, 180.0])
    )
    assert minutes.tolist() == [0.0, 10.0, 20.0, 40.0, 70.0, 130.0]


@pytest.mark.parametrize(
    ("settings_", "message"),
    [
        ({"circuity": 0.9}, "circuity"),
        ({"circuity": float("nan")}, "circuity"),
        ({"circuity_by_region": {"x": 0.5}}, "circuity"),
        ({"speeds": ()}, "up to infinity"),
        ({"speeds": ((10, 30),)}, "up to infinity"),
        ({"speeds": ((10, 60), (float("inf"), 30))}, "must rise"),
        ({"speeds": ((10, 0), (float("inf"), 30))}, "positive"),
        ({"speeds": ((10, 20), (5, 30), (float("inf"), 40))}, "must rise"),
    ],
)
def test_settings_that_make_no_sense(settings_: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        GreatCircle(**settings_)


def test_unknown_regions_are_named() -> None:
    (problem,) = GreatCircle(circuity_by_region={"north": 1.4}).check(BASES, UNITS)
    assert str(problem) == "travel, circuity_by_region: no unit has this region (found 'north')"


def test_given_pairs_replace_the_providers() -> None:
    matrix = pd.DataFrame(
        {
            "rep": ["R1", None, None],
            "base": [None, "301", "4601"],
            "unit": ["1103", "1103", "1103"],
            "minutes": [333.0, 444.0, 222.0],
            "kilometres": [None, 440.0, 110.0],
        }
    )
    plain_minutes, plain_km = GreatCircle().times(BASES, UNITS)
    provider = GivenMatrix(matrix, GreatCircle())
    assert isinstance(provider, TravelProvider)
    minutes, kilometres = provider.times(BASES, UNITS)
    assert provider.check(BASES, UNITS) == ()
    # The row by rep goes first; the one by base still gives its kilometres.
    assert minutes[2].tolist() == [333.0, 222.0]
    assert kilometres[2].tolist() == [440.0, 110.0]
    assert (minutes[:2] == plain_minutes[:2]).all()
    assert (kilometres[:2] == plain_km[:2]).all()


def test_a_complete_matrix_has_no_other_ways() -> None:
    matrix = pd.DataFrame({"rep": ["R1"], "unit": ["1103"], "minutes": [50.0]})
    minutes, kilometres = GivenMatrix(matrix).times(BASES, UNITS)
    assert np.isnan(minutes).sum() == 5
    assert (minutes[2, 0], kilometres[2, 0]) == (50.0, 50.0)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"rep": ["R9"], "unit": ["1103"], "minutes": [1.0]},
         "travel, index 0, rep: is not in the roster (found 'R9')"),
        ({"base": ["99"], "unit": ["1103"], "minutes": [1.0]},
         "travel, index 0, base: is no unit (found '99')"),
        ({"rep": ["R1"], "unit": ["99"], "minutes": [1.0]},
         "travel, index 0, unit: is no unit (found '99')"),
        ({"rep": ["R1"], "unit": ["1103"], "minutes": [-1.0]},
         "travel, index 0, minutes: must not be negative (found '-1.0')"),
        ({"rep": ["R1"], "unit": ["1103"], "minutes": [float("inf")]},
         "travel, index 0, minutes: must be a finite number (found 'inf')"),
        ({"rep": ["R1"], "unit": ["1103"]},
         "travel, minutes: the table needs this column (minutes one way); it has rep, unit"),
        ({"rep": ["R1", "R1"], "unit": ["1103", "1103"], "minutes": [1.0, 2.0]},
         "travel, index 1, unit: the pair is given more than once (found '1103')"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("complete", [True, False])
def test_a_broken_matrix(rows: dict[str, Any], message: str, complete: bool) -> None:
    provider = GivenMatrix(pd.DataFrame(rows), None if complete else GreatCircle())
    assert [str(problem) for problem in provider.check(BASES, UNITS)] == [message]
    provider.times(BASES, UNITS)


def small(travel: TravelProvider, **columns: Any) -> Any:
    units = pd.DataFrame(
        {
            "unit": ["0301", "4601"], "potential": 1.0, "sales": 1.0, "workload_hours": 1.0,
            "visits": 1.0, **columns,
        }
    )  # fmt: skip
    reps = pd.DataFrame({"rep": ["R1"], "base": ["0301"]})
    return build_problem(units, reps, calendar=WorkCalendar.of_year(2027), travel=travel)


def test_faults_of_the_matrix_are_the_problems_too() -> None:
    matrix = pd.DataFrame({"rep": ["R7"], "unit": ["0301"], "minutes": [1.0]})
    place = {"latitude": [59.9, 60.4], "longitude": [10.7, 5.3]}
    with pytest.raises(BadInput, match="travel, index 0, rep: is not in the roster"):
        small(GivenMatrix(matrix, GreatCircle()), **place)


def test_a_complete_matrix_needs_no_coordinates() -> None:
    matrix = pd.DataFrame({"rep": ["R1"] * 2, "unit": ["0301", "4601"], "minutes": [1.0, 90.0]})
    problem = small(GivenMatrix(matrix))
    assert problem.teams[0].minutes.tolist() == [[1.0], [90.0]]


def test_travel_is_the_same_for_parts() -> None:
    place = {"latitude": [59.9, 60.4], "longitude": [10.7, 5.3], "parts": [1, 3]}
    minutes = small(GreatCircle(), **place).teams[0].minutes
    assert minutes.shape == (4, 1)
    assert len(set(minutes[1:, 0].tolist())) == 1
