"""Simulation of quotas: attainment under uncertainty, pay, and parameters chosen for a wish."""

from .choice import PARAMETERS, Choice, choose
from .simulation import Simulation, simulate_quotas
from .uncertainty import Shape, Uncertainty, estimate_uncertainty

__all__ = [
    "PARAMETERS",
    "Choice",
    "Shape",
    "Simulation",
    "Uncertainty",
    "choose",
    "estimate_uncertainty",
    "simulate_quotas",
]
