"""Coverage expressions: what they pick, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models.expressions import Expression, ExpressionError

UNITS = pd.DataFrame(
    {
        "unit": ["01", "02", "03", "04"],
        "segment": ["key", "general", None, "general"],
        "name": ["Saint Paul", "Duluth", "Saint Cloud", "Ely"],
        "sales": [90.0, 50.0, np.nan, 10.0],
        "accounts": [3, 5, 2, 1],
        "with space": ["a", "b", "a", "b"],
    }
)


@pytest.mark.parametrize(
    ("text", "picked"),
    [
        ("True", "1111"),
        ("False", "0000"),
        ("segment == 'key'", "1000"),
        ("segment != 'key'", "0111"),
        ("sales > 20", "1100"),
        ("sales != 10", "1110"),
        ("20 < sales <= 90", "1100"),
        ("not sales > 20", "0011"),
        ("segment in ['key', 'other'] or accounts == 1", "1001"),
        ("segment not in ('key',)", "0111"),
        ("accounts in [1, 2]", "0011"),
        ("sales / accounts >= 10 and accounts != 5", "1001"),
        ("-accounts < -2", "1100"),
        ("sales * 2 - 10 == 10", "0001"),
        ("accounts % 2 == 1", "1101"),
        ("name.startswith('Saint')", "1010"),
        ("name.contains('l')", "1111"),
        ("name.endswith('d') and not segment.isna()", "0000"),
        ("isna(segment)", "0010"),
        ("segment.notna()", "1101"),
        ("name.lower() == 'ely'", "0001"),
        ("column('with space') == 'b'", "0101"),
        ("unit >= '03'", "0011"),
    ],
)
def test_expression_picks_rows(text: str, picked: str) -> None:
    assert Expression(text).rows(UNITS).tolist() == [mark == "1" for mark in picked]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("segmnt == 'key'", "no column 'segmnt'; there are accounts, name, sales, segment"),
        ("segment == ", "cannot be read"),
        ("segment = 'key'", "cannot be read"),
        ("segment == 1", "compares text with a number"),
        ("sales > '1'", "compares text with a number"),
        ("sales", "true or false"),
        ("sales and segment == 'key'", "'sales' is neither true nor false"),
        ("segment in [1]", "must hold text"),
        ("accounts in ['1']", "must hold numbers"),
        ("segment in 'key'", "write column in"),
        ("segment == ['key']", "a list needs 'in'"),
        ("segment + 1 == 2", "is not a number"),
        ("sales ** 2 > 1", "only + - * / %"),
        ("1 / 0 > sales", "divides by zero"),
        ("segment is None", "not part of the language"),
        ("__import__('os').system('x')", "known are"),
        ("segment.__class__", "not part of the language"),
        ("[x for x in segment]", "not part of the language"),
        ("(lambda: True)()", "known are"),
        ("segment.startswith(1)", "takes 1 text"),
        ("segment.eval('1')", "known are"),
        ("sales.contains('1')", "is for text columns"),
        ("segment.startswith('k', na=True)", "not part of the language"),
        ("", "cannot be read"),
        ("(" * 500 + "True" + ")" * 500, "cannot be read"),
        ("x" * 20_000, "at most"),
    ],
)
def test_expression_refuses(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as error:
        Expression(text).rows(UNITS)
    assert message in str(error.value)


def test_columns_of_an_expression() -> None:
    assert Expression("sales > 1 and column('with space') == 'a' and isna(name)").columns == (
        "name",
        "sales",
        "with space",
    )


reached: set[bool] = set()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(
    low=st.integers(0, 100),
    high=st.integers(0, 100),
    words=st.lists(st.sampled_from(["key", "general", "x"]), min_size=1, max_size=3),
)
def test_expression_agrees_with_plain_loop(low: int, high: int, words: list[str]) -> None:
    text = f"({low} <= sales < {high} or segment in {words!r}) and not accounts == 5"
    expected = [
        (low <= sales < high or segment in words) and accounts != 5
        for sales, segment, accounts in zip(
            UNITS["sales"], UNITS["segment"], UNITS["accounts"], strict=True
        )
    ]
    reached.update(expected)
    assert Expression(text).rows(UNITS).tolist() == expected


def test_both_answers_were_reached() -> None:
    assert reached == {True, False}


def test_a_column_named_as_a_word_of_python_says_how_to_write_it() -> None:
    with pytest.raises(ExpressionError, match=r"written column\('class'\)"):
        Expression("class == 'A'")
    with pytest.raises(ExpressionError) as caught:
        Expression("segment == 'class' and")
    assert "column(" not in str(caught.value)
