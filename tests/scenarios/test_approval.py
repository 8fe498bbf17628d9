"""Plans go from draft to published step by step, and a plan that changed starts anew."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from teig.models import BadInput, Plan
from teig.scenarios import load, measure, write_outputs
from teig.scenarios.approval import STATES, approvals, approve, state_of
from teig.scenarios.cli.app import app
from typer.testing import CliRunner

from tests.scenarios.starter import starter

NOON = datetime(2027, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, moved=False)
    return tmp_path / "out"


def write(tmp_path: Path, *, moved: bool) -> None:
    file = tmp_path / "plan" / "scenario.yaml"
    if not file.exists():
        starter(tmp_path / "plan")
    book = load(file, scenarios=("rebalanced", "steady"))
    today = Plan.incumbent(book["rebalanced"].problem)
    owner = today.owner.copy()
    if moved:
        border = next(c for c in range(len(owner)) if owner[c] != owner[0])
        owner[border] = owner[0]
    torn = owner.copy()
    torn[::2] = (torn[::2] + 1) % 5
    plans = {"rebalanced": Plan(owner), "steady": Plan(torn)}
    write_outputs(measure(book, plans), tmp_path / "out")


def step(folder: Path, state: str = "", scenario: str = "rebalanced") -> str:
    found = approve(folder, author="Kim", reason="agreed", scenario=scenario, state=state, now=NOON)
    return found.state


def test_one_step_at_a_time_and_back(folder: Path) -> None:
    assert [step(folder) for _ in range(4)] == list(STATES[1:])
    assert step(folder, "consulted") == "consulted"
    record = approvals(folder)
    assert [each.state for each in record] == [*STATES[1:], "consulted"]
    assert {each.date for each in record} == {"2027-01-05T12:00:00+00:00"}
    assert len({each.plan for each in record}) == 1


def test_a_plan_that_changed_is_a_draft_again(folder: Path) -> None:
    assert [step(folder), step(folder)] == ["proposed", "consulted"]
    write(folder.parent, moved=False)
    assert step(folder) == "approved"
    write(folder.parent, moved=True)
    record = approvals(folder)
    plan = (folder / "rebalanced" / "assignments.csv").read_bytes()
    assert record[-1].state == "approved"
    assert state_of(record, "rebalanced", hashlib.sha256(plan).hexdigest()) == "draft"
    assert state_of(record, "rebalanced", record[-1].plan) == "approved"


@pytest.mark.parametrize(
    ("scenario", "state", "message"),
    [
        ("rebalanced", "approved", "the plan is draft; the next state is proposed"),
        ("rebalanced", "draft", "in this state already"),
        ("rebalanced", "done", "the states are draft, proposed"),
        ("steady", "proposed", "the plan breaks hard rules"),
        ("stedy", "", "did you mean 'steady'"),
        ("", "", "say which with -s: rebalanced, steady"),
    ],
)
def test_steps_that_are_refused(scenario: str, state: str, message: str, folder: Path) -> None:
    with pytest.raises(BadInput) as caught:
        step(folder, state, scenario)
    assert message in str(caught.value)
    assert approvals(folder) == ()


def test_the_command(folder: Path) -> None:
    options = ["-s", "rebalanced", "--author", "Kim", "--reason", "fair, and little moves"]
    done = CliRunner().invoke(app, ["approve", str(folder), *options])
    assert done.exit_code == 0, done.output
    assert "rebalanced is proposed: Kim, 20" in done.stdout
    assert approvals(folder)[0].reason == "fair, and little moves"
    done = CliRunner().invoke(app, ["approve", str(folder), *options[:-1], " "])
    assert done.exit_code == 2
    assert "a record names who decided and why" in done.stderr
