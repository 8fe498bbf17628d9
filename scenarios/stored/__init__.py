"""Results that lie in folders, of any date: read, judged, compared and ranked."""

from .comparing import StoredComparison, compare_stored, write_comparison
from .hands import changed_hands
from .ranking import Criterion, Rank, rank
from .reading import StoredRun, StoredScenario, read_runs
from .verdicts import judge

__all__ = [
    "Criterion",
    "Rank",
    "StoredComparison",
    "StoredRun",
    "StoredScenario",
    "changed_hands",
    "compare_stored",
    "judge",
    "rank",
    "read_runs",
    "write_comparison",
]
