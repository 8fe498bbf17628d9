"""``handover:``: how territories that change hands are handed over."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from ..kinds import Section, Texts, Whole
from .letters import Language


class HandoverSettings(Section):
    """Hand-over lists, which ``teig handover`` writes for a plan."""

    starts: date | None = None
    """First day with the new owner; the first day of the calendar by default."""

    keep_days: Annotated[Whole, Field(ge=0)] = 90
    """A deal that is to close within so many days stays with whoever works on it until then."""

    keep_stages: Texts = ()
    """A deal in one of these stages stays too, whenever it is to close."""

    meetings_a_day: Annotated[Whole, Field(ge=1)] = 2
    """How many of the meetings a person can have on one day."""

    language: Language | None = None
    """Language of everybody without one of their own; that of the letters by default."""
