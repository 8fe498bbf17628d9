"""Tables from files: formats, signs, encodings, ids, and what on_problem does."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from teig.models import BadInput, OnProblem, TableSource, read_table, touched_table
from teig.models.standards import ServiceStandards
from teig.models.tables.columns import COLUMNS
from teig.models.tables.schema import schema_of

UNITS = "unit,name,potential,sales\n0301,Oslo,900.5,200\n1103,Stavanger,300,60\n"


def csv(folder: Path, text: str, encoding: str = "utf-8", name: str = "units.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def messages(path: Path, kind: str = "units", **settings: Any) -> list[str]:
    return [str(problem) for problem in read_table(TableSource(path, **settings), kind).problems]


def test_csv_keeps_leading_zeros_and_knows_its_rows(tmp_path: Path) -> None:
    table = read_table(TableSource(csv(tmp_path, UNITS)), "units")
    assert table.problems == ()
    assert table.frame["unit"].tolist() == ["0301", "1103"]
    assert table.frame["potential"].tolist() == [900.5, 300.0]
    assert table.places == ("row 2", "row 3")
    assert table.source == "units.csv"


def test_rows_are_counted_as_they_stand_in_the_file(tmp_path: Path) -> None:
    text = 'unit,name,potential,sales\n\n01,"two\nlines",1,1\n\n02,x,1,-1\n'
    assert messages(csv(tmp_path, text)) == [
        "units.csv, row 6, sales: must not be negative (found '-1')"
    ]


@pytest.mark.parametrize("delimiter", [None, ";"])
def test_semicolons_and_decimal_commas(tmp_path: Path, delimiter: str | None) -> None:
    text = "unit;name;potential;sales\n0301;Oslo, sentrum;900,5;200\n"
    table = read_table(TableSource(csv(tmp_path, text), delimiter=delimiter), "units")
    assert table.problems == ()
    assert table.frame["potential"].tolist() == [900.5]
    assert table.frame["name"].tolist() == ["Oslo, sentrum"]
    assert table.notes == ("units.csv was read with decimal commas",)


def test_thousands_and_given_decimals(tmp_path: Path) -> None:
    text = "unit;potential;sales\n1;1.900,5;200\n"
    path = csv(tmp_path, text)
    settings: dict[str, Any] = {"decimal": ",", "thousands": "."}
    assert read_table(TableSource(path, **settings), "units").frame["potential"].tolist() == [
        1900.5
    ]
    assert "must be a number" in messages(path, decimal=",")[0]


def test_encodings(tmp_path: Path) -> None:
    text = "unit,name,potential,sales\n1,Tromsø,1,1\n"
    path = csv(tmp_path, text, "cp1252")
    assert messages(path) == [
        (
            "units.csv, row 2, encoding: is not written in utf-8; say its encoding, "
            "cp1252 (Western Windows) perhaps (found \"b'\\\\xf8,1,'\")"
        )
    ]
    right = read_table(TableSource(path, encoding="cp1252"), "units")
    assert right.frame["name"].tolist() == ["Tromsø"]
    for encoding in ("utf-8-sig", "utf-16"):
        other = csv(tmp_path, text, encoding)
        read_as = "utf-8" if encoding == "utf-8-sig" else encoding
        table = read_table(TableSource(other, encoding=read_as), "units")
        assert table.frame["unit"].tolist() == ["1"]
    assert "utf-16 perhaps" in messages(csv(tmp_path, text, "utf-16"))[0]
    assert "no such encoding" in messages(path, encoding="utf-99")[0]


def test_columns_are_mapped_set_and_projected(tmp_path: Path) -> None:
    text = "fips,income,unit,n,e\n0301,900,old,6643000,597000\n"
    source = TableSource(
        csv(tmp_path, text),
        columns={
            "unit": "fips", "potential": "income", "sales": "income",
            "latitude": "n", "longitude": "e",
        },
        set={"segment": "general", "parts": 2},
        crs="EPSG:25832",
    )  # fmt: skip
    table = read_table(source, "units")
    assert table.problems == ()
    row = table.frame.iloc[0]
    assert (row["unit"], row["potential"], row["sales"]) == ("0301", 900.0, 900.0)
    assert (row["segment"], row["parts"]) == ("general", 2.0)
    assert row["latitude"] == pytest.approx(59.91, abs=0.02)
    assert row["longitude"] == pytest.approx(10.73, abs=0.02)
    assert "income" not in table.frame.columns


def test_excel_repairs_ids_and_says_so(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "notes"
    sheet = book.create_sheet("units")
    for row in (
        ["unit", "name", "potential", "sales", None],
        [301.0, "Oslo", 900.5, 200],
        [None, None, None, None],
        ["0302", "Bærum", 10, 20],
        [7.5, "x", 10, 20],
    ):
        sheet.append(row)
    path = tmp_path / "units.xlsx"
    book.save(path)
    table = read_table(TableSource(path, sheet="units"), "units")
    assert [str(problem) for problem in table.problems] == [
        "units.xlsx, row 5, unit: an id is text; a number with decimals cannot be one (found '7.5')"
    ]
    assert table.frame["unit"].tolist()[:2] == ["301", "0302"]
    assert table.places[:2] == ("row 2", "row 4")
    assert table.notes == (
        (
            "units.xlsx, unit: 2 ids stand as numbers and are read as text without decimals, "
            "the first as 301; leading zeros are lost"
        ),
    )
    assert "no such sheet; there are notes, units" in messages(path, sheet="x")[0]


def test_dates_and_flags(tmp_path: Path) -> None:
    text = "rep,valid_from,open,hired\nR1,2027-03-01,yes,2026-01-01T00:00:00\nR2,1.3.2027,maybe,\n"
    table = read_table(TableSource(csv(tmp_path, text, name="reps.csv")), "reps")
    assert table.frame["valid_from"].tolist() == [dt.date(2027, 3, 1), None]
    assert table.frame["open"].tolist()[0] is True
    assert [str(problem) for problem in table.problems] == [
        "reps.csv, row 3, valid_from: must be a date like 2027-01-31 (found '1.3.2027')",
        "reps.csv, row 3, open: must be true or false (found 'maybe')",
    ]


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet"])
def test_geometry_comes_in_degrees(tmp_path: Path, suffix: str) -> None:
    frame = gpd.GeoDataFrame(
        {"id": ["0301", "0302"]},
        geometry=[shapely.box(10, 59, 11, 60), shapely.Point(10, 60)],
        crs="EPSG:4326",
    )
    path = tmp_path / f"areas{suffix}"
    if suffix == ".geojson":
        frame.to_file(path)
    elif suffix == ".gpkg":
        frame.to_crs("EPSG:25832").to_file(path, layer="areas")
    else:
        frame.to_crs("EPSG:25832").to_parquet(path)
    table = read_table(TableSource(path, columns={"unit": "id"}), "geometry")
    assert table.problems == ()
    assert table.frame["unit"].tolist() == ["0301", "0302"]
    assert table.frame["geometry"].iloc[0].bounds == pytest.approx((10, 59, 11, 60), abs=1e-6)


def test_geojson_with_ids_outside_the_properties(tmp_path: Path) -> None:
    text = (
        '{"type":"FeatureCollection","features":[{"type":"Feature","id":7,"properties":{},'
        '"geometry":{"type":"Point","coordinates":[10,60]}}]}'
    )
    source = TableSource(csv(tmp_path, text, name="a.geojson"), columns={"unit": "id"})
    assert read_table(source, "geometry").frame["unit"].tolist() == ["7"]


def test_parquet_without_geometry(tmp_path: Path) -> None:
    path = tmp_path / "units.parquet"
    pd.DataFrame({"unit": [1, 2], "potential": [1.0, 2.0], "sales": [1, 2]}).to_parquet(path)
    table = read_table(TableSource(path), "units")
    assert table.frame["unit"].tolist() == ["1", "2"]


def test_further_columns_are_numbers_only_where_they_are(tmp_path: Path) -> None:
    text = "unit,potential,sales,beds,code,mixed\n1,1,1,5,012,3\n2,1,1,,034,x\n"
    frame = read_table(TableSource(csv(tmp_path, text)), "units").frame
    assert frame["beds"].tolist()[0] == 5.0
    assert np.isnan(frame["beds"].tolist()[1])
    assert frame["code"].tolist() == ["012", "034"]
    assert frame["mixed"].tolist() == ["3", "x"]


def test_on_problem_quarantines_imputes_and_counts(tmp_path: Path) -> None:
    text = (
        "unit,potential,sales,class,accounts,workload_hours\n"
        "1,10,5,A,2,\n2,x,7,A,1,\n3,30,,A,1,8\n4,,9,B,1,\n5,20,1,A,1,\n"
    )
    source = TableSource(
        csv(tmp_path, text),
        on_problem={"potential": OnProblem.IMPUTE, "sales": OnProblem.QUARANTINE},
    )
    table = read_table(source, "units")
    assert table.problems == ()
    assert table.frame["unit"].tolist() == ["1", "2", "4", "5"]
    assert table.frame["potential"].tolist() == [10.0, 20.0, 20.0, 20.0]
    assert table.places == ("row 2", "row 3", "row 5", "row 6")
    standards = ServiceStandards(
        pd.DataFrame(
            {"class": ["A"], "channel": ["field"], "calls_per_year": [4], "hours_per_call": [0.5]}
        )
    )
    touched = touched_table([table], standards)
    columns = ["column", "decision", "rows", "value", "hours", "potential", "sales"]
    assert touched[columns].iloc[0].tolist() == ["potential", "impute", 2, 20, 2, 0, 16]
    assert touched[columns].iloc[1].drop("value").tolist() == [
        "sales", "quarantine", 1, 8, 30, 0
    ]  # fmt: skip


def test_all_tables_have_schemas() -> None:
    for kind, columns in COLUMNS.items():
        assert list(schema_of(kind).columns) == [column.name for column in columns]
        assert all(column.meaning for column in columns)


#: One fault each: file's text, settings, what the one message says.
BROKEN_FILES: dict[str, tuple[str, dict[str, Any], str]] = {
    "missing column": (
        "unit,potential\n1,2\n", {},
        ("units.csv, sales: the table needs this column (money that it does buy a year); "
        "it has unit, potential"),
    ),
    "mapped column": (
        UNITS, {"columns": {"accounts": "shops"}},
        ("units.csv, columns.accounts: no column 'shops' is in the file; it has unit, name, "
        "potential, sales (found 'shops')"),
    ),
    "duplicate": (
        "unit,potential,sales\n1,1,1\n2,1,1\n1,1,1\n", {},
        "units.csv, row 4, unit: stands more than once, first in row 2 (found '1')",
    ),
    "duplicate when trimmed": (
        "unit,potential,sales\n01,1,1\n 01 ,1,1\n", {},
        "units.csv, row 3, unit: stands more than once, first in row 2 (found ' 01 ')",
    ),
    "empty id": (
        "unit,potential,sales\n,1,1\n", {},
        "units.csv, row 2, unit: must not be empty (id of the unit)",
    ),
    "missing number": (
        "unit,potential,sales\n1,,1\n", {},
        "units.csv, row 2, potential: must not be empty (money that the unit could buy a year)",
    ),
    "NaN": (
        "unit,potential,sales\n1,NaN,1\n", {},
        "units.csv, row 2, potential: must not be empty (money that the unit could buy a year)",
    ),
    "infinite": (
        "unit,potential,sales\n1,inf,1\n", {},
        "units.csv, row 2, potential: must be a finite number (found 'inf')",
    ),
    "negative": (
        "unit,potential,sales\n1,-3,1\n", {},
        "units.csv, row 2, potential: must not be negative (found '-3')",
    ),
    "negative hours": (
        "unit,potential,sales,workload_hours\n1,3,1,-2\n", {},
        "units.csv, row 2, workload_hours: must not be negative (found '-2')",
    ),
    "text for a number": (
        "unit,potential,sales\n1,many,1\n", {},
        "units.csv, row 2, potential: must be a number (found 'many')",
    ),
    "decimal comma": (
        'unit,potential,sales\n1,"3,5",1\n', {},
        ("units.csv, row 2, potential: must be a number; for decimal commas say decimal: ',' "
        "(found '3,5')"),
    ),
    "mapped name is shown": (
        "unit,income,sales\n1,-3,1\n", {"columns": {"potential": "income"}},
        "units.csv, row 2, potential (income): must not be negative (found '-3')",
    ),
    "parts": (
        "unit,potential,sales,parts\n1,1,1,0\n", {},
        "units.csv, row 2, parts: must lie between 1 and 1000 (found '0')",
    ),
    "half a part": (
        "unit,potential,sales,parts\n1,1,1,1.5\n", {},
        "units.csv, row 2, parts: must be a whole number (found '1.5')",
    ),
    "latitude": (
        "unit,potential,sales,latitude,longitude\n1,1,1,95,200\n2,1,1,60,10\n", {},
        "units.csv, row 2, latitude: must lie between -90 and 90 (found '95')",
    ),
    "swapped": (
        "unit,potential,sales,latitude,longitude\n1,1,1,-118.2,34.1\n", {},
        ("units.csv, row 2, latitude: must lie between -90 and 90; are latitude and longitude "
        "swapped? (found '-118.2')"),
    ),
    "half a place": (
        "unit,potential,sales,latitude,longitude\n1,1,1,60,\n", {},
        "units.csv, row 2, longitude: must not be empty where there is a latitude",
    ),
    "no longitude": (
        "unit,potential,sales,latitude\n1,1,1,60\n", {},
        "units.csv, longitude: the table has a latitude and so needs this column",
    ),
    "empty table": ("unit,potential,sales\n", {}, "units.csv: the table has no rows"),
    "empty file": ("", {}, "units.csv, row 1: is empty: not even a header"),
    "wrong delimiter": (
        UNITS, {"delimiter": ";"},
        ("units.csv, row 1, delimiter: the header has one column with the delimiter ';'; "
        "with ',' it has 4 (found ';')"),
    ),
    "ragged row": (
        "unit,potential,sales\n1,1,1,5\n2,1,1\n", {},
        ("units.csv, row 2: has 4 fields, the header has 3; a field that holds the delimiter goes "
        "in quotes"),
    ),
    "header twice": (
        "unit,potential,sales,sales\n1,1,1,1\n", {},
        "units.csv, row 1, sales: stands more than once in the header",
    ),
    "on_problem of no column": (
        UNITS, {"on_problem": {"visits": "impute"}},
        "units.csv, on_problem.visits: the table has no such column (found 'visits')",
    ),
    "imputed text": (
        UNITS, {"on_problem": {"name": "impute"}},
        "units.csv, on_problem.name: only a number can be imputed (by the median)",
    ),
    "nothing to impute from": (
        "unit,potential,sales\n1,,1\n", {"on_problem": {"potential": "impute"}},
        "units.csv, potential: has no good value to impute from",
    ),
    "coordinate system": (
        "unit,potential,sales,latitude,longitude\n1,1,1,60,10\n", {"crs": "EPSG:none"},
        "units.csv, crs: there is no such coordinate system (found 'EPSG:none')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN_FILES)
def test_a_broken_file_has_its_one_message(tmp_path: Path, fault: str) -> None:
    text, settings, message = BROKEN_FILES[fault]
    found = messages(csv(tmp_path, text), **settings)
    if fault == "latitude":
        assert found.pop() == (
            "units.csv, row 2, longitude: must lie between -180 and 180 (found '200')"
        )
    assert found == [message]


#: Kind of table, its text, the one message.
BROKEN_KINDS = {
    "leave ends first": (
        "reps", "rep,leave_from,leave_to\nR1,2027-05-01,2027-04-01\n",
        "row 2, leave_to: must not lie before leave_from (2027-05-01) (found '2027-04-01')",
    ),
    "leave without end": (
        "reps", "rep,leave_from,leave_to\nR1,2027-05-01,\n",
        "row 2, leave_to: a leave needs both leave_from and leave_to",
    ),
    "valid_to first": (
        "reps", "rep,valid_from,valid_to\nR1,2027-05-01,2027-04-01\n",
        "row 2, valid_to: must not lie before valid_from (2027-05-01) (found '2027-04-01')",
    ),
    "full_time above 1": (
        "reps", "rep,full_time\nR1,80\n",
        "row 2, full_time: must be above 0 and at most 1 (found '80')",
    ),
    "full_time 0": (
        "reps", "rep,full_time\nR1,0\n",
        "row 2, full_time: must be above 0 and at most 1 (found '0')",
    ),
    "kind": (
        "reps", "rep,kind\nR1,boss\n",
        "row 2, kind: must be one of rep, vacancy, house, partner (found 'boss')",
    ),
    "empty roster": ("reps", "rep,kind\n", "the table has no rows"),
    "channel": (
        "standards", "class,channel,calls_per_year,hours_per_call\nA,pigeon,1,1\n",
        "row 2, channel: must be one of field, phone, video, mail, web (found 'pigeon')",
    ),
    "negative calls": (
        "standards", "class,channel,calls_per_year,hours_per_call\nA,field,-1,1\n",
        "row 2, calls_per_year: must not be negative (found '-1')",
    ),
    "share": (
        "incumbent", "unit,rep,share\n1,R1,1.5\n",
        "row 2, share: must be above 0 and at most 1 (found '1.5')",
    ),
    "unknown column of a closed table": (
        "leaves", "rep,from,to\nR1,2027-05-01,2027-05-02\n",
        "columns.half: no such column of leaves; there are from, rep, to (found 'half')",
    ),
    "travel of nobody": (
        "travel", "unit,minutes\n1,5\n",
        "rep: the table needs a column rep, or base",
    ),
    "travel minutes": (
        "travel", "rep,unit,minutes\nR1,1,-5\n",
        "row 2, minutes: must not be negative (found '-5')",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN_KINDS)
def test_a_broken_table_of_another_kind(tmp_path: Path, fault: str) -> None:
    kind, text, message = BROKEN_KINDS[fault]
    settings = {"columns": {"half": "from"}} if "closed" in fault else {}
    path = csv(tmp_path, text, name="t.csv")
    found = messages(path, kind, **settings)
    joined = "t.csv: " if message.startswith("the table has") else "t.csv, "
    assert found[:1] == [joined + message]
    assert len(found) == (2 if "closed" in fault else 1)


def test_files_that_are_not_what_they_say(tmp_path: Path) -> None:
    for name in ("a.xlsx", "a.gpkg", "a.geojson", "a.parquet", "a.csv.gz"):
        (tmp_path / name).write_text("no such thing", encoding="utf-8")
        found = messages(tmp_path / name)
        assert len(found) == 1, found
        assert found[0].startswith(name)
    assert messages(tmp_path / "none.csv") == ["none.csv: there is no such file (found 'none.csv')"]
    assert "the suffix must be one of .csv" in messages(tmp_path / "a.doc")[0]


def test_bad_polygons_name_their_unit(tmp_path: Path) -> None:
    bow = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    line = shapely.LineString([(0, 0), (1, 1)])
    frame = gpd.GeoDataFrame(
        {"unit": ["a", "b", "c", "d"]},
        geometry=[bow, shapely.Polygon(), line, shapely.box(0, 0, 1, 1)],
        crs="EPSG:4326",
    )
    path = tmp_path / "areas.gpkg"
    frame.to_file(path)
    found = messages(path, "geometry")
    assert [text.partition("geometry: ")[2] for text in found] == [
        "the polygon of unit 'a' is not valid: Self-intersection[0.5 0.5]",
        "the geometry of unit 'b' is empty",
        "must be a polygon or a point",
    ]
    kept = read_table(TableSource(path, on_problem={"geometry": OnProblem.QUARANTINE}), "geometry")
    assert kept.frame["unit"].tolist() == ["d"]
    unsaid = gpd.GeoDataFrame({"unit": ["d"]}, geometry=[shapely.box(0, 0, 1, 1)])
    unsaid.to_parquet(tmp_path / "unsaid.parquet")
    assert (
        "does not say its coordinate system" in messages(tmp_path / "unsaid.parquet", "geometry")[0]
    )


def test_many_rows_of_one_fault_are_summed_up(tmp_path: Path) -> None:
    text = "unit,potential,sales\n" + "".join(f"{i},-1,1\n" for i in range(500))
    found = messages(csv(tmp_path, text))
    assert len(found) == 21
    assert found[-1] == "units.csv, potential: 480 more rows like these: must not be negative"


def test_everything_wrong_is_raised_at_once(tmp_path: Path) -> None:
    text = "unit,potential,sales\n1,-1,x\n1,,1\n"
    with pytest.raises(BadInput) as error:
        read_table(TableSource(csv(tmp_path, text)), "units").raise_any()
    assert len(error.value.problems) == 4
