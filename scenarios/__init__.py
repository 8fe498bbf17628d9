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
from .robustness import ChosenForSamples, Robustness, choose_for_samples, try_plans
from .running import compare, measure, run

__all__ = [
    "AssumptionRange",
    "Change",
    "ChosenForSamples",
    "InputTable",
    "LoadedScenario",
    "Money",
    "MoneyRow",
    "Robustness",
    "RunResult",
    "ScenarioResult",
    "Verdict",
    "Workbook",
    "choose_for_samples",
    "compare",
    "load",
    "measure",
    "run",
    "try_plans",
    "write_outputs",
]
