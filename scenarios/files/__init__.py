"""Scenario files: read with their lines, checked, resolved."""

from .reading import read_document
from .resolve import ResolvedScenario, resolve

__all__ = ["ResolvedScenario", "read_document", "resolve"]
