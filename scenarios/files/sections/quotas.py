"""``quotas:``: the budget and how it is handed down."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from ....optimizer.quotas.outlook import Launch
from ..kinds import NotNegative, Number, Positive, Section, Share, Text


def _one_or_many(value: Any) -> str:
    return "<levels>" if isinstance(value, dict) else "<all>"


def _names_or_weights(value: Any) -> str:
    return "<weights>" if isinstance(value, dict) else "<names>"


Units = Annotated[
    Annotated[Positive, Tag("<all>")] | Annotated[dict[Text, Positive], Tag("<levels>")],
    Discriminator(_one_or_many),
]
Hedges = Annotated[
    Annotated[Share, Tag("<all>")] | Annotated[dict[Text, Share], Tag("<levels>")],
    Discriminator(_one_or_many),
]
Names = Annotated[
    Annotated[tuple[Text, ...], Tag("<names>"), Field(min_length=1)]
    | Annotated[dict[Text, NotNegative], Tag("<weights>"), Field(min_length=1)],
    Discriminator(_names_or_weights),
]


class Pin(Section):
    """A fixed amount."""

    node: Text
    """A rep, manager or team, or ``company``."""

    amount: NotNegative
    """Money that the cells add up to."""

    product: Text = ""
    """One product; the sum of all if empty."""

    period: Text = ""
    """One period; the sum of all if empty."""

    name: Text = ""
    """Why, for the letter."""

    def overlaps(self, other: Pin) -> bool:
        """Whether some cell is pinned by both to the same sum or cell."""
        return (
            self.node == other.node
            and self.product == other.product
            and self.period == other.period
        )


class NewProduct(Section):
    """What to expect of a product that was never sold: by one of ``like``, ``penetration``, ``total``."""

    name: Text
    """Name of the product."""

    start: date
    """Day of the launch."""

    like: Text = ""
    """A product of the history that it is like."""

    scale: Positive = 1.0
    """Its settled sales ÷ those of the like product."""

    penetration: Positive | None = None
    """Share of ``measure`` that its settled sales are."""

    total: Positive | None = None
    """Settled sales a year of the company, dealt out by ``measure``."""

    measure: Text = "potential"
    """What ``penetration`` and ``total`` go by."""

    curve: tuple[Share, ...] = ()
    """Share of the settled level in the first, second … month; the curve of Bass if empty."""

    @model_validator(mode="after")
    def _makes_sense(self) -> NewProduct:
        self.launch()
        return self

    def launch(self) -> Launch:
        """Return the launch as the optimizer knows it."""
        return Launch(
            self.name,
            self.start,
            self.like,
            self.scale,
            self.penetration,
            self.total,
            self.measure,
            self.curve,
        )


class Move(Section):
    """Quota that changes hands in mid-period, with an account or with a job."""

    giver: Text
    """Owner who gives it."""

    taker: Text
    """Owner who takes it over."""

    date: date
    """First day with the new owner."""

    share: Annotated[Share, Field(gt=0)] = 1.0
    """Share of the giver's quota: what an account is of it, or all of somebody who leaves."""

    account: Text = ""
    """The account, for the audit."""

    reason: Text = ""
    """Why, for the audit."""


class QuotaSettings(Section):
    """The budget of the plan period and how it is handed down."""

    budget: Positive
    """Sales to reach in the plan period, plan currency."""

    method: Literal[
        "weighted_index", "uniform_growth", "market_potential", "forecast", "bottom_up", "blend"
    ] = "weighted_index"
    """How the raw index comes about; ``forecast`` needs ``data.history``, ``bottom_up`` estimates."""

    weights: dict[Text, NotNegative] | None = None
    """What ``weighted_index`` (measures) or ``blend`` (methods) mixes; half and half by default."""

    target_penetration: Positive | None = None
    """Sales ÷ potential that ``market_potential`` aims at."""

    rounding: Units = 1000.0
    """Every quota is a multiple of this; one for all, or by level."""

    over_assignment: Hedges = 0.0
    """How far quotas below a node sum above its own; one for all, or by level or node."""

    products: Names = ("all",)
    """Products, or their weights by name; those of the history where it names some."""

    periods: Names = ("Q1", "Q2", "Q3", "Q4")
    """Equal periods of the plan, or their weights; names alone follow the history's seasons."""

    floor: NotNegative | None = None
    """Least quota of each owner, whole plan period."""

    cap: Positive | None = None
    """Largest quota of each owner, whole plan period."""

    growth: tuple[Number | None, Number | None] | None = None
    """Least and largest growth of each owner over its territory's sales, ``[-0.1, 0.3]``."""

    pins: tuple[Pin, ...] = ()
    """Amounts that are fixed."""

    prorate: tuple[Literal["absence", "ramp", "part_time"], ...] = ("absence", "ramp")
    """What lowers a quota by the calendar, period by period; part time if territories do not show it."""

    relief: Literal["shared", "lost"] = "shared"
    """Who carries what somebody new or away is spared: colleagues, or nobody."""

    fixed_shares: dict[Text, Share] = Field(default_factory=dict)
    """Share of what its manager hands down, for the house or a partner who takes no part."""

    new_products: tuple[NewProduct, ...] = ()
    """Products without a history; with the method ``forecast``."""

    moves: tuple[Move, ...] = ()
    """Changes in mid-period: quotas follow them, what is over and everybody else's stays."""

    fairness: dict[Text, Share] = Field(default_factory=dict)
    """How far quotas may lean: ``{size: 0.02}``; size, growth, region, or a measure."""

    currencies: dict[Text, Text] = Field(default_factory=dict)
    """Currency by rep or manager, where not the plan's; converted at ``rates``."""

    zero_deviation: Positive = 1.0
    """Deviation that one rounding unit counts for where the index is 0."""

    def launches(self) -> tuple[Launch, ...]:
        """The new products as the optimizer knows them."""
        return tuple(product.launch() for product in self.new_products)

    @model_validator(mode="after")
    def _one_amount_a_cell(self) -> QuotaSettings:
        for first, second in combinations(self.pins, 2):
            if first.overlaps(second):
                cell = ", ".join(filter(None, (first.node, first.product, first.period)))
                raise ValueError(
                    f"two pins fix the same cell ({cell}), at {first.amount:g} and "
                    f"{second.amount:g}; keep one"
                )
        if self.floor is not None and self.cap is not None and self.floor > self.cap:
            raise ValueError("the floor is above the cap")
        least, most = self.growth or (None, None)
        if least is not None and most is not None and least > most:
            raise ValueError(f"the least growth, {least:g}, is above the largest, {most:g}")
        return self
