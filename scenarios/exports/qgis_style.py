"""Styles that QGIS applies by itself when it opens a layer of ``plan.gpkg``.

QGIS looks in the table ``layer_styles`` of a GeoPackage for the style marked as default
(QGIS documentation, *Storing styles in a database*). A style is QML, QGIS's own XML;
every property stands twice, as ``Option`` (3.22 and later) and as ``prop`` (before).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

GREY, NOBODY = "#C9CED3", "#F2F4F5"
_INK = "#1B2430"
_TABLE = """CREATE TABLE layer_styles (
id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256),
f_table_schema TEXT(256), f_table_name TEXT(256), f_geometry_column TEXT(256),
styleName TEXT(30), styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN, description TEXT,
owner TEXT(30), ui TEXT(30), update_time DATETIME)"""


@dataclass(frozen=True)
class Category:
    """How features of one owner are drawn.

    Parameters
    ----------
    value
        Of the column ``rep``.
    label
        In the legend.
    colour
        ``#RRGGBB``.
    is_overlay
        Hatched, so that the team below shows through.
    """

    value: str
    label: str
    colour: str
    is_overlay: bool = False


def units_style(categories: Sequence[Category], *, points: bool) -> str:
    """Units in their owner's colour; those that change hands are hatched, or ringed."""
    symbols = []
    for each in categories:
        if points:
            layers = [
                _marker(each.colour, 2.6 if not each.is_overlay else 1.4),
                _marker("#00000000", 3.8, only="moved"),
            ]
        elif each.is_overlay:
            layers = [_hatch(each.colour, 135, 2.4)]
        else:
            layers = [_fill(each.colour, "#FFFFFF", 0.1), _hatch(_INK, 45, 1.6, only="moved")]
        symbols.append(_symbol("marker" if points else "fill", layers, 1.0))
    return _qml(_categorized(categories, symbols), None)


def territories_style(categories: Sequence[Category], *, points: bool) -> str:
    """Territories in their colour, see-through, outlined and labelled."""
    symbols = []
    for each in categories:
        if points:
            layers = [_marker(each.colour, 2.0)]
        elif each.is_overlay:
            layers = [_fill("#00000000", each.colour, 0.9, dashed=True)]
        else:
            layers = [_fill(each.colour, _INK, 0.46)]
        symbols.append(_symbol("marker" if points else "fill", layers, 0.6))
    return _qml(_categorized(categories, symbols), _labels(points=points))


def bases_style() -> str:
    """Bases as small white squares, labelled."""
    renderer = Xml.Element("renderer-v2", {"type": "singleSymbol", "symbollevels": "0"})
    symbols = Xml.SubElement(renderer, "symbols")
    symbol = _symbol("marker", [_marker("#FFFFFF", 2.2, shape="square")], 1.0)
    symbol.set("name", "0")
    symbols.append(symbol)
    return _qml(renderer, None)


def add_styles(connection: sqlite3.Connection, styles: Mapping[str, str], written: str) -> None:
    """Put default styles into a GeoPackage.

    Parameters
    ----------
    styles
        QML by layer.
    written
        Time of writing that is noted.
    """
    connection.execute(_TABLE)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, last_change)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles', ?)",
        (written,),
    )
    geometry = dict(
        connection.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
    )
    for layer, qml in sorted(styles.items()):
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, description,"
            " owner, update_time) VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', ?)",
            (layer, geometry[layer], layer, qml, "Colours of the plan", written),
        )


# ---------------------------------------------------------------------- QML


def _qml(renderer: Xml.Element, labels: Xml.Element | None) -> str:
    categories = "Symbology" if labels is None else "Symbology|Labeling"
    root = Xml.Element("qgis", {"version": "3.22.0", "styleCategories": categories})
    root.append(renderer)
    if labels is not None:
        root.set("labelsEnabled", "1")
        root.append(labels)
    Xml.indent(root, " ")
    head = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
    return head + Xml.tostring(root, encoding="unicode") + "\n"


def _categorized(categories: Sequence[Category], symbols: Sequence[Xml.Element]) -> Xml.Element:
    renderer = Xml.Element(
        "renderer-v2", {"type": "categorizedSymbol", "attr": "rep", "symbollevels": "0"}
    )
    rows = Xml.SubElement(renderer, "categories")
    drawn = Xml.SubElement(renderer, "symbols")
    for number, (each, symbol) in enumerate(zip(categories, symbols, strict=True)):
        Xml.SubElement(
            rows,
            "category",
            {"render": "true", "symbol": str(number), "value": each.value, "label": each.label,
             "type": "string"},
        )  # fmt: skip
        symbol.set("name", str(number))
        drawn.append(symbol)
    return renderer


def _symbol(kind: str, layers: Sequence[Xml.Element], alpha: float) -> Xml.Element:
    symbol = Xml.Element(
        "symbol",
        {"type": kind, "alpha": f"{alpha:g}", "clip_to_extent": "1", "force_rhr": "0"},
    )
    symbol.extend(layers)
    return symbol


def _fill(colour: str, outline: str, width: float, *, dashed: bool = False) -> Xml.Element:
    return _layer(
        "SimpleFill",
        {
            "color": _rgba(colour),
            "style": "no" if colour == "#00000000" else "solid",
            "outline_color": _rgba(outline),
            "outline_style": "dash" if dashed else "solid",
            "outline_width": f"{width:g}",
            "outline_width_unit": "MM",
            "joinstyle": "round",
        },
    )


def _hatch(colour: str, angle: int, distance: float, *, only: str = "") -> Xml.Element:
    layer = _layer(
        "LinePatternFill",
        {
            "angle": str(angle),
            "color": _rgba(colour),
            "distance": f"{distance:g}",
            "distance_unit": "MM",
            "line_width": "0.26",
            "line_width_unit": "MM",
        },
        only,
    )
    line = _symbol("line", [_layer("SimpleLine", _line(colour))], 1.0)
    line.set("name", "@hatch@0")
    layer.append(line)
    return layer


def _line(colour: str) -> dict[str, str]:
    return {"line_color": _rgba(colour), "line_style": "solid", "line_width": "0.26",
            "line_width_unit": "MM"}  # fmt: skip


def _marker(colour: str, size: float, *, shape: str = "circle", only: str = "") -> Xml.Element:
    return _layer(
        "SimpleMarker",
        {
            "name": shape,
            "color": _rgba(colour),
            "outline_color": _rgba(_INK),
            "outline_style": "solid",
            "outline_width": "0.2",
            "outline_width_unit": "MM",
            "size": f"{size:g}",
            "size_unit": "MM",
        },
        only,
    )


def _layer(kind: str, properties: Mapping[str, str], only: str = "") -> Xml.Element:
    """A symbol layer; drawn for features whose column ``only`` is true, where one is named."""
    layer = Xml.Element("layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"})
    options = Xml.SubElement(layer, "Option", {"type": "Map"})
    for name, value in properties.items():
        Xml.SubElement(options, "Option", {"name": name, "type": "QString", "value": value})
    for name, value in properties.items():
        Xml.SubElement(layer, "prop", {"k": name, "v": value})
    if only:
        _defined_by(layer, "enabled", f'"{only}"')
    return layer


def _defined_by(layer: Xml.Element, name: str, expression: str) -> None:
    """A property that follows the feature."""
    outer = Xml.SubElement(layer, "data_defined_properties")
    top = Xml.SubElement(outer, "Option", {"type": "Map"})
    Xml.SubElement(top, "Option", {"name": "name", "type": "QString", "value": ""})
    several = Xml.SubElement(top, "Option", {"name": "properties", "type": "Map"})
    one = Xml.SubElement(several, "Option", {"name": name, "type": "Map"})
    Xml.SubElement(one, "Option", {"name": "active", "type": "bool", "value": "true"})
    Xml.SubElement(one, "Option", {"name": "expression", "type": "QString", "value": expression})
    Xml.SubElement(one, "Option", {"name": "type", "type": "int", "value": "3"})
    Xml.SubElement(top, "Option", {"name": "type", "type": "QString", "value": "collection"})


def _labels(*, points: bool) -> Xml.Element:
    """The rep's id in the middle of a territory; beside areas, points have none."""
    areas = "if(geometry_type($geometry) = 'Polygon', \"rep\", '')"
    labeling = Xml.Element("labeling", {"type": "simple"})
    settings = Xml.SubElement(labeling, "settings", {"calloutType": "simple"})
    style = Xml.SubElement(
        settings,
        "text-style",
        {"fieldName": '"rep"' if points else areas, "isExpression": "1", "fontSize": "9", "fontSizeUnit": "Point",
         "fontWeight": "63", "textColor": _rgba(_INK), "textOpacity": "1"},
    )  # fmt: skip
    Xml.SubElement(
        style,
        "text-buffer",
        {"bufferDraw": "1", "bufferSize": "0.9", "bufferSizeUnits": "MM",
         "bufferColor": "255,255,255,255", "bufferOpacity": "0.85", "bufferNoFill": "1"},
    )  # fmt: skip
    # Around the middle of the largest part, and every territory has its label.
    middle = {"placement": "1", "quadOffset": "4", "priority": "8", "centroidInside": "1"}
    if points:
        middle |= {"geometryGenerator": "centroid($geometry)", "geometryGeneratorEnabled": "1",
                   "geometryGeneratorType": "PointGeometry"}  # fmt: skip
    Xml.SubElement(settings, "placement", middle)
    Xml.SubElement(settings, "rendering", {"displayAll": "1", "obstacle": "0", "labelPerPart": "0"})
    return labeling


def _rgba(colour: str) -> str:
    """``#RRGGBB`` or ``#RRGGBBAA`` as QGIS writes it.

    >>> _rgba("#77AADD"), _rgba("#00000000")
    ('119,170,221,255', '0,0,0,0')
    """
    channels = [int(colour[at : at + 2], 16) for at in range(1, len(colour), 2)]
    return ",".join(map(str, (*channels, 255)[:4]))
