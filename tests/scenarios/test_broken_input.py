"""Every broken folder gives its one clear message, exit status 2, and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from teig.scenarios.cli.app import app
from typer.testing import CliRunner

from tests.scenarios.starter import (
    Break,
    both,
    column_added,
    line_added,
    replaced,
    starter,
    written,
    yaml,
)

BOWTIE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"unit": "001"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]],
            },
        }
    ],
}
TEAMS = 'structure: {teams: {field: {covers: "%s"}}}\nrules:'
PINS = "over_assignment: {manager: 0.05}, pins: [%s]}"


def campaign(settings: str, segment: str = "True") -> Break:
    """Add a campaign to the scenario file."""
    entry = f'campaigns: {{mail: {{segment: "{segment}", {settings}}}}}'
    return yaml("objective: {", f"{entry}\nobjective: {{")


def _latin(folder: Path) -> None:
    path = folder / "units.csv"
    text = path.read_text(encoding="utf-8").replace("Alder", "Ærlig")
    path.write_bytes(text.encode("latin-1"))


def _first_unit(old: str, new: str) -> Break:
    return replaced("units.csv", old, new)


#: Name → (what is broken, words that the one message holds).
BROKEN: dict[str, tuple[Break, tuple[str, ...]]] = {
    # The text of the file.
    "yaml syntax": (yaml("data:", "data: ["), ("scenario.yaml, line", "not YAML")),
    "duplicate key": (
        yaml("currency: USD", "currency: USD\ncurrency: EUR"),
        ("line 5, currency", "stands twice, first in line 4"),
    ),
    "tab": (yaml("  units:", "\tunits:"), ("line 8", "spaces, not with tabs")),
    "encoding of the scenario": (
        written("scenario.yaml", "teig: 1\nname: Ærlig\n", "latin-1"),
        ("line 2", "UTF-8"),
    ),
    # Settings.
    "unknown section": (yaml("money:", "monney:"), ("monney", "did you mean 'money'?")),
    "unknown key": (yaml("{work: 0.2}", "{wrok: 0.2}"), ("limits.wrok", "did you mean 'work'?")),
    "wrong type": (
        yaml("{work: 0.2}", "{work: fast}"),
        ("limits.work", "must be a number", "'fast'"),
    ),
    "missing setting": (yaml("currency: USD\n", ""), ("currency", "needed and missing")),
    "currency of four letters": (yaml("currency: USD", "currency: USDX"), ("ISO 4217",)),
    "another version": (yaml("teig: 1", "teig: 2"), ("teig", "must be one of 1")),
    "a not-a-number setting": (
        yaml("{work: 0.2}", "{work: .nan}"),
        ("limits.work", "must be"),
    ),
    "period ends before it starts": (
        yaml("end: 2027-12-31", "end: 2026-12-31"),
        ("line 6, calendar", "must not end before its start"),
    ),
    "date that is none": (
        yaml("end: 2027-12-31", "end: 31.12.2027"),
        ("line 6, calendar.end", "a date like 2027-01-31", "31.12.2027"),
    ),
    "unknown country": (yaml("country: US", "country: XX"), ("calendar", "'XX'")),
    "money without travel": (yaml("per_km: 0.45, ", ""), ("money.per_km", "needed and missing")),
    "response of one": (
        yaml("margin: 0.35", "margin: 0.35, response: 1.0"),
        ("money.response", "between 0 and 1"),
    ),
    # Campaigns.
    "campaign before the plan": (
        campaign("start: 2026-12-01, end: 2027-02-01"),
        ("line 18, campaigns.mail.start", "outside the plan (2027-01-01", "2026-12-01"),
    ),
    "campaign that ends too early": (
        campaign("start: 2027-03-01, end: 2027-02-01"),
        ("campaigns.mail", "must not end before its start"),
    ),
    "campaign without a segment": (
        yaml("rules:", "campaigns: {mail: {start: 2027-03-01, end: 2027-04-01}}\nrules:"),
        ("campaigns.mail.segment", "needed and missing"),
    ),
    "campaign to nobody": (
        campaign("start: 2027-03-01, end: 2027-04-01", "sales > 1e12"),
        ("campaigns.mail.segment", "picks no unit", "sales > 1e12"),
    ),
    "campaign to an unknown column": (
        campaign("start: 2027-03-01, end: 2027-04-01", "sale > 1"),
        ("campaigns.mail.segment", "'sale'"),
    ),
    "campaign with a word of Python": (
        campaign("start: 2027-03-01, end: 2027-04-01", "class == 'A'"),
        ("campaigns.mail.segment", "written column('class')"),
    ),
    "campaign of an unknown team": (
        campaign("start: 2027-03-01, end: 2027-04-01, team: feld"),
        ("campaigns.mail.team", "did you mean 'field'?"),
    ),
    "campaign by an unknown channel": (
        campaign("start: 2027-03-01, end: 2027-04-01, channel: fax"),
        ("campaigns.mail.channel", "must be one of field", "fax"),
    ),
    "campaign with follow-ups of nothing": (
        campaign("start: 2027-03-01, end: 2027-04-01, follow_ups: {phone: {hours_per_call: 1}}"),
        ("campaigns.mail", "need answers"),
    ),
    "campaign with two effects": (
        campaign(
            "start: 2027-03-01, end: 2027-04-01, answered: 0.1, "
            "expected: {per_answer: 10, share_of_sales: 0.1}"
        ),
        ("campaigns.mail.expected", "not per_answer and share_of_sales"),
    ),
    "campaign that brings more than everything": (
        campaign("start: 2027-03-01, end: 2027-04-01, expected: {share_of_sales: 1.5}"),
        ("campaigns.mail.expected.share_of_sales", "between 0 and 1"),
    ),
    "campaign with answers from nowhere": (
        campaign("start: 2027-03-01, end: 2027-04-01, expected: {per_answer: 10}"),
        ("campaigns.mail", "per_answer needs answers"),
    ),
    "campaign with a ramp of answers": (
        campaign(
            "start: 2027-03-01, end: 2027-04-01, answered: 0.1, "
            "expected: {per_answer: 10, ramp: [0.5]}"
        ),
        ("campaigns.mail.expected", "a ramp is for shares"),
    ),
    "campaign that works beyond the plan": (
        campaign(
            "start: 2027-03-01, end: 2027-04-01, "
            "expected: {share_of_sales: 0.01, until: 2028-03-01}"
        ),
        ("campaigns.mail.expected.until", "outside the plan", "2028-03-01"),
    ),
    # Rules and objective.
    "unknown rule": (
        yaml("capacity: {hard: false}", "capacty: {hard: false}"),
        ("rules.capacty", "did you mean 'capacity'?"),
    ),
    "unknown rule type": (
        yaml("type: balance,", "type: ballance,"),
        ("rules.balance_load.type", "did you mean 'balance'?"),
    ),
    "unknown rule setting": (
        yaml("tolerance: 0.15", "tolerence: 0.15"),
        ("rules.balance_load.tolerence", "did you mean 'tolerance'?"),
    ),
    "hard rule with a price": (
        yaml("capacity: {hard: false}", "capacity: {hard: true, price: 3}"),
        ("rules.capacity", "hard, so it has no price"),
    ),
    "negative tolerance": (
        yaml("tolerance: 0.15", "tolerance: -0.15"),
        ("rules.balance_load", "share from 0 to 1"),
    ),
    "tolerance in per cent": (
        yaml("tolerance: 0.15", "tolerance: 15"),
        ("rules.balance_load", "share from 0 to 1", "0.15 for 15 %"),
    ),
    "cap on a measure of pairs": (
        yaml("share: 0.08, measure: sales", "share: 0.08, measure: load"),
        ("rules.stay", "'load' depends on the owner"),
    ),
    "unknown measure": (
        yaml("measure: load", "measure: lode"),
        ("rules.balance_load", "no measure 'lode'"),
    ),
    "unknown team in a rule": (
        yaml("contiguity:  ", "contiguity: {teams: [filed]}"),
        ("rules.contiguity", "no team 'filed'"),
    ),
    "lock of an unknown unit": (
        yaml("contiguity:  ", "contiguity:\n  lock: {owners: {999: R1}}"),
        ("rules.lock", "'999'"),
    ),
    "lock to an unknown rep": (
        yaml("contiguity:  ", "contiguity:\n  lock: {owners: {001: R9}}"),
        ("rules.lock", "no owner 'R9'"),
    ),
    "unknown objective term": (
        yaml("travel, disruption]", "travle, disruption]"),
        ("objective", "no term 'travle'", "did you mean 'travel'?"),
    ),
    "order and weights": (
        yaml("objective: {", "objective: {weights: {travel_hours: 1}, "),
        ("objective", "one of order, weights and stages"),
    ),
    "objective of a hard rule": (
        yaml("order: [capacity,", "order: ['rule:contiguity',"),
        ("objective", "'contiguity' is hard"),
    ),
    # Overrides and scenarios.
    "override conflict": (
        both(
            yaml("overrides:\n", "overrides:\n  more: {rules: {stay: {share: 0.1}}}\n"),
            yaml("steady: [keep]", "steady: [keep, more]"),
            yaml("rules:\n", "rules:\n  stay: {type: disruption_cap}\n"),
        ),
        ("rules.stay.share", "'keep'", "'more'", "wins: more"),
    ),
    "unknown override": (
        yaml("steady: [keep]", "steady: [kept]"),
        ("scenarios.steady.overrides", "did you mean 'keep'?"),
    ),
    "nothing to remove": (
        yaml("keep: {rules: {", "keep: {rules: {compactness: !remove , "),
        ("rules.compactness", "nothing to remove"),
    ),
    "scenario called base": (yaml("steady: [keep]", "base: [keep]"), ("scenarios.base", "taken")),
    # Tables.
    "missing file": (
        yaml("units: units.csv", "units: unit.csv"),
        ("data.units", "no such file", "unit.csv"),
    ),
    "missing column": (
        replaced("units.csv", "potential", "potencial"),
        ("units.csv", "potential"),
    ),
    "duplicate id": (
        line_added("units.csv", "001,Again,41,-94,1000,100,3,C"),
        ("units.csv", "row 38", "001"),
    ),
    "not a number": (_first_unit("478000", "NaN"), ("units.csv", "row 2", "potential")),
    "a word for a number": (
        _first_unit("478000", "plenty"),
        ("units.csv", "row 2", "potential", "plenty"),
    ),
    "infinite": (_first_unit("478000", "inf"), ("units.csv", "row 2", "potential")),
    "negative sales": (_first_unit("94300", "-94300"), ("units.csv", "row 2", "sales")),
    "negative hours": (
        replaced("standards.csv", "A,field,12,1.25", "A,field,12,-1.25"),
        ("standards.csv", "row 2", "hours_per_call"),
    ),
    "unit without location": (
        _first_unit("40.9824,-94.0419", ","),
        ("units.csv", "001"),
    ),
    "latitude beyond the pole": (_first_unit("40.9824", "140.98"), ("units.csv", "latitude")),
    "wrong encoding": (_latin, ("units.csv", "encoding")),
    "class without a standard": (
        replaced("units.csv", ",4,C", ",4,D"),
        ("'D'",),
    ),
    "self-intersecting polygon": (
        both(
            written("areas.geojson", json.dumps(BOWTIE)),
            yaml("  neighbours:", "  geometry: areas.geojson\n  neighbours:"),
        ),
        ("areas.geojson", "geometry"),
    ),
    "empty roster": (
        written("reps.csv", "rep,kind,team,base,full_time,cost,reports_to\n"),
        ("reps.csv",),
    ),
    "duplicate rep": (
        line_added("reps.csv", "R1,rep,field,002,1,118000,M1"),
        ("reps.csv", "row 7", "R1"),
    ),
    "more than full time": (
        replaced("reps.csv", "002,1,", "002,1.5,"),
        ("reps.csv", "row 2", "full_time"),
    ),
    "rep without a base": (
        replaced("reps.csv", "field,002", "field,"),
        ("reps.csv", "row 2", "needs a base"),
    ),
    "unknown manager": (
        replaced("reps.csv", "M1", "M9"),
        ("reps.csv, row 2, reports_to", "nobody among the people", "M9"),
    ),
    "managers in a circle": (
        written("people.csv", "person,reports_to\nM1,M2\nM2,M1\n"),
        ("people.csv, row 2, reports_to", "M1 → M2 → M1"),
    ),
    "bad date": (
        replaced("incumbent.csv", "001,R1,20", "001,R1,1x"),
        ("incumbent.csv", "row 2", "since"),
    ),
    "unknown rep in the incumbent": (
        replaced("incumbent.csv", "001,R1", "001,R8"),
        ("incumbent.csv", "row 2", "R8"),
    ),
    "unknown unit in the incumbent": (
        line_added("incumbent.csv", "999,R1,2020-01-01"),
        ("incumbent.csv", "row 38", "999"),
    ),
    "currency without a rate": (
        column_added("reps.csv", "currency", "SEK", "USD"),
        ("SEK", "rate"),
    ),
    "control total off": (
        yaml("rules:\n", "control_totals: {units.sales: 1}\nrules:\n"),
        ("control_totals", "units.sales"),
    ),
    "bad expression": (yaml("rules:", TEAMS % "sales >"), ("structure.teams.field.covers",)),
    "expression on an unknown column": (
        yaml("rules:", TEAMS % "segment == 'key'"),
        ("structure.teams.field.covers", "segment"),
    ),
    "units that nobody covers": (
        yaml("rules:", TEAMS % "unit != '001'"),
        ("001",),
    ),
    # Quotas.
    "quota target of zero": (
        yaml("budget: 15000000", "budget: 0"),
        ("quotas.budget", "must be above 0"),
    ),
    "overlapping pins": (
        yaml(
            "over_assignment: {manager: 0.05}}",
            PINS % "{node: R1, amount: 1}, {node: R1, amount: 2}",
        ),
        ("quotas", "two pins fix the same cell (R1)"),
    ),
    "pin of nobody": (
        yaml("over_assignment: {manager: 0.05}}", PINS % "{node: R7, amount: 1000}"),
        ("quotas.pins.0.node", "no such node"),
    ),
    "budget that cannot be dealt": (
        yaml("budget: 15000000", "budget: 15000500"),
        ("quotas.budget", "15"),
    ),
}


def outcome(folder: Path, *options: str) -> tuple[int, list[str]]:
    """Run the folder's scenarios; exit status and lines on stderr."""
    result = CliRunner().invoke(app, ["run", str(folder / "scenario.yaml"), *options])
    return result.exit_code, result.stderr.splitlines()


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("name", list(BROKEN))
def test_a_broken_folder(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "plan"
    starter(folder)
    change, words = BROKEN[name]
    change(folder)
    before = contents(tmp_path)
    status, lines = outcome(folder)
    assert status == 2, "\n".join(lines)
    *problems, last = lines
    assert last == "1 problem in the input; nothing was written.", "\n".join(lines)
    assert all(word in problems[0] for word in words), problems[0]
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--set", "limits.wrok=2"), ("--set, limits.wrok", "did you mean 'work'?")),
        (("--set", "limits.work"), ("PATH=VALUE",)),
        (("--set", "limits.work=[1"), ("not YAML",)),
        (("-s", "stedy"), ("no such scenario", "did you mean 'steady'?")),
        (("-o", "."), ("contents that are no run",)),
        (("--start", "nowhere.csv"), ("nowhere.csv", "cannot be read")),
    ],
)
def test_a_wrong_command_line(
    options: tuple[str, ...],
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "plan"
    starter(folder)
    monkeypatch.chdir(folder)
    before = contents(folder)
    status, lines = outcome(folder, *options)
    assert status == 2
    assert len(lines) == 2
    assert all(word in lines[0] for word in words), lines[0]
    assert contents(folder) == before


def test_there_are_many_broken_folders() -> None:
    assert len(BROKEN) >= 45
    assert all(words for _, words in BROKEN.values())


def test_problems_of_the_file_and_of_all_tables_come_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    starter(folder)
    replaced("units.csv", "478000", "x")(folder)
    replaced("reps.csv", "002,1,", "002,7,")(folder)
    status, lines = outcome(folder)
    assert status == 2
    assert lines[-1] == "2 problems in the input; nothing was written."
    assert any("units.csv" in line for line in lines)
    assert any("reps.csv" in line for line in lines)
