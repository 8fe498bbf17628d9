"""Checks what campaigns bring, before anything is run."""

from __future__ import annotations

from ...models.errors import InputProblem
from ..files import ResolvedScenario


def campaign_problems(resolved: ResolvedScenario) -> tuple[InputProblem, ...]:
    """Effects that last beyond the plan: what falls after it, nobody can plan for here."""
    calendar = resolved.settings.calendar
    found = []
    for name, campaign in resolved.settings.campaigns.items():
        until = campaign.expected.until if campaign.expected is not None else None
        if until is not None and not calendar.start <= until <= calendar.end:
            message = f"lies outside the plan ({calendar.start} to {calendar.end})"
            path = ("campaigns", name, "expected", "until")
            found.append(resolved.problem(path, message, str(until)))
    return tuple(found)
