"""Overrides, conflicts, precedence, and problems that name file, line, key and what is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from teig.models.errors import BadInput
from teig.scenarios.files import ResolvedScenario, read_document, resolve

BASE = """\
teig: 1
currency: USD
calendar: {start: 2027-01-01, end: 2027-12-31}
data:
  units: units.csv
  reps: {path: reps.csv}
rules:
  capacity: {hard: false}
  even: {type: balance, tolerance: 0.15}
  contiguity:
"""


BY_POSITION = """\
overrides:
  two: {data: {units: [a.csv, b.csv]}}
scenarios:
  own: {overrides: [two], set: {data.units.1.path: c.csv}}
"""


def resolved(
    tmp_path: Path, more: str = "", names: tuple[str, ...] = (), settings: tuple[str, ...] = ()
) -> dict[str, ResolvedScenario]:
    path = tmp_path / "s.yaml"
    path.write_text(BASE + more, encoding="utf-8")
    base, scenarios = resolve(read_document(path), names, settings)
    return {"base": base, **{scenario.name: scenario for scenario in scenarios}}


def problems(tmp_path: Path, more: str, settings: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(BadInput) as caught:
        resolved(tmp_path, more, settings=settings)
    return [str(problem) for problem in caught.value.problems]


def test_a_file_without_scenarios_is_its_base(tmp_path: Path) -> None:
    found = resolved(tmp_path)
    assert list(found) == ["base"]
    assert [rule.name for rule in found["base"].rules] == ["capacity", "even", "contiguity"]
    assert found["base"].changes == ()


def test_precedence_command_line_over_scenario_over_base_over_default(tmp_path: Path) -> None:
    more = """\
limits: {gap: 0.1}
overrides:
  a: {limits: {gap: 0.2, work: 3}}
scenarios:
  plain: []
  over: [a]
  own: {overrides: [a], set: {limits.gap: 0.3}}
"""
    found = resolved(tmp_path, more)
    assert [found[n].settings.limits.gap for n in ("plain", "over", "own")] == [0.1, 0.2, 0.3]
    assert [found[n].settings.limits.work for n in ("plain", "over", "own")] == [1, 3, 3]
    found = resolved(tmp_path, more, settings=("limits.gap=0.4",))
    assert {found[n].settings.limits.gap for n in ("plain", "over", "own")} == {0.4}
    changes = {str(change) for change in found["own"].changes}
    assert changes == {"limits.gap: 0.1 → 0.4 (--set)", "limits.work: 1.0 → 3.0 (a)"}


def test_remove_and_replace(tmp_path: Path) -> None:
    more = """\
touring: {calls_per_tour: 3, local_minutes: 9}
overrides:
  less: {rules: {contiguity: !remove }, touring: !replace {local_minutes: 20}}
scenarios: {less: [less]}
"""
    found = resolved(tmp_path, more)["less"]
    assert [rule.name for rule in found.rules] == ["capacity", "even"]
    assert found.settings.touring.calls_per_tour == 4.0
    assert found.settings.touring.local_minutes == 20.0
    assert "rules.contiguity: (set) → (not set) (less)" in map(str, found.changes)


def test_lists_are_replaced_whole_and_set_by_position(tmp_path: Path) -> None:
    more = """\
overrides:
  two: {data: {units: [a.csv, b.csv]}}
scenarios: {two: [two]}
"""
    two = resolved(tmp_path, more)["two"]
    assert [table.path for table in two.settings.data.units] == ["a.csv", "b.csv"]
    found = resolved(tmp_path, BY_POSITION)["own"]
    assert [table.path for table in found.settings.data.units] == ["a.csv", "c.csv"]


def test_conflicting_overrides_name_both_lines(tmp_path: Path) -> None:
    more = """\
overrides:
  a: {rules: {even: {tolerance: 0.1}}}
  b: {rules: {even: {tolerance: 0.1}}}
  c: {rules: {even: !replace {type: capacity}}}
scenarios:
  ab: [a, b]
  ac: [a, c]
"""
    found = problems(tmp_path, more)
    assert len(found) == 2
    assert "line 16, rules.even.tolerance" in found[0]
    assert "'a' (line 12) and 'b' (line 13) both set this" in found[0]
    assert "line 17, rules.even.tolerance" in found[1]


def test_the_scenario_may_say_who_wins(tmp_path: Path) -> None:
    more = """\
overrides:
  a: {rules: {even: {tolerance: 0.1}}}
  b: {rules: {even: {tolerance: 0.2}}}
scenarios:
  first: {overrides: [a, b], wins: a}
  second: {overrides: [a, b], wins: [b]}
"""
    found = resolved(tmp_path, more)
    values = [found[n].plain()["rules"]["even"]["tolerance"] for n in ("first", "second")]
    assert values == [0.1, 0.2]


def test_every_problem_of_base_overrides_and_scenarios_at_once(tmp_path: Path) -> None:
    more = """\
limits: {wrok: 2}
seed: -1
overrides:
  a: {rules: {even: {tolerence: 0.1}}}
  unused: {calendar: {end: 2026-12-31}}
scenarios:
  one: [a]
  two: [b]
"""
    found = problems(tmp_path, more)
    assert "s.yaml, line 11, limits.wrok: there is no such setting; did you mean 'work'?" in found
    assert "s.yaml, line 12, seed: must be at least 0 (found '-1')" in found
    wanted = "line 14, rules.even.tolerence: there is no such setting; did you mean 'tolerance'?"
    assert any(wanted in text for text in found)
    assert any("line 15, calendar: the plan period must not end" in text for text in found)
    assert any("line 18, scenarios.two.overrides: there is no such override" in t for t in found)
    assert len(found) == len(set(found))


def test_an_id_in_a_rule_stays_as_written(tmp_path: Path) -> None:
    more = "  lock: {owners: {0301: 007}}\n  apart: {type: keep_apart, groups: [[01, 02]]}\n"
    rules = {rule.name: rule for rule in resolved(tmp_path, more)["base"].rules}
    assert rules["lock"].owners == {"0301": "007"}  # type: ignore[attr-defined]
    assert rules["apart"].groups == (("01", "02"),)  # type: ignore[attr-defined]


def test_scenarios_by_name(tmp_path: Path) -> None:
    more = "scenarios: {one: [], two: []}\n"
    assert list(resolved(tmp_path, more, names=("two",))) == ["base", "two"]
    with pytest.raises(BadInput, match="there is no such scenario; did you mean 'two'"):
        resolved(tmp_path, more, names=("tow",))
