"""The raw cells of a file, each row with the place where a person finds it."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ..errors import ProblemList
from .source import SUFFIXES, TableSource

DELIMITERS = (",", ";", "\t", "|")
WGS84 = "EPSG:4326"


@dataclass(eq=False)
class RawTable:
    """Cells as they stand in the file; ``frame`` is None where nothing could be read.

    Parameters
    ----------
    typed
        The file knows numbers from text, so that an id that stands as a number may
        have lost its leading zeros.
    """

    frame: pd.DataFrame | None = None
    places: list[str] = field(default_factory=list)
    delimiter: str = ""
    typed: bool = False


def read_raw(source: TableSource, found: ProblemList) -> RawTable:
    """Read the cells of a file; what is wrong with the file as a whole goes to ``found``."""
    path = source.path
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in SUFFIXES:
        found.add(f"the suffix must be one of {', '.join(SUFFIXES)}", value=path.name)
        return RawTable()
    if not path.is_file():
        found.add("there is no such file", value=path.name)
        return RawTable()
    if suffix in (".csv", ".txt", ".tsv"):
        return _read_text(source, found)
    if suffix in (".xlsx", ".xlsm"):
        return _read_workbook(source, found)
    return _read_geo(source, found, suffix)


def _read_text(source: TableSource, found: ProblemList) -> RawTable:
    text = _decoded(source, found)
    if text is None:
        return RawTable()
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = {mark: len(_cells(first, mark)) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: counts[mark])
    delimiter = source.delimiter or best
    if source.delimiter and len(_cells(first, delimiter)) == 1 and counts[best] > 1:
        found.add(
            f"the header has one column with the delimiter {delimiter!r}; with {best!r} it has "
            f"{counts[best]}",
            place="row 1",
            key="delimiter",
            value=delimiter,
        )
        return RawTable()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    places: list[int] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                places.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        found.add(f"cannot be read as CSV: {error}", place=f"row {line}")
        return RawTable()
    return _framed(rows, places, found, delimiter)


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _decoded(source: TableSource, found: ProblemList) -> str | None:
    content = source.path.read_bytes()
    if source.path.suffix.lower() == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError):
            found.add("is not a gzip file")
            return None
    encoding = "utf-8-sig" if source.encoding.lower() in ("utf-8", "utf8") else source.encoding
    if content.startswith(b"\xef\xbb\xbf"):
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except LookupError:
        found.add("there is no such encoding", key="encoding", value=source.encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
        likely = "utf-16" if utf_16 else "cp1252 (Western Windows)"
        found.add(
            f"is not written in {source.encoding}; say its encoding, {likely} perhaps",
            place=f"row {line}",
            key="encoding",
            value=content[error.start : error.start + 4],
        )
    return None


def _read_workbook(source: TableSource, found: ProblemList) -> RawTable:
    try:
        book = pd.ExcelFile(source.path, engine="openpyxl")
    except (zipfile.BadZipFile, KeyError, OSError, ValueError):
        found.add("is not an Excel workbook")
        return RawTable()
    with book:
        names = [str(name) for name in book.sheet_names]
        if source.sheet is not None and source.sheet not in names:
            message = f"there is no such sheet; there are {', '.join(names)}"
            found.add(message, key="sheet", value=source.sheet)
            return RawTable()
        wanted = source.sheet or names[0]
        sheet = pd.read_excel(book, wanted, header=None, dtype=object, keep_default_na=False)
    rows, places = [], []
    for number, row in enumerate(sheet.to_numpy(dtype=object).tolist(), start=1):
        if any(cell is not None and str(cell).strip() for cell in row):
            rows.append([None if cell is pd.NaT else cell for cell in row])
            places.append(number)
    if rows:
        filled = [i + 1 for i, cell in enumerate(rows[0]) if str(cell).strip()]
        rows = [_fitted(row, max(filled, default=0)) for row in rows]
    raw = _framed(rows, places, found, "")
    raw.typed = True
    return raw


def _fitted(row: list[Any], width: int) -> list[Any]:
    """A sheet's row without empty cells to its right; formats may reach far beyond the data."""
    extra = [cell for cell in row[width:] if cell is not None and str(cell).strip()]
    return row[:width] + [None] * (width - len(row)) + extra


def _framed(
    rows: list[list[Any]], places: list[int], found: ProblemList, delimiter: str
) -> RawTable:
    if not rows:
        found.add("is empty: not even a header", place="row 1")
        return RawTable()
    header = [str(cell if cell is not None else "").strip() for cell in rows[0]]
    good, good_places = [], []
    for row, place in zip(rows[1:], places[1:], strict=True):
        if len(row) == len(header):
            good.append(row)
            good_places.append(f"row {place}")
        else:
            found.add(
                f"has {len(row)} fields, the header has {len(header)}; "
                "a field that holds the delimiter goes in quotes",
                place=f"row {place}",
            )
    for name, count in sorted(Counter(header).items()):
        if count > 1:
            found.add("stands more than once in the header", place=f"row {places[0]}", key=name)
    if len(set(header)) < len(header):
        return RawTable()
    columns = list(zip(*good, strict=True)) if good else [()] * len(header)
    frame = pd.DataFrame(
        {
            name: pd.Series(list(cells), dtype=object)
            for name, cells in zip(header, columns, strict=True)
        }
    )
    return RawTable(frame.drop(columns="", errors="ignore"), good_places, delimiter)


def _read_geo(source: TableSource, found: ProblemList, suffix: str) -> RawTable:
    import geopandas
    import pyarrow
    import pyogrio

    try:
        if suffix == ".parquet":
            frame = _read_parquet(source.path)
        else:
            where = f"/vsigzip/{source.path}" if source.path.suffix == ".gz" else source.path
            frame = pyogrio.read_dataframe(where, layer=source.layer, fid_as_index=True)
            if "id" not in frame.columns and suffix in (".geojson", ".json"):
                frame = frame.assign(id=frame.index)
            frame = frame.reset_index(drop=True)
    except (pyogrio.errors.DataLayerError, pyogrio.errors.DataSourceError) as error:
        found.add(f"cannot be read: {error}", key="layer" if source.layer else "")
        return RawTable()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        found.add(f"cannot be read: {error}")
        return RawTable()
    if isinstance(frame, geopandas.GeoDataFrame) and frame.active_geometry_name:
        geo_json = suffix in (".geojson", ".json")
        degrees = in_degrees(frame, source.crs, found, override=geo_json)
        if degrees is None:
            return RawTable()
        frame = degrees
    places = [f"row {number}" for number in range(1, len(frame) + 1)]
    return RawTable(pd.DataFrame(frame), places, typed=True)


def _read_parquet(path: Path) -> pd.DataFrame:
    import geopandas
    import pyarrow.parquet

    metadata = pyarrow.parquet.read_schema(path).metadata or {}
    read = geopandas.read_parquet if b"geo" in metadata else pd.read_parquet
    frame: pd.DataFrame = read(path)
    return frame.reset_index(drop=True)


def in_degrees(
    frame: Any, crs: str | None, found: ProblemList, *, override: bool = False
) -> Any | None:
    """A geo data frame in WGS 84 with its geometry under that name; None where it cannot be.

    Parameters
    ----------
    override
        The given system stands above what the frame says (a GeoJSON file says WGS 84
        by default, whatever its numbers are).
    """
    from pyproj.exceptions import CRSError

    if frame.active_geometry_name != "geometry":
        frame = frame.rename_geometry("geometry")
    try:
        if crs and (frame.crs is None or override):
            frame = frame.set_crs(crs, allow_override=True)
        if frame.crs is None:
            found.add("does not say its coordinate system; say crs, EPSG:4326 perhaps", key="crs")
            return None
        return frame.to_crs(WGS84)
    except CRSError:
        found.add("there is no such coordinate system", key="crs", value=crs)
        return None
