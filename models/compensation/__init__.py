"""Compensation: what somebody is paid for reaching so much of a quota, prizes and contests."""

from .awards import Clawback, Contest, Prize, TeamAward
from .curve import PayCurve, PayTerms, Tier
from .payout import Outcome, PayOut, pay_out
from .plan import CompensationPlan, Measured, Payees

__all__ = [
    "Clawback",
    "CompensationPlan",
    "Contest",
    "Measured",
    "Outcome",
    "PayCurve",
    "PayOut",
    "PayTerms",
    "Payees",
    "Prize",
    "TeamAward",
    "Tier",
    "pay_out",
]
