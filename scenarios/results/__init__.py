"""What a run returns: every scenario solved and measured, beside today's alignment.

A :class:`RunResult` is all that reports, exports, the store and the comparison
read. Nothing in it depends on the clock except :attr:`ScenarioResult.seconds`.
"""

from .inputs import Adoption, Change, InputTable
from .money import AssumptionRange, Money, MoneyBasis, MoneyRow, money_row_names
from .run import RunResult
from .scenario import BASE, INCUMBENT, ScenarioResult
from .verdict import NOT_COMPARABLE, Verdict

__all__ = [
    "BASE",
    "INCUMBENT",
    "NOT_COMPARABLE",
    "Adoption",
    "AssumptionRange",
    "Change",
    "InputTable",
    "Money",
    "MoneyBasis",
    "MoneyRow",
    "RunResult",
    "ScenarioResult",
    "Verdict",
    "money_row_names",
]
