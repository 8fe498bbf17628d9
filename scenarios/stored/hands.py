"""What changes hands between two stored plans."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from .reading import StoredScenario

COLUMNS = ("team", "unit", "what", "from", "to", "share", "sales")
_LEAST = 1e-9


def changed_hands(first: StoredScenario, second: StoredScenario) -> pd.DataFrame:
    """Units that another rep has in the second plan than in the first.

    Returns
    -------
    One row per unit, team, giver and taker: ``team, unit, what, from, to, share,
    sales``. ``what`` is ``changed``; ``new`` or ``gone`` where only one of the plans
    has the unit. ``sales`` are those of the second plan's data (of the first's for
    what is gone), its currency a year, empty where they are not known.
    """
    return hands_between(first.assignments(), second.assignments(), first.sales() | second.sales())


def hands_between(
    first: pd.DataFrame, second: pd.DataFrame, sales: Mapping[tuple[str, str], float]
) -> pd.DataFrame:
    """The same of two tables ``unit, team, rep, share``; sales by unit and team."""
    before, after = _shares(first), _shares(second)
    rows: list[dict[str, object]] = []
    for team, unit in sorted(before.keys() | after.keys()):
        then, now = before.get((team, unit), {}), after.get((team, unit), {})
        if then == now:
            continue
        what = "changed" if then and now else "new" if now else "gone"
        difference = {
            rep: now.get(rep, 0.0) - then.get(rep, 0.0) for rep in sorted(then.keys() | now.keys())
        }
        whole = sales.get((unit, team))
        for giver, taker, share in _flows(difference):
            row = {"team": team, "unit": unit, "what": what, "from": giver, "to": taker}
            known = None if whole is None else whole * share
            rows.append(row | {"share": round(share, 9), "sales": known})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _shares(frame: pd.DataFrame) -> dict[tuple[str, str], dict[str, float]]:
    """Share of each rep by team and unit."""
    shares: dict[tuple[str, str], dict[str, float]] = {}
    columns = (frame[name].tolist() for name in ("team", "unit", "rep", "share"))
    for team, unit, rep, share in zip(*columns, strict=True):
        reps = shares.setdefault((team, unit), {})
        reps[rep] = reps.get(rep, 0.0) + float(share)
    return shares


def _flows(difference: Mapping[str, float]) -> list[tuple[str, str, float]]:
    """Givers and takers of a unit, matched in the order of their names; nobody is ''."""
    giving = {rep: -amount for rep, amount in difference.items() if amount < -_LEAST}
    taking = {rep: amount for rep, amount in difference.items() if amount > _LEAST}
    flows = []
    while giving or taking:
        giver, taker = next(iter(giving), ""), next(iter(taking), "")
        share = min(giving.get(giver, math.inf), taking.get(taker, math.inf))
        flows.append((giver, taker, share))
        for side, rep in ((giving, giver), (taking, taker)):
            if rep in side:
                side[rep] -= share
                if side[rep] <= _LEAST:
                    del side[rep]
    return flows
