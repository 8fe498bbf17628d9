"""Explanations of stored plans: alternatives solved again, rules loosened, conflicts named."""

from __future__ import annotations

import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from teig.models import Status, evaluate
from teig.models.rules import Lock
from teig.optimizer import solve_territories
from teig.scenarios import load, run
from teig.scenarios.cli.app import app
from teig.scenarios.explaining import (
    Subject,
    loosened_rules,
    read_subject,
    unit_alternatives,
)
from typer.testing import CliRunner

from tests.scenarios.starter import replaced, starter, yaml

TORN = """  torn:
    rules:
      calm: {type: disruption_cap, share: 0.0, measure: units}
      promised: {type: lock, owners: {001: R1, 002: R2}}
      other: {type: lock, owners: {001: R3}}
      feud: {type: forbid, pairs: [['003', R1], ['003', R2], ['003', R3], ['003', R4], ['003', R5]]}
"""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a run with a plan under a hard cap, and one without a plan."""
    folder = tmp_path_factory.mktemp("explained") / "plan"
    file = starter(folder)
    yaml("overrides:\n", "overrides:\n" + TORN)(folder)
    yaml("  rebalanced: []", "  torn: [torn]")(folder)
    out = folder / "out"
    options = ["-s", "torn", "-s", "steady", "--work", "0.02", "--jobs", "1", "-o", str(out)]
    done = CliRunner().invoke(app, ["run", str(file), *options])
    assert done.exit_code == 3, done.output
    return out


@pytest.fixture(scope="module")
def steady(stored: Path) -> Subject:
    return read_subject(stored, "steady")


def explain(*arguments: str) -> str:
    done = CliRunner().invoke(app, ["explain", *arguments])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_an_alternative_is_solved_and_its_cost_is_what_the_evaluation_says(
    steady: Subject,
) -> None:
    (other,) = unit_alternatives(steady, "007", "R5")
    assert other.result.plan is not None
    assert other.difference is not None
    problem = steady.problem
    cover = problem.covers_of_whole["007"][0]
    assert problem.owners.ids[other.result.plan.owner[cover]] == "R5"
    mine, its = (evaluate(problem, plan) for plan in (steady.plan, other.result.plan) if plan)
    stage = other.difference.stage
    assert other.difference.cost == pytest.approx(its.objectives[stage] - mine.objectives[stage])
    assert its.feasible
    locked = problem.replace(rules=(*problem.rules, Lock(name="x", owners={"007": "R5"})))
    oracle = solve_territories(locked, work=0.1)
    best = next(each for each in oracle.stages if each.name == stage)
    assert other.difference.least is not None
    assert best.objective is not None
    assert other.difference.least <= best.objective - mine.objectives[stage] + 1e-6


def test_who_is_tried_without_a_name(steady: Subject) -> None:
    found = unit_alternatives(replace(steady, work=0.002), "007")
    assert len(found) == 3
    assert len({other.rep for other in found}) == 3
    for other in found:
        if other.difference is not None:
            assert math.isfinite(other.difference.cost)
    assert steady.plan is not None
    cover = steady.problem.covers_of_whole["007"][0]
    holder = steady.problem.owners.ids[steady.plan.owner[cover]]
    assert holder not in {other.rep for other in found}


def test_an_alternative_that_no_plan_keeps(steady: Subject) -> None:
    problem = steady.problem
    ban = Lock(name="mine", owners={"007": "R1"})
    scenario = replace(steady.scenario, problem=problem.replace(rules=(*problem.rules, ban)))
    (other,) = unit_alternatives(replace(steady, scenario=scenario), "007", "R5")
    assert other.result.status is Status.INFEASIBLE
    assert other.difference is None


def test_what_loosening_is_worth(steady: Subject) -> None:
    found = {(each.rule, each.setting): each for each in loosened_rules(steady)}
    assert found.keys() == {("contiguity", "hard"), ("stay", "share")}
    cap = found["stay", "share"]
    assert (cap.old, cap.new) == (0.08, 0.088)
    for each in found.values():
        assert each.result.plan is not None
        if each.binds:
            assert each.difference.cost < 0
            if each.difference.least is not None:
                assert each.difference.least <= each.difference.cost + 1e-9
    assert cap.binds


def test_the_conflict_in_the_planners_terms_and_an_override_that_works(
    stored: Path, tmp_path: Path
) -> None:
    text = explain(str(stored), "-s", "torn")
    assert "These demands cannot hold together (any of them left out, they can)" in text
    assert re.search(r"unit 001 \(Alder\) belongs to R[13] \(rule (promised|other)\)", text)
    assert "R1 may not have unit 003 (Cedar) (rule feud)" in text
    assert "With this override there is a plan; one was found and checked:" in text
    shutil.copytree(stored.parent, tmp_path / "plan")
    file = tmp_path / "plan" / "scenario.yaml"
    override = text[text.index("overrides:\n") + len("overrides:\n") :]
    yaml("overrides:\n", "overrides:\n" + override)(tmp_path / "plan")
    yaml("  torn: [torn]", "  torn: [torn]\n  mended: {overrides: [torn, relaxed], wins: relaxed}")(
        tmp_path / "plan"
    )
    mended = run(load(file, scenarios=("mended",)), work=0.05)["mended"]
    assert mended.status in (Status.OPTIMAL, Status.FEASIBLE), mended.notes


def test_what_a_run_left_open_of_a_small_problem_is_proven_here(
    stored: Path, tmp_path: Path
) -> None:
    shutil.copytree(stored.parent, tmp_path / "plan")
    path = tmp_path / "plan" / "out" / "torn" / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(summary | {"status": "unknown"}), encoding="utf-8")
    text = explain(str(tmp_path / "plan" / "out"), "-s", "torn")
    assert "These demands cannot hold together (any of them left out, they can)" in text


def test_the_command_speaks_of_units_reps_and_rules(stored: Path) -> None:
    text = explain(str(stored), "-s", "steady", "--unit", "007", "--rep", "R5")
    assert re.search(r"In steady, R\d of team field has unit 007", text)
    assert re.search(r"With R5 of team field: costs [\d.,]+ hours in capacity, proven to be", text)
    text = explain(str(stored / "steady"), "--rep", "R2")
    assert re.search(r"R2 has \d+ units: [\d,.]+ hours of load", text)
    text = explain(str(stored), "-s", "steady")
    assert "- stay, share 0.088 in place of 0.08: worth" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "several scenarios; say which: torn, steady"),
        (["-s", "stedy"], "there is no such scenario: torn, steady"),
        (["-s", "steady", "--unit", "999"], "there is no such unit"),
        (["-s", "steady", "--unit", "001", "--rep", "R9"], "there is no such rep"),
        (["-s", "steady", "--rep", "R9"], "there is no such rep"),
    ],
)
def test_wrong_questions(options: list[str], message: str, stored: Path) -> None:
    done = CliRunner().invoke(app, ["explain", str(stored), *options])
    assert done.exit_code == 2
    assert message in done.stderr


def test_input_that_changed_is_not_explained(stored: Path, tmp_path: Path) -> None:
    shutil.copytree(stored.parent, tmp_path / "plan")
    yaml("share: 0.08", "share: 0.07")(tmp_path / "plan")
    done = CliRunner().invoke(app, ["explain", str(tmp_path / "plan" / "out"), "-s", "steady"])
    assert done.exit_code == 2
    said = "changed since this run (rules.stay.share 0.08 → 0.07); run it again first"
    assert said in " ".join(done.stderr.split())


def test_a_run_of_another_version_of_teig_is_explained(stored: Path, tmp_path: Path) -> None:
    shutil.copytree(stored.parent, tmp_path / "plan")
    path = tmp_path / "plan" / "out" / "steady" / "summary.json"
    summary = json.loads(path.read_text(encoding="utf-8"))
    # It hashed otherwise, knew no handover, and had a default that there is no more.
    summary |= {"written_hash": "0" * 64, "input_hash": "1" * 64}
    del summary["settings"]["handover"]
    summary["settings"]["limits"]["patience"] = None
    path.write_text(json.dumps(summary), encoding="utf-8")
    book = load(tmp_path / "plan" / "scenario.yaml", scenarios=("steady",))
    assert book["steady"].changed_since(summary) == ()
    done = CliRunner().invoke(
        app, ["explain", str(tmp_path / "plan" / "out"), "-s", "steady", "--rep", "R2"]
    )
    assert done.exit_code == 0, done.output


def test_what_changed_is_named(stored: Path, tmp_path: Path) -> None:
    shutil.copytree(stored.parent, tmp_path / "plan")
    for change in (
        replaced("units.csv", "Alder", "Alders"),
        yaml("tolerance: 0.15", "tolerance: 0.2"),
        yaml("money: {margin: 0.35", "handover: {keep_days: 30}\nmoney: {margin: 0.35"),
    ):
        change(tmp_path / "plan")
    summary = json.loads((stored / "steady" / "summary.json").read_text(encoding="utf-8"))
    book = load(tmp_path / "plan" / "scenario.yaml", scenarios=("steady",))
    named = ("handover.keep_days 90 → 30", "rules.balance_load.tolerance 0.15 → 0.2")
    assert book["steady"].changed_since(summary) == ("units.csv", *named)
    del summary["settings"]["handover"]
    assert any("handover" in each for each in book["steady"].changed_since(summary))
    del summary["settings"]["rules"]["contiguity"]
    assert any("contiguity" in each for each in book["steady"].changed_since(summary))
    summary["settings"]["rules"]["gone"] = {"type": "contiguity"}
    assert "rules.gone is gone" in book["steady"].changed_since(summary)


def test_a_moved_file_can_be_named(stored: Path, tmp_path: Path) -> None:
    shutil.copytree(stored, tmp_path / "elsewhere")
    arguments = ["explain", str(tmp_path / "elsewhere"), "-s", "steady", "--rep", "R2"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    text = explain(*arguments[1:], "--file", str(stored.parent / "scenario.yaml"))
    assert text.startswith("R2 has")
