"""Money: what structures are worth in one currency, and what that rests on."""

from .appraisal import Appraisal, Basis
from .facts import Market, PlanFacts, facts_of
from .figures import Figures
from .futures import contribution_in_futures
from .ranges import Contest, assumption_ranges
from .table import money_of

__all__ = [
    "Appraisal",
    "Basis",
    "Contest",
    "Figures",
    "Market",
    "PlanFacts",
    "assumption_ranges",
    "contribution_in_futures",
    "facts_of",
    "money_of",
]
