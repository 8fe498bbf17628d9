"""``compensation:`` and ``simulation:``: what a quota pays, and how likely it is reached."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from ....models.compensation import (
    Clawback,
    CompensationPlan,
    Contest,
    Measured,
    PayTerms,
    Prize,
    TeamAward,
    Tier,
)
from ..kinds import NotNegative, Positive, Section, Share, Text, Whole


def _one_or_levels(value: Any) -> str:
    return "<levels>" if isinstance(value, dict) else "<rep>"


Amounts = Annotated[
    Annotated[NotNegative, Tag("<rep>")] | Annotated[dict[Text, NotNegative], Tag("<levels>")],
    Discriminator(_one_or_levels),
]


class TierSettings(Section):
    """From some attainment on, another rate."""

    above: Positive
    """Attainment at which it begins, 1.2 for 120 %."""

    rate: NotNegative
    """Multiple of the plan's rate."""


class TermsSettings(Section):
    """A pay curve."""

    threshold: NotNegative = 0.0
    """Attainment below which no incentive is paid."""

    pays_from: Literal["first", "threshold"] = "first"
    """With the threshold reached: pay from the first sale, or only from the threshold on."""

    rate: NotNegative | None = None
    """Share of the target incentive per 1.0 of attainment; by default what pays it at quota."""

    accelerator: NotNegative = 1.0
    """Multiple of the rate above quota."""

    tiers: tuple[TierSettings, ...] = ()
    """Further rates from some attainment on."""

    cap: Positive | None = None
    """Largest incentive as a share of the target incentive; none if empty."""

    @model_validator(mode="after")
    def _makes_sense(self) -> TermsSettings:
        self.terms()
        return self

    def terms(self) -> PayTerms:
        """Return the terms as the models know them."""
        return PayTerms(
            threshold=self.threshold,
            from_first=self.pays_from == "first",
            rate=self.rate,
            accelerator=self.accelerator,
            tiers=tuple(Tier(tier.above, tier.rate) for tier in self.tiers),
            cap=self.cap,
        )


class ClawbackSettings(Section):
    """Sales that are cancelled after they were paid for."""

    returned: Share = 0.0
    """Share of what is sold that comes back."""

    recovered: Share = 1.0
    """Share of the pay for it that is taken back."""


class PrizeSettings(Section):
    """A prize for the best of a level by attainment."""

    amount: NotNegative
    """What each winner gets, plan currency."""

    best: Annotated[Whole, Field(ge=1)] | None = None
    """How many win; this or ``share``."""

    share: Annotated[Share, Field(gt=0)] | None = None
    """Share of the level's people who win, rounded down, at least one."""

    at_least: NotNegative = 1.0
    """Attainment that a winner has."""

    level: Text = ""
    """Level whose prize it is; those who sell if empty."""


class TeamAwardSettings(Section):
    """Recognition of a whole team."""

    amount: NotNegative
    """For each member, plan currency."""

    best: Annotated[Whole, Field(ge=1)] | None = None
    """How many teams at most; all that reach it if empty."""

    at_least: NotNegative = 1.0
    """Attainment of the team against its manager's quota."""

    level: Text = ""
    """Level of the managers whose teams these are; the lowest if empty."""


class ContestSettings(Section):
    """A contest or extra incentive between two dates."""

    start: date
    """First day."""

    end: date
    """Last day."""

    product: Text = ""
    """Only sales of this product; all if empty."""

    amount: NotNegative = 0.0
    """Prize of each of the ``best`` by sales over quota."""

    best: Annotated[Whole, Field(ge=0)] = 0
    """How many win the prize."""

    rate: Share = 0.0
    """Paid on every sale between the dates, share of sales."""


class CompensationSettings(TermsSettings):
    """What reaching a quota pays, plan currency for the plan period."""

    base: Amounts = 0.0
    """Fixed pay; of reps, or by level. The ``pay`` table goes first."""

    target_incentive: Amounts | None = None
    """Incentive at quota; of reps, or by level. The ``pay`` table goes first."""

    commission: Annotated[Share, Field(gt=0)] | None = None
    """Share of the quota that is the target incentive, where none is given."""

    levels: dict[Text, TermsSettings] = Field(default_factory=dict)
    """Pay curves of other levels, ``manager`` say."""

    measured: Literal["plan", "period"] = "plan"
    """Over the whole plan period, or each period by itself."""

    clawback: ClawbackSettings = Field(default_factory=ClawbackSettings)
    prizes: dict[Text, PrizeSettings] = Field(default_factory=dict)
    """Prizes by name: a club for the best, say."""

    team_awards: dict[Text, TeamAwardSettings] = Field(default_factory=dict)
    """Recognition of teams by name."""

    contests: dict[Text, ContestSettings] = Field(default_factory=dict)
    """Contests and extra incentives by name."""

    @model_validator(mode="after")
    def _fits_together(self) -> CompensationSettings:
        self.plan({name: {} for name in self.contests}, "EUR")
        return self

    def plan(self, windows: dict[str, dict[str, float]], currency: str) -> CompensationPlan:
        """Return the plan as the models know it.

        Parameters
        ----------
        windows
            By contest: share of each plan period that lies between its dates.
        """
        return CompensationPlan(
            terms=self.terms(),
            by_level={level: terms.terms() for level, terms in self.levels.items()},
            measured=Measured(self.measured),
            clawback=Clawback(self.clawback.returned, self.clawback.recovered),
            prizes=tuple(Prize(name, **dict(p)) for name, p in self.prizes.items()),
            team_awards=tuple(TeamAward(name, **dict(a)) for name, a in self.team_awards.items()),
            contests=tuple(
                Contest(name, window=windows[name], **dict(c)) for name, c in self.contests.items()
            ),
            currency=currency,
        )


class Wish(Section):
    """What a parameter is to be chosen for."""

    parameter: Literal["over_assignment", "threshold", "accelerator", "rate", "cap"] = (
        "over_assignment"
    )
    """What to choose."""

    share_at_quota: Annotated[Share, Field(gt=0)] | None = None
    """Share of reps who shall reach their quota."""

    pay_budget: Positive | None = None
    """Most that pay may cost on average, plan currency."""

    @model_validator(mode="after")
    def _wishes_something(self) -> Wish:
        if self.share_at_quota is None and self.pay_budget is None:
            raise ValueError("needs share_at_quota, pay_budget or both")
        return self


class SimulationSettings(Section):
    """How uncertain sales are. Spreads are standard deviations, shares of what is expected."""

    draws: Annotated[Whole, Field(ge=1, le=100_000)] = 1000
    """Years that are simulated."""

    market: Share | None = None
    """What hits everybody alike; 0.05 by default, or as the ``attainment`` table says."""

    territory: Share | None = None
    """What hits one territory all year; 0.15 by default, or as the table says."""

    period: Share | None = None
    """What hits one territory in one period; 0.1 by default, or as the table says."""

    product: Share = 0.0
    """What hits one product everywhere."""

    shape: Literal["lognormal", "normal"] = "lognormal"
    """How sales scatter."""

    expected: Positive = 1.0
    """What is expected to be sold, share of the budget."""

    growth: Annotated[float, Field(strict=True, gt=-1)] | None = None
    """Instead: expected sales are the present ones and this share more."""

    choose: Wish | None = None
    """Which parameter to choose for a wanted share at quota and a pay budget."""
