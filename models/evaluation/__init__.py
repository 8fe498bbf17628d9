"""Measures of a plan, from raw input, independent of any solver."""

from .evaluation import Evaluation, evaluate

__all__ = ["Evaluation", "evaluate"]
