"""What a run returns: every scenario solved and measured, beside today's alignment.

A :class:`RunResult` is all that reports, exports, the store and the comparison
read. Nothing in it depends on the clock except :attr:`ScenarioResult.seconds`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from ..models.plan import Plan, Status
from .digits import significant

if TYPE_CHECKING:
    import geopandas as gpd

    from ..models.evaluation import Evaluation
    from ..models.problem import Problem
    from ..optimizer.quotas.result import QuotaResult
    from ..optimizer.territories.result import StageResult, TerritoryResult
    from .campaigns.study import CampaignStudy
    from .letters import Letter
    from .pay import PayForecast
    from .quotas.study import QuotaStudy

#: Name of the pseudo-scenario that stands first in every comparison.
INCUMBENT = "incumbent"
#: What the reason of a verdict begins with where two scenarios cannot be judged.
NOT_COMPARABLE = "not comparable"
#: Name of the one scenario of a file that has no ``scenarios:``.
BASE = "base"


@dataclass(frozen=True, order=True)
class Change:
    """One setting that a scenario sets otherwise than the base.

    Parameters
    ----------
    path
        Dotted path of the setting, ``rules.balance_load.tolerance``.
    old, new
        Values as YAML text; ``(not set)`` where there is none.
    by
        Name of the override, ``set`` for a scenario's own, ``--set`` for the command line.
    """

    path: str
    old: str
    new: str
    by: str

    def __str__(self) -> str:
        return f"{self.path}: {self.old} → {self.new} ({self.by})"


@dataclass(frozen=True)
class InputTable:
    """One table that a scenario read.

    Parameters
    ----------
    role
        Where it stands in the scenario file, ``units``, ``reps``, ``units.1`` …
    path
        As the scenario file gives it.
    marked
        ``measured``, ``assumed`` or ``imputed``.
    digest
        SHA-256 of the file's bytes, hexadecimal.
    """

    role: str
    path: str
    marked: str
    rows: int
    digest: str


@dataclass(frozen=True)
class MoneyRow:
    """One line of the money table, plan currency a year.

    Parameters
    ----------
    name
        ``expected_sales``, ``margin``, ``people``, ``travel``, ``disruption``,
        ``campaigns`` (where there are any) or ``contribution`` (margin − people − travel −
        disruption − campaigns).
    amount
        Positive as its name says it: costs are positive numbers too.
    detail
        How it was computed, in one sentence for people.
    assumed
        Whether it rests on an assumed value.
    """

    name: str
    amount: float
    detail: str
    assumed: bool


@dataclass(frozen=True)
class MoneyBasis:
    """What the costs are products of: a plan's quantities a year, and the settings' rates.

    ``margin`` · ``expected_sales``; ``roster`` + ``management``; ``per_km`` · ``travel_km``
    + ``per_travel_hour`` · ``travel_hours`` + ``per_night`` · ``nights``; and ``margin`` ·
    ``disruption_loss`` · ``moved_sales`` are the rows margin, people, travel and
    disruption; ``campaigns`` is the row of that name. Expected sales do not depend on any
    of these rates.
    """

    expected_sales: float
    roster: float
    travel_km: float
    travel_hours: float
    nights: float
    moved_sales: float
    margin: float
    management: float
    per_km: float
    per_travel_hour: float
    per_night: float
    disruption_loss: float
    campaigns: float = 0.0


@dataclass(frozen=True)
class Money:
    """What one scenario is worth, and the most that its problem could be worth.

    Parameters
    ----------
    rows
        In the order of the report.
    contribution
        Margin of the expected sales less people, travel, disruption and campaigns.
    bound
        A contribution that no plan of the scenario's problem can pass, proven.
    basis
        What the rows are computed from; None where only amounts are known.
    """

    rows: tuple[MoneyRow, ...]
    contribution: float
    bound: float
    currency: str
    basis: MoneyBasis | None = None

    def amount(self, name: str) -> float:
        """Amount of one row."""
        return next(row.amount for row in self.rows if row.name == name)


def money_row_names(tables: Iterable[Money]) -> list[str]:
    """Names of the rows of several tables, in the order of the one that has most of them."""
    longest = sorted(tables, key=lambda money: -len(money.rows))
    return list(dict.fromkeys(row.name for money in longest for row in money.rows))


@dataclass(frozen=True)
class AssumptionRange:
    """How far an assumed value may move before another scenario wins, all else unmoved.

    Parameters
    ----------
    low, high
        The winner stays the winner for values of the interval, within
        ``tried_low`` … ``tried_high``.
    """

    path: str
    value: float
    unit: str
    assumed: bool
    winner: str
    low: float
    high: float
    tried_low: float
    tried_high: float
    meaning: str

    @property
    def edges(self) -> tuple[tuple[str, float], ...]:
        """Where another scenario comes first, ``below`` or ``above`` which value; of what was tried."""
        found = (
            ("below", self.low, self.low > self.tried_low),
            ("above", self.high, self.high < self.tried_high),
        )
        return tuple((side, edge) for side, edge, turns in found if turns)

    @property
    def turning(self) -> str:
        """Those values in words; empty where the winner stays first over all that was tried.

        >>> AssumptionRange("a", 0.15, "", True, "w", 0.05, 0.292, 0.05, 0.3, "").turning
        'above 0.292'
        """
        return " or ".join(f"{side} {significant(edge, 3)}" for side, edge in self.edges)

    @property
    def slack(self) -> float:
        """Least change that lets another scenario come first, as a share of the value."""
        size = max(abs(self.value), 1e-12)
        return min((abs(self.value - edge) / size for _, edge in self.edges), default=math.inf)


@dataclass(frozen=True)
class Verdict:
    """Which of two scenarios is better, and whether that is proven.

    Parameters
    ----------
    criterion
        What was compared: ``objective`` or ``contribution``.
    winner
        Name of the better scenario; None where they are not distinguishable or
        not comparable.
    reason
        One sentence for people.
    """

    first: str
    second: str
    criterion: str
    winner: str | None
    reason: str

    @property
    def comparable(self) -> bool:
        """Whether the two could be judged at all."""
        return not self.reason.startswith(NOT_COMPARABLE)


@dataclass(frozen=True)
class Adoption:
    """Where a plan that was made by hand comes from.

    Parameters
    ----------
    name
        The scenario that it became.
    scenario
        Whose problem it is a plan of.
    edited
        Whose plan was edited; the same, or an adopted one.
    date
        ISO 8601, UTC.
    source, source_hash
        The workbook's name and the SHA-256 of its bytes.
    input_hash
        Of the scenario's input as it is written.
    plan_hash
        Of who has what.
    """

    name: str
    scenario: str
    edited: str
    author: str
    date: str
    reason: str
    source: str
    source_hash: str
    input_hash: str
    plan_hash: str


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


@dataclass(frozen=True, eq=False)
class RunResult:
    """Everything that a run of one scenario file found.

    Parameters
    ----------
    name
        The file's ``name:``.
    incumbent
        Today's alignment, frozen; None where no incumbent alignment is given.
    scenarios
        In the order of the file.
    comparison
        The contract's ``comparison.csv``: one row per scenario, ``incumbent`` first.
    verdicts
        Every pair of scenarios.
    assumptions
        Values that the money table rests on and how far they carry its winner.
    interrupted
        Whether somebody stopped the run; then scenarios may be missing.
    computed
        Names of the scenarios whose territories were solved in this run; those of the
        others were known from before, or are the same as one of these.
    """

    name: str
    source: str
    currency: str
    price_year: int
    incumbent: ScenarioResult | None
    scenarios: tuple[ScenarioResult, ...]
    comparison: pd.DataFrame
    verdicts: tuple[Verdict, ...] = ()
    assumptions: tuple[AssumptionRange, ...] = ()
    interrupted: bool = False
    computed: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> ScenarioResult:
        for result in self.rows:
            if result.name == name:
                return result
        raise KeyError(name)

    @property
    def rows(self) -> tuple[ScenarioResult, ...]:
        """The incumbent first, then the scenarios."""
        return ((self.incumbent,) if self.incumbent else ()) + self.scenarios
