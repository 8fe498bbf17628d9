"""One scenario, solved and measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...models.plan import Plan, Status
from .inputs import Adoption, Change, InputTable
from .money import Money

if TYPE_CHECKING:
    import geopandas as gpd

    from ...models.evaluation import Evaluation
    from ...models.problem import Problem
    from ...optimizer.quotas.result import QuotaResult
    from ...optimizer.territories.result import StageResult, TerritoryResult
    from ..campaigns.study import CampaignStudy
    from ..letters import Letter
    from ..pay import PayForecast
    from ..quotas.study import QuotaStudy

#: Name of the pseudo-scenario that stands first in every comparison.
INCUMBENT = "incumbent"
#: Name of the one scenario of a file that has no ``scenarios:``.
BASE = "base"


@dataclass(frozen=True, eq=False)
class ScenarioResult:
    """One scenario, solved (or given, or frozen) and measured.

    Parameters
    ----------
    name
        ``incumbent`` for today's alignment, measured frozen on the base's problem.
    settings
        The resolved settings with all defaults, plain data.
    status
        Of the territories; ``invalid`` for a given plan that breaks hard rules.
    territory
        None where nothing was solved (the incumbent, a given plan).
    plan, evaluation
        None where no plan was found.
    quotas
        What ``set_quotas`` returned; None where the scenario sets none.
    quota_table
        The contract's ``quotas.csv``.
    structure
        The contract's ``structure.csv``: ``person, role, team, reports_to``.
    geometry
        Polygons by unit, columns ``unit, geometry`` in WGS 84; None for point units.
    changes
        What differs from the base and which override set it.
    inputs
        Tables read, in the order of the file.
    quarantined
        Problem rows that were set aside or imputed: ``table, column, action, rows,
        hours, money``.
    notes
        For people: repairs, links over water, explanations.
    defect
        What went wrong inside teig, as a traceback; empty where nothing did.
    forecast
        Simulated attainment and pay; None where the scenario asks for none.
    letters
        Facts of the letters, one per recipient.
    quota_study
        What the quotas rest on: markets, fairness, back-test, overlays.
    adoption
        Who made the plan by hand, when and why; None for one that was solved.
    written_hash
        Of settings and tables as they are written, whichever version of teig reads them.
    campaigns
        When the work of campaigns falls, and on whom; None without any.
    """

    name: str
    settings: Mapping[str, Any]
    problem: Problem
    status: Status
    plan: Plan | None
    evaluation: Evaluation | None
    territory: TerritoryResult | None
    quotas: QuotaResult | None
    quota_table: pd.DataFrame
    structure: pd.DataFrame
    geometry: gpd.GeoDataFrame | None
    money: Money | None
    changes: tuple[Change, ...]
    inputs: tuple[InputTable, ...]
    input_hash: str
    quarantined: pd.DataFrame
    notes: tuple[str, ...] = ()
    description: str = ""
    seed: int = 1
    versions: Mapping[str, str] = field(default_factory=dict)
    stopped_by: str = ""
    seconds: float = 0.0
    defect: str = ""
    forecast: PayForecast | None = None
    letters: tuple[Letter, ...] = ()
    quota_study: QuotaStudy | None = None
    adoption: Adoption | None = None
    written_hash: str = ""
    campaigns: CampaignStudy | None = None

    @property
    def frozen(self) -> bool:
        """Whether nothing was chosen in it: today's alignment, or a plan made by hand."""
        return self.name == INCUMBENT or self.adoption is not None

    @property
    def problem_name(self) -> str:
        """Scenario of the file whose problem it is a plan of."""
        return self.adoption.scenario if self.adoption is not None else self.name

    @property
    def stages(self) -> tuple[StageResult, ...]:
        """Stages of the solve; empty where nothing was solved."""
        return self.territory.stages if self.territory else ()
