"""What a plan really is, from the tables that were written; nothing of the engine is used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

#: Mean radius of the earth, km.
RADIUS = 6371.0088
#: Share by which a sum may miss a limit and still count as kept: rounding.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Verdict:
    """Objective of a plan, and what it breaks."""

    objective: float
    violations: tuple[str, ...]


def check_plan(
    units: pd.DataFrame,
    bases: pd.DataFrame,
    edges: pd.DataFrame,
    plan: pd.DataFrame,
    tolerance: float,
    shared: frozenset[str] = frozenset(),
    measures: tuple[str, ...] = ("size", "potential"),
) -> Verdict:
    """Measure a plan.

    Parameters
    ----------
    units
        ``unit``, ``latitude``, ``longitude``, ``size``, ``potential``.
    bases
        ``territory``, ``unit``, ``latitude``, ``longitude``.
    edges
        ``a``, ``b``: units that are neighbours.
    plan
        ``unit``, ``territory``, ``share``.
    tolerance
        Share by which a territory may be off its fair share.
    shared
        Units that several territories may have a part of.
    measures
        Columns of ``units`` that are balanced.
    """
    table = plan.merge(units, on="unit", how="left").merge(
        bases, on="territory", how="left", suffixes=("", "_base")
    )
    broken = [f"{unit} is no unit" for unit in table.loc[table["size"].isna(), "unit"]]
    broken += [
        f"{name} has no base" for name in sorted(set(plan["territory"]) - set(bases["territory"]))
    ]
    broken += _coverage(units, plan, shared)
    size = table["size"] * table["share"]
    away = _kilometres(table)
    for measure in measures:
        held = (table[measure] * table["share"]).groupby(table["territory"]).sum()
        fair = units[measure].sum() / len(bases)
        for name in bases["territory"]:
            share = float(held.get(name, 0.0)) / fair
            if abs(share - 1.0) > tolerance + ROUNDING:
                broken.append(f"{name} holds {share:.4f} fair shares of {measure}")
    broken += _pieces(edges, plan)
    return Verdict(float((size * away).sum() / units["size"].sum()), tuple(broken))


def _coverage(units: pd.DataFrame, plan: pd.DataFrame, shared: frozenset[str]) -> list[str]:
    """Units that are not dealt out whole, or cut though they may not be."""
    dealt = plan.groupby("unit")["share"].agg(["sum", "size"]).reindex(units["unit"], fill_value=0)
    off = dealt.index[(dealt["sum"] - 1.0).abs() > ROUNDING]
    cut = [unit for unit in dealt.index[dealt["size"] > 1] if unit not in shared]
    return [f"{unit} is not dealt out whole" for unit in off] + [
        f"{unit} is shared" for unit in cut
    ]


def _kilometres(table: pd.DataFrame) -> pd.Series[float]:
    """Great circle between unit and base, from the angle between two directions."""
    directions = []
    for tail in ("", "_base"):
        phi, lam = np.radians(table[f"latitude{tail}"]), np.radians(table[f"longitude{tail}"])
        directions.append(
            np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
        )
    chord = np.linalg.norm(directions[0] - directions[1], axis=1)
    return pd.Series(2.0 * RADIUS * np.arcsin(np.minimum(1.0, chord / 2.0)), index=table.index)


def _pieces(edges: pd.DataFrame, plan: pd.DataFrame) -> list[str]:
    """Territories that do not hang together, by spreading from one of their units."""
    near: dict[str, list[str]] = {}
    for one, other in zip(edges["a"], edges["b"], strict=True):
        near.setdefault(one, []).append(other)
        near.setdefault(other, []).append(one)
    broken = []
    for name, part in plan.groupby("territory"):
        left = set(part["unit"])
        pieces = 0
        while left:
            pieces += 1
            waiting = [left.pop()]
            while waiting:
                found = [unit for unit in near.get(waiting.pop(), ()) if unit in left]
                left.difference_update(found)
                waiting += found
        if pieces > 1:
            broken.append(f"{name} is in {pieces} pieces")
    return broken
