"""The sections of a scenario file, one class each."""

from .campaigns import CampaignSettings, ExpectedSales, FollowUpSettings
from .compensation import CompensationSettings, SimulationSettings
from .data import Data, Table, TravelTable
from .exports import ExportSettings, SalesforceSettings
from .handover import HandoverSettings
from .judging import Assumption, Money, ObjectiveSettings
from .letters import LetterSettings
from .plan import Calendar, Limits, RampSettings, Structure, TeamSettings, TouringSettings, Travel
from .quotas import QuotaSettings
from .settings import FORMAT_VERSION, ScenarioChoice, Settings

__all__ = [
    "FORMAT_VERSION",
    "Assumption",
    "Calendar",
    "CampaignSettings",
    "CompensationSettings",
    "Data",
    "ExpectedSales",
    "ExportSettings",
    "FollowUpSettings",
    "HandoverSettings",
    "LetterSettings",
    "Limits",
    "Money",
    "ObjectiveSettings",
    "QuotaSettings",
    "RampSettings",
    "SalesforceSettings",
    "ScenarioChoice",
    "Settings",
    "SimulationSettings",
    "Structure",
    "Table",
    "TeamSettings",
    "TouringSettings",
    "Travel",
    "TravelTable",
]
