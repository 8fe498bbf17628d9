"""What is planned: units, owners, standards, calendars, structure, problem, plan, evaluation."""

from .errors import BadInput, InputProblem
from .evaluation import Evaluation, evaluate
from .objective import Objective, Stage, Term
from .plan import Plan, Status
from .problem import Covers, Neighbours, OwnerKind, Owners, Problem, Team, Units
from .rules import RULES, Rule, Violation
from .terms import default_objective
from .touring import Touring

__all__ = [
    "RULES",
    "BadInput",
    "Covers",
    "Evaluation",
    "InputProblem",
    "Neighbours",
    "Objective",
    "OwnerKind",
    "Owners",
    "Plan",
    "Problem",
    "Rule",
    "Stage",
    "Status",
    "Team",
    "Term",
    "Touring",
    "Units",
    "Violation",
    "default_objective",
    "evaluate",
]
