"""The shipped example: it loads, holds what its README says, and is what its recipe makes."""

from __future__ import annotations

from importlib.resources import files
from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from teig.models import OwnerKind, Plan, Problem, evaluate
from teig.scenarios import Workbook, load
from teig.scenarios.examples import example, example_names
from teig.scenarios.examples.midwest.make import make
from teig.scenarios.money.measuring import money_differences

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
FOLDER = example("midwest").parent
SCENARIOS = {"rebalanced", "specialists", "key-accounts", "one-more", "one-fewer", "launch"}


@pytest.fixture(scope="module")
def book() -> Workbook:
    return load(example("midwest"))


@pytest.fixture(scope="module")
def base(book: Workbook) -> Problem:
    return book.base.problem


def test_it_ships_as_a_resource_of_the_package() -> None:
    assert example_names() == ("midwest",)
    text = (files("teig.scenarios.examples") / "midwest" / "scenario.yaml").read_text("utf-8")
    assert text == example("midwest").read_text("utf-8")
    with pytest.raises(ValueError, match="there are midwest"):
        example("atlantis")


def test_it_is_small_enough_to_ship() -> None:
    assert sum(file.stat().st_size for file in FOLDER.glob("*.*")) < 2_000_000


def test_all_scenarios_load_without_a_problem(book: Workbook) -> None:
    assert {scenario.name for scenario in book.scenarios} == SCENARIOS
    assert all(scenario.resolved.note for scenario in book.scenarios)
    for section in ("money", "compensation", "letters"):
        assert all(getattr(scenario.resolved.settings, section) for scenario in book.scenarios)


def test_all_scenarios_compare_in_money(book: Workbook) -> None:
    for pair in combinations(book.scenarios, 2):
        assert money_differences(*(scenario.resolved.plain() for scenario in pair)) == ""


def test_market_and_roster_are_as_described(base: Problem) -> None:
    counties = {whole for whole in base.units.wholes if whole.isdigit()}
    sites = {whole for whole in base.units.wholes if whole.startswith("A")}
    assert (len(counties), len(sites)) == (1055, 106)
    kinds = dict(zip(base.owners.ids, base.owners.kinds, strict=True))
    assert list(kinds.values()).count(OwnerKind.REP) == 32
    assert kinds["V01"] is OwnerKind.VACANCY
    assert kinds["H01"] is OwnerKind.HOUSE
    assert kinds["P01"] is OwnerKind.PARTNER
    hours = dict(zip(base.owners.ids, base.owners.hours, strict=True))
    assert hours["R01"] == pytest.approx(1433.6)
    assert [round(hours[rep] / hours["R01"], 2) for rep in ("R07", "R22", "R31")] == [0.8, 0.6, 0.6]
    assert hours["R16"] < 0.6 * hours["R01"]
    assert "R12" not in hours
    assert base.covers.incumbent_ids.count("R12") > 10


def test_groups_are_of_both_kinds(base: Problem) -> None:
    sizes = pd.Series([base.units.parent_ids[p] for p in base.units.parents if p >= 0])
    assert len(base.units.parent_ids) == 22
    assert sizes.value_counts().between(2, 6).all()
    rules = {rule.name: rule for rule in base.rules}
    assert len(getattr(rules["one_buyer"], "parents", ())) == 13
    assert getattr(rules["one_contract"], "teams", ()) == ("contracts",)
    assert any(base.units.required_skills)


def test_only_cook_county_is_larger_than_a_fair_share_and_is_split(base: Problem) -> None:
    potential = pd.Series(base.units.measures["potential"], base.units.wholes).groupby(level=0)
    reps = sum(kind is OwnerKind.REP for kind in base.owners.kinds) - 2
    shares = potential.sum() / (potential.sum().sum() / reps)
    assert shares[shares > 1].index.tolist() == ["17031"]
    assert shares["17031"] > 2
    assert potential.size()["17031"] == 12


def test_todays_alignment_is_plausible_and_unequal(base: Problem) -> None:
    today = evaluate(base, Plan.incumbent(base))
    field = today.territories[today.territories["team"] == "field"].set_index("rep")
    use = field.loc[field["kind"] == "rep", "utilisation"]
    assert use.min() == pytest.approx(0.65, abs=0.02)
    assert use.max() == pytest.approx(1.35, abs=0.02)
    held = field[field["hours"] > 0]
    assert 0.88 < held["load_hours"].sum() / held["hours"].sum() < 0.98
    broken = {violation.rule for violation in today.violations}
    assert {"coverage", "contiguity", "capacity"} <= broken


def test_territories_are_one_map_without_the_dealers_area(base: Problem) -> None:
    assert not any("linked over" in note for note in base.notes)
    kinds = base.teams[0].neighbours.kinds
    assert kinds.count("link") == 1
    assert kinds.count("border") > 2500


def test_the_way_round_the_lake_is_not_the_crows(base: Problem) -> None:
    team = base.teams[0]
    muskegon = base.covers_of_whole["26121"][0]
    milwaukee = base.owner_index["R17"] - team.owners.start
    assert team.kilometres[muskegon, milwaukee] > 350


def test_scenarios_have_the_people_that_they_name(book: Workbook) -> None:
    people = {scenario.name: set(scenario.problem.owners.ids) for scenario in book.scenarios}
    assert people["rebalanced"] == set(book.base.problem.owners.ids)
    assert people["one-more"] - people["rebalanced"] == {"C02"}
    assert people["rebalanced"] - people["one-fewer"] == {"V01"}
    assert people["specialists"] - people["rebalanced"] == {"S01", "S02", "S03"}
    assert people["key-accounts"] >= {"K01", "K02", "K03", "I01", "I02", "I03"}
    for scenario in book.scenarios:
        managers = set(scenario.structure["reports_to"]) - {""}
        assert managers <= set(scenario.structure["person"])
        assert len(managers) == (4 if scenario.name == "key-accounts" else 5)


def test_tables_are_what_the_recipe_makes(tmp_path: Path) -> None:
    if not (SHARED / "us-zip").is_dir():
        pytest.skip("the census data is not beside this checkout")
    make(SHARED, tmp_path)
    made = sorted(file.name for file in tmp_path.iterdir())
    assert len(made) == 11
    for name in made:
        assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes(), name
