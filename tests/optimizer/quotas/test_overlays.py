"""Overlays in a ledger of their own, and quotas in other currencies."""

from __future__ import annotations

import pandas as pd
import pytest
from teig.optimizer.quotas import QuotaResult, in_local_currency, overlay_ledger, set_quotas


@pytest.fixture
def primary() -> QuotaResult:
    staff = pd.DataFrame(
        {"owner": ["ada", "bo", "cy"], "sales": [500, 300, 250], "potential": [700, 900, 400]}
    )
    return set_quotas(staff, 1_000_000, over_assignment=0.05, products=["a", "b"])


COVERAGE = pd.DataFrame(
    [
        ("experts", "eve", "ada", 0.4),
        ("experts", "eve", "bo", 0.11),
        ("experts", "fay", "bo", 0.53),
        ("buyers", "gus", "cy", 1.0),
        ("callers", "hal", "ada", 0.3),
    ],
    columns=["team", "overlay", "owner", "share"],
)


def test_overlay_credit_stands_beside_the_budget_and_reconciles(primary: QuotaResult) -> None:
    rules = {"experts": "double", "buyers": "shared", "callers": "none"}
    ledger = overlay_ledger(primary, COVERAGE, rules)
    amounts = ledger.reconciliation.set_index(["line", "of"])["amount"]
    assert amounts["primary quotas, the budget", ""] == 1_000_000
    carried = amounts["carried by primary owners", ""]
    assert carried == 1_000_000 + amounts["over-assignment", ""]
    lines = ledger.reconciliation
    again = lines[lines["line"].str.contains("again")]["amount"]
    assert amounts["of it counted more than once", ""] == again.sum()
    assert amounts["credited in all", ""] == carried + again.sum()
    quota = ledger.quotas.groupby(["team", "owner"])["quota"].sum()
    year = primary.quotas.groupby("node")["quota"].sum()
    assert quota["experts"].sum() == pytest.approx(0.4 * year["ada"] + 0.64 * year["bo"], abs=400)
    assert quota["buyers", "gus"] == pytest.approx(0.5 * year["cy"], abs=400)
    assert quota["callers", "hal"] == 0
    assert any(line.startswith("credited in all: ") for line in ledger.lines)


def test_every_cell_of_a_team_adds_up_to_what_it_covers(primary: QuotaResult) -> None:
    ledger = overlay_ledger(primary, COVERAGE, {"experts": "double"})
    cells = ledger.quotas.groupby(["product", "period"])[["quota", "covered"]].sum()
    assert ((cells["covered"] / 100 + 0.5 + 1e-9).floordiv(1) * 100).eq(cells["quota"]).all()
    assert (ledger.quotas["quota"] % 100).eq(0).all()


def test_an_unknown_credit_is_refused(primary: QuotaResult) -> None:
    with pytest.raises(ValueError, match="one of double"):
        overlay_ledger(primary, COVERAGE, {"experts": "triple"})


def test_local_quotas_add_up_at_the_pinned_rate(primary: QuotaResult) -> None:
    local = in_local_currency(primary, {"ada": "NOK", "bo": "EUR"}, {"NOK": 0.0873}, unit=10)
    year = primary.quotas.groupby("node")["quota"].sum()
    sums = local.groupby("node")[["quota", "plan_quota"]].sum()
    assert sums["plan_quota"].to_dict() == {"ada": year["ada"], "bo": year["bo"]}
    assert sums.loc["bo", "quota"] == year["bo"]
    assert sums.loc["ada", "quota"] == (year["ada"] / 0.0873 / 10 + 0.5) // 1 * 10
    off = (local["quota"] - local["plan_quota"] / local["rate"]).abs()
    assert (off <= 10).all()
    with pytest.raises(ValueError, match="no plan rate of SEK"):
        in_local_currency(primary, {"ada": "SEK"}, {"NOK": 0.0873})
