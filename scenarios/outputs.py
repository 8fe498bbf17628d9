"""Everything that a run leaves in its folder: the store's files, report, workbook, slides and maps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import pandas as pd

from ..models.errors import BadInput
from .results import RunResult
from .store import write_run

REPORT, WORKBOOK, SLIDES = "report.html", "workbook.xlsx", "slides.pptx"
GEOPACKAGE = "plan.gpkg"


def write_outputs(
    result: RunResult,
    folder: str | Path,
    tables: Mapping[str, pd.DataFrame] | None = None,
    *,
    only: Collection[str] | None = None,
    pages: Mapping[str, Callable[[], str]] | None = None,
) -> Path:
    """Write all outputs of a run and return the report's path.

    Should a report or an export fail, the results are kept without them before the
    error goes on: a long solve is not lost to a drawing.

    Parameters
    ----------
    tables
        More tables for the folder, by file name.
    only
        Scenarios whose own folders are written; those of the others stay as they are.
    pages
        More pages for the folder, by file name; drawn when the results are safe.

    Raises
    ------
    BadInput
        When the folder holds something else than a run.
    """
    target = Path(folder)

    def more(staging: Path) -> None:
        for name, table in (tables or {}).items():
            table.to_csv(staging / name, index=False, float_format="%.10g", lineterminator="\n")

    def everything(staging: Path) -> None:
        more(staging)
        _write_extras(result, staging, only)
        for name, drawn in (pages or {}).items():
            (staging / name).write_text(drawn(), encoding="utf-8", newline="\n")

    try:
        write_run(result, target, everything, only=only)
    except BadInput:
        raise
    except Exception:
        write_run(result, target, more, only=only)
        raise
    return target / REPORT


def _write_extras(result: RunResult, folder: Path, only: Collection[str] | None) -> None:
    from .exports import write_geopackage, write_workbook
    from .letters import write_letters
    from .letters.writing import FOLDER
    from .reports import write_report
    from .reports.maps import draw_atlas
    from .slides import write_slides

    atlas = draw_atlas(result.rows)
    write_report(result, folder / REPORT, atlas=atlas)
    write_slides(result, folder / SLIDES, atlas=atlas)
    write_workbook(result, folder / WORKBOOK)
    for scenario in result.rows:
        if only is not None and scenario.name not in only:
            continue
        if scenario.plan is not None:
            write_geopackage(scenario, folder / scenario.name / GEOPACKAGE)
        write_letters(scenario.letters, folder / scenario.name / FOLDER)
