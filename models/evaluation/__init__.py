"""Measures of a plan, from raw input, independent of any solver."""

from .evaluation import Evaluation, evaluate
from .running import Figures, RunningEvaluation

__all__ = ["Evaluation", "Figures", "RunningEvaluation", "evaluate"]
