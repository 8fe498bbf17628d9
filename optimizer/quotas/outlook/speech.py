"""Trend and seasons in words that a sales manager would use."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

QUARTERS = {"q1": "first", "q2": "second", "q3": "third", "q4": "fourth"}
#: Growth below this is standing still, a quarter this near to a fourth is no season.
_STILL, _EVEN = 0.005, 0.015
#: More sentences than anybody listens to; the largest markets go first.
_MOST = 12


def sentences(groups: pd.DataFrame) -> tuple[str, ...]:
    """One sentence a market, the largest first.

    Parameters
    ----------
    groups
        ``Outlook.groups``.

    Examples
    --------
    >>> groups = pd.DataFrame([{"segment": "hospitals", "region": "west", "product": "all",
    ...     "units": 9, "sales": 5e6, "growth": 0.041, "outlook": 0.04, "method": "Theil–Sen",
    ...     "of": "itself", "spread": 0.1, "q1": 0.22, "q2": 0.24, "q3": 0.23, "q4": 0.31}])
    >>> sentences(groups)
    ('Hospitals in west grow 4 % a year; the fourth quarter sells 31 % of a year.',)
    """
    if groups.empty:
        return ()
    ordered = groups.sort_values(
        ["sales", "segment", "region", "product"], ascending=[False, True, True, True]
    )
    several = ordered["product"].nunique() > 1
    rows = ordered.head(_MOST).to_dict("records")
    said = [_sentence({str(k): v for k, v in row.items()}, several=several) for row in rows]
    left = len(ordered) - len(rows)
    if left:
        said.append(f"{left} smaller markets are in the table.")
    return tuple(said)


def _sentence(row: dict[str, object], *, several: bool) -> str:
    name, plural = _name(row, several=several)
    growth = float(str(row["growth"]))
    if not row["of"]:
        return (
            f"{name} {'have' if plural else 'has'} too short a history to tell a trend or a season."
        )
    if abs(growth) < _STILL:
        moves = "stand still" if plural else "stands still"
    else:
        verb = "grow" if growth > 0 else "shrink"
        moves = f"{verb}{'' if plural else 's'} {_percent(abs(growth))} a year"
    text = f"{name} {moves}"
    if row["of"] != "itself":
        text += f" (as {row['of']} does: too little of its own)"
    season = _season(
        {key: share for key in QUARTERS if (share := float(str(row.get(key, "nan")))) >= 0}
    )
    return f"{text}; {season}." if season else f"{text}."


def _name(row: dict[str, object], *, several: bool) -> tuple[str, bool]:
    """What the market is called, and whether that is a plural."""
    segment, region = str(row["segment"]), str(row["region"])
    product = f" of {row['product']}" if several else ""
    if segment:
        where = f" in {region}" if region else ""
        words = f"{segment}{where}"
        if several:
            return f"Sales{product} to {words}", True
        return words[:1].upper() + words[1:], segment.endswith("s")
    where = f" in {region}" if region else ""
    return f"Sales{product}{where}", True


def _season(quarters: dict[str, float]) -> str:
    if len(quarters) < len(QUARTERS):
        return ""
    key = max(quarters, key=lambda q: abs(quarters[q] - 0.25))
    if abs(quarters[key] - 0.25) < _EVEN:
        return "no quarter stands out"
    return f"the {QUARTERS[key]} quarter sells {_percent(quarters[key])} of a year"


def _percent(share: float) -> str:
    digits = 1 if share < 0.02 else 0
    return f"{100 * share:.{digits}f} %"


def listed(names: Iterable[str]) -> str:
    """Join names with commas and an *and*.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last
