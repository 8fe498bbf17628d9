"""A plan against what became of it: hours, travel, visits and sales, so far."""

from .comparing import Against, against
from .plan import PlanFigures, plan_figures
from .reading import ActualRow, Actuals, read_actuals
from .writing import write_against

__all__ = [
    "ActualRow",
    "Actuals",
    "Against",
    "PlanFigures",
    "against",
    "plan_figures",
    "read_actuals",
    "write_against",
]
