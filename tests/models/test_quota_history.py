"""History of any periodicity, and codes that changed since."""

from __future__ import annotations

import datetime as dt
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.models import BadInput
from teig.models.quotas.history import Frequency, plan_spans, read_history, read_period


def frame(*rows: tuple[str, object, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit", "period", "sales"])


def changed(*rows: tuple[str, str, object, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["old", "new", "share", "valid_from"])


def sold(history: object, unit: str) -> list[int]:
    units = history.units  # type: ignore[attr-defined]
    row = history.amounts[units.index(unit)]  # type: ignore[attr-defined]
    return [int(amount) for amount in row.sum(axis=0)]


@pytest.mark.parametrize(
    ("texts", "frequency", "first", "last"),
    [
        (("2024", 2026), Frequency.YEARLY, dt.date(2024, 1, 1), dt.date(2026, 12, 31)),
        (("2025-Q3", "2026Q1"), Frequency.QUARTERLY, dt.date(2025, 7, 1), dt.date(2026, 3, 31)),
        (("2025-11", "2026-02-14"), Frequency.MONTHLY, dt.date(2025, 11, 1), dt.date(2026, 2, 28)),
        (("2026-W52", "2027-W2"), Frequency.WEEKLY, dt.date(2026, 12, 21), dt.date(2027, 1, 17)),
    ],
)
def test_any_periodicity_is_read_without_holes(
    texts: tuple[object, object], frequency: Frequency, first: dt.date, last: dt.date
) -> None:
    history = read_history(frame(("a", texts[0], 1), ("a", texts[1], 2)))
    assert history.frequency is frequency
    assert (history.spans[0].start, history.spans[-1].end) == (first, last)
    ends = [span.end + dt.timedelta(days=1) for span in history.spans[:-1]]
    assert ends == [span.start for span in history.spans[1:]]
    amounts = sold(history, "a")
    assert (amounts[0], amounts[-1], sum(amounts)) == (100, 200, 300)


def test_what_is_no_period_is_none() -> None:
    assert [read_period(text) for text in ("2026-13", "2026-Q5", "2026-W60", "soon", None)] == [
        None
    ] * 5


def test_all_that_is_wrong_is_named_at_once() -> None:
    sales = frame(("a", "2026-01", 1), ("b", "soon", 2), ("c", "2026-02", float("nan")))
    odd = changed(("a", "x", 0.5, None), ("a", "y", 0.4, None), ("b", "z", -1, None))
    with pytest.raises(BadInput) as caught:
        read_history(sales, odd)
    assert [(p.source, p.place, p.key) for p in caught.value.problems] == [
        ("history", "row 2", "period"),
        ("history", "row 3", "sales"),
        ("crosswalk", "row 3", "share"),
        ("crosswalk", "a", "share"),
    ]
    with pytest.raises(BadInput, match="one periodicity"):
        read_history(frame(("a", "2026", 1), ("a", "2026-Q1", 1)))
    with pytest.raises(BadInput, match="change into each other"):
        read_history(
            frame(("a", "2026", 1)),
            changed(("a", "b", 1, "2026-01-01"), ("b", "a", 1, "2026-01-01")),
        )


def test_only_what_was_sold_before_the_change_is_restated() -> None:
    sales = frame(("old", "2025", 9), ("old", "2026", 4), ("new", "2026", 1))
    history = read_history(sales, changed(("old", "new", 1, "2026-01-01")))
    assert sold(history, "old") == [0, 400]
    assert sold(history, "new") == [900, 100]


def test_a_chain_of_changes_ends_at_the_last_code() -> None:
    sales = frame(("a", "2023", 5), ("b", "2024", 6))
    for days in ((None, None), ("2024-01-01", "2025-01-01")):
        links = changed(("b", "c", 1, days[1]), ("a", "b", 1, days[0]))
        assert sold(read_history(sales, links), "c") == [500, 600]


def test_a_code_may_keep_a_part_of_itself() -> None:
    links = changed(("a", "a", 0.7, "2026-01-01"), ("a", "b", 0.3, "2026-01-01"))
    history = read_history(frame(("a", "2025", 10), ("a", "2026", 1)), links)
    assert sold(history, "a") == [700, 100]
    assert sold(history, "b") == [300, 0]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.randoms(use_true_random=False))
def test_a_crosswalk_keeps_every_sum_to_the_last_coin(random: Random) -> None:
    codes = [f"u{n}" for n in range(6)]
    sales = frame(
        *((random.choice(codes), str(random.choice((2024, 2025))), random.randint(-999, 99999) / 100)
          for _ in range(12)), ("u0", "2024", 1.0), ("u1", "2025", 1.0),
    )  # fmt: skip
    rows: list[tuple[str, str, object, object]] = []
    for old in random.sample(codes, 3):
        parts = random.choice(([1], [0.5, 0.5], [0.3333, 0.3333, 0.3333], [0.123, 0.877]))
        day = random.choice(("2024-07-01", "2025-01-01", "2026-01-01"))
        rows += [(old, f"{old}{n}", part, day) for n, part in enumerate(parts)]
    random.shuffle(rows)
    before, after = read_history(sales), read_history(sales, changed(*rows))
    assert after.amounts.sum(axis=0).tolist() == before.amounts.sum(axis=0).tolist()
    assert set(after.units) != set(before.units) or not set(before.units) & {r[0] for r in rows}


def test_plan_periods_are_whole_months_where_they_come_out_even() -> None:
    months = plan_spans(12, dt.date(2027, 7, 1), dt.date(2028, 6, 30))
    assert [span.start.day for span in months] == [1] * 12
    odd = plan_spans(5, dt.date(2027, 1, 1), dt.date(2027, 12, 31))
    assert [span.days for span in odd] == [73] * 5


def test_a_history_is_cut_to_what_was_known() -> None:
    history = read_history(frame(*(("a", str(year), year) for year in range(2020, 2026))))
    assert np.array_equal(history.first(2).amounts[0, 0], [202000, 202100])
    assert history.last(2).spans[0].start.year == 2024
    assert history.of_units(["b", "a"]).amounts[:, 0, 0].tolist() == [0, 202000]
