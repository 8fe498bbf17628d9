"""Letters from data frames, without a scenario file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from teig.models.compensation import CompensationPlan, PayTerms
from teig.models.errors import BadInput
from teig.models.quotas.history import plan_spans
from teig.optimizer.quotas import QuotaResult, adjust_quotas, set_quotas
from teig.optimizer.quotas.simulation import simulate_quotas
from teig.scenarios.letters import quota_letters, render_letter
from teig.scenarios.letters.facts import Role, Step

from .test_letters import plain

YEAR: dict[str, Any] = {"start": date(2027, 1, 1), "end": date(2027, 12, 31)}
ACCOUNTS = pd.DataFrame(
    {
        "account": ["A", "B", "C", "D", "E"],
        "name": ["Alder", "Birch", "Cedar", None, "Elm"],
        "owner": ["ada", "ada", "bo", "bo", "cy"],
        "previous": ["ada", "bo", "bo", "bo", "ada"],
        "sales": [2000.0, 1000.0, 3000.0, 0.0, 500.0],
        "potential": [5000.0, 4000.0, 4000.0, 9000.0, 2000.0],
        "visits": [12.0, 12.0, 24.0, 6.0, 4.0],
    }
)
STRUCTURE = pd.DataFrame(
    {
        "node": ["co", "M", "N"],
        "parent": ["", "co", "co"],
        "level": ["company", "manager", "manager"],
    }
)


def quotas(**settings: Any) -> QuotaResult:
    territories = ACCOUNTS.groupby("owner")["sales"].sum().reset_index()
    territories["parent"] = ["M", "M", "N"]
    return set_quotas(
        territories,
        7800,
        STRUCTURE,
        method="uniform_growth",
        rounding=10,
        **settings,
    )


def test_a_letter_worked_by_hand() -> None:
    people = pd.DataFrame(
        {
            "person": ["ada", "M"],
            "name": ["Ada Å", "Mo"],
            "language": ["nb", ""],
            "weeks": [40, None],
        }
    )
    previous = pd.DataFrame({"node": ["ada", "bo", "cy"], "quota": [2000.0, 4000.0, 500.0]})
    letters = quota_letters(quotas(), ACCOUNTS, people, previous=previous, smallest_team=2, **YEAR)
    ada, mo = letters[1], letters[0]
    assert [letter.recipient for letter in letters] == ["M", "ada", "bo", "cy"]
    assert (ada.name, ada.language, ada.manager, ada.role) == ("Ada Å", "nb", "Mo", Role.REP)
    # 3,000 of 6,500 sold; 7,800 to sell.
    assert ada.quota == 360_000
    assert ada.holdings is not None
    assert [(a.id, a.is_new) for a in ada.holdings.accounts] == [("A", False), ("B", True)]
    assert ada.holdings.gone == ("Elm",)
    assert (ada.holdings.visits, ada.holdings.weeks, ada.holdings.average) == (24.0, 40.0, 1500.0)
    # Birch came with 1,000, Elm went with 500; all quotas grew by a fifth; the rest.
    assert ada.change is not None
    assert ada.change.before == 200_000
    assert ada.change.steps == (
        Step("accounts", 50_000), Step("company", 40_000), Step("method", 70_000),
    )  # fmt: skip
    assert mo.role is Role.MANAGER
    assert mo.team is not None
    assert (mo.team.people, mo.team.handed_down) == (2, mo.quota)
    page = plain(render_letter(ada)).replace("\u00a0", " ")
    assert "0,6 besøk i uken" in page
    assert "1 kunde å vinne" in page
    assert "eller like mye hos dem du har: 600 € mer enn i dag" in page
    bo = plain(render_letter(letters[2])).replace("\u00a0", " ")
    assert "D |" in bo
    assert "visits a week" not in bo


def test_managers_of_one_are_told_nothing_of_that_one() -> None:
    people = pd.DataFrame({"person": ["M", "N", "co"]})
    letters = {x.recipient: x for x in quota_letters(quotas(), ACCOUNTS, people, **YEAR)}
    assert set(letters) == {"co", "M", "N", "ada", "bo", "cy"}
    for who in ("co", "M", "N"):
        assert (letters[who].steps, letters[who].holdings, letters[who].team) == ((), None, None)
    wide = quota_letters(quotas(), ACCOUNTS, people, smallest_team=1, **YEAR)
    only = next(letter for letter in wide if letter.recipient == "N")
    # Even where small teams may be described: the sum over one person is that person's.
    assert only.team is None


def test_letters_say_what_a_quota_pays() -> None:
    result = quotas()
    plan = CompensationPlan(PayTerms(threshold=0.9, accelerator=2.0))
    simulation = simulate_quotas(result, plan, {"rep": (100.0, 50.0)}, draws=5)
    letter = quota_letters(result, ACCOUNTS, simulation=simulation, **YEAR)[0]
    assert letter.pay is not None
    assert [(p.attainment, p.incentive, p.total) for p in letter.pay.points] == [
        (0.8, 0.0, 100.0), (1.0, 50.0, 150.0), (1.2, 70.0, 170.0),
    ]  # fmt: skip
    nobody = simulate_quotas(result, plan, {"manager": (100.0, 50.0)}, draws=5)
    assert quota_letters(result, ACCOUNTS, simulation=nobody, **YEAR)[0].pay is None


def test_what_cannot_be_used_is_named() -> None:
    with pytest.raises(BadInput) as caught:
        quota_letters(quotas(), ACCOUNTS.drop(columns=["owner", "sales"]), **YEAR)
    assert [p.key for p in caught.value.problems] == ["owner", "sales"]
    with pytest.raises(BadInput, match="row 2, visits: must be a number of at least 0"):
        quota_letters(quotas(), ACCOUNTS.assign(visits=[1.0, -2.0, 1.0, 1.0, 1.0]), **YEAR)
    previous = pd.DataFrame({"who": ["ada"]})
    with pytest.raises(BadInput) as caught:
        quota_letters(quotas(), ACCOUNTS, previous=previous, language="no", **YEAR)
    assert {p.key for p in caught.value.problems} == {"language", "node", "quota"}
    with pytest.raises(BadInput, match="no quotas to write about"):
        quota_letters(quotas(floors=1e6), ACCOUNTS, **YEAR)


def manager_steps(result: QuotaResult) -> dict[str, dict[str, int]]:
    people = pd.DataFrame({"person": ["M", "N"], "name": ["Mo", "Nils"]})
    found = quota_letters(result, ACCOUNTS, people, **YEAR, smallest_team=1)
    steps = {letter.recipient: letter for letter in found if letter.recipient in ("M", "N")}
    for letter in steps.values():
        assert sum(step.amount for step in letter.steps) == letter.quota
    return {who: {s.name: s.amount for s in letter.steps} for who, letter in steps.items()}


def test_a_manager_reads_of_a_change_and_of_relief_as_what_they_are() -> None:
    before = quotas()
    moves = pd.DataFrame({"from": ["ada"], "to": ["cy"], "date": ["2027-07-01"], "share": [0.5]})
    spans = plan_spans(4, YEAR["start"], YEAR["end"])
    after = adjust_quotas(before, moves, dict(zip(before.problem.periods, spans, strict=True)))
    stood, told = manager_steps(before), manager_steps(after.result)
    for who, sign in (("M", -1), ("N", 1)):
        change = told[who].pop("change in mid-period")
        assert change * sign > 0
        assert told[who] == stood[who]
    ramp = pd.DataFrame({"owner": ["ada"], "period": ["Q1"], "productivity": [0.5]})
    lost = manager_steps(quotas(ramp=ramp, relief="lost"))
    assert lost["M"]["relief below"] < 0
    assert "relief below" not in lost["N"]
    assert "ramp" not in lost["M"]
