"""Records of each object, as data frames whose columns are the API's names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from ....models.errors import ProblemList
from ....models.plan import Plan
from ....models.problem import OwnerKind, Problem
from ...files.sections import SalesforceSettings
from .hierarchy import Hierarchy, Territory
from .identity import CrmIds
from .names import LONGEST, unique_names

#: Longest value of one rule item that is written, and most rules of one territory.
VALUE, MOST_RULES = 255, 15
#: Territories that a model may have by default.
MOST_TERRITORIES = 1000


@dataclass(frozen=True)
class References:
    """How records point at others.

    A column ``…Id`` with the id where it is known. Territories are pointed at by their
    external id where there is such a field. Where an id is not known yet, a second column
    names what is meant, for people; loaders leave it out.

    Parameters
    ----------
    known
        Ids by API name.
    external_id
        Field of Territory2; empty for none.
    """

    known: Mapping[str, str]
    external_id: str = ""

    def columns(self, relation: str, names: Sequence[str]) -> dict[str, list[str]]:
        """Columns that point at records by their API names; empty names at nothing."""
        if self.external_id and relation in ("ParentTerritory2", "Territory2"):
            return {f"{relation}.{self.external_id}": list(names)}
        columns = {f"{relation}Id": [self.known.get(name, "") for name in names]}
        if any(name and name not in self.known for name in names):
            columns[f"{relation}.DeveloperName"] = list(names)
        return columns


@dataclass(frozen=True, eq=False)
class Records:
    """All records of a plan.

    Parameters
    ----------
    hierarchy
        The model's tree.
    refers
        How records point at others.
    settings
        Field names and roles.
    ids
        Of accounts and users.
    """

    problem: Problem
    plan: Plan
    hierarchy: Hierarchy
    refers: References
    settings: SalesforceSettings
    ids: CrmIds

    def model(self) -> pd.DataFrame:
        """Territory2Model; its state is Planning when it is made."""
        model = self.hierarchy
        return pd.DataFrame({"Name": [model.label], "DeveloperName": [model.model]})

    def types(self) -> pd.DataFrame:
        """Territory2Type."""
        columns = ["DeveloperName", "MasterLabel", "Priority", "Description"]
        return pd.DataFrame(self.hierarchy.types, columns=columns)

    def levels(self) -> Iterator[pd.DataFrame]:
        """Territory2, a frame for each level from the top down."""
        levels: dict[int, list[Territory]] = {}
        for each in self.hierarchy.territories:
            levels.setdefault(each.level, []).append(each)
        for _, rows in sorted(levels.items()):
            yield self._territories(rows)

    def _territories(self, rows: Sequence[Territory]) -> pd.DataFrame:
        names = [each.name for each in rows]
        columns = {"Name": [each.label for each in rows], "DeveloperName": names}
        if self.settings.external_id:
            columns[self.settings.external_id] = names
        model = [self.hierarchy.model] * len(rows)
        columns |= self.refers.columns("Territory2Model", model)
        columns |= self.refers.columns("Territory2Type", [each.type for each in rows])
        columns |= self.refers.columns("ParentTerritory2", [each.parent for each in rows])
        access = self.settings.access
        levels = {
            "AccountAccessLevel": access.account,
            "OpportunityAccessLevel": access.opportunity,
            "CaseAccessLevel": access.case,
        }
        # Where the company's sharing leaves no choice, a level must not be given.
        columns |= {name: [level] * len(rows) for name, level in levels.items() if level}
        columns["Description"] = [each.description for each in rows]
        return pd.DataFrame(columns)

    def users(self) -> pd.DataFrame:
        """UserTerritory2Association: reps and managers in their own territories."""
        rows = [each for each in self.hierarchy.territories if each.person in self.ids.users]
        rows = [each for each in rows if not each.is_owner or self._is_rep(each.person)]
        roles = [
            self.settings.rep_role if each.is_owner else self.settings.manager_role for each in rows
        ]
        columns = {"UserId": [self.ids.users[each.person] for each in rows]}
        columns |= self.refers.columns("Territory2", [each.name for each in rows])
        return pd.DataFrame(columns | {"RoleInTerritory2": roles})

    def _is_rep(self, who: str) -> bool:
        return self.problem.owners.kinds[self.problem.owner_index[who]] is OwnerKind.REP

    def held(self) -> list[tuple[str, str, str, float]]:
        """Unit, team, owner and share, sorted."""
        shares: dict[tuple[str, str, str], float] = {}
        covers, units = self.problem.covers, self.problem.units
        for cover, owner in enumerate(self.plan.owner.tolist()):
            if owner < 0:
                continue
            unit = int(covers.unit[cover])
            team = self.problem.teams[int(covers.team[cover])].name
            key = (units.wholes[unit], team, self.problem.owners.ids[owner])
            shares[key] = shares.get(key, 0.0) + float(units.shares[unit])
        return [(*key, round(share, 9)) for key, share in sorted(shares.items())]

    def accounts(self) -> pd.DataFrame:
        """ObjectTerritory2Association: an account in the territory of each of its owners."""
        name_of = self._names()
        rows = [
            (self.ids.accounts[unit], name_of[owner])
            for unit, _, owner, _ in self.held()
            if unit in self.ids.accounts
        ]
        columns = {"ObjectId": [account for account, _ in rows]}
        columns |= self.refers.columns("Territory2", [name for _, name in rows])
        return pd.DataFrame(columns | {"AssociationCause": ["Territory2Manual"] * len(rows)})

    def _names(self) -> dict[str, str]:
        return {each.person: each.name for each in self.hierarchy.territories if each.person}

    def rules(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        """Assignment rules, their items, and which territory each is of.

        A rule has one item, so that it needs no filter logic: the field equals one of the
        values, parted by commas. Values that do not fit go to another rule of the territory.
        """
        parts = [
            (territory, part)
            for territory, values in sorted(self._values().items())
            for part in _fitting(values)
        ]
        taken = {each.name.lower() for each in self.hierarchy.territories}
        names = unique_names([f"{territory}_rule" for territory, _ in parts], taken)
        rules = pd.DataFrame(
            {
                "DeveloperName": names,
                "MasterLabel": [name[:LONGEST] for name in names],
                "ObjectType": ["Account"] * len(names),
                "IsActive": ["true"] * len(names),
                **self.refers.columns("Territory2Model", [self.hierarchy.model] * len(names)),
            }
        )
        items = pd.DataFrame(
            {
                **self.refers.columns("Rule", names),
                "SortOrder": [1] * len(names),
                "Field": [self.settings.rule_field] * len(names),
                "Operation": ["equals"] * len(names),
                "Value": [part for _, part in parts],
            }
        )
        homes = pd.DataFrame({"rule": names, "territory": [territory for territory, _ in parts]})
        return rules, items, homes

    def _values(self) -> dict[str, list[str]]:
        """Values of the rule's field by territory, sorted."""
        name_of = self._names()
        found: dict[str, set[str]] = {}
        for unit, _, owner, _ in self.held():
            if unit in self.ids.values:
                found.setdefault(name_of[owner], set()).add(self.ids.values[unit])
        return {name: sorted(values) for name, values in found.items()}

    def quotas(self, table: pd.DataFrame, starts: Mapping[str, str]) -> pd.DataFrame:
        """ForecastingQuota by user, period and product family.

        Parameters
        ----------
        table
            ``node, product, period, quota, currency``.
        starts
            First day of each period.
        """
        several = table["product"].nunique() > 1
        rows = [
            {
                "QuotaOwnerId": self.ids.users[str(row["node"])],
                "StartDate": starts[str(row["period"])],
                "QuotaAmount": f"{float(row['quota']):.2f}",
                "CurrencyIsoCode": str(row["currency"]),
                "ForecastingTypeId": self.settings.forecasting_type,
                **({"ProductFamily": str(row["product"])} if several else {}),
            }
            for row in table.to_dict("records")
            if str(row["node"]) in self.ids.users
        ]
        return pd.DataFrame(rows)

    def check(self) -> None:
        """Refuse what Salesforce would refuse.

        Raises
        ------
        BadInput
            For values that hold a comma or are too long, and for too many rules of one
            territory or too many territories.
        """
        found = ProblemList("exports.salesforce")
        for unit, value in sorted(self.ids.values.items()):
            if "," in value or len(value) > VALUE:
                message = f"a value of a rule has no comma and at most {VALUE} characters"
                found.add(message, key="crm_value", place=unit, value=value)
        for territory, values in sorted(self._values().items()):
            if len(_fitting(values)) > MOST_RULES:
                message = (
                    f"needs more than {MOST_RULES} rules; give accounts ids, or a coarser value"
                )
                found.add(message, key="territory", value=territory)
        count = len(self.hierarchy.territories)
        if count > MOST_TERRITORIES:
            message = f"a model has at most {MOST_TERRITORIES} territories by default"
            found.add(message, key="territories", value=count)
        found.raise_any()


def _fitting(values: Sequence[str]) -> list[str]:
    """Values joined by commas, each text as long as it may be."""
    parts: list[str] = []
    for value in values:
        if parts and len(parts[-1]) + 1 + len(value) <= VALUE:
            parts[-1] += f",{value}"
        else:
            parts.append(value)
    return parts
