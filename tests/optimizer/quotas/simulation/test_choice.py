"""Parameters chosen for a wish, against trying every value of the grid."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from teig.models.compensation import CompensationPlan, PayTerms, Prize, pay_out
from teig.models.errors import BadInput
from teig.optimizer.quotas.simulation import PARAMETERS, Simulation, choose, simulate_quotas

from .test_simulation import company


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    plan = CompensationPlan(
        PayTerms(threshold=0.6, from_first=False, accelerator=1.5, cap=2.0),
        prizes=(Prize("club", 3000.0, share=0.2),),
    )
    pay = {"rep": (50_000.0, 30_000.0), "manager": (80_000.0, 20_000.0)}
    return simulate_quotas(company(), plan, pay, draws=60)


def share_and_cost(s: Simulation, parameter: str, value: float) -> tuple[float, float]:
    """What a value gives, from the sample alone."""
    assert s.compensation and s.payees and s.outcome
    plan, payees, factor = s.compensation, s.payees, 1.0
    if parameter == "over_assignment":
        factor = 1.0 + value
        payees = payees.replace(quota=payees.quota * np.where(payees.foot, factor, 1.0))
    else:
        # 0.4 of attainment above the threshold pay the whole target incentive.
        changes: dict[str, Any] = {"rate": 2.5, parameter: value}
        plan = plan.replace(terms=replace(plan.terms, **changes))
    share = float((np.round(s.attainment[:, s.problem.tree.leaves] / factor, 12) >= 1.0).mean())
    return share, float(pay_out(plan, payees, s.outcome).total.sum(axis=1).mean())


@pytest.mark.parametrize("parameter", list(PARAMETERS))
def test_the_best_value_of_the_grid_is_found(simulation: Simulation, parameter: str) -> None:
    grid = PARAMETERS[parameter]
    first, last = grid.ends
    values = [grid.value(at) for at in range(first, last + 1)]
    table = [share_and_cost(simulation, parameter, value) for value in values]
    costs = [cost for _, cost in table]
    assert costs == sorted(costs, reverse=not grid.dearer)
    middle = (min(costs) + max(costs)) / 2
    affordable = [v for v, (_, cost) in zip(values, table, strict=True) if cost <= middle]
    found = choose(simulation, parameter, pay_budget=middle)
    assert found.feasible
    assert found.value == (max(affordable) if grid.dearer else min(affordable))
    assert (found.share_at_quota, found.expected_cost) == pytest.approx(
        table[values.index(found.value)]
    )
    assert found.value in set(found.curve["value"])


def test_the_most_ambitious_quotas_that_enough_people_reach(simulation: Simulation) -> None:
    found = choose(simulation, share_at_quota=0.4)
    assert found.feasible
    values = [PARAMETERS["over_assignment"].value(at) for at in range(1001)]
    reach = [v for v in values if share_and_cost(simulation, "over_assignment", v)[0] >= 0.4]
    assert found.value == max(reach)
    dear = choose(simulation, share_at_quota=0.4, pay_budget=found.expected_cost + 1)
    assert dear.value == found.value
    assert dear.feasible


def test_the_quotas_set_with_the_chosen_over_assignment_give_what_was_promised(
    simulation: Simulation,
) -> None:
    found = choose(simulation, share_at_quota=0.35)
    quotas = company(over_assignment={"manager": found.value})
    again = simulate_quotas(quotas, draws=60)
    # Whole rounding units move a few of 720 people over the line, no more.
    assert again.share_at_quota == pytest.approx(found.share_at_quota, abs=0.01)


def test_an_existing_over_assignment_is_counted_in() -> None:
    hedged = simulate_quotas(company(over_assignment={"manager": 0.1}), draws=300)
    plain = simulate_quotas(company(), draws=300)
    assert choose(hedged, share_at_quota=0.3).value == choose(plain, share_at_quota=0.3).value


def test_wishes_that_cannot_be_met_are_explained(simulation: Simulation) -> None:
    both = choose(simulation, share_at_quota=0.4, pay_budget=1_000_000)
    assert not both.feasible
    assert "40% at quota costs at least" in both.explanation[1]
    assert "within the budget" in both.explanation[1]
    high = choose(simulation, share_at_quota=0.95)
    assert not high.feasible
    assert high.value == 0.0
    assert "even without over-assignment" in high.explanation[1]
    cheap = choose(simulation, "accelerator", pay_budget=500_000)
    assert "below what any accelerator" in cheap.explanation[1]
    mixed = choose(simulation, "cap", share_at_quota=0.9, pay_budget=5_000_000)
    assert "cap does not move that" in mixed.explanation[1]
    assert not mixed.feasible


def test_a_wish_needs_what_it_speaks_of(simulation: Simulation) -> None:
    with pytest.raises(BadInput, match="must be one of over_assignment"):
        choose(simulation, "bonus", pay_budget=1.0)
    with pytest.raises(BadInput, match="needs a wanted share"):
        choose(simulation)
    with pytest.raises(BadInput, match="needs a compensation plan"):
        choose(simulate_quotas(company(2), draws=5), pay_budget=1.0)
