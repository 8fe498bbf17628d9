"""Files that Salesforce's Enterprise Territory Management imports.

Objects and fields are those of the Object Reference for the Salesforce Platform
(Territory2Model, Territory2Type, Territory2, UserTerritory2Association,
ObjectTerritory2Association, ObjectTerritory2AssignmentRule and its items,
ForecastingQuota); relationship columns are written as Bulk API reads them.
"""

from __future__ import annotations

from .hierarchy import Hierarchy, Territory, hierarchy_of
from .identity import CrmIds, crm_ids, known_ids
from .incumbent import incumbent_in
from .reading import territories_in
from .writing import write_salesforce

__all__ = [
    "CrmIds",
    "Hierarchy",
    "Territory",
    "crm_ids",
    "hierarchy_of",
    "incumbent_in",
    "known_ids",
    "territories_in",
    "write_salesforce",
]
