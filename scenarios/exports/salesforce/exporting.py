"""From a stored scenario to a folder for Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from ....models.errors import BadInput, InputProblem
from ...quotas.case import period_spans
from ...store.writing import Outputs, holding
from .hierarchy import hierarchy_of
from .identity import crm_ids
from .metadata import FOLDER
from .records import Records, References
from .writing import README, RULES_OF, write_salesforce

if TYPE_CHECKING:
    from ...explaining import Subject

EXPORT = Outputs(
    "export to Salesforce",
    "teig export",
    README,
    stale=("[0-9][0-9]_*.csv", RULES_OF, FOLDER),
)


def export_salesforce(
    subject: Subject, run: Path, target: Path, known: Mapping[str, str]
) -> list[str]:
    """Write a scenario's plan for Salesforce and return the files in loading order.

    Parameters
    ----------
    run
        Folder of the run, for its quotas.
    known
        Ids by API name of what was loaded before.

    Raises
    ------
    BadInput
        When there is no plan, ids are missing, or Salesforce would refuse something.
    """
    scenario, plan = subject.scenario, subject.plan
    if plan is None:
        message = f"scenario {subject.name} has no plan to export"
        raise BadInput([InputProblem("teig export", "", "-s", subject.name, message)])
    settings = scenario.resolved.settings
    wishes = settings.exports.salesforce
    name = f"{settings.name or run.name} {subject.name}"
    hierarchy = hierarchy_of(scenario.problem, plan, scenario.structure, name)
    managers = [t.person for t in hierarchy.territories if t.person and not t.is_owner]
    ids = crm_ids(scenario.tables, scenario.problem, managers, wishes.rule_field)
    refers = References(known, wishes.external_id)
    records = Records(scenario.problem, plan, hierarchy, refers, wishes, ids)
    starts = {name: str(span.start) for name, span in period_spans(settings).items()}
    records.check()
    files: list[str] = []
    quotas = _quotas(run, subject.name)
    with holding(target, EXPORT) as held:
        held.write(lambda staging: files.extend(write_salesforce(records, staging, quotas, starts)))
    return files


def _quotas(run: Path, scenario: str) -> pd.DataFrame:
    for folder in (run / scenario, run):
        path = folder / "quotas.csv"
        if path.is_file():
            ids = {"node": str, "parent": str, "product": str, "period": str}
            return pd.read_csv(path, dtype=ids, keep_default_na=False)
    return pd.DataFrame()
