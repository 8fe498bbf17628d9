"""Money compares structures; only another measure makes it incomparable."""

from __future__ import annotations

from typing import Any

import pytest
from teig.scenarios.money.measuring import money_differences


def settings(money: dict[str, Any], *teams: str) -> dict[str, Any]:
    return {"money": money, "structure": {"teams": {team: {} for team in teams}}}


LIFT = {"lift": {"experts": {"value": 0.15, "range": [0.05, 0.3]}}}
PHONE = {"hour_value": {"phone": {"value": 0.6}}}


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (settings({"margin": 0.3}), settings({"margin": 0.4}), "margin"),
        (settings({"management": 870_000}), settings({"management": 700_000}), ""),
        # What only one of them has a team for is what they differ in.
        (settings(LIFT, "field", "experts"), settings({}, "field"), ""),
        (settings(LIFT, "field", "experts"), settings(PHONE, "field", "phone"), ""),
        # The same team, valued otherwise.
        (settings(LIFT, "field", "experts"), settings({}, "field", "experts"), "lift.experts"),
        (settings(PHONE, "phone"), settings({"hour_value": {"phone": 0.7}}, "phone"),
         "hour_value.phone"),
        (settings(PHONE, "phone"), settings({"hour_value": {"phone": 0.6}}, "phone"), ""),
        # Teams of the roster alone are there in both.
        (settings({"hour_value": {"field": 0.9}}), settings({}), "hour_value.field"),
        (settings({"hour_value": {"field": 1}}), settings({}), ""),
        ({"money": None}, settings({"per_km": 1.0}), "per_km"),
    ],
)  # fmt: skip
def test_what_measures_otherwise_is_named(
    first: dict[str, Any], second: dict[str, Any], said: str
) -> None:
    assert money_differences(first, second) == said
    assert money_differences(second, first) == said
    assert money_differences(first, first) == ""
