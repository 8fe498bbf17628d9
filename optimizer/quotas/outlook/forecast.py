"""Forecasts of units: the movement of their segment and region, carried by their own sales.

A unit alone is noise; a segment in a region is a market. For every group g of units (by
segment, region and product) the series Σ_u y_ut is taken apart (:mod:`.series`), and

    forecast_ut = (mean of u's last year) × path_g(t) × season_g(t)

so that the forecasts of a group's units add up to the group's forecast, and a unit that
changes hands takes its forecast along. Where a group is too short or too thin the
movement of the group above stands in: its segment, then its region, then the product,
then everything; where nothing is long enough, last year's level goes on flat. Which it
was stands in ``Outlook.groups``.

Only units that have been there from the start of a series tell its movement (like for
like): who came since is no growth of the market. A unit that began within the last year
is known for that long only: its mean is taken over the periods since its first sale,
each adjusted for its season.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ....models.arrays import FloatArray, IndexArray, frozen_floats
from ....models.quotas.history import History, Span
from ....models.quotas.history.periods import shares_of_days, spans_between
from .series import Movement, movement
from .speech import sentences

#: A group with fewer filled periods than this share is too thin to tell seasons from gaps.
_FILLED = 0.8
#: Share of a market's sales that its settled units make up at least.
_SETTLED = 0.5
FLAT = "last year's level"
#: Columns of the table of groups.
GROUP_COLUMNS = (
    "segment", "region", "product", "units", "sales", "growth", "outlook", "method", "of", "spread",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Outlook:
    """What is expected of each unit in each period of the plan.

    Parameters
    ----------
    units, products
        As in the history.
    periods
        Names of the plan's periods.
    amounts
        Expected sales, money, (units, products, periods).
    last_year
        What was sold in the last year of history, money, (units, products).
    shares
        Each period's share of a year by season alone, (units, products, periods).
    groups
        Trend and seasons by group: ``segment, region, product, units, sales`` (last
        year), ``growth`` (a year's, of the whole history), ``outlook`` (the plan
        period against last year), ``method``, ``of`` (the group that it was taken
        from) and ``spread``; then the share of each calendar quarter.
    sentences
        The same as a sales manager would say it.
    notes
        For people.
    """

    units: tuple[str, ...]
    products: tuple[str, ...]
    periods: tuple[str, ...]
    amounts: FloatArray
    last_year: FloatArray
    shares: FloatArray
    groups: pd.DataFrame
    sentences: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("amounts", "last_year", "shares"):
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))


def forecast(
    history: History,
    periods: Mapping[str, Span],
    attributes: pd.DataFrame | None = None,
) -> Outlook:
    """Look ahead from a history over the periods of a plan.

    Parameters
    ----------
    history
        What was sold.
    periods
        The plan's periods by name, after the history's last; a hole between them is
        looked across.
    attributes
        ``unit``, ``segment`` and ``region``, either or both: what forms a market.
        Without it all units are one.

    Raises
    ------
    ValueError
        When the plan begins before the history ends.

    Examples
    --------
    >>> sales = pd.DataFrame({"unit": "a", "period": [f"{y}-Q{q}" for y in (2024, 2025, 2026)
    ...     for q in (1, 2, 3, 4)], "sales": [90, 100, 80, 130] * 3})
    >>> from teig.models.quotas.history import plan_spans, read_history
    >>> import datetime as dt
    >>> plan = dict(zip("abcd", plan_spans(4, dt.date(2027, 1, 1), dt.date(2027, 12, 31))))
    >>> outlook = forecast(read_history(sales), plan)
    >>> outlook.amounts.round().ravel().tolist()
    [90.0, 100.0, 80.0, 130.0]
    """
    spans = list(periods.values())
    first, last = min(spans), max(spans, key=lambda s: s.end)
    if first.start <= history.spans[-1].end:
        raise ValueError(
            f"the plan begins on {first.start}, before the history ends on {history.spans[-1].end}"
        )
    ahead = spans_between(history.spans[-1].next(history.frequency), last, history.frequency)
    shares = shares_of_days(ahead, spans)
    markets = _markets(history, attributes)
    money = np.asarray(history.amounts, dtype=np.float64) / history.minor_units
    looker = _Looker(history, money, markets, len(ahead), shares)
    amounts, seasonal, groups = _looked_ahead(looker)
    notes = list(history.notes)
    gap = (first.start - history.spans[-1].end).days - 1
    if gap > 0:
        notes.append(f"history ends {gap} days before the plan begins; the outlook spans them")
    return Outlook(
        history.units,
        history.products,
        tuple(periods),
        np.maximum(amounts, 0.0),
        money[:, :, -history.season :].sum(axis=2),
        seasonal,
        groups,
        sentences(groups),
        tuple(notes),
    )


def _looked_ahead(looker: _Looker) -> tuple[FloatArray, FloatArray, pd.DataFrame]:
    """Sales and shares of the year, (units, products, periods) each, and a row for each market."""
    shares = looker.day_shares
    history, money = looker.history, looker.money
    amounts = np.zeros((*money.shape[:2], shares.shape[1]))
    seasonal = np.zeros_like(amounts)
    rows = []
    for market, members in looker.markets.items():
        for p, product in enumerate(history.products):
            found, source = looker.movement_of(market, p)
            level = looker.levels(members, p, found)
            amounts[members, p] = level[:, None] * (looker.factors(found) @ shares)
            seasonal[members, p] = looker.seasons(found) @ shares
            sold = float(money[members, p, -history.season :].sum())
            expected = float(amounts[members, p].sum())
            rows.append(
                _row(market, product, len(members), sold, expected, found, source)
                | looker.quarters(found)
            )
    totals = seasonal.sum(axis=2, keepdims=True)
    even = np.full_like(seasonal, 1 / shares.shape[1])
    return amounts, np.divide(seasonal, totals, out=even, where=totals > 0), pd.DataFrame(rows)


def like_for_like(amounts: FloatArray, season: int) -> tuple[FloatArray, int]:
    """Sum the units that have been there long enough; who came since is no growth of a market.

    Parameters
    ----------
    amounts
        Sales of a market's units, (units, periods).

    Returns
    -------
    The series of those units that had begun by the earliest period by which half of the
    last year's sales had, from that period on, and where it starts.
    """
    begun = np.where(amounts.any(axis=1), (amounts != 0).argmax(axis=1), amounts.shape[1])
    last_year = amounts[:, -season:].sum(axis=1)
    order = np.argsort(begun, kind="stable")
    reached = np.cumsum(last_year[order])
    if not len(reached) or not reached[-1] > 0:
        return np.zeros(0), 0
    start = int(begun[order][np.argmax(reached >= _SETTLED * reached[-1])])
    return np.asarray(amounts[begun <= start][:, start:].sum(axis=0)), start


Market = tuple[str, str]


def _markets(history: History, attributes: pd.DataFrame | None) -> dict[Market, IndexArray]:
    """Rows of the units of each segment and region, sorted by their names."""
    known: dict[str, Market] = {}
    if attributes is not None:
        columns = [
            attributes[name].fillna("").astype(str).tolist()
            if name in attributes.columns
            else [""] * len(attributes)
            for name in ("segment", "region")
        ]
        pairs = zip(*columns, strict=True)
        known = dict(zip(attributes["unit"].astype(str), pairs, strict=True))
    rows: dict[Market, list[int]] = {}
    for row, unit in enumerate(history.units):
        rows.setdefault(known.get(unit, ("", "")), []).append(row)
    return {market: np.array(rows[market]) for market in sorted(rows)}


@dataclass(eq=False)
class _Looker:
    """Movements of markets, each found once, with what stands in for those that are too short."""

    history: History
    money: FloatArray
    markets: Mapping[Market, IndexArray]
    horizon: int
    day_shares: FloatArray

    def __post_init__(self) -> None:
        self._found: dict[tuple[str, str, int], Movement | None] = {}

    def movement_of(self, market: Market, product: int) -> tuple[Movement, str]:
        """The movement of a market, or of what is above it, and whose it is."""
        segment, region = market
        for wider, whose in self._wider(segment, region, product):
            found = self._movement(*wider)
            if found is not None:
                return found, whose
        season = self.history.season
        return Movement(0.0, np.ones(season), np.ones(self.horizon), FLAT), ""

    def _wider(
        self, segment: str, region: str, product: int
    ) -> Iterator[tuple[tuple[str, str, int], str]]:
        name = self.history.products[product]
        seen = set()
        for key, whose in (
            ((segment, region, product), "itself"),
            ((segment, "*", product), f"segment {segment}"),
            (("*", region, product), f"region {region}"),
            (("*", "*", product), f"product {name}"),
            (("*", "*", -1), "everything"),
        ):
            rows = tuple(self._rows(key[0], key[1]).tolist())
            if (rows, key[2]) not in seen:
                seen.add((rows, key[2]))
                yield key, whose

    def _rows(self, segment: str, region: str) -> IndexArray:
        chosen = [
            rows
            for (own_segment, own_region), rows in self.markets.items()
            if segment in ("*", own_segment) and region in ("*", own_region)
        ]
        return np.sort(np.concatenate(chosen))

    def _movement(self, segment: str, region: str, product: int) -> Movement | None:
        key = (segment, region, product)
        if key not in self._found:
            block = self.money[self._rows(segment, region)]
            block = block.sum(axis=1) if product < 0 else block[:, product]
            series, start = like_for_like(block, self.history.season)
            found = None
            if len(series) and np.count_nonzero(series > 0) >= _FILLED * len(series):
                found = movement(series, self.history.season, self.horizon)
            if found is not None:
                # Seasons are counted from the history's first period, not the series'.
                turned = np.roll(found.seasons, start % self.history.season)
                found = Movement(found.growth, turned, found.path, found.method, found.spread)
            self._found[key] = found
        return self._found[key]

    def seasons(self, found: Movement) -> FloatArray:
        """Seasonal factor of each period ahead, (horizon,)."""
        start = len(self.history.spans)
        return found.seasons[(start + np.arange(self.horizon)) % self.history.season]

    def factors(self, found: Movement) -> FloatArray:
        """What a level of 1 sells in each period ahead, (horizon,)."""
        return np.asarray(found.path * self.seasons(found))

    def levels(self, rows: IndexArray, product: int, found: Movement) -> FloatArray:
        """Seasonally adjusted mean of each unit's last year, since it began, (rows,)."""
        season, count = self.history.season, len(self.history.spans)
        year = self.money[rows, product, -season:]
        phase = found.seasons[np.arange(max(count - season, 0), count) % season]
        sold = self.money[rows, product] != 0
        begun = np.where(sold.any(axis=1), sold.argmax(axis=1), 0) - max(count - season, 0)
        there = np.arange(year.shape[1]) >= begun[:, None]
        weights = (there * np.maximum(phase, 1e-6)).sum(axis=1)
        return np.asarray(year.sum(axis=1) / weights)

    def quarters(self, found: Movement) -> dict[str, float]:
        """Share of each calendar quarter in a year, where the history is finer than years."""
        if self.history.season == 1:
            return {}
        amounts = np.zeros(4)
        for place, span in enumerate(self.history.spans[-self.history.season :]):
            start = len(self.history.spans) - self.history.season + place
            middle = span.start + (span.end - span.start) / 2
            amounts[(middle.month - 1) // 3] += found.seasons[start % self.history.season]
        if len(self.history.spans) < self.history.season or not amounts.sum() > 0:
            return {}
        return {f"q{n + 1}": float(share) for n, share in enumerate(amounts / amounts.sum())}


def _row(
    market: Market,
    product: str,
    units: int,
    sold: float,
    expected: float,
    found: Movement,
    source: str,
) -> dict[str, object]:
    values: Sequence[object] = (
        *market, product, units, sold, found.growth,
        expected / sold - 1.0 if sold > 0 else np.nan, found.method, source, found.spread,
    )  # fmt: skip
    return dict(zip(GROUP_COLUMNS, values, strict=True))
