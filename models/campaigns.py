"""Campaigns: mail, calls and visits to a segment on top of the service standards.

A campaign contacts every account of a segment so many times between two dates. A share
of the contacts is answered, and an answer brings follow-up calls. What the owners of the
units do of it is part of their workload, and their calls in the field are visits, so that
balance, capacity and travel see the campaign; what a central team does is nobody's
territory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from .arrays import BoolArray, FloatArray, frozen_floats
from .structure import CHANNELS, VISITING_CHANNEL

#: Who makes the calls: the owner of each unit, or a team that has no territory.
OWNER, CENTRAL = "owner", "central"
DOERS = (OWNER, CENTRAL)


@dataclass(frozen=True)
class FollowUp:
    """Calls of one channel that an answer brings.

    Parameters
    ----------
    calls
        For each answer.
    hours_per_call
        Preparation included, travel not.
    by
        ``owner`` or ``central``.
    """

    calls: float = 1.0
    hours_per_call: float = 0.0
    by: str = OWNER

    def __post_init__(self) -> None:
        _check_amounts(self, "calls", "hours_per_call")
        _check_doer(self.by)


@dataclass(frozen=True)
class Campaign:
    """One campaign.

    Parameters
    ----------
    segment
        Expression on unit columns: whose accounts are contacted.
    start, end
        First and last day of contacts and follow-ups.
    channel
        Of the contacts.
    team
        Whose units; the primary teams' where empty.
    contacts
        To each account, in all.
    hours_per_contact
        0 for mail that is sent out in one go.
    by
        Who makes the contacts, ``owner`` or ``central``.
    answered
        Share of the contacts that are answered.
    follow_ups
        By channel.

    Raises
    ------
    ValueError
        When a setting makes no sense; its text names the setting.
    """

    name: str
    segment: str
    start: date
    end: date
    channel: str = "mail"
    team: str = ""
    contacts: float = 1.0
    hours_per_contact: float = 0.0
    by: str = OWNER
    answered: float = 0.0
    follow_ups: Mapping[str, FollowUp] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a campaign needs a name")
        if self.end < self.start:
            raise ValueError("a campaign must not end before its start")
        _check_amounts(self, "contacts", "hours_per_contact")
        _check_doer(self.by)
        if not 0.0 <= self.answered <= 1.0:
            raise ValueError("answered is a share from 0 to 1 of the contacts")
        unknown = sorted({self.channel, *self.follow_ups} - set(CHANNELS))
        if unknown:
            raise ValueError(f"a channel must be one of {', '.join(CHANNELS)}: {unknown[0]}")
        driven = self.by == CENTRAL and self.channel == VISITING_CHANNEL
        field_calls = self.follow_ups.get(VISITING_CHANNEL)
        if driven or (field_calls is not None and field_calls.by == CENTRAL):
            raise ValueError("calls in the field are the owner's: a central team has no territory")
        if self.follow_ups and not self.answered:
            raise ValueError("follow-up calls need answers; give answered, a share of the contacts")

    def hours(self, by: str) -> float:
        """Hours that one contact takes of the owner or of the central team, answers included."""
        own = self.hours_per_contact if self.by == by else 0.0
        after = [f.calls * f.hours_per_call for f in self.follow_ups.values() if f.by == by]
        return own + self.answered * sum(after)

    @property
    def visits(self) -> float:
        """Visits that one contact makes, follow-ups included."""
        field_calls = self.follow_ups.get(VISITING_CHANNEL)
        own = 1.0 if self.channel == VISITING_CHANNEL else 0.0
        return own + (self.answered * field_calls.calls if field_calls is not None else 0.0)

    @property
    def needs_owner(self) -> bool:
        """Whether the owner of a unit has a part in it."""
        return self.hours(OWNER) > 0 or self.visits > 0


def _check_amounts(settings: Campaign | FollowUp, *names: str) -> None:
    for name in names:
        value = getattr(settings, name)
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be a number of at least 0")


def _check_doer(by: str) -> None:
    if by not in DOERS:
        raise ValueError(f"by must be one of {', '.join(DOERS)}")


@dataclass(frozen=True, eq=False)
class CampaignLoad:
    """What a campaign asks of every cover in the plan period, (covers,) each.

    Parameters
    ----------
    member
        Whether the cover is contacted.
    contacts
        To all accounts of the cover.
    """

    campaign: Campaign
    member: BoolArray
    contacts: FloatArray

    def __post_init__(self) -> None:
        member = np.array(self.member, dtype=np.bool_)
        member.flags.writeable = False
        object.__setattr__(self, "member", member)
        object.__setattr__(self, "contacts", frozen_floats(self.contacts))

    @property
    def answers(self) -> FloatArray:
        """Contacts that are answered."""
        return self.contacts * self.campaign.answered

    @property
    def hours(self) -> FloatArray:
        """The owner's, without travel; part of the cover's workload."""
        return self.contacts * self.campaign.hours(OWNER)

    @property
    def central_hours(self) -> FloatArray:
        """Of the central team."""
        return self.contacts * self.campaign.hours(CENTRAL)

    @property
    def visits(self) -> FloatArray:
        """The owner's; part of the cover's visits."""
        return self.contacts * self.campaign.visits
