"""``exports:``: files for other programs, and where their ids stand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..kinds import Section, Text


class AccessSettings(Section):
    """What users of a territory may do with its records; the company's default where empty."""

    account: Literal["", "Read", "Edit", "All"] = ""
    """Accounts: ``Read``, ``Edit`` or ``All`` (as an owner)."""

    opportunity: Literal["", "None", "Read", "Edit"] = ""
    """Opportunities of the accounts; left out where everybody may edit them anyway."""

    case: Literal["", "None", "Read", "Edit"] = ""
    """Cases of the accounts; left out where everybody may edit them anyway."""


class SalesforceSettings(Section):
    """Enterprise Territory Management (Sales Territories), which ``teig export`` writes for."""

    rule_field: Annotated[Text, Field(pattern=r"^([A-Za-z]\w*(\.[A-Za-z]\w*)?)?$")] = ""
    """Account field by which a rule assigns accounts of units without an id, from ``crm_value``."""

    external_id: Annotated[Text, Field(pattern=r"^([A-Za-z]\w*__c)?$")] = ""
    """Unique external id field made on Territory2, ``Teig_Id__c`` say; ids are typed in without."""

    access: AccessSettings = Field(default_factory=AccessSettings)
    """Access of a territory's users."""

    rep_role: Text = "Sales Rep"
    """Role in the territory of its rep; none where empty."""

    manager_role: Text = "Owner"
    """Role of a manager in the territory above those of the team; none where empty."""

    forecasting_type: Text = ""
    """Id of the forecast type that quotas belong to; no quotas are written without it."""


class ExportSettings(Section):
    """Other programs."""

    salesforce: SalesforceSettings = Field(default_factory=SalesforceSettings)
    """Territories for Salesforce."""
