"""Accounts as letters count them: whose they are, whose they were, what they buy."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from ...models.arrays import BoolArray, FloatArray, IndexArray, frozen_indices
from ...models.errors import ProblemList
from ...models.plan import Plan
from ...models.problem import Problem

#: Figures of an account that may be left out of a frame, and what they are then.
OPTIONAL = {"potential": 0.0, "visits": 0.0, "customers": 1.0}


@dataclass(frozen=True, eq=False)
class AccountBook:
    """One row per account (or part of one) with its owner, (n,) each.

    Parameters
    ----------
    ids, names
        Of the whole account; parts of it share them.
    owner, previous
        Ids of who has it and who had it; empty for nobody.
    sales, potential
        Plan currency a year.
    visits
        Promised in the plan period.
    customers
        How many customers the row stands for.
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    owner: tuple[str, ...]
    previous: tuple[str, ...]
    sales: FloatArray
    potential: FloatArray
    visits: FloatArray
    customers: FloatArray

    @classmethod
    def of_plan(cls, problem: Problem, plan: Plan) -> AccountBook:
        """Covers of a territory plan."""
        covers, units, owners = problem.covers, problem.units, problem.owners.ids
        at = covers.unit.tolist()
        return cls(
            ids=tuple(units.wholes[unit] for unit in at),
            names=tuple(_name(problem, unit) for unit in at),
            owner=tuple(owners[o] if o >= 0 else "" for o in plan.owner.tolist()),
            # Of another team's owner nothing moves to or from this team.
            previous=tuple(owners[o] if o >= 0 else "" for o in covers.incumbent.tolist()),
            sales=covers.measures["sales"],
            potential=covers.measures["potential"],
            visits=covers.visits,
            customers=covers.measures.get("accounts", np.ones(len(covers))),
        )

    @classmethod
    def of_frame(cls, frame: pd.DataFrame) -> AccountBook:
        """Read ``account, owner, sales``, optionally ``name, previous`` and :data:`OPTIONAL`.

        Raises
        ------
        BadInput
            When a column is missing or a figure is none; all problems at once.
        """
        found = ProblemList("accounts")
        for column in ("account", "owner", "sales"):
            if column not in frame.columns:
                found.add("the table needs this column", key=column)
        found.raise_any()
        figures = {"sales": _figures(frame, "sales", None, found)}
        figures |= {name: _figures(frame, name, least, found) for name, least in OPTIONAL.items()}
        found.raise_any()
        ids = _texts(frame, "account")
        names = _texts(frame, "name")
        return cls(
            ids=ids,
            names=tuple(name or own for name, own in zip(names, ids, strict=True)),
            owner=_texts(frame, "owner"),
            previous=_texts(frame, "previous"),
            **figures,
        )

    @property
    def knows_before(self) -> bool:
        """Whether anything is said of who had the accounts."""
        return any(self.previous)

    def of(self, people: Collection[str]) -> BoolArray:
        """Rows that some people have."""
        return np.isin(self._codes[0], self._numbers(people))

    def were_of(self, people: Collection[str]) -> BoolArray:
        """Rows that some people had."""
        return np.isin(self._codes[1], self._numbers(people))

    def totals(self, figures: FloatArray) -> dict[str, float]:
        """Sum of a figure over what each person has."""
        sums = np.bincount(self._codes[0], figures, minlength=len(self._people))
        return dict(zip(self._people, sums.tolist(), strict=True))

    def _numbers(self, people: Collection[str]) -> list[int]:
        return [self._people[who] for who in people if who in self._people]

    @cached_property
    def _people(self) -> dict[str, int]:
        """A number for everybody who has or had something."""
        return {who: number for number, who in enumerate(sorted({*self.owner, *self.previous}))}

    @cached_property
    def _codes(self) -> tuple[IndexArray, IndexArray]:
        numbers = self._people
        return (
            frozen_indices([numbers[who] for who in self.owner]),
            frozen_indices([numbers[who] for who in self.previous]),
        )


def _name(problem: Problem, unit: int) -> str:
    """Name of the whole unit that a part is of."""
    name, whole = problem.units.names[unit], problem.units.wholes[unit]
    if whole != problem.units.ids[unit]:
        name = name.rsplit("#", 1)[0].rstrip()
    return str(name or whole)


def _texts(frame: pd.DataFrame, column: str) -> tuple[str, ...]:
    if column not in frame.columns:
        return ("",) * len(frame)
    return tuple("" if pd.isna(value) else str(value) for value in frame[column])


def _figures(
    frame: pd.DataFrame, column: str, default: float | None, found: ProblemList
) -> FloatArray:
    if column not in frame.columns:
        return np.full(len(frame), default or 0.0)
    values = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
    for row in np.flatnonzero(~(np.isfinite(values) & (values >= 0))).tolist():
        given = frame[column].iloc[row]
        message = "must be a number of at least 0"
        found.add(message, place=f"row {row + 1}", key=column, value=given)
    return values
