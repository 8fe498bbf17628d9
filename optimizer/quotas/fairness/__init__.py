"""Fairness of quotas: a limit on what attainment may lean on, and a certificate by test."""

from .certificate import CERTIFICATE_COLUMNS, certificate
from .dealing import FairAllocation, allocate_fairly
from .rules import Covariates, fairness_limits, read_covariates

__all__ = [
    "CERTIFICATE_COLUMNS",
    "Covariates",
    "FairAllocation",
    "allocate_fairly",
    "certificate",
    "fairness_limits",
    "read_covariates",
]
