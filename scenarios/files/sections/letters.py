"""``letters:``: a letter to each rep and manager about the quota."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ..kinds import Flag, Section, Text, Whole

Language = Literal["en", "nb"]


class LetterSettings(Section):
    """Letters, and what they say beside the figures."""

    language: Language = "en"
    """Language of everybody without one of their own: English or Norwegian (bokmål)."""

    languages: dict[Text, Language] = Field(default_factory=dict)
    """Language by id; the ``names`` table may have a column ``language`` too."""

    company: Text = ""
    """Name of the company, for the letterhead."""

    sender: Text = ""
    """Who signs."""

    dated: date | None = None
    """Date of the letter; none is written without it."""

    smallest_team: Annotated[Whole, Field(ge=4)] = 6
    """Teams of fewer people are not described: single people would be known from it."""

    pay: Flag = True
    """Whether letters say what attainment pays, where there is a compensation plan."""
