"""``campaigns:``: what is done beyond the service standards for some time, and what it brings."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from ....models.campaigns import Campaign, FollowUp
from ..kinds import NotNegative, Section, Share, Text
from .judging import Assumption, CostFigure, ShareFigure
from .plan import Channel

Doer = Literal["owner", "central"]

#: Ways to say what a campaign brings.
MEASURES = ("per_answer", "share_of_sales", "share_of_potential")


class FollowUpSettings(Section):
    """Calls that an answer brings, by channel; calls in the field are visits and need travel."""

    calls: NotNegative = 1.0
    """Calls for each answer."""

    hours_per_call: NotNegative
    """Hours of a call, preparation included, travel not."""

    by: Doer = "owner"
    """``owner`` of the unit, or a ``central`` team without territories."""


class ExpectedSales(Section):
    """What a campaign brings: by one of ``per_answer``, ``share_of_sales``, ``share_of_potential``."""

    per_answer: CostFigure | None = None
    """Extra sales of an answered contact, once, plan currency."""

    share_of_sales: ShareFigure | None = None
    """Extra sales while it works, as a share of what the segment buys in that time."""

    share_of_potential: ShareFigure | None = None
    """The same, as a share of what the segment could buy: a product launch, say."""

    until: date | None = None
    """Last day on which it works; the campaign's last day by default."""

    ramp: tuple[Share, ...] = ()
    """Share of the full effect in the first, second … month; for shares only."""

    @model_validator(mode="after")
    def _one_way(self) -> ExpectedSales:
        given = [name for name in MEASURES if getattr(self, name) is not None]
        if len(given) != 1:
            several = f", not {' and '.join(given)}" if given else ""
            raise ValueError(f"give one of {', '.join(MEASURES)}{several}")
        if self.ramp and self.per_answer is not None:
            raise ValueError("a ramp is for shares; what an answer brings, it brings once")
        return self

    @property
    def measure(self) -> str:
        """Which of the three is given."""
        return next(name for name in MEASURES if getattr(self, name) is not None)

    @property
    def figure(self) -> Assumption:
        """What is expected, with its range."""
        given: Assumption = getattr(self, self.measure)
        return given


class CampaignSettings(Section):
    """A mailing, a round of calls or a product launch for a segment."""

    segment: Text
    """Expression on unit columns: whose accounts are contacted, ``column('class') == 'A'``."""

    start: date
    """First day of contacts and follow-ups."""

    end: date
    """Last day of them."""

    channel: Channel = "mail"
    """How contacts are made."""

    team: Text = ""
    """Whose units; those of the primary teams by default."""

    contacts: NotNegative = 1.0
    """Contacts to each account, in all."""

    hours_per_contact: NotNegative = 0.0
    """Hours of a contact; 0 for mail that is sent out in one go."""

    by: Doer = "owner"
    """Who makes the contacts: the ``owner`` of the unit, or a ``central`` team."""

    answered: Share = 0.0
    """Share of the contacts that are answered."""

    follow_ups: dict[Channel, FollowUpSettings] = Field(default_factory=dict)
    """Calls that an answer brings, by channel."""

    fixed_cost: NotNegative = 0.0
    """Cost of the campaign whatever its size, plan currency."""

    cost_per_contact: NotNegative = 0.0
    """Print and postage, or whatever a contact costs beyond hours, plan currency."""

    cost_per_central_hour: NotNegative = 0.0
    """Cost of an hour of the central team, plan currency."""

    expected: ExpectedSales | None = None
    """Extra sales; none if it is left out."""

    @model_validator(mode="after")
    def _makes_sense(self) -> CampaignSettings:
        self.campaign("campaign")
        expected = self.expected
        if expected is not None and expected.until is not None and expected.until < self.start:
            raise ValueError("expected.until: it cannot work before its start")
        by_answer = expected is not None and expected.per_answer is not None
        if by_answer and not self.answered * self.contacts:
            raise ValueError("expected.per_answer needs answers; give answered, a share")
        return self

    def campaign(self, name: str) -> Campaign:
        """Return the campaign as the models know it, without money."""
        return Campaign(
            name=name,
            segment=self.segment,
            start=self.start,
            end=self.end,
            channel=self.channel,
            team=self.team,
            contacts=self.contacts,
            hours_per_contact=self.hours_per_contact,
            by=self.by,
            answered=self.answered,
            follow_ups={
                channel: FollowUp(each.calls, each.hours_per_call, each.by)
                for channel, each in self.follow_ups.items()
            },
        )
