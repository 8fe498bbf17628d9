"""Checks what hand-over lists are made from, before anything is run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

import pandas as pd

from ...models.errors import InputProblem, did_you_mean
from ...models.problem import Problem
from ...models.tables import Table
from ..files import ResolvedScenario


def handover_problems(
    resolved: ResolvedScenario,
    problem: Problem,
    structure: pd.DataFrame,
    tables: Mapping[str, tuple[Table, ...]],
) -> list[InputProblem]:
    """What is wrong with deals, days and the date of the hand-over."""
    people = {*problem.owners.ids, *structure["person"].astype(str)}
    had = {who for who in problem.covers.incumbent_ids if who}
    found: list[InputProblem] = []
    for table in tables.get("deals", ()):
        found += _unknown(table, "unit", problem.covers_of_whole, "is no unit")
        found += _unknown(table, "owner", people | had, "is nobody who has or had a unit")
        found += _without_rate(table, resolved)
    for table in tables.get("meeting_days", ()):
        found += _unknown(table, "rep", people | had, "is no rep and no manager")
    calendar, starts = resolved.settings.calendar, resolved.settings.handover.starts
    if starts is not None and not calendar.start <= starts <= calendar.end:
        message = f"lies outside the plan ({calendar.start} to {calendar.end})"
        found.append(resolved.problem(("handover", "starts"), message, str(starts)))
    return found


def _unknown(
    table: Table, column: str, known: Mapping[str, object] | set[str], message: str
) -> Iterator[InputProblem]:
    if column not in table.frame:
        return
    for row, value in enumerate(table.frame[column]):
        if pd.isna(value) or not str(value) or _is_in(str(value), known):
            continue
        near = did_you_mean(str(value), known)
        yield InputProblem(
            table.source, table.places[row], column, str(value), f"{message}; {near}"
        )


def _is_in(value: str, known: Container[str]) -> bool:
    return value in known


def _without_rate(table: Table, resolved: ResolvedScenario) -> Iterator[InputProblem]:
    if "currency" not in table.frame:
        return
    known = {"", resolved.settings.currency, *resolved.settings.rates}
    for row, value in enumerate(table.frame["currency"]):
        name = "" if pd.isna(value) else str(value)
        if name not in known:
            message = "has no plan rate; give one under rates"
            yield InputProblem(table.source, table.places[row], "currency", name, message)
