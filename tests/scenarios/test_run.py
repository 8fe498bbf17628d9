"""Runs end to end: outputs, exit statuses, the same bytes again, interrupts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
import teig.optimizer
from teig.models import BadInput, Plan, Status, evaluate
from teig.optimizer.territories.result import TerritoryResult
from teig.scenarios import RunResult, compare, load, measure, run, write_outputs
from teig.scenarios.cli.app import app
from teig.scenarios.cli.status import Exit, exit_status
from teig.scenarios.files.json_schema import in_step, json_schema
from teig.scenarios.files.reading import read_document
from typer.testing import CliRunner

from tests.scenarios.starter import replaced, starter, yaml

LITTLE = ("--work", "0.02", "--jobs", "1")
FILES = {
    "assignments.csv",
    "plan.gpkg",
    "quotas.csv",
    "structure.csv",
    "summary.json",
    "territories.csv",
    "timing.json",
}


def teig_process(
    folder: Path, *arguments: str, hash_seed: str = "0"
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", "from teig.scenarios.cli import main; main()", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Bytes by name, but for what may differ."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "timing.json"
    }


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A starter folder whose scenarios were run, by the command."""
    folder = tmp_path_factory.mktemp("run") / "plan"
    starter(folder)
    done = teig_process(folder, "run", "scenario.yaml", *LITTLE)
    assert done.returncode == 0, done.stderr
    (folder / "stdout.txt").write_text(done.stdout, encoding="utf-8")
    assert done.stderr == ""
    return folder


def test_the_terminal_shows_the_comparison_and_names_the_report(finished: Path) -> None:
    text = (finished / "stdout.txt").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("│")]
    assert [row.split()[1] for row in rows] == ["incumbent", "rebalanced", "steady", "four_reps"]
    assert "USD/year" in text
    assert "hours" in text
    assert "Assumed: money.response" in text
    assert text.splitlines()[-1] == f"Report: {Path('runs/scenario/report.html')}"


def test_a_run_leaves_the_contracts_files(finished: Path) -> None:
    folder = finished / "runs" / "scenario"
    for name in ("incumbent", "rebalanced", "steady", "four_reps"):
        more = set() if name == "incumbent" else {"fairness.csv"}
        assert {path.name for path in (folder / name).iterdir()} == FILES | more
    top = {path.name for path in folder.iterdir() if path.is_file()}
    assert top == {"comparison.csv", "report.html", "workbook.xlsx", "slides.pptx", "run.json"}
    comparison = pd.read_csv(folder / "comparison.csv")
    assert comparison["scenario"].tolist()[0] == "incumbent"
    columns = pd.read_csv(folder / "steady" / "assignments.csv", dtype=str).columns.tolist()
    assert columns == ["unit", "team", "rep", "share", "incumbent", "moved"]
    columns = pd.read_csv(folder / "steady" / "quotas.csv").columns.tolist()
    wanted = ["node", "level", "parent", "product", "period", "quota", "index", "currency"]
    assert columns == wanted
    columns = pd.read_csv(folder / "steady" / "structure.csv").columns.tolist()
    assert columns == ["person", "role", "team", "reports_to"]


def test_summaries_hold_what_the_contract_asks(finished: Path) -> None:
    for name in ("incumbent", "rebalanced", "steady", "four_reps"):
        path = finished / "runs" / "scenario" / name / "summary.json"
        summary = json.loads(path.read_text(encoding="utf-8"))
        assert summary["scenario"] == name
        assert summary["status"] in ("optimal", "feasible", "infeasible", "unknown", "invalid")
        assert summary["sense"] == "min"
        for each in (summary, *summary["stages"]):
            if each["objective"] is not None and each["bound"] is not None:
                gap = abs(each["objective"] - each["bound"]) / max(abs(each["objective"]), 1e-9)
                assert each["gap"] == pytest.approx(gap, abs=1e-9)
        assert {"value", "unit", "price"} == set(summary["terms"]["travel_hours"])
        assert {"stopped_by", "seed", "versions", "violations"} <= set(summary)
        assert len(summary["input_hash"]) == 64
    steady = json.loads((finished / "runs/scenario/steady/summary.json").read_text("utf-8"))
    assert {change["by"] for change in steady["changes"]} == {"keep"}


def test_quotas_add_up_to_the_budget_and_its_over_assignment(finished: Path) -> None:
    quotas = pd.read_csv(finished / "runs/scenario/rebalanced/quotas.csv", keep_default_na=False)
    sums = quotas.groupby("level")["quota"].sum()
    assert sums["company"] == sums["manager"] == 15_000_000
    # 5 % on top of 3,750,000 a quarter, half up to the unit in each quarter.
    assert sums["rep"] == 4 * 3_938_000


def test_the_same_input_gives_the_same_bytes(finished: Path, tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    starter(folder)
    done = teig_process(folder, "run", "scenario.yaml", *LITTLE, "--jobs", "2", hash_seed="77")
    assert done.returncode == 0, done.stderr
    ours, theirs = contents(folder / "runs"), contents(finished / "runs")
    assert len(ours) > 20
    assert [name for name in ours if ours[name] != theirs.get(name)] == []
    assert ours.keys() == theirs.keys()


def test_a_run_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    file, out = starter(folder), tmp_path / "out"
    for name in ("steady", "calm"):
        arguments = ["run", str(file), "-s", name, "-o", str(out), *LITTLE]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.stderr
        names = {path.parent.name for path in out.glob("*/summary.json")}
        assert names == {"incumbent", name}
        if name == "steady":
            yaml("steady: [keep]", "calm: [keep]")(folder)


def test_evaluating_a_plan_measures_what_the_run_measured(finished: Path, tmp_path: Path) -> None:
    plan = finished / "runs" / "scenario" / "rebalanced" / "assignments.csv"
    arguments = ["evaluate", str(finished / "scenario.yaml"), "--plan", str(plan)]
    result = CliRunner().invoke(app, [*arguments, "-s", "rebalanced", "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.stderr
    for name in ("territories.csv", "assignments.csv", "quotas.csv"):
        ours = (tmp_path / "out" / "rebalanced" / name).read_bytes()
        assert ours == (finished / "runs" / "scenario" / "rebalanced" / name).read_bytes()


def test_a_plan_that_breaks_hard_rules_is_invalid(finished: Path, tmp_path: Path) -> None:
    book = load(finished / "scenario.yaml", scenarios=("rebalanced",))
    problem = book["rebalanced"].problem
    plan = pd.DataFrame({"unit": problem.units.ids, "rep": ["R1", "R2"] * 18})
    plan.to_csv(tmp_path / "plan.csv", index=False)
    arguments = ["evaluate", str(finished / "scenario.yaml"), "--plan", str(tmp_path / "plan.csv")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.stderr
    assert "invalid" in result.stdout


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("unit,rep\n001,R9\n", "plan.csv, row 2, rep: there is no such rep"),
        ("unit,rep\n999,R1\n", "plan.csv, row 2, unit: there is no such unit"),
        ("unit,owner\n001,R1\n", "plan.csv, header, rep: the column is missing"),
        ("unit,rep\n001,R1\n001,R2\n", "add up to at most 1"),
        ("unit,rep,share\n001,R1,half\n", "must be a share"),
    ],
)
def test_a_broken_plan(rows: str, message: str, finished: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.csv").write_text(rows, encoding="utf-8")
    arguments = ["evaluate", str(finished / "scenario.yaml"), "--plan", str(tmp_path / "plan.csv")]
    result = CliRunner().invoke(app, [*arguments, "-o", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "out").exists()


def test_infeasible_is_explained_and_the_others_run_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    starter(folder)
    yaml(
        "overrides:\n",
        "overrides:\n  torn: {rules: {one: {type: lock, owners: {001: R1}}, "
        "two: {type: lock, owners: {001: R2}}}}\n",
    )(folder)
    yaml("rebalanced: []", "torn: [torn]\n  rebalanced: []")(folder)
    out = tmp_path / "out"
    arguments = ["run", str(folder / "scenario.yaml"), "-s", "torn", "-s", "rebalanced"]
    result = CliRunner().invoke(app, [*arguments, *LITTLE, "-o", str(out)])
    assert result.exit_code == 3, result.stderr
    summary = json.loads((out / "torn" / "summary.json").read_text("utf-8"))
    assert summary["status"] == "infeasible"
    assert summary["gap"] is None
    assert summary["notes"]
    assert (out / "rebalanced" / "assignments.csv").exists()
    assert not (out / "torn" / "assignments.csv").exists()
    assert "torn: no plan (infeasible)" in result.stdout


def faked(
    monkeypatch: pytest.MonkeyPatch, behaviour: dict[str, str], names: list[str]
) -> list[str]:
    """Let the solver fail, be interrupted or find nothing, scenario by scenario."""
    begun: list[str] = []
    real = teig.optimizer.solve_territories

    def solve(problem: object, **options: object) -> TerritoryResult:
        name = names[len(begun)]
        begun.append(name)
        what = behaviour.get(name, "")
        if what == "defect":
            raise ZeroDivisionError("made up")
        if what == "interrupt":
            raise KeyboardInterrupt
        if what == "nothing":
            return TerritoryResult(None, Status.UNKNOWN, (), "work", 1, {})
        return real(problem, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(teig.optimizer, "solve_territories", solve)
    return begun


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        ({"steady": "nothing"}, Exit.NOTHING_FOUND),
        ({"steady": "nothing", "rebalanced": "defect"}, Exit.DEFECT),
        ({"four_reps": "interrupt"}, Exit.INTERRUPTED),
        ({}, Exit.DONE),
    ],
)
def test_exit_statuses(
    behaviour: dict[str, str], status: Exit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ["rebalanced", "steady", "four_reps"]
    begun = faked(monkeypatch, behaviour, names)
    folder = tmp_path / "plan"
    arguments = ["run", str(starter(folder)), *LITTLE, "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == int(status), result.stderr
    assert begun == names
    assert (tmp_path / "out" / "comparison.csv").exists()
    good = [name for name in names if name not in behaviour]
    assert good
    assert all((tmp_path / "out" / name / "assignments.csv").exists() for name in good)


def large_market(folder: Path) -> None:
    """Give the starter so many units that solving takes its time."""
    units = pd.read_csv(folder / "units.csv", dtype={"unit": str})
    columns = [units.assign(longitude=units["longitude"] + 2.0 * step) for step in range(12)]
    large = pd.concat(columns, ignore_index=True)
    large["unit"] = [f"{number:03d}" for number in range(1, len(large) + 1)]
    large.to_csv(folder / "units.csv", index=False)


def restore_interrupts() -> None:
    """Let Ctrl-C reach the child."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt_keeps_the_best_plans(jobs: str, tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    starter(folder)
    large_market(folder)
    command = [sys.executable, "-c", "from teig.scenarios.cli import main; main()"]
    command += ["run", "scenario.yaml", "--work", "1000", "--jobs", jobs]
    with subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what runs in the background with interrupts ignored.
        preexec_fn=restore_interrupts,
    ) as process:
        try:
            time.sleep(15.0)
            assert process.poll() is None, process.communicate()
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 130, errors
    comparison = pd.read_csv(folder / "runs" / "scenario" / "comparison.csv")
    assert len(comparison) == 4
    summaries = (folder / "runs" / "scenario").glob("*/summary.json")
    stopped = {json.loads(path.read_text("utf-8"))["stopped_by"] for path in summaries}
    assert "interrupted" in stopped


def test_the_library_prints_nothing_and_gives_frames(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = starter(tmp_path / "plan")
    book = load(file, scenarios=("rebalanced", "steady"), settings=("limits.work=0.05",))
    result = run(book)
    assert isinstance(result, RunResult)
    assert exit_status(result) is Exit.DONE
    for scenario in result.scenarios:
        assert scenario.plan is not None
        again = evaluate(scenario.problem, scenario.plan)
        last = scenario.stages[-1]
        assert again.objectives[last.name] == pytest.approx(last.objective, rel=1e-6, abs=1e-6)
    table = compare(result.scenarios, result.incumbent)
    assert table["scenario"].tolist() == ["incumbent", "rebalanced", "steady"]
    assert result["steady"].changes
    assert not list(tmp_path.rglob("runs"))
    report = write_outputs(result, tmp_path / "out")
    assert report.exists()
    assert capfd.readouterr() == ("", "")


def test_a_failing_report_does_not_lose_the_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("made up")

    monkeypatch.setattr("teig.scenarios.exports.write_workbook", fail)
    book = load(starter(tmp_path / "plan"), scenarios=("rebalanced",))
    with pytest.raises(ZeroDivisionError, match="made up"):
        write_outputs(run(book, work=0.05), tmp_path / "out")
    assert (tmp_path / "out" / "rebalanced" / "assignments.csv").exists()
    assert (tmp_path / "out" / "run.json").exists()
    assert not (tmp_path / "out" / ".writing").exists()


def test_scenarios_share_what_is_the_same(tmp_path: Path) -> None:
    book = load(starter(tmp_path / "plan"))
    assert book["rebalanced"].problem is book.base.problem
    assert book["steady"].problem.units is book.base.problem.units
    assert book["four_reps"].tables["units"][0] is book.base.tables["units"][0]
    assert book["rebalanced"].input_hash == book.base.input_hash
    assert book["steady"].input_hash != book.base.input_hash


def test_the_input_hash_knows_the_bytes_of_tables(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    before = load(file).base.input_hash
    assert load(file).base.input_hash == before
    replaced("units.csv", "Alder", "Elder")(tmp_path / "plan")
    assert load(file).base.input_hash != before


def test_a_start_is_measured_and_a_given_plan_too(tmp_path: Path) -> None:
    book = load(starter(tmp_path / "plan"), scenarios=("rebalanced",))
    plan = Plan.incumbent(book["rebalanced"].problem)
    result = measure(book, {"rebalanced": plan})
    assert result["rebalanced"].status is Status.FEASIBLE
    assert result["rebalanced"].money is not None
    assert result.incumbent is not None
    assert result["rebalanced"].money.contribution == pytest.approx(
        result.incumbent.money.contribution if result.incumbent.money else None
    )
    solved = run(book, work=0.05, starts={"rebalanced": plan})
    assert solved["rebalanced"].plan is not None


def test_new_refuses_a_folder_with_contents(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(app, ["new", str(tmp_path)])
    assert result.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_check_says_what_a_file_holds(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    result = CliRunner().invoke(app, ["check", str(file)])
    assert result.exit_code == 0
    assert "scenario.yaml is in order." in result.stdout
    assert not (tmp_path / "plan" / "runs").exists()


def test_the_schema_knows_the_starter_and_no_unknown_key(tmp_path: Path) -> None:
    printed = CliRunner().invoke(app, ["schema"])
    schema = json.loads(printed.stdout)
    assert schema == json.loads(json.dumps(json_schema()))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    plain = read_document(starter(tmp_path / "plan")).root.plain()
    assert list(validator.iter_errors(plain)) == []
    plain["limits"]["wrok"] = 1
    assert [list(error.path) for error in validator.iter_errors(plain)] == [["limits"]]


def test_the_documented_settings_are_in_step() -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "scenario-file.md"
    text = document.read_text(encoding="utf-8")
    wanted = "teig schema --document docs/scenario-file.md mends it"
    assert in_step(text) == text, wanted


def test_bad_input_says_everything_in_one_error(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    replaced("units.csv", "478000", "x")(tmp_path / "plan")
    with pytest.raises(BadInput) as caught:
        load(file)
    assert len(caught.value.problems) == 1
