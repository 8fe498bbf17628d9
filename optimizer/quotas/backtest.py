"""Back-test: how each method would have set the quotas of past years.

For each of the last years, the methods see what was known before it (the history cut off
at its first day) and deal out what was then really sold. They so start with the same
total, and what differs is only who was asked for how much. With q the quota and a what
was sold by the territories as they are now (history follows the units):

- *absolute error*: Σ|q_i − a_i| / Σ a_i, the share of all sales that was asked of the
  wrong person, twice;
- *within 20 %*: share of owners whose attainment a/q lies in 0.8 … 1.2;
- *lean on size*: slope of attainment on one standard deviation of the logarithm of last
  year's sales, ÷ mean attainment, with Spearman's rank correlation and its p.

The best method has the least mean absolute error. Another is *not distinguishable* from
it where Wilcoxon's signed-rank test (1945) on the owners' own errors, |q_i − a_i| ÷ the
mean of both methods' quotas, has a p above 0.05.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.stats import spearmanr, wilcoxon

from ...models.arrays import FloatArray
from ...models.errors import ProblemList
from ...models.quotas.history import History
from .index import METHODS, Figures, index_parts, needed_measures
from .outlook import forecast

#: Attainment within this much of 1 counts as met.
WITHIN = 0.2
#: Past years that are tested where the history is long enough.
YEARS = 3
_SIGNIFICANT = 0.05
TABLE_COLUMNS = (
    "method", "year", "owners", "absolute_error", "within_20", "lean_on_size", "spearman", "p",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class BackTest:
    """How the methods did.

    Parameters
    ----------
    table
        ``method, year`` (its first day)``, owners, absolute_error, within_20,
        lean_on_size, spearman, p``, one row per method and year.
    summary
        Means over the years by method, the best first; ``as_good`` says whether the best
        can be told from it.
    owners
        ``method, year, owner, quota, sold``.
    best
        Name of the method.
    sentences
        The verdict in words.
    notes
        What was left out, and why.
    """

    table: pd.DataFrame
    summary: pd.DataFrame
    owners: pd.DataFrame
    best: str
    sentences: tuple[str, ...]
    notes: tuple[str, ...]


def back_test(
    history: History,
    alignment: pd.DataFrame,
    *,
    potential: pd.DataFrame | None = None,
    attributes: pd.DataFrame | None = None,
    methods: Mapping[str, Mapping[str, Any]] | None = None,
    years: int = YEARS,
) -> BackTest:
    """Compare methods on past years.

    Parameters
    ----------
    history
        What was sold; two years at least.
    alignment
        ``unit, owner``, optional ``share``: the territories as they are.
    potential
        ``unit, potential``. Past potentials are seldom known, so today's stand in.
    attributes
        ``unit, segment, region`` for the forecast.
    methods
        Parameters by method; every method that the data allow by default.
    years
        How many past years.

    Raises
    ------
    BadInput
        When the history is too short, a method is unknown, or a unit that somebody has is
        without a potential; all problems at once.
    """
    found, notes = ProblemList("back-test"), list[str]()
    season = history.season
    folds = min(years, len(history.spans) // season - 1)
    if folds < 1:
        found.add("needs two years of history at least", source="history", value=len(history.spans))
    chosen = _methods(methods, potential is not None, found, notes)
    _check_potential(history, alignment, potential, found)
    found.raise_any()
    owners, matrix = _territories(history, alignment)
    known: dict[str, FloatArray] = {}
    if potential is not None:
        by_unit = dict(zip(potential["unit"].astype(str), potential["potential"], strict=True))
        known["potential"] = matrix @ np.array([float(by_unit.get(u, 0)) for u in history.units])
    looks_ahead = any("forecast" in needed_measures(name, given) for name, given in chosen.items())
    rows, cells = [], []
    for fold in range(folds, 0, -1):
        past = _past_year(history, matrix, fold, attributes, looks_ahead=looks_ahead)
        counts = (past.sold > 0) & (past.measures["sales"] > 0)
        if not counts.all():
            new = f"{int((~counts).sum())} of {len(owners)} owners sold nothing in it or before it"
            notes.append(f"{past.year}: {new} and are not counted")
        named = [owner for owner, counted in zip(owners, counts, strict=True) if counted]
        sold, before = past.sold[counts], past.measures["sales"][counts]
        measures = {name: values[counts] for name, values in (known | past.measures).items()}
        for name, given in chosen.items():
            figures = Figures(measures, float(sold.sum()))
            quota = np.asarray(sum(index_parts(name, figures, given).values()))
            rows.append(_row(name, past.year, quota, sold, before))
            cells += [
                (name, past.year, owner, float(q), float(a))
                for owner, q, a in zip(named, quota, sold, strict=True)
            ]
    table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    by_owner = pd.DataFrame(cells, columns=["method", "year", "owner", "quota", "sold"])
    summary = _summary(table, by_owner)
    return BackTest(
        table,
        summary,
        by_owner,
        str(summary["method"].iloc[0]),
        _sentences(summary, folds),
        tuple(notes),
    )


@dataclass(frozen=True, eq=False)
class _PastYear:
    """What owners sold in a past year, and the measures as they were known before it.

    Parameters
    ----------
    year
        Its first day.
    sold
        Money, (owners,); so are the measures.
    """

    year: str
    sold: FloatArray
    measures: dict[str, FloatArray]


def _past_year(
    history: History,
    matrix: FloatArray,
    fold: int,
    attributes: pd.DataFrame | None,
    *,
    looks_ahead: bool,
) -> _PastYear:
    """The year so many years ago, for the territories of a matrix (owners, units)."""
    season = history.season
    end = len(history.spans) - season * (fold - 1)
    money = np.asarray(history.amounts.sum(axis=1), dtype=np.float64) / history.minor_units
    sold = matrix @ money[:, end - season : end].sum(axis=1)
    measures = {"sales": matrix @ money[:, end - 2 * season : end - season].sum(axis=1)}
    if looks_ahead:
        ahead = {str(n): s for n, s in enumerate(history.spans[end - season : end])}
        expected = forecast(history.first(end - season), ahead, attributes)
        measures["forecast"] = matrix @ expected.amounts.sum(axis=(1, 2))
    return _PastYear(str(history.spans[end - season].start), sold, measures)


def _check_potential(
    history: History, alignment: pd.DataFrame, potential: pd.DataFrame | None, found: ProblemList
) -> None:
    """Note units that somebody has and whose potential nobody knows: missing is not zero."""
    if potential is None:
        return
    known = set(potential["unit"].astype(str))
    held = set(alignment["unit"].astype(str)) & set(history.units)
    missing = sorted(held - known)
    if missing:
        message = f"is missing for {len(missing)} units; missing is not zero"
        found.add(message, source="potential", key="unit", value=", ".join(missing[:5]))


def _methods(
    given: Mapping[str, Mapping[str, Any]] | None,
    with_potential: bool,
    found: ProblemList,
    notes: list[str],
) -> dict[str, Mapping[str, Any]]:
    """The methods to test, with their parameters; those that lack data are noted."""
    if given is None:
        given = {name: {} for name in METHODS if name not in ("bottom_up", "blend")}
        given |= {"blend": {"weights": {"forecast": 1.0, "weighted_index": 1.0}}}
        notes.append("bottom_up is not tested: nobody's past estimates are known")
    chosen: dict[str, Mapping[str, Any]] = {}
    for name, parameters in given.items():
        if name not in METHODS:
            found.add(f"must be one of {', '.join(METHODS)}", key="methods", value=name)
            continue
        lacking = set(needed_measures(name, parameters)) - {"sales", "forecast"}
        if with_potential:
            lacking -= {"potential"}
        if lacking:
            notes.append(f"{name} is not tested: {', '.join(sorted(lacking))} is not known")
            continue
        chosen[name] = parameters
    if with_potential and any("potential" in needed_measures(n, p) for n, p in chosen.items()):
        notes.append("past potentials are not known: today's stand in for them")
    if not chosen and not found:
        found.add("leave nothing to test with these data", key="methods")
    return chosen


def _territories(history: History, alignment: pd.DataFrame) -> tuple[list[str], Any]:
    """Owners, sorted, and what share of each unit they have, (owners, units), sparse."""
    names = sorted(set(alignment["owner"].astype(str)))
    row = {owner: n for n, owner in enumerate(names)}
    column = {unit: n for n, unit in enumerate(history.units)}
    shares = alignment["share"] if "share" in alignment.columns else [1.0] * len(alignment)
    entries = [
        (row[str(owner)], column[str(unit)], float(share))
        for unit, owner, share in zip(alignment["unit"], alignment["owner"], shares, strict=True)
        if str(unit) in column
    ]
    rows, columns, values = zip(*entries, strict=True) if entries else ((), (), ())
    shape = (len(names), len(history.units))
    return names, coo_array((values, (rows, columns)), shape=shape).tocsr()


def _row(
    method: str, year: str, quota: FloatArray, sold: FloatArray, size: FloatArray
) -> tuple[object, ...]:
    attainment = np.divide(sold, quota, out=np.zeros_like(sold), where=quota > 0)
    within = np.abs(attainment - 1.0) <= WITHIN + 1e-12
    logs = np.log(size)
    lean = rank = 0.0
    p = 1.0
    if len(sold) > 2 and logs.std() > 0 and attainment.std() > 1e-12:
        z = (logs - logs.mean()) / logs.std()
        lean = float((z * attainment).mean() / attainment.mean())
        tested = spearmanr(size, attainment)
        rank, p = float(tested.statistic), float(tested.pvalue)
    error = float(np.abs(quota - sold).sum() / sold.sum())
    return method, year, len(sold), error, float(within.mean()), lean, rank, p


def _summary(table: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    means = table.groupby("method", sort=False)[
        ["absolute_error", "within_20", "lean_on_size", "spearman"]
    ].mean()
    frame = means.reset_index().sort_values(["absolute_error", "method"], kind="stable")
    best = str(frame["method"].iloc[0])
    frame["as_good"] = [_alike(owners, best, str(name)) for name in frame["method"]]
    return frame.reset_index(drop=True)


def _alike(owners: pd.DataFrame, best: str, other: str) -> bool:
    """Whether the owners' errors do not tell two methods apart."""
    if best == other:
        return True
    one, two = (owners[owners["method"].eq(name)].reset_index(drop=True) for name in (best, other))
    size = np.maximum((one["quota"] + two["quota"]).to_numpy(dtype=np.float64) / 2.0, 1e-9)
    gap = (
        (two["quota"] - two["sold"]).abs() - (one["quota"] - one["sold"]).abs()
    ).to_numpy() / size
    if not (np.abs(gap) > 1e-12).any():
        return True
    return bool(wilcoxon(gap).pvalue > _SIGNIFICANT)


def _sentences(summary: pd.DataFrame, folds: int) -> tuple[str, ...]:
    best = {str(k): v for k, v in summary.iloc[0].to_dict().items()}
    years = "year" if folds == 1 else f"{folds} years"
    error, within = 100 * float(best["absolute_error"]), 100 * float(best["within_20"])
    verdict = (
        f"In the last {years} {best['method']} would have been nearest: its quotas were off by "
        f"{error:.1f} % of sales, {within:.0f} % of owners came within {100 * WITHIN:.0f} %, "
        f"and somebody one standard deviation larger reached {_lean(float(best['lean_on_size']))}."
    )
    said = [verdict]
    equals = [str(n) for n in summary["method"][summary["as_good"]] if n != best["method"]]
    if equals:
        said.append(f"Not distinguishable from it: {', '.join(equals)}.")
    return tuple(said)


def _lean(lean: float) -> str:
    more = "more" if lean > 0 else "less"
    return f"{100 * abs(lean):.1f} % {more} of the quota"
