"""Files for Salesforce: names that it allows, parents first, the plan read back exactly."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from xml.etree.ElementTree import parse

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models import BadInput, Plan, Problem
from teig.models.problem import OwnerKind
from teig.scenarios import load
from teig.scenarios.cli.app import app
from teig.scenarios.exports.salesforce import (
    CrmIds,
    crm_ids,
    hierarchy_of,
    incumbent_in,
    known_ids,
    territories_in,
    write_salesforce,
)
from teig.scenarios.exports.salesforce.identity import check_characters, is_id
from teig.scenarios.exports.salesforce.names import api_name, unique_names
from teig.scenarios.exports.salesforce.records import Records, References
from teig.scenarios.files.sections import SalesforceSettings
from typer.testing import CliRunner

from tests.enumeration import row
from tests.scenarios.starter import column_added, starter, yaml

NAME = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*")


def with_overlay() -> tuple[Problem, Plan, pd.DataFrame]:
    """Two teams over the same units, one unit in three parts, a vacancy and the house."""
    problem = row(
        5, 5, wholes=["big", "big", "big", "Ås", "Oslo 1"],
        kinds=[OwnerKind.REP, OwnerKind.VACANCY, OwnerKind.HOUSE, OwnerKind.REP, OwnerKind.REP],
        owner_team=[0, 0, 0, 1, 1], unit_teams=[(0, 1)] * 5,
    ).problem()  # fmt: skip
    owner = [0, 1, 1, 0, 2, 3, 3, 3, 4, 3]
    structure = pd.DataFrame(
        [("boss", "director", "", ""), ("lead", "team lead", "", "boss"),
         *((f"r{n}", "rep", "t", "lead" if n < 4 else "") for n in range(5))],
        columns=["person", "role", "team", "reports_to"],
    )  # fmt: skip
    return problem, Plan(np.array(owner)), structure


def account(unit: str) -> str:
    """A made-up id with its check characters."""
    plain = f"0015g0000{sum(map(ord, unit)):06d}"
    return plain + check_characters(plain)


def records(refers: References, **wishes: object) -> Records:
    problem, plan, structure = with_overlay()
    hierarchy = hierarchy_of(problem, plan, structure, "Plan 2027 – nord")
    ids = CrmIds(
        {unit: account(unit) for unit in ("big", "Ås")},
        {"r0": "0055g0000000001", "lead": "0055g0000000002", "r3": "0055g0000000003"},
        {"Oslo 1": "0150"},
    )
    chosen = SalesforceSettings.model_validate({"rule_field": "ShippingPostalCode", **wishes})
    return Records(problem, plan, hierarchy, refers, chosen, ids)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("refers", ["names", "ids", "external"])
def test_what_is_written_reads_back_as_the_plan(tmp_path: Path, refers: str) -> None:
    external = "Teig_Id__c" if refers == "external" else ""
    bare = records(References({}))
    known = {}
    if refers == "ids":
        rules, _, _ = bare.rules()
        names = [each.name for each in bare.hierarchy.territories] + rules["DeveloperName"].tolist()
        known = {name: f"0MI{n:012d}" for n, name in enumerate(names)}
        table = pd.DataFrame({"DeveloperName": list(known), "Id": list(known.values())})
        table.to_csv(tmp_path / "known.csv", index=False)
        known = known_ids([tmp_path / "known.csv"])
    made = records(References(known, external), external_id=external)
    write_salesforce(made, tmp_path, pd.DataFrame(), {})
    name_of = {each.person: each.name for each in made.hierarchy.territories}
    wanted: dict[str, set[str]] = {}
    for unit, _, owner, _ in made.held():
        key = made.ids.accounts.get(unit) or made.ids.values[unit]
        wanted.setdefault(key, set()).add(name_of[owner])
    assert territories_in(tmp_path) == wanted
    assert len(wanted[account("big")]) == 3  # two share it, and the overlay has it too
    shares = {(r["unit"], r["rep"]): float(r["share"]) for r in rows(tmp_path / "units.csv")}
    assert shares["big", "r1"] == pytest.approx(2 / 3)


def test_names_are_allowed_and_parents_come_first(tmp_path: Path) -> None:
    made = records(References({}))
    files = write_salesforce(made, tmp_path, pd.DataFrame(), {})
    seen: dict[str, str] = {}
    names: list[str] = []
    for file in files:
        for each in rows(tmp_path / file):
            if "DeveloperName" in each:
                names.append(each["DeveloperName"])
            if "Territory2_level" in file:
                parent = each.get("ParentTerritory2.DeveloperName", "")
                assert parent in seen or not parent
                # The parent is of a file before, not merely of a row before.
                assert seen.get(parent, "") < file
                seen[each["DeveloperName"]] = file
                assert "AccountAccessLevel" not in each  # the company's default
    assert len({name.lower() for name in names}) == len(names)
    assert all(NAME.fullmatch(name) and len(name) <= 80 for name in names)
    assert len(set(seen.values())) == 4  # the company, the boss, the lead, their people
    types = rows(tmp_path / "02_Territory2Type.csv")
    # The largest number has the opportunities: the primary team, then the overlay.
    assert {r["MasterLabel"]: r["Priority"] for r in types} == {
        "Management": "1", "Team t1": "2", "Team t0": "3",
    }  # fmt: skip


def test_the_small_case_as_it_is_written(tmp_path: Path) -> None:
    made = records(References({}, "Teig_Id__c"), external_id="Teig_Id__c")
    quotas = pd.DataFrame(
        [("r0", "all", "Q1", 1234.5, "NOK"), ("nobody", "all", "Q1", 1.0, "NOK")],
        columns=["node", "product", "period", "quota", "currency"],
    )
    starts = dict.fromkeys(("Q1", "Q2", "Q3", "Q4"), "2027-01-01")
    made = Records(made.problem, made.plan, made.hierarchy, made.refers,
                   made.settings.model_copy(update={"forecasting_type": "0Db5g0000000001"}),
                   made.ids)  # fmt: skip
    write_salesforce(made, tmp_path, quotas, starts)
    golden = {
        "01_Territory2Model.csv": ("Name,DeveloperName\nPlan 2027 – nord,Plan_2027_nord\n"),
        "04_Territory2_level_2.csv": (
            "Name,DeveloperName,Teig_Id__c,Territory2ModelId,Territory2Model.DeveloperName,"
            "Territory2TypeId,Territory2Type.DeveloperName,ParentTerritory2.Teig_Id__c,"
            "Description\n"
            "boss,Plan_2027_nord_boss,Plan_2027_nord_boss,,Plan_2027_nord,,"
            "Plan_2027_nord_Management,Plan_2027_nord_Company,director\n"
            "r4,Plan_2027_nord_r4,Plan_2027_nord_r4,,Plan_2027_nord,,Plan_2027_nord_Team_t1,"
            "Plan_2027_nord_Company,rep of team t1\n"
        ),
        "07_UserTerritory2Association.csv": (
            "UserId,Territory2.Teig_Id__c,RoleInTerritory2\n"
            "0055g0000000002,Plan_2027_nord_lead,Owner\n"
            "0055g0000000001,Plan_2027_nord_r0,Sales Rep\n"
            "0055g0000000003,Plan_2027_nord_r3,Sales Rep\n"
        ),
        "10_ObjectTerritory2AssignmentRuleItem.csv": (
            "RuleId,Rule.DeveloperName,SortOrder,Field,Operation,Value\n"
            ",Plan_2027_nord_r2_rule,1,ShippingPostalCode,equals,0150\n"
            ",Plan_2027_nord_r3_rule,1,ShippingPostalCode,equals,0150\n"
        ),
        "11_ForecastingQuota.csv": (
            "QuotaOwnerId,StartDate,QuotaAmount,CurrencyIsoCode,ForecastingTypeId\n"
            "0055g0000000001,2027-01-01,1234.50,NOK,0Db5g0000000001\n"
        ),
    }
    for name, text in golden.items():
        assert (tmp_path / name).read_text(encoding="utf-8") == text, name
    readme = (tmp_path / "README.txt").read_text(encoding="utf-8")
    assert "Nobody is assigned to the territories of: boss, r4, r1, r2." in readme


@given(st.lists(st.text(max_size=120), max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_texts_get_names_that_are_allowed_and_their_own(texts: list[str]) -> None:
    names = unique_names(texts)
    assert len({name.lower() for name in names}) == len(texts)
    assert all(NAME.fullmatch(name) and len(name) <= 80 for name in names)


def test_like_names_are_told_apart() -> None:
    assert unique_names(["a-b", "A b", "a_b", "x" * 90, "x" * 85]) == [
        "a_b", "A_b_2", "a_b_3", "x" * 80, "x" * 78 + "_2",
    ]  # fmt: skip
    assert api_name("Øvre Årdal") == "Ovre_Ardal"


def test_ids_that_lost_their_case_are_seen() -> None:
    plain = "0015g00000AbCdE"
    whole = plain + check_characters(plain)
    assert is_id(plain)
    assert is_id(whole)
    assert not is_id(whole.lower())
    assert not is_id(plain[:-1])
    # Of 0, M and A the last two are capitals, and so on: 6, 0 and 2 in base 32.
    assert check_characters("0MAcx000000Arz7") == "GAC"


def test_missing_and_wrong_ids_are_named_one_by_one(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    column_added("units.csv", "crm_id", account("a"))(tmp_path / "plan")
    column_added("reps.csv", "crm_id", "0055g00000000", "0055g0000000001")(tmp_path / "plan")
    base = load(file).base
    with pytest.raises(BadInput) as raised:
        crm_ids(base.tables, base.problem, ["M1"], "")
    said = {(p.source, p.place, p.value) for p in raised.value.problems}
    assert ("units", "unit 002", "") in said
    assert ("people", "rep M1", "") in said
    assert ("teig export salesforce", "R1", "0055g00000000") in said
    assert len(said) == len(base.problem.covers_of_whole) - 1 + 2
    assert not crm_ids({}, base.problem, ["M1"], "").users


def test_rules_that_would_not_fit_are_refused() -> None:
    made = records(References({}))
    many = {unit: f"{n:06d}" for n, unit in enumerate(made.problem.covers_of_whole)}
    many["Oslo 1"] = "1,2"
    wrong = Records(made.problem, made.plan, made.hierarchy, made.refers, made.settings,
                    CrmIds({}, {}, many))  # fmt: skip
    with pytest.raises(BadInput, match="has no comma"):
        wrong.check()


def test_the_command_and_its_second_turn(tmp_path: Path) -> None:
    file = starter(tmp_path / "plan")
    yaml("limits:", "exports: {salesforce: {rule_field: BillingPostalCode}}\nlimits:")(
        tmp_path / "plan"
    )
    out, into = tmp_path / "out", tmp_path / "files"
    options = ["-s", "steady", "--work", "0.005", "--jobs", "1", "-o", str(out)]
    assert CliRunner().invoke(app, ["run", str(file), *options]).exit_code == 0
    command = ["export", "salesforce", str(out), "-s", "steady", "-o", str(into)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    held = pd.read_csv(out / "steady" / "assignments.csv", dtype=str)
    wanted = {
        unit: {f"Starter_steady_{rep}"} for unit, rep in zip(held["unit"], held["rep"], strict=True)
    }
    assert territories_in(into) == wanted
    success = tmp_path / "success.csv"
    success.write_text('"ID","DEVELOPERNAME"\n0MA000000000001,Starter_steady\n', encoding="utf-8")
    (into / "99_stale.csv").write_text("old", encoding="utf-8")
    done = CliRunner().invoke(app, [*command, "--ids", str(success)])
    assert done.exit_code == 0, done.output
    level = rows(into / "03_Territory2_level_1.csv")
    assert [r["Territory2ModelId"] for r in level] == ["0MA000000000001"]
    assert "Territory2Model.DeveloperName" not in level[0]
    assert not (into / "99_stale.csv").exists()
    wrong = CliRunner().invoke(app, [*command, "--ids", str(out / "comparison.csv")])
    assert wrong.exit_code == 2
    assert "needs columns DeveloperName and Id" in wrong.stderr


def test_todays_alignment_comes_back_from_the_associations(tmp_path: Path) -> None:
    made = records(References({}))
    write_salesforce(made, tmp_path, pd.DataFrame(), {})
    found = incumbent_in(tmp_path, made.problem, made.ids)
    got = {(r.unit, r.rep): r.share for r in found.alignment.itertuples()}
    # The accounts' two teams; "Oslo 1" has no account, and Salesforce no thirds.
    assert got == {
        ("big", "r0"): 0.5, ("big", "r1"): 0.5, ("big", "r3"): 1.0,
        ("Ås", "r0"): 1.0, ("Ås", "r4"): 1.0,
    }  # fmt: skip
    assert "1 units (Oslo 1) have nobody" in found.notes
    assert "1 units (big) are shared in equal parts; Salesforce knows no shares" in found.notes
    assert "1 accounts in territories are no units of the plan" in found.notes  # the postcode


def test_an_org_export_goes_by_ids_and_active_users(tmp_path: Path) -> None:
    made = records(References({}))
    (tmp_path / "UserTerritory2Association_export.csv").write_text(
        "UserId,Territory2Id,IsActive\n0055g0000000001AAA,0MI1,true\n"
        "0055g0000000003AAA,0MI1,false\n0055g0000000002AAA,0MI2,true\n",
        encoding="utf-8-sig",
    )
    big = account("big")
    (tmp_path / "ObjectTerritory2Association.csv").write_text(
        f"Id,ObjectId,Territory2Id,AssociationCause\nx,{big},0MI1,Territory2Manual\n"
        f"y,{big},0MI2,Territory2Manual\n", encoding="utf-8",
    )  # fmt: skip
    found = incumbent_in(tmp_path, made.problem, made.ids)
    assert found.alignment.to_dict("records") == [
        {"unit": "big", "rep": "r0", "team": "t0", "share": 1.0}
    ]
    (tmp_path / "ObjectTerritory2Association.csv").unlink()
    with pytest.raises(BadInput, match="there is no such folder"):
        incumbent_in(tmp_path / "nowhere", made.problem, made.ids)
    with pytest.raises(BadInput, match="holds no ObjectTerritory2Association"):
        incumbent_in(tmp_path, made.problem, made.ids)


def test_the_plan_exported_is_next_quarters_incumbent(tmp_path: Path) -> None:
    folder = tmp_path / "plan"
    file = starter(folder)
    for name, kind in (("units", "001"), ("reps", "005"), ("people", "005")):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str)
        table["crm_id"] = [f"{kind}5g0000{n:06d}" for n in range(len(table))]
        if name == "people":
            table["crm_id"] = "0055g0000999999"
        table.to_csv(folder / f"{name}.csv", index=False)
    out, into, today = tmp_path / "out", tmp_path / "files", tmp_path / "today.csv"
    options = ["-s", "steady", "--work", "0.005", "--jobs", "1", "-o", str(out)]
    for command in (
        ["run", str(file), *options],
        ["export", "salesforce", str(out), "-s", "steady", "-o", str(into)],
        ["incumbent", "salesforce", str(file), str(into), "-o", str(today)],
    ):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, done.output
    held = pd.read_csv(out / "steady" / "assignments.csv", dtype=str)
    got = pd.read_csv(today, dtype=str)
    pairs = set(zip(held["unit"], held["rep"], strict=True))
    assert set(zip(got["unit"], got["rep"], strict=True)) == pairs
    done = CliRunner().invoke(app, ["check", str(file), "--set", f"data.incumbent.path={today}"])
    assert done.exit_code == 0, done.output


def test_the_metadata_names_what_the_tables_name(tmp_path: Path) -> None:
    made = records(References({}), access={"account": "Edit"})
    write_salesforce(made, tmp_path, pd.DataFrame(), {})
    folder, model = tmp_path / "metadata", made.hierarchy.model

    def fields(path: Path) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in parse(path).getroot().iter():  # noqa: S314
            if (each.text or "").strip():
                found.setdefault(each.tag.split("}")[1], []).append(str(each.text))
        return found

    home = folder / "territory2Models" / model
    tables = {
        r["DeveloperName"]: r
        for f in sorted(tmp_path.glob("*_Territory2_level_*.csv"))
        for r in rows(f)
    }
    attached: dict[str, str] = {}
    for name, table in tables.items():
        told = fields(home / "territories" / f"{name}.territory2")
        parent = table.get("ParentTerritory2.DeveloperName", "")
        assert told.get("parentTerritory", [""]) == [parent]
        assert told["territory2Type"] == [table["Territory2Type.DeveloperName"]]
        assert told["accountAccessLevel"] == [table["AccountAccessLevel"]] == ["Edit"]
        assert "caseAccessLevel" not in told
        attached |= dict.fromkeys(told.get("ruleName", ()), name)
    assert attached == {
        r["rule"]: r["territory"] for r in rows(tmp_path / "rules_of_territories.csv")
    }
    for rule in attached:
        assert fields(home / "rules" / f"{rule}.territory2Rule")["value"] == ["0150"]
    deeper = records(References({}, "Teig_Id__c"), external_id="Teig_Id__c")
    write_salesforce(deeper, tmp_path, pd.DataFrame(), {})
    top = (home / "territories" / f"{model}_Company.territory2").read_text(encoding="utf-8")
    assert f'<value xsi:type="xsd:string">{model}_Company</value>' in top
    package = fields(folder / "package.xml")
    files = {p.stem for p in folder.rglob("*.territory2*")}
    assert {member.split(".")[-1] for member in package["members"]} == files
    assert len(package["members"]) == len(files) == len(tables) + 1 + 3 + 2


def test_a_plan_that_breaks_hard_rules_is_not_passed_on_unsaid(tmp_path: Path) -> None:
    file, out = starter(tmp_path / "plan"), tmp_path / "out"
    today = str(tmp_path / "plan" / "incumbent.csv")
    hard = ["--set", "rules.capacity.hard=true", "-o", str(out)]
    measured = CliRunner().invoke(app, ["evaluate", str(file), "--plan", today, *hard])
    assert measured.exit_code == 0, measured.output
    command = ["export", "salesforce", str(out), "-o", str(tmp_path / "files")]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "Note: base breaks hard rules" in done.stdout
