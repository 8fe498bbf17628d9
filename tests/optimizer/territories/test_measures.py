"""What a plan costs by the model, beside what the rules themselves see of it."""

from __future__ import annotations

import numpy as np
import pytest
from teig.models.rules import TOLERANCE
from teig.optimizer.territories.measures import measure, overlooked
from teig.optimizer.territories.model import AssignmentModel, Resource

from ...plain_models import plain_model

HIGH, PRICE = 10.0, 20.0


def loaded(beyond: float) -> AssignmentModel:
    """Two units with one owner whose soft upper limit they exceed by an amount."""
    low, none = np.zeros(1), np.zeros(1)
    values = np.array([HIGH - 4.0, 4.0 + beyond])
    who, high = np.ones(1, dtype=np.bool_), np.full(1, HIGH)
    load = Resource("load", values, low, high, who, PRICE, none, none, per_item=True)
    return plain_model(np.zeros((2, 1)), np.array([[0, 1]]), (load,))


@pytest.mark.parametrize(
    ("beyond", "counts", "may_be_overlooked"),
    [(0.3, False, False), (0.7, True, True), (1.0, True, True), (1.1, True, False)],
)
def test_amounts_within_the_tolerance_of_rules_are_what_a_claim_may_be_off(
    beyond: float, counts: bool, may_be_overlooked: bool
) -> None:
    amount = beyond * TOLERANCE * HIGH
    model, owners = loaded(amount), np.zeros(2, dtype=np.int64)
    cost = PRICE * amount
    assert measure(model, owners).objective == pytest.approx(counts * cost, rel=1e-6)
    assert overlooked(model, owners) == pytest.approx(may_be_overlooked * cost, rel=1e-6)
