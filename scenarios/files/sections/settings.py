"""The whole of a scenario's settings, and how a file names its scenarios."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ....models.campaigns import Campaign
from ..kinds import Number, Positive, Section, Text, Texts, Whole
from .campaigns import CampaignSettings
from .compensation import CompensationSettings, SimulationSettings
from .data import Data
from .exports import ExportSettings
from .handover import HandoverSettings
from .judging import Money, ObjectiveSettings
from .letters import LetterSettings
from .plan import Calendar, Limits, RampSettings, Structure, TouringSettings, Travel
from .quotas import QuotaSettings
from .uncertainty import UncertaintySettings

FORMAT_VERSION = 1


class Settings(Section):
    """What one scenario is, after its overrides were laid over the base."""

    teig: Literal[1]
    """Version of the file format."""

    name: Text = ""
    """What the plan is called; the file's name by default."""

    currency: Annotated[Text, Field(pattern="^[A-Z]{3}$")]
    """Plan currency, ISO 4217."""

    price_year: Annotated[Whole, Field(ge=0)] = 0
    """Year whose prices all money is in."""

    rates: dict[Annotated[Text, Field(pattern="^[A-Z]{3}$")], Positive] = Field(
        default_factory=dict
    )
    """Plan rate: what one unit of another currency is in the plan's."""

    seed: Annotated[Whole, Field(ge=0)] = 1
    """Start of all random choices."""

    calendar: Calendar
    ramp: RampSettings = Field(default_factory=RampSettings)
    data: Data
    control_totals: dict[str, Number] = Field(default_factory=dict)
    """Sums that the tables must have exactly: ``units.sales: 12345678.9``."""

    travel: Travel = Field(default_factory=Travel)
    touring: TouringSettings = Field(default_factory=TouringSettings)
    structure: Structure = Field(default_factory=Structure)
    campaigns: dict[Text, CampaignSettings] = Field(default_factory=dict)
    """Mailings, calls and product launches beyond the service standards, by name."""

    rules: dict[Text, dict[str, Any]] = Field(default_factory=dict)
    """Rules by name; ``type`` is the name by default, settings as the rule has them."""

    objective: ObjectiveSettings = Field(default_factory=ObjectiveSettings)
    money: Money | None = None
    """What the money table needs; without it structures are not compared in money."""

    quotas: QuotaSettings | None = None
    """The year's budget and how it is handed down; no quotas without it."""

    compensation: CompensationSettings | None = None
    """What reaching a quota pays; attainment and pay are simulated with it."""

    simulation: SimulationSettings | None = None
    """How uncertain sales are, and what is to be chosen; needed without compensation only."""

    letters: LetterSettings | None = None
    """A letter to each rep and manager about the quota; none without it."""

    uncertainty: UncertaintySettings = Field(default_factory=UncertaintySettings)
    handover: HandoverSettings = Field(default_factory=HandoverSettings)
    exports: ExportSettings = Field(default_factory=ExportSettings)
    limits: Limits = Field(default_factory=Limits)

    def campaign_list(self) -> tuple[Campaign, ...]:
        """Campaigns as the models know them."""
        return tuple(each.campaign(name) for name, each in self.campaigns.items())

    @model_validator(mode="after")
    def _about_quotas(self) -> Settings:
        about = ("compensation", "simulation", "letters")
        given = [name for name in about if getattr(self, name) is not None]
        if given and self.quotas is None:
            raise ValueError(f"{', '.join(given)}: there are no quotas; give quotas: and a budget")
        return self


class ScenarioChoice(Section):
    """One scenario: overrides in order. A list of names alone will do."""

    overrides: Texts = ()
    """Names of overrides."""

    wins: Texts = ()
    """Overrides that win where two set the same key, the strongest first."""

    set: dict[str, Any] = Field(default_factory=dict)
    """The scenario's own settings by dotted path; they win over all overrides."""

    note: Text = ""
    """What the scenario is about, for the report."""
