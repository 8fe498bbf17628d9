"""Reading YAML: lines, ids as written, and every problem of the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from teig.models.errors import BadInput
from teig.scenarios.files.reading import parse, read_document


def test_values_keep_their_kind_and_ids_their_text() -> None:
    entry = parse("a: 0301\nb: [1, 2.5, no, true, null, 2027-01-01, .inf]\n0302: x\n", "f.yaml")
    assert entry.plain()["b"] == [1, 2.5, "no", True, None, "2027-01-01", float("inf")]
    assert entry.plain()["a"] == 301
    assert entry.children["a"].value.text == "0301"  # type: ignore[union-attr]
    assert "0302" in entry.children


def test_lines_are_those_of_the_keys() -> None:
    entry = parse("a:\n  b:\n    - 1\n    - c: 2\n", "f.yaml")
    assert entry.nearest(("a", "b", "1", "c")).origin.line == 4
    assert entry.nearest(("a", "b")).origin.line == 2
    assert entry.nearest(("a", "missing")).origin.line == 1


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "line 3", "stands twice, first in line 1"),
        ("a:\n\tb: 1\n", "line 2", "not with tabs"),
        ("a: [1\n", "line 2", "not YAML"),
        ("a: b: c\n", "line 1", "not YAML"),
        ("a: !other 1\n", "line 1", "!replace and !remove"),
        ("- a\n", "line 1", "mapping of settings"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "line 3", "merge keys are not read"),
        ("a: *x\n", "line 1", "not YAML"),
    ],
)
def test_problems_of_the_text(text: str, line: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(text, "f.yaml")
    (problem,) = caught.value.problems
    assert (problem.source, problem.place) == ("f.yaml", line)
    assert message in problem.message


def test_two_problems_of_the_text_are_named_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        parse("a: 1\na: 2\nb: 3\nb: 4\n", "f.yaml")
    assert [problem.place for problem in caught.value.problems] == ["line 2", "line 4"]


def test_a_file_of_another_encoding_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_bytes("teig: 1\nname: Ærø\n".encode("latin-1"))
    with pytest.raises(BadInput, match="line 2: a scenario file is UTF-8 text"):
        read_document(path)


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_document(tmp_path / "s.yaml")
