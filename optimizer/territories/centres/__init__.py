"""Location and alignment together: territories whose centres are chosen among the units."""

from __future__ import annotations

from .model import CentreModel, centre_model
from .solve import CentreResult, solve_centres

__all__ = ["CentreModel", "CentreResult", "centre_model", "solve_centres"]
