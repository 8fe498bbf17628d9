"""What differs between the tables of one plan period and those of the next."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ...models.build.intake import IdIndex
from ...models.errors import counted
from ...models.geodesy import great_circle_km
from ...models.problem import Problem
from ...models.tables import Table
from ..amounts import plain_figure

#: Columns of ``differences.csv``.
DIFFERENCES = ("table", "what", "id", "column", "old", "new", "change", "unit")
#: What a row of a table is known by; of other tables only the rows are counted.
KEYS: Mapping[str, tuple[str, ...]] = {
    "units": ("unit",),
    "reps": ("rep",),
    "people": ("person",),
    "standards": ("standard", "class", "channel"),
    "leaves": ("rep", "from"),
    "neighbours": ("a", "b"),
    "travel": ("rep", "base", "unit"),
}
#: Of which columns it is said that they changed, and not how: people's pay and names.
_PRIVATE = frozenset({"cost", "name", "base_pay", "target_incentive"})
_PLACE = ("latitude", "longitude")
#: Bases and units that move less, in kilometres, have only been measured again.
_MOVED_KM = 0.1
#: Rows of a kind that the text names; all are in the table.
_NAMED = 10
_RELATIVE = 1e-9

Tables = Mapping[str, tuple[Table, ...]]
Row = dict[str, Any]


def table_differences(
    old: Tables, new: Tables, currency: str, crosswalk: Iterable[tuple[str, str, float]] = ()
) -> list[Row]:
    """Differences of two sets of tables: totals first, then rows gone and new, then values."""
    rows: list[Row] = []
    joined = {before: after for before, after, _ in crosswalk}
    for name in dict.fromkeys((*old, *new)):
        if name in ("incumbent", "geometry"):
            continue
        before, after = _frame(old.get(name, ())), _frame(new.get(name, ()))
        if name not in KEYS:
            if len(before) != len(after):
                rows.append(_row(name, "total", column="rows", old=len(before), new=len(after)))
            continue
        rows += _Compared(name, before, after, currency, joined).rows()
    return rows


def neighbour_differences(old: Problem, new: Problem) -> list[Row]:
    """Pairs of units that are neighbours in one of two problems, of units that both have."""
    before, after = _pairs(old), _pairs(new)
    shared = set(old.units.wholes) & set(new.units.wholes)
    found = []
    for what, pairs in (("gone", before - after), ("new", after - before)):
        for a, b in sorted(pairs):
            if {a, b} <= shared:
                found.append(_row("neighbour graph", what, id_=f"{a} – {b}"))
    return found


def _pairs(problem: Problem) -> set[tuple[str, str]]:
    pairs = set()
    for team in problem.teams:
        for a, b in problem.covers.unit[team.neighbours.pairs].tolist():
            one, other = sorted((problem.units.wholes[a], problem.units.wholes[b]))
            if one != other:
                pairs.add((one, other))
    return pairs


def _frame(tables: Sequence[Table]) -> pd.DataFrame:
    frames = [table.frame for table in tables]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _row(
    table: str,
    what: str,
    *,
    id_: str = "",
    column: str = "",
    old: Any = "",
    new: Any = "",
    unit: str = "",
) -> Row:
    change: Any = ""
    if _is_number(old) and _is_number(new):
        change = new - old
    values = (table, what, id_, column, old, new, change, unit)
    return dict(zip(DIFFERENCES, values, strict=True))


def _is_number(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value)


@dataclass(eq=False)
class _Compared:
    """Two tables of one kind, row by row."""

    name: str
    before: pd.DataFrame
    after: pd.DataFrame
    currency: str
    joined: Mapping[str, str]

    def rows(self) -> Iterator[Row]:
        old, new = self._records(self.before), self._records(self.after)
        match = self._matched(old, new)
        yield from self._totals(len(old), len(new))
        for key in old:
            if key not in match:
                into = self.joined.get(key, "")
                what = "merged" if into else "gone"
                yield _row(self.name, what, id_=key, column="sales" * self._sold, new=into, **self._worth(old[key], "old"))  # fmt: skip
        taken = set(match.values())
        for key in new:
            if key not in taken:
                yield _row(self.name, "new", id_=key, column="sales" * self._sold, **self._worth(new[key], "new"))  # fmt: skip
        for key, other in match.items():
            if key != other:
                yield _row(self.name, "lost zeros", id_=key, column=KEYS[self.name][0], old=key, new=other)  # fmt: skip
        changed = [each for key, other in match.items() for each in self._changed(key, old[key], new[other])]  # fmt: skip
        yield from sorted(changed, key=lambda row: (str(row["column"]), -_size(row)))

    @property
    def _sold(self) -> bool:
        return self.name == "units"

    def _worth(self, record: Row, side: str) -> Row:
        if not self._sold:
            return {}
        return {side: record.get("sales", ""), "unit": self._unit("sales")}

    def _records(self, frame: pd.DataFrame) -> dict[str, Row]:
        found = {}
        for record in frame.to_dict("records"):
            parts = [_text(record.get(key)) for key in KEYS[self.name]]
            if self.name == "neighbours":
                parts.sort()
            key = " – ".join(part for part in parts if part)
            found[key] = {str(name): value for name, value in record.items()}
        return found

    @staticmethod
    def _matched(old: Mapping[str, Row], new: Mapping[str, Row]) -> dict[str, str]:
        """New key by old key, also where a spreadsheet took leading zeros away."""
        index = IdIndex(list(new))
        found = {}
        for key in old:
            at = index.find(key)
            if at >= 0:
                found[key] = index.ids[at]
        return found

    def _totals(self, before: int, after: int) -> Iterator[Row]:
        if before != after:
            yield _row(self.name, "total", column="rows", old=before, new=after)
        for column in ("potential", "sales", "accounts") if self._sold else ():
            if column in self.before and column in self.after:
                sums = [float(frame[column].sum()) for frame in (self.before, self.after)]
                if sums[0] != sums[1]:
                    yield _row(self.name, "total", column=column, old=sums[0], new=sums[1], unit=self._unit(column))  # fmt: skip

    def _unit(self, column: str) -> str:
        money = f"{self.currency}/year"
        units = {"potential": money, "sales": money, "accounts": "accounts", "minutes": "minutes"}
        units |= {"workload_hours": "hours/year", "kilometres": "km", "full_time": "share"}
        return units.get(column, "")

    def _changed(self, key: str, old: Row, new: Row) -> Iterator[Row]:
        for column in dict.fromkeys((*old, *new)):
            if column in (*KEYS[self.name], *_PLACE, "geometry"):
                continue
            a, b = _plain(old.get(column)), _plain(new.get(column))
            if _alike(a, b):
                continue
            if column in _PRIVATE:
                a = b = ""
            yield _row(self.name, "changed", id_=key, column=column, old=a, new=b, unit=self._unit(column))  # fmt: skip
        moved = _moved(old, new)
        if moved > _MOVED_KM:
            yield _row(self.name, "changed", id_=key, column="place", old=0.0, new=round(moved, 1), unit="km")  # fmt: skip


def _moved(old: Row, new: Row) -> float:
    """Kilometres between two places; 0 where one of them is not known."""
    places = [_plain(row.get(name)) for row in (old, new) for name in _PLACE]
    if not all(_is_number(each) for each in places):
        return 0.0
    return float(great_circle_km(*places))


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return value


def _text(value: Any) -> str:
    return str(_plain(value))


def _alike(a: Any, b: Any) -> bool:
    if _is_number(a) and _is_number(b):
        return math.isclose(a, b, rel_tol=_RELATIVE, abs_tol=_RELATIVE)
    return bool(a == b)


def _size(row: Row) -> float:
    return abs(row["change"]) if _is_number(row["change"]) else 0.0


def differences_text(rows: Sequence[Row]) -> list[str]:
    """Differences for people, the largest of each kind, as lines of Markdown."""
    if not rows:
        return ["No table differs."]
    lines = []
    for table in dict.fromkeys(row["table"] for row in rows):
        own = [row for row in rows if row["table"] == table]
        lines += [f"## {table}", ""]
        kinds = dict.fromkeys((row["what"], row["column"]) for row in own)
        for what, column in kinds:
            some = [row for row in own if (row["what"], row["column"]) == (what, column)]
            if what == "total":
                lines += [f"- {column} in total: {_change_text(row)}" for row in some]
                continue
            about = column if what == "changed" else what
            lines.append(f"- {about}: {counted(len(some), 'row')}")
            lines += [f"  - {_one_text(row)}" for row in some[:_NAMED]]
            if len(some) > _NAMED:
                lines.append(f"  - and {len(some) - _NAMED:,} more in differences.csv")
        lines.append("")
    return lines[:-1]


def _one_text(row: Row) -> str:
    if row["what"] == "changed":
        if row["column"] == "place":
            return f"{row['id']}: moved {row['new']:,.1f} km"
        return f"{row['id']}: {_change_text(row)}"
    if row["what"] == "lost zeros":
        return f"{row['id']} is now {row['new']}"
    into = f" into {row['new']}" if row["what"] == "merged" else ""
    worth = row["new"] if row["what"] == "new" else row["old"]
    sold = f" ({worth:,.0f} {row['unit']} of sales)" if _is_number(worth) else ""
    return f"{row['id']}{into}{sold}"


def _change_text(row: Row) -> str:
    old, new, unit = row["old"], row["new"], row["unit"]
    if old == new == "":
        return "changed"
    if not (_is_number(old) and _is_number(new)):
        return f"{_or_nothing(old)} → {_or_nothing(new)}"
    share = f", {row['change'] / old:+.1%}" if old else ""
    change = plain_figure(row["change"], sign=True)
    amounts = f"{plain_figure(old)} → {plain_figure(new)} {unit}".rstrip()
    return f"{amounts} ({change}{share})"


def _or_nothing(value: Any) -> str:
    return str(value) if value != "" else "(nothing)"
