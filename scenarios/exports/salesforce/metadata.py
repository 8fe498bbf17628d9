"""The model, its types, territories and rules as files of Salesforce's Metadata API.

They point at each other by names, so that one deployment makes them all, and it is the
only way to attach rules to territories from files: RuleTerritory2Association can be read
but not created through the object API. Elements are those of the Metadata API Developer
Guide (Territory2Model, Territory2Type, Territory2, Territory2Rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as Xml

from .records import Records

#: Folder within the export.
FOLDER = "metadata"
_SPACE = "http://soap.sforce.com/2006/04/metadata"
_API_VERSION = "58.0"
_TYPED = {
    "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
}
#: Tag here of a value that says its type there.
_TEXT_VALUE = "value of type text"

Tree = Sequence[tuple[str, "str | Tree"]]


def write_metadata(records: Records, folder: Path) -> None:
    """Write a package that ``sf project deploy start --metadata-dir`` deploys."""
    model = records.hierarchy.model
    home = folder / "territory2Models" / model
    rules, items, homes = records.rules()
    members: dict[str, list[str]] = {"Territory2Model": [model]}
    _write(home / f"{model}.territory2Model", "Territory2Model",
           [("name", records.hierarchy.label)])  # fmt: skip
    for name, label, priority, description in records.hierarchy.types:
        members.setdefault("Territory2Type", []).append(name)
        fields = [("name", label), ("description", description), ("priority", str(priority))]
        _write(folder / "territory2Types" / f"{name}.territory2Type", "Territory2Type", fields)
    for rule, item in zip(rules.to_dict("records"), items.to_dict("records"), strict=True):
        name = str(rule["DeveloperName"])
        members.setdefault("Territory2Rule", []).append(f"{model}.{name}")
        one = [(key.lower(), str(item[key])) for key in ("Field", "Operation", "Value")]
        content: Tree = [
            ("name", str(rule["MasterLabel"])), ("objectType", "Account"), ("active", "true"),
            ("ruleItems", one),
        ]  # fmt: skip
        _write(home / "rules" / f"{name}.territory2Rule", "Territory2Rule", content)
    rules_of: dict[str, list[str]] = {}
    for name, territory in zip(homes["rule"], homes["territory"], strict=True):
        rules_of.setdefault(str(territory), []).append(str(name))
    access = records.settings.access
    levels = [
        (f"{what}AccessLevel", level)
        for what, level in (
            ("account", access.account),
            ("opportunity", access.opportunity),
            ("case", access.case),
        )
        if level
    ]
    field = records.settings.external_id
    for each in records.hierarchy.territories:
        own: Tree = [("customFields", [("name", field), (_TEXT_VALUE, each.name)])] if field else []
        members.setdefault("Territory2", []).append(f"{model}.{each.name}")
        above = [("parentTerritory", each.parent)] if each.parent else []
        attached = [
            ("ruleAssociations", [("ruleName", name), ("inherited", "false")])
            for name in rules_of.get(each.name, ())
        ]
        content = [
            ("name", each.label),
            ("description", each.description),
            *levels,
            *above,
            ("territory2Type", each.type),
            *attached,
            *own,
        ]
        _write(home / "territories" / f"{each.name}.territory2", "Territory2", content)
    kinds = [
        ("types", [*(("members", name) for name in sorted(names)), ("name", kind)])
        for kind, names in sorted(members.items())
    ]
    _write(folder / "package.xml", "Package", [*kinds, ("version", _API_VERSION)])


def _write(path: Path, root: str, content: Tree) -> None:
    element = Xml.Element(root, {"xmlns": _SPACE, **(_TYPED if root == "Territory2" else {})})
    _fill(element, content)
    Xml.indent(element, "    ")
    text = Xml.tostring(element, encoding="unicode")
    path.parent.mkdir(parents=True, exist_ok=True)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    path.write_text(f"{head}{text}\n", encoding="utf-8", newline="\n")


def _fill(element: Xml.Element, content: Tree) -> None:
    for tag, inside in content:
        if tag == _TEXT_VALUE:
            child = Xml.SubElement(element, "value", {"xsi:type": "xsd:string"})
        else:
            child = Xml.SubElement(element, tag)
        if isinstance(inside, str):
            child.text = inside
        else:
            _fill(child, inside)
