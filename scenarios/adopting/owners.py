"""From the rows of an edited sheet to who has what; every problem of the sheet at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from ...models.build.intake import IdIndex
from ...models.errors import BadInput, InputProblem, counted, did_you_mean, shortlist
from ...models.problem import Problem
from .sheet import EditedSheet, Row, id_text

#: Problems of one kind that are named one by one.
_NAMED = 20
#: Problems for which a like name is looked for; comparing thousands takes its time.
_HINTS = 5
#: How far from a whole part a share may be written, in parts: 41.7 % is 5/12.
_NEAR = 0.1
_ERRORS = ("#REF!", "#N/A", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")

#: Unit and team.
Key = tuple[str, str]


class EditedAlignment:
    """Who has what, as the rows of one scenario say.

    Parameters
    ----------
    sheet
        The edited sheet.
    scenario
        Whose rows are read.
    before
        The run's own assignments: ``unit, team, rep, share``.
    """

    def __init__(
        self,
        sheet: EditedSheet,
        scenario: str,
        known: Sequence[str],
        problem: Problem,
        before: pd.DataFrame,
    ) -> None:
        self.sheet, self.problem, self.before = sheet, problem, before
        self.found: list[InputProblem] = []
        self.count: Counter[str] = Counter()
        self.repaired: Counter[str] = Counter()
        self.example: dict[str, str] = {}
        self.units = IdIndex(list(problem.covers_of_whole))
        self.owners = IdIndex(list(problem.owners.ids), "rep")
        self.folded = _unique(problem.owners.ids)
        self.parts: Counter[Key] = Counter(
            (
                problem.units.wholes[int(unit)],
                problem.teams[int(team)].name,
            )
            for unit, team in zip(problem.covers.unit, problem.covers.team, strict=True)
        )
        self.rows = self._of_scenario(scenario, known)

    def assignments(self) -> pd.DataFrame:
        """``unit, team, rep, share``, in the order of the problem's units.

        Raises
        ------
        BadInput
            With every problem of the sheet.
        """
        held: dict[Key, list[tuple[Row, str]]] = defaultdict(list)
        for row in self.rows:
            unit, rep = self._unit(row), self._rep(row)
            team = self._team(row, unit, rep)
            if unit and team:
                held[unit, team].append((row, rep))
        records = []
        for key in self.parts:
            if key in held:
                records += self._shared(key, held[key])
        self._missing(held)
        for message, times in self.count.items():
            if times > _NAMED:
                text = f"{counted(times - _NAMED, 'more row')} like these: {message}"
                self.found.append(InputProblem(self.sheet.source, "", "", "", text))
        if self.found:
            raise BadInput(self.found)
        return pd.DataFrame(records, columns=["unit", "team", "rep", "share"])

    @property
    def notes(self) -> tuple[str, ...]:
        """What was repaired, for people."""
        return tuple(
            f"{self.sheet.source}: {counted(times, what)} repaired, {self.example[what]}"
            for what, times in self.repaired.items()
        )

    def _of_scenario(self, scenario: str, known: Sequence[str]) -> list[Row]:
        if "scenario" not in self.sheet.titles:
            return list(self.sheet.rows)
        rows = []
        for row in self.sheet.rows:
            if row.scenario == scenario:
                rows.append(row)
            elif row.scenario not in known:
                what = (
                    f"there is no such scenario; {did_you_mean(row.scenario, known)}"
                    if row.scenario
                    else f"say whose row this is: {scenario}, or another scenario"
                )
                self._note("scenario", row, row.scenario, what)
        return rows

    def _note(self, column: str, row: Row, value: object, message: str, kind: str = "") -> None:
        kind = kind or message.partition(";")[0]
        self.count[kind] += 1
        if self.count[kind] <= _NAMED:
            title = self.sheet.titles.get(column, column.capitalize())
            shown = "" if value is None else id_text(value)
            self.found.append(
                InputProblem(self.sheet.source, self.sheet.place(row), title, shown, message)
            )

    def _repair(self, what: str, row: Row, old: str, new: str) -> None:
        self.repaired[what] += 1
        self.example.setdefault(what, f"in row {row.number} {old!r} as {new!r}")

    def _unit(self, row: Row) -> str:
        written = id_text(row.unit)
        key = row.key if row.key in self.problem.covers_of_whole else ""
        drifted = not isinstance(row.unit, str) or written.lstrip("0") == key.lstrip("0")
        if key and written == key:
            return key
        # A program made a number or a date of it, or lost its zeros; the hidden key knows.
        alike = written.lstrip("0") == key.lstrip("0") or isinstance(row.unit, date)
        if key and row.unit is not None and drifted and alike:
            self._repair("unit id", row, written, key)
            return key
        if row.unit is None:
            self._note("unit", row, None, self._empty("unit", row))
            return ""
        position = self.units.find(written)
        if position >= 0:
            name = self.units.ids[position]
            if name != written:
                self._repair("unit id", row, written, name)
            return name
        self._note("unit", row, row.unit, self._unknown("unit", row.unit, self.units.ids, key))
        return ""

    def _rep(self, row: Row) -> str:
        if row.rep is None:
            self._note("rep", row, None, self._empty("rep", row))
            return ""
        written = id_text(row.rep)
        position = self.owners.find(written)
        name = self.owners.ids[position] if position >= 0 else self.folded.get(written.lower(), "")
        if not name:
            self._note("rep", row, row.rep, self._unknown("rep", row.rep, self.owners.ids, ""))
        elif name != written:
            self._repair("rep id", row, written, name)
        return name

    @staticmethod
    def _empty(what: str, row: Row) -> str:
        if what == "unit":
            return "must not be empty: whose row is it? Merged cells and formulas count as empty"
        return f"nobody has unit {id_text(row.unit)}; name a rep, also where cells are merged"

    def _unknown(self, what: str, cell: Any, known: Iterable[str], key: str) -> str:
        if isinstance(cell, str) and cell in _ERRORS:
            return "the cell holds an error of the spreadsheet; type the id"
        if isinstance(cell, date):
            return "the spreadsheet made a date of an id; format the cell as text and type the id"
        kind = f"there is no such {what}"
        hint = f"; this row was written for unit {key}" if key else ""
        if not hint and self.count[kind] < _HINTS:
            hint = f"; {did_you_mean(id_text(cell), known)}"
        return kind + hint

    def _team(self, row: Row, unit: str, rep: str) -> str:
        """Team that the row is about; empty with a problem noted, or where nothing is known."""
        names = [team.name for team in self.problem.teams]
        if row.team and row.team not in names:
            message = f"there is no such team; {did_you_mean(row.team, names)}"
            self._note("team", row, row.team, message)
            return ""
        of_rep = names[int(self.problem.owners.team[self.problem.owner_index[rep]])] if rep else ""
        if row.team and of_rep and row.team != of_rep:
            message = f"{rep} is of team {of_rep}, and this row is about team {row.team}"
            self._note("rep", row, rep, message, "a rep of another team")
            return row.team
        team = row.team or of_rep
        if unit and team and (unit, team) not in self.parts:
            message = f"team {team} does not cover unit {unit}"
            self._note("team", row, team, message, "a team that does not cover the unit")
            return ""
        return team

    def _shared(self, key: Key, held: list[tuple[Row, str]]) -> list[tuple[str, str, str, float]]:
        """Rows of one unit and team, their shares as whole parts."""
        unit, team = key
        parts = self.parts[key]
        first = held[0][0]
        counts: list[int] = []
        seen: dict[str, Row] = {}
        for row, rep in held:
            if rep and rep in seen:
                message = f"{rep} has unit {unit} already in row {seen[rep].number}; keep one row"
                self._note("unit", row, unit, message, "a unit twice")
            elif parts == 1 and row is not first:
                message = (
                    f"the unit stands twice, first in row {first.number}; keep one row "
                    "(it cannot be shared: it has no parts)"
                )
                self._note("unit", row, unit, message, "a unit twice")
            seen.setdefault(rep, row)
            counts.append(self._parts_of(row, parts))
        if len(held) == 1 and held[0][0].share is None:
            counts = [parts]
        known = all(count > 0 for count in counts)
        if parts > 1 and known and sum(counts) != parts:
            said = ", ".join(f"row {row.number}" for row, _ in held)
            message = f"the shares of unit {unit} ({said}) add up to {sum(counts) / parts:.1%}"
            self._note("share", held[-1][0], None, f"{message}; they must make 100 %", "shares")
        return [
            (unit, team, rep, count / parts) for (_, rep), count in zip(held, counts, strict=True)
        ]

    def _parts_of(self, row: Row, parts: int) -> int:
        """Parts that a share stands for; 0 with a problem noted."""
        share = _number(row.share)
        if row.share is None:
            return parts
        if share is None or not 0 < share <= 1 + 1e-9:
            message = "must be a share above 0 and up to 1 (100 %)"
            self._note("share", row, row.share, message)
            return 0
        count = round(share * parts)
        if parts == 1 and abs(share - 1) > 1e-6:
            message = "this unit has no parts: one rep has all of it, 100 %"
            self._note("share", row, row.share, message)
            return 0
        if count < 1 or abs(share * parts - count) > _NEAR:
            message = (
                f"this unit has {parts} equal parts; {share:.1%} is {share * parts:.4g} of them, "
                f"nearest is {max(count, 1) / parts:.2%}"
            )
            self._note("share", row, row.share, message, "a share that is no whole part")
            return 0
        return count

    def _missing(self, held: Mapping[Key, object]) -> None:
        """Units that the run gives to somebody and the sheet does not mention."""
        said = {unit for unit, _ in held}
        had = {
            (str(unit), str(team)): str(rep)
            for unit, team, rep in zip(
                *(self.before[name] for name in ("unit", "team", "rep")), strict=True
            )
            if rep
        }
        # A row that names another team or rep by mistake has been told so already.
        told = {row.key or id_text(row.unit) for row in self.rows} - said if self.found else set()
        gone = [key for key in self.parts if key in had and key not in held and key[0] not in told]
        if not gone:
            return
        named = shortlist([f"{unit} ({had[unit, team]})" for unit, team in gone], _NAMED)
        message = (
            f"{counted(len(gone), 'row')} of the run's plan {'is' if len(gone) == 1 else 'are'} "
            "missing; put them back, with the rep who shall have them (the run's in brackets)"
        )
        self.found.append(
            InputProblem(self.sheet.source, f"sheet {self.sheet.sheet}", "Unit", named, message)
        )


def _unique(ids: Sequence[str]) -> dict[str, str]:
    """Ids by their small letters, where only one is written so."""
    count = Counter(name.lower() for name in ids)
    return {name.lower(): name for name in ids if count[name.lower()] == 1}


def _number(cell: Any) -> float | None:
    """A share as people write it: 0.5, '0,5', '50 %'."""
    if isinstance(cell, bool | date):
        return None
    if isinstance(cell, int | float):
        return float(cell)
    text = str(cell).strip()
    scale = 0.01 if text.endswith("%") else 1.0
    try:
        return float(text.removesuffix("%").strip().replace(",", ".")) * scale
    except ValueError:
        return None
