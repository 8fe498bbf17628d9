"""What is planned: units, owners, standards, calendars, structure, problem, plan, evaluation."""

from .build import build_problem, split_large, touched_table
from .calendar import Ramp, WorkCalendar
from .campaigns import Campaign, FollowUp
from .errors import BadInput, InputProblem
from .evaluation import Evaluation, evaluate
from .management import Management, Person, build_management
from .objective import Objective, Stage, Term
from .placement import free_owners, located, placed
from .plan import Plan, Status
from .problem import Covers, Neighbours, OwnerKind, Owners, Problem, Team, Units
from .rules import RULES, Rule, Violation
from .sites import Sites
from .structure import PRIMARY, TeamSpec
from .tables import Marked, OnProblem, Table, TableSource, read_table
from .terms import default_objective
from .touring import Touring
from .travel import Places, TravelProvider, travel_digest

__all__ = [
    "PRIMARY",
    "RULES",
    "BadInput",
    "Campaign",
    "Covers",
    "Evaluation",
    "FollowUp",
    "InputProblem",
    "Management",
    "Marked",
    "Neighbours",
    "Objective",
    "OnProblem",
    "OwnerKind",
    "Owners",
    "Person",
    "Places",
    "Plan",
    "Problem",
    "Ramp",
    "Rule",
    "Sites",
    "Stage",
    "Status",
    "Table",
    "TableSource",
    "Team",
    "TeamSpec",
    "Term",
    "Touring",
    "TravelProvider",
    "Units",
    "Violation",
    "WorkCalendar",
    "build_management",
    "build_problem",
    "default_objective",
    "evaluate",
    "free_owners",
    "located",
    "placed",
    "read_table",
    "split_large",
    "touched_table",
    "travel_digest",
]
