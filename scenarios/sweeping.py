"""Sweeps: one scenario per value of a setting, and per combination of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pandas as pd

from ..models.errors import BadInput, InputProblem, ProblemList, did_you_mean
from .files import read_document
from .files.entries import Document, Entry, Origin
from .files.overrides import parse_settings
from .loading import Workbook, load_document
from .results import BASE, RunResult

#: Scenarios that one sweep may have; more is a slip of the pen, or a job for a script.
MOST = 500
_SOURCE = "teig sweep"


@dataclass(frozen=True)
class Axis:
    """One setting and the values that it takes, as YAML texts.

    >>> Axis.parse("rules.fair.tolerance=0.1,0.2").values
    ('0.1', '0.2')
    """

    path: str
    values: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Axis:
        """Read ``PATH=V1,V2,…``; commas inside brackets and quotes part nothing.

        Raises
        ------
        BadInput
            When it is not written so, or a value stands twice.
        """
        path, sign, values = text.partition("=")
        parts = tuple(part.strip() for part in _parted(values))
        if not sign or not path.strip() or not all(parts):
            message = "is written PATH=V1,V2,…, say rules.fair.tolerance=0.1,0.15,0.2"
            raise BadInput([InputProblem(_SOURCE, "", "", text, message)])
        if len(set(parts)) < len(parts):
            raise BadInput([InputProblem(_SOURCE, "", path, values, "a value stands twice")])
        return cls(path.strip(), parts)


def _parted(text: str) -> list[str]:
    parts, depth, quote = [""], 0, ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
        elif sign == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += sign
    return parts


@dataclass(frozen=True, eq=False)
class Sweep:
    """A workbook whose scenarios are the points of a sweep.

    Parameters
    ----------
    points
        The values of each scenario by path, as YAML texts, in the order of the scenarios.
    """

    workbook: Workbook
    axes: tuple[Axis, ...]
    points: Mapping[str, Mapping[str, str]]


def load_sweep(
    file: Path,
    axes: Sequence[Axis],
    *,
    scenario: str = BASE,
    settings: Sequence[str] = (),
    one_at_a_time: bool = False,
) -> Sweep:
    """Load a scenario once for every value of the axes.

    Parameters
    ----------
    scenario
        Which the values are set in; the base by default.
    one_at_a_time
        Vary each axis alone and leave the others as they are, instead of all
        combinations.

    Raises
    ------
    BadInput
        For whatever is wrong in any of the scenarios, and for more than :data:`MOST`.
    """
    document = read_document(file)
    every = [dict(zip([a.path for a in axes], v, strict=True)) for v in _grid(axes)]
    if one_at_a_time:
        every = [{axis.path: value} for axis in axes for value in axis.values]
    if len(every) > MOST:
        message = f"these are {len(every):,} scenarios; at most {MOST} in one sweep"
        raise BadInput([InputProblem(_SOURCE, "", "", "", message)])
    points = {_name(point, axes): point for point in every}
    if len(points) < len(every):
        points = {f"point {n:03d}": point for n, point in enumerate(every, start=1)}
    swept = _with_points(document, scenario, points)
    return Sweep(load_document(swept, file, settings=settings), tuple(axes), points)


def _grid(axes: Sequence[Axis]) -> list[tuple[str, ...]]:
    return list(product(*(axis.values for axis in axes)))


def _name(point: Mapping[str, str], axes: Sequence[Axis]) -> str:
    """``tolerance 0.1 share 0.08``: the last word of each path that tells it from others."""
    words = []
    for path, value in point.items():
        keys = path.split(".")
        alike = [axis for axis in axes if axis.path.split(".")[-1] == keys[-1]]
        words += [" ".join(keys[-2:]) if len(alike) > 1 else keys[-1], value]
    plain = "".join(sign if sign.isalnum() or sign in "._-" else " " for sign in " ".join(words))
    return " ".join(plain.split())


def _with_points(
    document: Document, scenario: str, points: Mapping[str, Mapping[str, str]]
) -> Document:
    """The document with the points of the sweep in place of its scenarios."""
    found = ProblemList(_SOURCE)
    root = document.root
    scenarios = root.get(("scenarios",))
    known = scenarios.children if scenarios is not None else {}
    if scenario not in (BASE, *known):
        near = did_you_mean(scenario, [BASE, *known])
        found.add(f"there is no such scenario; {near}", key="-s", value=scenario)
        found.raise_any()
    origin = Origin(_SOURCE, 0)
    entries = {}
    for name, point in points.items():
        parsed = parse_settings((f"{path}={value}" for path, value in point.items()), found)
        choice = dict(_choice(known.get(scenario)).children)
        own = dict(choice["set"].children) if "set" in choice else {}
        choice["set"] = Entry(own | dict(parsed), origin)
        entries[name] = Entry(choice, origin)
    found.raise_any()
    sections = dict(root.children) | {"scenarios": Entry(entries, origin)}
    return Document(Entry(sections, root.origin), document.source, document.digest)


def _choice(entry: Entry | None) -> Entry:
    """How a scenario is put together, as a mapping; a list of overrides alone will do."""
    if entry is None:
        return Entry({}, Origin(_SOURCE, 0))
    if isinstance(entry.value, dict):
        return entry
    return Entry({"overrides": entry}, entry.origin)


def sweep_table(sweep: Sweep, result: RunResult) -> pd.DataFrame:
    """One row per point: its values by path, then the comparison's columns."""
    paths = [axis.path for axis in sweep.axes]
    values = pd.DataFrame(
        [[name, *(point.get(path, "") for path in paths)] for name, point in sweep.points.items()],
        columns=["scenario", *paths],
    )
    return values.merge(result.comparison, on="scenario", how="left")
