"""Sections on what a plan is judged by: the objective and money."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ..kinds import NotNegative, Number, Section, Share, Text, as_value


class ObjectiveSettings(Section):
    """What to make small: one of ``order``, ``weights`` and ``stages``."""

    order: tuple[Text, ...] | None = None
    """Strict order of ``capacity``, ``balance``, ``travel``, ``disruption`` or terms."""

    weights: dict[str, NotNegative] | None = None
    """One weighted sum: terms and the cost of one natural unit of each."""

    stages: dict[str, dict[str, NotNegative]] | None = None
    """A strict order of named weighted sums."""

    tolerance: dict[str, Share] = Field(default_factory=dict)
    """Share of a stage's value that later stages may give up again, by stage."""

    @model_validator(mode="after")
    def _one_way(self) -> ObjectiveSettings:
        given = [name for name in ("order", "weights", "stages") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give one of order, weights and stages, not {' and '.join(given)}")
        if given and not getattr(self, given[0]):
            raise ValueError(f"{given[0]} is empty; leave it out for the default order")
        return self


class Assumption(Section):
    """A figure that the money table rests on, with the range it is tried over."""

    value: Number
    """The figure."""

    marked: Literal["measured", "assumed"] = "assumed"
    """Whether it was measured or is a guess."""

    range: tuple[Number, Number] | None = None
    """Lowest and highest value to try; a factor of two either way by default."""

    @model_validator(mode="after")
    def _range_holds_value(self) -> Assumption:
        if self.range is not None and not self.range[0] <= self.value <= self.range[1]:
            raise ValueError("the range must hold the value")
        return self


def _share(figure: Assumption) -> Assumption:
    if not 0 <= figure.value <= 1:
        raise ValueError("lies between 0 and 1")
    return figure


def _cost(figure: Assumption) -> Assumption:
    if figure.value < 0:
        raise ValueError("must be at least 0")
    return figure


def _exponent(figure: Assumption) -> Assumption:
    low, high = figure.range or (figure.value, figure.value)
    if not 0 < min(low, figure.value) <= max(high, figure.value) < 1:
        raise ValueError("lies between 0 and 1, both excluded")
    return figure


def _factor(figure: Assumption) -> Assumption:
    if figure.value <= 0:
        raise ValueError("must be above 0")
    return figure


_AS_VALUE = BeforeValidator(as_value, json_schema_input_type=Assumption | float)
ShareFigure = Annotated[Assumption, _AS_VALUE, AfterValidator(_share)]
CostFigure = Annotated[Assumption, _AS_VALUE, AfterValidator(_cost)]
ExponentFigure = Annotated[Assumption, _AS_VALUE, AfterValidator(_exponent)]
FactorFigure = Annotated[Assumption, _AS_VALUE, AfterValidator(_factor)]


class Money(Section):
    """What is needed to compare structures in one currency. A number alone is assumed."""

    margin: ShareFigure = Assumption(value=0.3)
    """Contribution per unit of sales, before people and travel."""

    response: ExponentFigure = Assumption(value=0.3)
    """Exponent b: sales to a unit grow with (hours)^b."""

    per_km: CostFigure
    """Cost of a kilometre, plan currency."""

    per_travel_hour: CostFigure = Assumption(value=0.0)
    """Cost of an hour on the road beyond the pay, which ``people`` counts already."""

    per_night: CostFigure = Assumption(value=0.0)
    """Cost of a night away."""

    disruption_loss: ShareFigure = Assumption(value=0.1)
    """Share of the sales that change hands lost in the plan period."""

    potential_weight: ShareFigure = Assumption(value=0.25)
    """How far expected sales follow potential (1) rather than today's sales (0)."""

    unattended: ShareFigure = Assumption(value=0.6)
    """Share of today's sales kept by a unit newly handed to the house or a partner."""

    standards_owed: ShareFigure = Assumption(value=0.0)
    """Share of the service standard's hours that each unit gets in any case."""

    hour_value: dict[Text, FactorFigure] = Field(default_factory=dict)
    """What a team's hour sells, in hours of today's sellers (0.7 for the phone, say)."""

    lift: dict[Text, ShareFigure] = Field(default_factory=dict)
    """Overlay team: share of its units' sales that its promised hours add."""

    management: NotNegative = 0.0
    """Cost of managers a year, beyond the reps' own, plan currency."""
