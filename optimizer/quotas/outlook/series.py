"""Trend and seasons of one series of sales, by the best method that its length allows.

With s periods a year and n periods of history, all of it positive unless said:

============  =========================================================================
n             method
============  =========================================================================
≥ 3 s, s > 1  robust STL on logarithms (Cleveland, Cleveland, McRae and Terpenning 1990)
              gives the seasons; exponential smoothing with a damped trend (Gardner and
              McKenzie 1985) of what is left gives the level
≥ 2 s, s > 1  ratio of each period to its year's mean gives the seasons; the line of
              Theil (1950) and Sen (1968) through the logarithms gives the level
≥ 3, s = 1    no seasons; the line of Theil and Sen
else          None: the caller takes the movement of the group above, or none at all
============  =========================================================================

A year's growth is exp(s × slope) − 1 with the slope of Theil and Sen through the
logarithms of the seasonally adjusted series: half of all pairs may be outliers before
it is lost. Series with periods of nothing sold, or less, are treated by ratios of sums,
since a logarithm has nothing to say about them. All of it is deterministic.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import theilslopes

from ....models.arrays import FloatArray, frozen_floats

#: No market is taken to grow or shrink faster than this in a year, as a factor.
_FASTEST = 1.5
#: Weights of exponential smoothing that are tried, and what is left of a trend per period.
_LEVEL_WEIGHTS, _TREND_WEIGHTS, _DAMPING = (0.1, 0.2, 0.4, 0.6, 0.8), (0.0, 0.05, 0.1), 0.98
STL_ETS, RATIO, LINE = "STL and smoothing", "ratios and Theil–Sen", "Theil–Sen"


@dataclass(frozen=True, eq=False)
class Movement:
    """How a series moves.

    Parameters
    ----------
    growth
        A year's growth, 0.04 for 4 %.
    seasons
        Factor of each period of the year, mean 1, (season,), the first one that of the
        first period of history.
    path
        Forecast of the seasonally adjusted level ÷ the last year's mean, (horizon,).
    method
        Which of the module's methods it is.
    spread
        Robust standard deviation of the logarithms around level and seasons, as a share
        of a period's sales; 0 where it could not be told.
    """

    growth: float
    seasons: FloatArray
    path: FloatArray
    method: str
    spread: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "seasons", frozen_floats(self.seasons))
        object.__setattr__(self, "path", frozen_floats(self.path))


def movement(series: FloatArray, season: int, horizon: int) -> Movement | None:
    """Find trend and seasons of a series; None where it is too short for either.

    Parameters
    ----------
    series
        Sales of each period, the oldest first, (periods,).
    season
        Periods of a year.
    horizon
        Periods to look ahead.

    Examples
    --------
    >>> quarters = np.array([90, 100, 80, 130.0] * 4) * 1.01 ** np.arange(16)
    >>> found = movement(quarters, 4, 4)
    >>> found.method, round(found.growth, 3), found.seasons.round(2).tolist()
    ('STL and smoothing', 0.041, [0.9, 1.0, 0.8, 1.3])
    """
    periods = len(series)
    if periods < max(2 * season, 3) or not series[-season:].sum() > 0:
        return None
    positive = bool((series > 0).all())
    if season > 1 and positive and periods >= 3 * season:
        seasons = _stl_seasons(series, season)
        method = STL_ETS
    elif season > 1:
        seasons = _ratio_seasons(series, season)
        method = RATIO
    else:
        seasons, method = np.ones(1), LINE
    factors = seasons[np.arange(periods) % season]
    adjusted = series / np.maximum(factors, 1e-6)
    growth = _growth(adjusted if positive else _yearly(series, season), season if positive else 1)
    if method == STL_ETS:
        path = _smoothed(adjusted, horizon)
    else:
        path = _line(adjusted, season, growth, horizon)
    level = float(adjusted[-season:].mean())
    limit = _FASTEST ** ((np.arange(horizon) + 1.0) / season + 1.0)
    path = np.clip(path / level, 1 / limit, limit)
    return Movement(growth, seasons, path, method, _spread(adjusted, season) if positive else 0.0)


def _stl_seasons(series: FloatArray, season: int) -> FloatArray:
    """Mean seasonal factors of a robust STL on logarithms, scaled to a mean of 1."""
    # Here and not at the top: it takes a second that a run without history need not wait.
    from statsmodels.tsa.seasonal import STL

    # The smoother's width has to be odd; 7 is the least that its authors advise.
    parts = STL(np.log(series), period=season, seasonal=7, robust=True).fit()
    logs = np.asarray(parts.seasonal)
    factors = np.array([np.exp(np.median(logs[k::season])) for k in range(season)])
    return np.asarray(factors / factors.mean())


def _ratio_seasons(series: FloatArray, season: int) -> FloatArray:
    """Mean share of each period in the last whole years, times the periods of a year."""
    years = len(series) // season
    start = len(series) - years * season
    table = series[start:].reshape(years, season)
    sums = table.sum(axis=1, keepdims=True)
    used = sums[:, 0] > 0
    ratios = np.maximum((table[used] / sums[used]).mean(axis=0), 0.0)
    # Growth within the year is trend, not season.
    middle = (np.arange(season) - (season - 1) / 2.0) / season
    ratios /= (1.0 + _growth(sums[:, 0], 1)) ** middle
    # Position 0 is the first period of history, not of the last whole years.
    factors = np.roll(ratios / ratios.sum() * season, start % season)
    return np.asarray(factors)


def _yearly(series: FloatArray, season: int) -> FloatArray:
    years = len(series) // season
    return np.asarray(series[len(series) - years * season :].reshape(years, season).sum(axis=1))


def _growth(adjusted: FloatArray, season: int) -> float:
    used = adjusted > 0
    if used.sum() < 2:
        return 0.0
    slope = theilslopes(np.log(adjusted[used]), np.flatnonzero(used)).slope
    return float(np.clip(np.exp(season * slope), 1 / _FASTEST, _FASTEST) - 1.0)


def _smoothed(adjusted: FloatArray, horizon: int) -> FloatArray:
    """Smooth with the weights of a fixed grid that explain the history best.

    A grid, since an optimizer's last digits and its warnings depend on the machine.
    """
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    logs = np.log(adjusted)
    model = ExponentialSmoothing(
        logs,
        trend="add",
        damped_trend=True,
        initialization_method="known",
        initial_level=float(logs[0]),
        initial_trend=float(theilslopes(logs).slope),
    )
    fits = [
        model.fit(level, trend, damping_trend=_DAMPING, optimized=False)
        for level in _LEVEL_WEIGHTS
        for trend in _TREND_WEIGHTS
    ]
    best = min(fits, key=lambda fit: float(fit.sse))
    return np.asarray(np.exp(np.asarray(best.forecast(horizon), dtype=np.float64)))


def _line(adjusted: FloatArray, season: int, growth: float, horizon: int) -> FloatArray:
    """The last year's mean, moved on by the growth from its middle."""
    ahead = (np.arange(horizon) + 1.0 + (season - 1) / 2.0) / season
    return np.asarray(adjusted[-season:].mean() * (1.0 + growth) ** ahead)


def _spread(adjusted: FloatArray, season: int) -> float:
    """Median absolute step of the logarithms against a year's running mean, as a deviation."""
    logs = np.log(adjusted)
    width = min(max(season, 3), len(logs))
    kernel = np.ones(width) / width
    smooth = np.convolve(logs, kernel, mode="valid")
    offset = (width - 1) // 2
    rest = logs[offset : offset + len(smooth)] - smooth
    return float(1.4826 * np.median(np.abs(rest - np.median(rest))))
