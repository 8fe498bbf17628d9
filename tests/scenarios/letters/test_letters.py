"""Letters of a whole company: exact to the last unit, and nobody else's figures in them."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from teig.models import Plan, Problem
from teig.scenarios import load
from teig.scenarios.examples import example
from teig.scenarios.letters import Letter, render_letter, write_letters
from teig.scenarios.letters.facts import Role
from teig.scenarios.letters.wording import Wording
from teig.scenarios.letters.workbook import write_letter_book
from teig.scenarios.letters.writing import file_names
from teig.scenarios.results import ScenarioResult
from teig.scenarios.running import measure

SECTIONS = """
compensation:
  threshold: 0.5
  accelerator: 1.5
  clawback: {returned: 0.02}
  prizes: {Club: {share: 0.1, amount: 6100}}
  team_awards: {Dinner: {amount: 252, best: 2}}
  contests: {Sprint: {start: 2027-03-01, end: 2027-04-15, amount: 2003, best: 3, rate: 0.002}}
simulation: {draws: 20}
letters: {company: Prairie Supply, smallest_team: 7, sender: Dana Whitfield, language: nb, languages: {R02: en}}
"""


def moved(problem: Problem) -> Plan:
    """Today's plan, with what nobody has given away, and every twentieth cover moved."""
    owner = Plan.incumbent(problem).owner.copy()
    for team in problem.teams:
        span = slice(team.covers.start, team.covers.stop)
        block = owner[span]
        block[block < 0] = team.owners.start
        others = np.array(team.owners)
        block[::20] = others[(np.arange(len(block[::20])) + 3) % len(others)]
        owner[span] = block
    return Plan(owner)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> ScenarioResult:
    """The example's company with everything in it that must stay with one person."""
    folder = tmp_path_factory.mktemp("letters") / "midwest"
    shutil.copytree(Path(example("midwest")).parent, folder)
    file = folder / "scenario.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("  people: people.csv\n", "  people: people.csv\n  pay: pay.csv\n"
                        "  previous_quotas: before.csv\n", 1)  # fmt: skip
    start, end = text.index("# What reaching a quota pays"), text.index("limits: {work:")
    file.write_text(text[:start] + text[end:] + SECTIONS, encoding="utf-8")
    reps = pd.read_csv(folder / "reps.csv")
    people = pd.read_csv(folder / "people.csv")
    names = pd.read_csv(folder / "names.csv")
    ids = [*reps.loc[reps["team"] == "field", "rep"].drop_duplicates(), *people["person"]]
    ids = [i for i in ids if i not in ("R12", "H01", "P01", "V01")]
    number = np.arange(len(ids))
    pd.DataFrame(
        {"person": ids, "base": 61_013 + 817 * number, "target_incentive": 33_307 + 523 * number}
    ).to_csv(folder / "pay.csv", index=False)
    before = pd.DataFrame({"node": ids, "quota": 2_000_000 + 53_000 * number})
    before.to_csv(folder / "before.csv", index=False)
    managers = pd.DataFrame({"rep": people["person"], "name": [f"Boss {n}" for n in "ABCDE"]})
    names = pd.concat([names, managers]).assign(language="")
    names.loc[names["rep"] == "R03", "language"] = "en"
    names.to_csv(folder / "names.csv", index=False)
    # To the dollar, so that no two figures are the same by chance.
    book = load(file, scenarios=["rebalanced"], settings=["quotas.rounding=1"])
    plan = moved(book["rebalanced"].problem)
    return measure(book, {"rebalanced": plan}).scenarios[0]


def by_id(company: ScenarioResult) -> dict[str, Letter]:
    return {letter.recipient: letter for letter in company.letters}


def plain(page: str) -> str:
    """What a reader sees, with spaces as spaces."""
    page = re.sub(r"<style>.*?</style>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " | ", page)))


def test_everybody_who_sells_or_manages_gets_one(company: ScenarioResult) -> None:
    letters = by_id(company)
    roles = [letter.role for letter in letters.values()]
    assert (roles.count(Role.REP), roles.count(Role.MANAGER)) == (30, 5)
    assert not {"V01", "H01", "P01", "company"} & set(letters)
    assert letters["R01"].name == "Aaliyah Brooks"
    assert letters["R01"].manager == "Boss C"
    languages = {r: letters[r].language for r in ("R01", "R02", "R03")}
    assert languages == {"R01": "nb", "R02": "en", "R03": "en"}


def test_all_steps_add_up_to_the_last_unit(company: ScenarioResult) -> None:
    table = company.quota_table.groupby("node")["quota"].sum()
    assert company.letters
    for letter in company.letters:
        assert letter.quota == round(table[letter.recipient] * 100)
        assert sum(amount for _, _, amount in letter.cells) == letter.quota
        assert letter.steps or letter.recipient == "M4"
        assert not letter.steps or sum(step.amount for step in letter.steps) == letter.quota
        assert letter.change
        changes = sum(step.amount for step in letter.change.steps)
        assert letter.change.before + changes == letter.quota


def test_accounts_and_promises_are_those_of_the_plan(company: ScenarioResult) -> None:
    assert company.plan is not None
    problem, covers = company.problem, company.problem.covers
    some_new, some_gone = 0, 0
    for letter in company.letters:
        if letter.role is Role.MANAGER or letter.holdings is None:
            continue
        mine = company.plan.owner == problem.owner_index[letter.recipient]
        held = letter.holdings
        assert held.sales == pytest.approx(covers.measures["sales"][mine].sum())
        assert sum(a.visits for a in held.accounts) == pytest.approx(covers.visits[mine].sum())
        assert held.weeks is None or 20 < held.weeks < 50
        some_new += sum(account.is_new for account in held.accounts)
        some_gone += len(held.gone)
    assert some_new > 20
    assert some_gone > 20


def secrets(letter: Letter) -> set[float]:
    """Figures that nobody else may read: quotas and their steps, sales, pay, last quota."""
    minor = letter.minor_units
    found = {letter.quota / minor, *(amount / minor for _, _, amount in letter.cells)}
    found |= {abs(step.amount) / minor for step in letter.steps if abs(step.amount) > 10_000}
    if letter.pay:
        found |= {letter.pay.base, letter.pay.target_incentive}
        found |= {float(round(point.total)) for point in letter.pay.points}
    if letter.change:
        found.add(letter.change.before / minor)
    if letter.holdings and letter.role is Role.REP:
        found |= {float(round(letter.holdings.sales)), float(round(letter.holdings.potential))}
    return found


def figures(page: str, language: str) -> set[float]:
    """Every number of a page."""
    group, point = (",", ".") if language == "en" else (" ", ",")
    pattern = rf"\d{{1,3}}(?:{group}\d{{3}})+(?:\{point}\d+)?|\d+(?:\{point}\d+)?"
    texts = re.findall(pattern, page)
    return {float(text.replace(group, "").replace(point, ".")) for text in texts}


def says(page: str, name: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", page) is not None


def leaks(letters: dict[str, Letter], pages: dict[str, str]) -> list[tuple[str, str, object]]:
    """Reader, owner, and what of the owner's stands in the reader's letter."""
    found: list[tuple[str, str, object]] = []
    for reader, page in pages.items():
        letter = letters[reader]
        there = figures(page, letter.language) - secrets(letter)
        for owner, other in letters.items():
            if owner == reader:
                continue
            # Figures of accounts are whole hundreds; such a one may be the same by chance.
            telling = {x for x in secrets(other) if x % 100 or x > 1e6}
            found += [(reader, owner, figure) for figure in sorted(there & telling)]
            names = {owner, other.name} - {letter.manager, ""}
            found += [(reader, owner, name) for name in sorted(names) if says(page, name)]
    return found


def test_no_letter_holds_anything_of_anybody_else(company: ScenarioResult) -> None:
    letters = by_id(company)
    pages = {who: plain(render_letter(letter)) for who, letter in letters.items()}
    for who, letter in letters.items():
        # All that is secret of it stands in one's own letter, so that the search sees it.
        assert letter.pay
        shown = secrets(letter) - {letter.pay.base}
        assert shown <= figures(pages[who], letter.language)
        assert says(pages[who], letter.name)
    assert leaks(letters, pages) == []
    for slip in (Wording("nb", "USD").money(letters["R02"].quota), "R02", "Tomasz Wiśniewski"):
        tampered = {**pages, "R01": pages["R01"] + " " + re.sub(r"\s", " ", slip)}
        assert [leak[:2] for leak in leaks(letters, tampered)] == [("R01", "R02")]


def test_a_team_that_is_too_small_is_not_described(company: ScenarioResult) -> None:
    letters = by_id(company)
    small = [who for who, letter in letters.items() if letter.manager == "Boss E"]
    assert len(small) == 6
    for who in small:
        assert letters[who].standings == ()
    large = letters["R01"]
    assert {standing.measure for standing in large.standings} == {"growth", "penetration"}
    for standing in large.standings:
        # Whole per cent, so that no colleague's figure is there to the digit.
        assert round(standing.low * 100, 6) == round(standing.low * 100)
        assert standing.low <= standing.high
    boss = letters["M4"]
    assert boss.name == "Boss E"
    assert (boss.steps, boss.holdings, boss.team) == ((), None, None)
    page = plain(render_letter(boss))
    for who in small:
        assert not secrets(letters[who]) & figures(page, boss.language)


def test_pages_are_whole_and_the_same_again(company: ScenarioResult, tmp_path: Path) -> None:
    write_letters(company.letters, tmp_path)
    listed = pd.read_csv(tmp_path / "letters.csv")
    assert list(listed.columns) == ["recipient", "role", "language", "file", "workbook"]
    assert len(listed) == len(company.letters) == len(list(tmp_path.glob("*.html")))
    for letter, name in zip(company.letters, listed["file"], strict=True):
        page = (tmp_path / name).read_text(encoding="utf-8")
        assert page == render_letter(letter)
        assert f'<html lang="{letter.language}">' in page
        assert not re.search(r"(?:src|href)=|https?:|@import|url\(", page)
        assert "{{" not in page
        assert "%(" not in page


def test_the_words_say_what_the_figures_mean(company: ScenarioResult) -> None:
    letter = by_id(company)["R02"]
    page = plain(render_letter(letter))
    assert "Personal, for Tomasz Wiśniewski alone" in page
    assert "January 1 – December 31, 2027" in page
    assert re.search(r"\d+\.\d visits a week", page)
    assert "President" not in page
    assert "Club: $6,100 for each of the best 10% by attainment, from 100% of quota." in page
    assert "Dinner: $252 for everybody in the team" in page
    assert "Only the 2 best teams get it." in page
    assert "Sprint, March 1 – April 15, 2027: 0.2% of what you sell in these days." in page
    assert "Below 50% of quota no incentive is paid." in page
    norwegian = plain(render_letter(replace(letter, language="nb")))
    assert "Personlig, bare til Tomasz Wiśniewski" in norwegian
    assert "1. januar – 31. desember 2027" in norwegian
    assert "Under 50 % av målet utbetales det ingen bonus." in norwegian
    assert "Your" not in norwegian


def test_visits_a_week_are_what_a_reader_divides(company: ScenarioResult) -> None:
    told = r"([\d,.]+) visits a week.*keep the ([\d,]+) visits .*?, in ([\d.]+) weeks"
    seen = partial = 0
    for letter in by_id(company).values():
        found = re.search(told, plain(render_letter(replace(letter, language="en"))))
        if found is None:
            continue
        calls, visits, weeks = (float(word.replace(",", "")) for word in found.groups())
        assert abs(visits / weeks - calls) <= 0.05 + 1e-9
        seen += 1
        partial += weeks % 1 > 0
    assert seen > 10
    assert partial > 3


def test_names_of_people_are_text(company: ScenarioResult) -> None:
    letter = replace(by_id(company)["R01"], name="<script>alert(1)</script>", company="A & B")
    page = render_letter(letter)
    assert "<script>" not in page
    assert "A &amp; B" in page


def test_files_get_safe_names_of_their_own(company: ScenarioResult) -> None:
    letter = company.letters[0]
    ids = ["a/b", "a:b", "A_B", "..", "Ås", "x"]
    names = file_names([replace(letter, recipient=name) for name in ids])
    assert names == ["a_b", "a_b-2", "A_B-3", "_", "Ås", "x"]


def test_the_workbook_of_a_letter_holds_the_same(company: ScenarioResult, tmp_path: Path) -> None:
    letters = by_id(company)
    for who, language in (("R01", "nb"), ("R02", "en"), ("M4", "nb")):
        letter = letters[who]
        assert letter.language == language
        file = tmp_path / f"{who}.xlsx"
        write_letter_book(letter, file)
        book = openpyxl.load_workbook(file, read_only=True)
        rows = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
        first = "Quota" if language == "en" else "Salgsmål"
        assert next(iter(rows)) == first
        assert sum(row[2] for row in rows[first][1:]) == pytest.approx(letter.quota / 100)
        made = rows.get("What it is made of" if language == "en" else "Dette består målet av")
        assert (made is None) == (who == "M4")
        if made:
            *steps, total = [row[1] for row in made[1:]]
            assert sum(steps) == pytest.approx(total) == pytest.approx(letter.quota / 100)
        values = {float(v) for sheet in rows.values() for row in sheet for v in row
                  if isinstance(v, (int, float))}  # fmt: skip
        for other in letters.values():
            telling = {x for x in secrets(other) if x % 100 or x > 1e6}
            assert other is letter or not telling & (values - secrets(letter))
        again = tmp_path / "again.xlsx"
        write_letter_book(letter, again)
        assert again.read_bytes() == file.read_bytes()
