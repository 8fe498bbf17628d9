"""Campaigns on units: whom they contact, and what that adds to a team's loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..arrays import BoolArray
from ..calendar import WorkCalendar
from ..campaigns import Campaign, CampaignLoad
from ..errors import counted, did_you_mean
from ..structure import PRIMARY, VISITING_CHANNEL
from .intake import Intake
from .loads import TeamLoads
from .teams import Assembled
from .units import Market


@dataclass(frozen=True, eq=False)
class Addressed:
    """A campaign with the units that it contacts.

    Parameters
    ----------
    members
        Of each team's whole units, (u,) each.
    """

    campaign: Campaign
    members: tuple[BoolArray, ...]


def address_campaigns(
    campaigns: Sequence[Campaign],
    teams: Sequence[Assembled],
    market: Market,
    calendar: WorkCalendar,
    intake: Intake,
) -> tuple[Addressed, ...]:
    """Find whom each campaign contacts; name what is wrong with it."""
    frame = market.expression_frame()
    found = []
    names = [campaign.name for campaign in campaigns]
    for name in sorted({name for name in names if names.count(name) > 1}):
        intake.found.add("each campaign stands once", place=f"campaign {name}", key="name")
    for campaign in campaigns:
        _check_dates(campaign, calendar, intake)
        place = f"campaign {campaign.name}"
        problems = len(intake.found.problems)
        picked = intake.picked(campaign.segment, frame, place, "segment")
        readable = len(intake.found.problems) == problems
        served = _serving(campaign, teams, intake)
        members = tuple(
            np.asarray(picked[team.units] & serves, dtype=np.bool_)
            for team, serves in zip(teams, served, strict=True)
        )
        if readable and any(served):
            _check_members(campaign, picked, members, intake)
            _check_field(campaign, teams, members, intake)
        found.append(Addressed(campaign, members))
    return tuple(found)


def with_campaigns(
    loads: Sequence[TeamLoads],
    addressed: Sequence[Addressed],
    teams: Sequence[Assembled],
    market: Market,
) -> list[TeamLoads]:
    """The teams' loads with what campaigns add to them."""
    added = list(loads)
    for number, team in enumerate(teams):
        accounts = market.measures["accounts"][team.units]
        for each in addressed:
            contacts = np.where(each.members[number], accounts, 0.0) * each.campaign.contacts
            if not contacts.any():
                continue
            load, visits = added[number], each.campaign.visits if team.spec.visiting else 0.0
            added[number] = replace(
                load,
                workload=load.workload + contacts * each.campaign.hours("owner"),
                visits=load.visits + contacts * visits,
            )
    return added


def campaign_loads(
    addressed: Sequence[Addressed], teams: Sequence[Assembled], market: Market
) -> tuple[CampaignLoad, ...]:
    """What campaigns ask of the covers, the parts of a unit alike."""
    loads = []
    for each in addressed:
        member, contacts = [], []
        for team, members in zip(teams, each.members, strict=True):
            parts = market.parts[team.units]
            accounts = np.where(members, market.measures["accounts"][team.units], 0.0)
            member.append(np.repeat(members, parts))
            contacts.append(np.repeat(accounts / parts * each.campaign.contacts, parts))
        loads.append(CampaignLoad(each.campaign, np.concatenate(member), np.concatenate(contacts)))
    return tuple(loads)


def _check_dates(campaign: Campaign, calendar: WorkCalendar, intake: Intake) -> None:
    place = f"campaign {campaign.name}"
    outside = False
    for key in ("start", "end"):
        day = getattr(campaign, key)
        if not calendar.start <= day <= calendar.end:
            message = f"lies outside the plan ({calendar.start} to {calendar.end})"
            intake.found.add(message, place=place, key=key, value=day)
            outside = True
    during = calendar.present(campaign.start, campaign.end)
    if not outside and not (calendar.working_days() & during).any():
        message = f"holds no working day up to its end, {campaign.end}"
        intake.found.add(message, place=place, key="start", value=campaign.start)


def _serving(campaign: Campaign, teams: Sequence[Assembled], intake: Intake) -> list[bool]:
    """Which teams' units it contacts; none, and a problem, where there is no such team."""
    if not campaign.team:
        return [team.spec.role == PRIMARY for team in teams]
    names = [team.spec.name for team in teams]
    if campaign.team not in names:
        intake.found.add(
            f"there is no such team; {did_you_mean(campaign.team, names)}",
            place=f"campaign {campaign.name}",
            key="team",
            value=campaign.team,
        )
    return [name == campaign.team for name in names]


def _check_members(
    campaign: Campaign, picked: BoolArray, members: Sequence[BoolArray], intake: Intake
) -> None:
    count, reached = int(picked.sum()), int(sum(each.sum() for each in members))
    if not reached:
        whose = f"no unit of team {campaign.team}" if campaign.team and count else "no unit"
        intake.found.add(
            f"picks {whose}",
            place=f"campaign {campaign.name}",
            key="segment",
            value=campaign.segment,
        )
    elif reached < count:
        intake.notes.append(
            f"campaign {campaign.name}: {counted(count - reached, 'unit')} of its segment are not "
            f"of team {campaign.team} and are not contacted"
        )


def _check_field(
    campaign: Campaign,
    teams: Sequence[Assembled],
    members: Sequence[BoolArray],
    intake: Intake,
) -> None:
    """Calls in the field need a team that visits."""
    if not campaign.visits:
        return
    own = campaign.channel == VISITING_CHANNEL
    for team, mine in zip(teams, members, strict=True):
        if mine.any() and not team.spec.visiting:
            intake.found.add(
                f"calls in the field are asked of team {team.spec.name}, which has no channel "
                f"field (of {counted(int(mine.sum()), 'unit')})",
                place=f"campaign {campaign.name}",
                key="channel" if own else f"follow_ups.{VISITING_CHANNEL}",
                value=VISITING_CHANNEL,
            )
