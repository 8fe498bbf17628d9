"""What a scenario says of the futures that its plans are tried against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..models.errors import InputProblem, did_you_mean
from ..models.tables import Table
from ..optimizer.robustness import FutureDraws
from .files import ResolvedScenario
from .files.sections import Settings

_NAMES = ("regions", "segments")


def uncertainty_problems(
    resolved: ResolvedScenario, tables: Sequence[Table]
) -> tuple[InputProblem, ...]:
    """Columns of regions and segments that no table of units has."""
    potential = resolved.settings.uncertainty.potential
    found = []
    for name in _NAMES:
        column = getattr(potential, name)
        if column is not None and not any(column in table.frame.columns for table in tables):
            columns = sorted({str(each) for table in tables for each in table.frame.columns})
            message = f"the units have no such column; {did_you_mean(column, columns)}"
            found.append(resolved.problem(("uncertainty", "potential", name), message, column))
    return tuple(found)


def draws_of(
    settings: Settings, tables: Sequence[Table], *, samples: int | None = None, seed: int
) -> FutureDraws:
    """Futures as a scenario's settings describe them.

    Parameters
    ----------
    samples
        In place of the settings' own number.
    """
    given = settings.uncertainty
    named = {name: getattr(given.potential, name) for name in _NAMES}
    words = {
        name: None if column is None else _by_unit(tables, column) for name, column in named.items()
    }
    return FutureDraws(
        given.spread(),
        given.samples if samples is None else samples,
        seed,
        years=settings.calendar.work_calendar().share_of_year,
        regions=words["regions"],
        segments=words["segments"],
    )


def _by_unit(tables: Sequence[Table], column: str) -> Mapping[str, str]:
    """Word of each unit in a column; units of tables without it have none."""
    found: dict[str, str] = {}
    for table in tables:
        if column in table.frame.columns:
            frame = table.frame[["unit", column]].dropna()
            found.update(zip(frame["unit"].astype(str), frame[column].astype(str), strict=True))
    return found
