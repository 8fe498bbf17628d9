"""Writes the outputs of a finished run that may be shared."""

from __future__ import annotations

from pathlib import Path

from ..adopting.record import standing
from ..adopting.restoring import finished_run
from ..audience import SHARED
from ..outputs import GEOPACKAGE, REPORT, SLIDES, WORKBOOK
from ..results import RunResult
from ..running import reassemble
from ..store.summary import json_text
from ..store.writing import Outputs, holding
from .redacting import shared_result

#: File by which a shared folder is known.
MARK = "shared.json"
SHARED_RUN = Outputs("shared outputs", "teig share", MARK, stale=(f"*/{GEOPACKAGE}",))


def share(folder: Path, target: Path, file: Path | None = None) -> RunResult:
    """Write report, slides, workbook and maps of a finished run for everybody concerned.

    Parameters
    ----------
    folder
        Of the run; its input is read again, nothing is solved.
    target
        Where the outputs go; a folder of its own.
    file
        The scenario file, where it was moved.

    Returns
    -------
    RunResult
        The run as it was shared.

    Raises
    ------
    BadInput
        When there is no such run, its input changed, or the target holds other things.
    """
    run = finished_run(folder, file)
    adopted, _ = standing(folder, run.workbook)
    result = shared_result(reassemble(run.workbook, run.solved, adopted, run.given))
    with holding(target, SHARED_RUN) as held:
        held.write(lambda staging: _write(result, staging))
    return result


def _write(result: RunResult, folder: Path) -> None:
    from ..exports import write_geopackage, write_workbook
    from ..reports import write_report
    from ..reports.maps import draw_atlas
    from ..slides import write_slides

    atlas = draw_atlas(result.rows)
    write_report(result, folder / REPORT, audience=SHARED, atlas=atlas)
    write_slides(result, folder / SLIDES, audience=SHARED, atlas=atlas)
    write_workbook(result, folder / WORKBOOK, audience=SHARED)
    for row in result.rows:
        if row.plan is not None:
            (folder / row.name).mkdir()
            write_geopackage(row, folder / row.name / GEOPACKAGE, audience=SHARED)
    mark = {
        "name": result.name,
        "audience": SHARED.name,
        "statement": SHARED.statement,
        "scenarios": {row.name: row.input_hash for row in result.rows},
    }
    (folder / MARK).write_text(json_text(mark), encoding="utf-8", newline="\n")
