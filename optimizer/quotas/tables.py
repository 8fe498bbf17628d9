"""Data frames of territories and structure, read into a tree and columns per leaf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.errors import BadInput, ProblemList
from ...models.quotas import QuotaTree

COMPANY, TEAM, REP = "company", "team", "rep"


def minor_amount(amount: Any, minor_units: int) -> int | None:
    """Money as a whole number of minor units; None where it is none.

    >>> minor_amount(12.5, 100), minor_amount("0.005", 100), minor_amount(None, 100)
    (1250, None, None)
    """
    try:
        minor = Decimal(str(amount)) * minor_units
        return int(minor) if minor == minor.to_integral_value() else None
    except (InvalidOperation, ValueError, OverflowError):
        return None


def ratio(share: Any) -> Fraction | None:
    """A share as it is written: 0.05 is 1/20, not the float next to it.

    >>> ratio(0.05), ratio("x")
    (Fraction(1, 20), None)
    """
    try:
        return Fraction(Decimal(str(share)))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def text_column(frame: pd.DataFrame, column: str) -> list[str]:
    """A column as text, empty where the frame has none or nothing stands there."""
    if column not in frame.columns:
        return [""] * len(frame)
    return ["" if pd.isna(value) else str(value) for value in frame[column]]


@dataclass(frozen=True, eq=False)
class Staff:
    """The tree and what is known of its leaves.

    Parameters
    ----------
    tree
        Companies, teams and owners.
    rows
        Rows of the territories frame of each leaf, in the order of ``tree.leaves``.
    """

    tree: QuotaTree
    rows: tuple[tuple[int, ...], ...]


def read_staff(
    territories: pd.DataFrame,
    structure: pd.DataFrame | None,
    rounding: Mapping[str, int] | int,
    over_assignment: Any,
    found: ProblemList,
) -> Staff | None:
    """Read who hands quotas down to whom; None, with problems noted, where it is no tree.

    Parameters
    ----------
    rounding
        Minor units, by level or one for all.
    over_assignment
        A share for every node that hands down, or shares by level or node.
    """
    parents, levels = _structure_rows(structure, found)
    rows = _owner_rows(territories, parents, levels, found)
    if found:
        return None
    order = _tree_order(parents, set(rows), found)
    if found:
        return None
    place = {node: index for index, node in enumerate(order)}
    names = list(dict.fromkeys(levels[node] for node in order))
    hedges = _hedges(structure, over_assignment, order, levels, set(rows), found)
    units = [_unit(rounding, name, found) for name in names]
    if found:
        return None
    try:
        tree = QuotaTree(
            tuple(order),
            np.array([place.get(parents[node], -1) for node in order]),
            np.array([names.index(levels[node]) for node in order]),
            tuple(names),
            tuple(hedges),
            tuple(units),
        )
    except BadInput as error:
        found.problems.extend(error.problems)
        return None
    return Staff(tree, tuple(tuple(rows[tree.ids[leaf]]) for leaf in tree.leaves.tolist()))


def _structure_rows(
    structure: pd.DataFrame | None, found: ProblemList
) -> tuple[dict[str, str], dict[str, str]]:
    """Parent and level of each node of the structure frame; empty for a top."""
    if structure is None:
        return {}, {}
    if "node" not in structure.columns or "parent" not in structure.columns:
        found.add("needs the columns node and parent", source="structure")
        return {}, {}
    parents: dict[str, str] = {}
    levels: dict[str, str] = {}
    columns = (text_column(structure, name) for name in ("node", "parent", "level"))
    for row, (node, parent, level) in enumerate(zip(*columns, strict=True), start=1):
        if not node:
            found.add("a node needs an id", source="structure", place=f"row {row}", key="node")
        elif node in parents:
            message = "stands once: nobody has two places, or two totals"
            found.add(message, source="structure", place=f"row {row}", key="node", value=node)
        else:
            parents[node], levels[node] = parent, level
    return parents, levels


def _owner_rows(
    territories: pd.DataFrame, parents: dict[str, str], levels: dict[str, str], found: ProblemList
) -> dict[str, list[int]]:
    """Rows of each owner; adds the owners, and teams that only they name, to the nodes."""
    source = "territories"
    if "owner" not in territories.columns:
        found.add("needs the column owner", source=source)
        return {}
    owners, above = text_column(territories, "owner"), text_column(territories, "parent")
    given = text_column(territories, "level")
    products = text_column(territories, "product")
    made = not parents
    rows: dict[str, list[int]] = {}
    seen: set[tuple[str, str]] = set()
    for row, owner in enumerate(owners):
        place = f"row {row + 1}"
        if not owner:
            found.add("an owner needs an id", source=source, place=place, key="owner")
            continue
        if (owner, products[row]) in seen:
            message = "stands once (per product): nobody has two totals"
            found.add(message, source=source, place=place, key="owner", value=owner)
        seen.add((owner, products[row]))
        parent = above[row] or (parents.get(owner, "") if owner in parents else "")
        if made:
            parent = parent or COMPANY
        if owner in parents and parents[owner] != parent:
            message = f"stands below {parents[owner] or 'nobody'} as well: one of the two is wrong"
            found.add(message, source=source, place=place, key="parent", value=parent)
        rows.setdefault(owner, []).append(row)
        parents[owner] = parent
        levels[owner] = given[row] or levels.get(owner, "") or REP
    if made:
        for parent in sorted({parents[owner] for owner in rows} - set(rows) - {COMPANY}):
            parents[parent], levels[parent] = COMPANY, TEAM
        parents[COMPANY], levels[COMPANY] = "", COMPANY
    return rows


def _tree_order(parents: Mapping[str, str], owners: set[str], found: ProblemList) -> list[str]:
    """Nodes from the root down, siblings by id, parents before children."""
    children: dict[str, list[str]] = {}
    for node in sorted(parents):
        children.setdefault(parents[node], []).append(node)
    for parent in sorted(set(children) - set(parents) - {""}):
        names = ", ".join(children[parent])
        found.add("is no node of the structure", source="structure", key="parent", value=parent)
        found.add(f"stand below {parent}, which is not there", source="structure", place=names)
    tops = children.get("", [])
    if len(tops) != 1:
        message = "needs exactly one node without a parent"
        found.add(message, source="structure", key="parent", value=", ".join(tops))
        return []
    order, waiting = [], [tops[0]]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += reversed(children.get(node, []))
        if node in owners and node in children:
            message = "hands quotas down, so a territory of its own needs an id of its own"
            found.add(message, source="territories", key="owner", value=node)
        elif node not in owners and node not in children:
            found.add("has nobody below it", source="structure", key="node", value=node)
    for node in sorted(set(parents) - set(order)):
        if not found:
            message = "cannot be reached from the top: its parents form a ring"
            found.add(message, source="structure", key="parent", value=node)
    return order


def _unit(rounding: Mapping[str, int] | int, level: str, found: ProblemList) -> int:
    if not isinstance(rounding, Mapping):
        return rounding
    if level not in rounding:
        found.add("has no rounding unit", source="rounding", key=level)
        return 1
    return rounding[level]


def _hedges(
    structure: pd.DataFrame | None,
    over_assignment: Any,
    order: Iterable[str],
    levels: Mapping[str, str],
    owners: set[str],
    found: ProblemList,
) -> list[Fraction]:
    """Over-assignment of each node: its own, its level's, or the one for all."""
    given: dict[str, Any] = {}
    if isinstance(over_assignment, Mapping):
        known = set(levels.values()) | set(levels)
        for key in sorted(set(map(str, over_assignment)) - known):
            found.add("is neither a level nor a node", source="over_assignment", key=key)
        given = {str(key): share for key, share in over_assignment.items()}
    own: dict[str, Any] = {}
    if structure is not None and "over_assignment" in structure.columns:
        shares = structure["over_assignment"]
        pairs = zip(text_column(structure, "node"), shares, strict=True)
        own = {node: share for node, share in pairs if not pd.isna(share)}
    hedges = []
    for node in order:
        everybody = 0 if isinstance(over_assignment, Mapping) else over_assignment
        share = own.get(node, given.get(node, given.get(levels[node], everybody)))
        value = ratio(share)
        if value is None:
            found.add("must be a number", source="over_assignment", key=node, value=share)
        hedges.append(Fraction(0) if value is None or node in owners else value)
    return hedges


def numbers(
    territories: pd.DataFrame,
    column: str,
    found: ProblemList,
    *,
    default: float | None = None,
    most: float = np.inf,
    source: str = "territories",
) -> FloatArray:
    """A column of numbers from 0 to ``most``; missing is an error unless there is a default."""
    owners = text_column(territories, "owner")
    if column not in territories.columns:
        if default is None:
            found.add("the method needs this column", source=source, key=column)
        return np.full(len(territories), default or 0.0)
    values = pd.to_numeric(territories[column], errors="coerce").to_numpy(dtype=float, copy=True)
    missing = territories[column].isna().to_numpy()
    if default is not None:
        values[missing] = default
    for row in np.flatnonzero(~((values >= 0) & (values <= most) & np.isfinite(values))).tolist():
        wanted = "a number of at least 0" if most == np.inf else f"a number from 0 to {most:g}"
        message = f"must be {wanted}" + ("; missing is not zero" if missing[row] else "")
        found.add(
            message,
            source=source,
            place=f"row {row + 1}, {owners[row]}",
            key=column,
            value="" if missing[row] else territories[column].iloc[row],
        )
    return values
