"""Everything that a run found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from .money import AssumptionRange
from .scenario import ScenarioResult
from .verdict import Verdict


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
