"""Writes a folder of CSVs in the order in which they are loaded, and says how."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from .metadata import FOLDER, write_metadata
from .records import Records

README = "README.txt"
#: Whose each unit is; the plan as teig has it, shares included.
UNITS, RULES_OF = "units.csv", "rules_of_territories.csv"


def write_salesforce(
    records: Records, folder: Path, quotas: pd.DataFrame, starts: Mapping[str, str]
) -> list[str]:
    """Write everything into an empty folder; return the files in the order of loading.

    Parameters
    ----------
    quotas
        ``node, product, period, quota, currency``; written where a forecast type is named
        and periods are months or quarters.
    starts
        First day of each period, as text.
    """
    records.check()
    frames: list[tuple[str, pd.DataFrame]] = [
        ("Territory2Model", records.model()),
        ("Territory2Type", records.types()),
    ]
    levels = list(records.levels())
    frames += [(f"Territory2_level_{n}", level) for n, level in enumerate(levels, start=1)]
    for name, frame in (
        ("UserTerritory2Association", records.users()),
        ("ObjectTerritory2Association", records.accounts()),
    ):
        frames += [(name, frame)] if len(frame) else []
    rules, items, homes = records.rules()
    if len(rules):
        frames.append(("ObjectTerritory2AssignmentRule", rules))
        frames.append(("ObjectTerritory2AssignmentRuleItem", items))
        _csv(homes, folder / RULES_OF)
    if records.settings.forecasting_type and len(quotas) and len(starts) in (4, 12):
        frames.append(("ForecastingQuota", records.quotas(quotas, starts)))
    files = []
    for place, (name, frame) in enumerate(frames, start=1):
        files.append(f"{place:02d}_{name}.csv")
        _csv(frame, folder / files[-1])
    name_of = {each.person: each.name for each in records.hierarchy.territories}
    held = [(unit, team, rep, share, name_of[rep]) for unit, team, rep, share in records.held()]
    columns = ["unit", "team", "rep", "share", "territory"]
    _csv(pd.DataFrame(held, columns=columns), folder / UNITS)
    write_metadata(records, folder / FOLDER)
    text = _readme(records, files, len(rules) > 0)
    (folder / README).write_text(text, encoding="utf-8", newline="\n")
    return files


def _csv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, index=False, float_format="%.10g", lineterminator="\n")


def _readme(records: Records, files: list[str], has_rules: bool) -> str:
    hierarchy, settings = records.hierarchy, records.settings
    open_ones = [
        each.person
        for each in hierarchy.territories
        if each.person and each.person not in records.ids.users
    ]
    lines = [
        f"Territory model {hierarchy.label} for Salesforce (Enterprise Territory Management,",
        "now called Sales Territories), UTF-8 CSV with the API's field names.",
        "",
        "The model is made in the state Planning: nothing changes for anybody until you",
        "activate it in Setup. Types' priorities must be unique in the company: change them",
        "where some are taken. The largest number has the opportunities.",
        "",
        "1. The short way to the tree: deploy the folder metadata (Metadata API, version 58),",
        "",
        f"  sf project deploy start --metadata-dir {FOLDER}",
        "",
        "which makes the model, types, territories and rules, each rule attached. Then export",
        "Territory2 with Id and DeveloperName, write this folder again with --ids FILE, and load",
        "the associations and quotas from the list below.",
        "",
        "2. Without the Metadata API: load all files with Data Loader or Bulk API, operation",
        "insert, in this order:",
        "",
        *(f"  {file}" for file in files),
        "",
        "Levels go from the top down, so that parents are there first.",
        "",
    ]
    if settings.external_id:
        lines += [
            f"Territories point at each other by {settings.external_id}, a text field on",
            "Territory2 that you make first: external id, unique. The columns",
            f"ParentTerritory2.{settings.external_id} and Territory2.{settings.external_id} are",
            "relationship columns as Bulk API reads them.",
            "Ids of the model and of types are needed all the same:",
        ]
    else:
        lines += ["Records point at each other by ids, which Salesforce gives them:"]
    lines += [
        "load a file, then write this folder again with what came back, and load the next:",
        "",
        "  teig export salesforce RUN -s SCENARIO --ids success.csv --ids …",
        "",
        "(success.csv: any file with the columns DeveloperName and Id, as loaders write them",
        "or as an export of the object has them). A column …Id that is empty yet has a column",
        "….DeveloperName beside it, for you; do not map that one.",
        "",
        "An account in several territories (overlays, shares of one account) has a row for",
        f"each. Salesforce knows no shares; they stand in {UNITS}.",
    ]
    if has_rules:
        lines += [
            "",
            "Accounts of units without an account id are assigned by rules on the field",
            f"{settings.rule_field}.",
            "No CSV can attach a rule to a territory: the folder metadata does, or you in Setup,",
            f"as {RULES_OF} says. Then run the rules of the model. They reach the accounts that",
            "have one of the values now, or get one later.",
        ]
    if open_ones and records.ids.users:
        lines += ["", "Nobody is assigned to the territories of: " + ", ".join(open_ones) + "."]
    if not records.ids.accounts and not has_rules:
        lines += ["", "No accounts are assigned: the units have no column crm_id."]
    if not records.ids.users:
        lines += ["", "No users are assigned: the tables of reps and people have no column crm_id."]
    return "\n".join(lines) + "\n"
