"""How planners use it: scenario files in, comparisons of team structures out.

>>> from teig.scenarios import load, run, compare
"""

from .loading import LoadedScenario, Workbook, load
from .outputs import write_outputs
from .results import (
    AssumptionRange,
    Change,
    InputTable,
    Money,
    MoneyRow,
    RunResult,
    ScenarioResult,
    Verdict,
)
from .running import compare, measure, run

__all__ = [
    "AssumptionRange",
    "Change",
    "InputTable",
    "LoadedScenario",
    "Money",
    "MoneyRow",
    "RunResult",
    "ScenarioResult",
    "Verdict",
    "Workbook",
    "compare",
    "load",
    "measure",
    "run",
    "write_outputs",
]
