"""``data:``: the tables, each described where it is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Strict, Tag

from ..kinds import Flag, Section, Text, as_list, path_alone

Cell = Annotated[bool, Strict()] | Annotated[float, Strict()] | str
OnProblem = Literal["error", "quarantine", "impute"]


class Table(Section):
    """A table: a file and how to read it. A path alone will do."""

    path: Text
    """File, relative to the scenario file: CSV, Excel, GeoJSON, GeoPackage or Parquet."""

    columns: dict[str, Text] = Field(default_factory=dict)
    """Where the file's names differ: our column name, then the file's."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What parts the columns of a CSV file; found from the header by default."""

    decimal: Literal[".", ","] | None = None
    """Decimal sign; a ``;`` file with commas in its numbers is read so by default."""

    thousands: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """Sign between thousands."""

    encoding: Text = "utf-8"
    """Encoding of a CSV file; older Excel files are often ``cp1252``."""

    sheet: Text | None = None
    """Sheet of a workbook; the first one by default."""

    layer: Text | None = None
    """Layer of a GeoPackage; the first one by default."""

    crs: Text | None = None
    """Coordinate system where the file does not say its own, ``EPSG:25833``."""

    on_problem: dict[str, OnProblem] = Field(default_factory=dict)
    """What a bad or missing value does, by column: stop, set the row aside, or fill it in."""

    marked: Literal["measured", "assumed", "imputed"] = "measured"
    """How the figures came about; the report says it."""

    set: dict[str, Cell] = Field(default_factory=dict)
    """Columns that have one value in all rows."""


class TravelTable(Table):
    """Given minutes and kilometres between reps (or bases) and units."""

    complete: Flag = False
    """Whether these are all the ways there are; else they replace computed ones."""


TableEntry = Annotated[Table, BeforeValidator(path_alone, json_schema_input_type=Table | str)]
TravelEntry = Annotated[
    TravelTable, BeforeValidator(path_alone, json_schema_input_type=TravelTable | str)
]
NEIGHBOUR_WORDS = ("borders", "points", "none")


def _neighbours_kind(value: Any) -> str:
    return "<word>" if isinstance(value, str) else "<table>"


Neighbours = Annotated[
    Annotated[Literal["borders", "points", "none"], Tag("<word>")]
    | Annotated[Table, Tag("<table>")],
    Discriminator(_neighbours_kind),
]


class Data(Section):
    """The tables that a plan is made from."""

    units: Annotated[
        tuple[TableEntry, ...],
        BeforeValidator(as_list, json_schema_input_type=tuple[TableEntry, ...] | TableEntry),
        Field(min_length=1),
    ]
    """One table of units or several (accounts and areas): ``unit, potential, sales …``."""

    reps: TableEntry
    """Who sells: ``rep, team, latitude, longitude`` or ``base``, ``full_time, cost …``."""

    geometry: TableEntry | None = None
    """Polygons by ``unit`` where the units' table has none."""

    names: TableEntry | None = None
    """``rep, name``: names apart from the ids; also ``language`` of the person's letter."""

    leaves: TableEntry | None = None
    """``rep, from, to``: leaves beyond the one that the reps' table holds."""

    standards: TableEntry | None = None
    """Service standards: ``class, channel, calls_per_year, hours_per_call``."""

    incumbent: TableEntry | None = None
    """Today's alignment: ``unit, rep``, with ``team``, ``share``, ``since``, ``last_visit`` if known."""

    neighbours: Neighbours | None = None
    """``borders``, ``points`` (a planar graph), ``none``, or a table; borders of areas if any."""

    travel: TravelEntry | None = None
    """Given travel: ``rep`` (or ``base``)``, unit, minutes, kilometres``."""

    history: TableEntry | None = None
    """What units sold: ``unit, period, sales`` (``product``); weeks, months, quarters or years."""

    crosswalk: TableEntry | None = None
    """Codes of the history that changed: ``old, new`` (``share, valid_from``)."""

    estimates: TableEntry | None = None
    """What owners expect themselves: ``owner, estimate`` (``product, period``)."""

    people: TableEntry | None = None
    """Management: ``person, role, team, reports_to``."""

    pay: TableEntry | None = None
    """``person, base, target_incentive``: pay of single people, in a file of its own."""

    attainment: TableEntry | None = None
    """``owner, period, sales, quota`` of past periods, to estimate uncertainty from."""

    previous_quotas: TableEntry | None = None
    """``node, quota``, also by ``product`` and ``period``: last time's, for the letters."""

    deals: TableEntry | None = None
    """Open deals, for the hand-over: ``deal, unit`` (``owner, name, stage, amount, close``)."""

    meeting_days: TableEntry | None = None
    """``rep, day``: days on which people can meet to hand over; managers too."""
