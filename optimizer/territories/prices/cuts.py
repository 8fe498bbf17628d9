"""Rows that hold for every plan and the relaxation may break, as counters of the bound.

A row of owner r says Σ coefficient · x(item, r) ≤ limit. There are two kinds. Those of
connected territories have a limit of 0: a clump that is not enough for a territory
(positive) and what lies around it (negative): whoever has any of the clump has some of
its surroundings, see :mod:`.separation`. Those of whole items say what an owner cannot
have together or do without, see :mod:`.covers`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray
from ..tables import CUT, PriceTables, Tables, grouped


@dataclass(frozen=True, eq=False)
class Cuts:
    """Rows Σ value · x(item, owner) ≤ limit.

    Parameters
    ----------
    tables
        The model that they hold for; for no other.
    owner
        Owner of each row, (rows,).
    begin
        Entries of row c are ``begin[c] … begin[c + 1] - 1``, (rows + 1,).
    item, value
        Of each entry; items are distinct within a row.
    limit
        Of each row, (rows,).
    """

    tables: Tables
    owner: IndexArray
    begin: IndexArray
    item: IndexArray
    value: FloatArray
    limit: FloatArray

    @classmethod
    def none(cls, tables: Tables) -> Cuts:
        """No rows."""
        empty = np.zeros(0, dtype=np.int64)
        return cls(tables, empty, np.zeros(1, dtype=np.int64), empty, np.zeros(0), np.zeros(0))

    def __len__(self) -> int:
        return len(self.owner)

    def joined(self, other: Cuts) -> Cuts:
        """These rows, then the other's."""
        return Cuts(
            self.tables,
            np.concatenate([self.owner, other.owner]),
            np.concatenate([self.begin, other.begin[1:] + self.begin[-1]]),
            np.concatenate([self.item, other.item]),
            np.concatenate([self.value, other.value]),
            np.concatenate([self.limit, other.limit]),
        )

    def chosen(self, keep: BoolArray) -> Cuts:
        """Some of the rows."""
        sizes = np.diff(self.begin)
        entries = np.repeat(keep, sizes)
        return Cuts(
            self.tables,
            self.owner[keep],
            np.concatenate([[0], np.cumsum(sizes[keep])]).astype(np.int64),
            self.item[entries],
            self.value[entries],
            self.limit[keep],
        )

    def sizes(self) -> FloatArray:
        """Limit of each row, or the sum of what is positive where it is 0, (rows,)."""
        rows = np.repeat(np.arange(len(self)), np.diff(self.begin))
        positive = np.maximum(self.value, 0.0)
        sums = np.bincount(rows, weights=positive, minlength=len(self)).astype(np.float64)
        return np.where(self.limit != 0.0, np.abs(self.limit), sums)


def price_tables(tables: Tables, cuts: Cuts) -> PriceTables:
    """What the relaxation reads, with the cuts as counters after those of the model."""
    flat = PriceTables.of(tables)
    if not len(cuts):
        return flat
    counters, many = len(flat.counter_price), len(cuts)
    rows = np.repeat(np.arange(many), np.diff(cuts.begin))
    position = cuts.owner[rows] - tables.first[cuts.item]
    old = np.repeat(np.arange(len(flat.first)), np.diff(flat.entry_start))
    start, columns = grouped(
        np.concatenate([old, cuts.item]),
        [
            np.concatenate([flat.entry_counter, counters + rows]),
            np.concatenate([flat.entry_step, -1 - position]),
            np.concatenate([flat.entry_value, len(flat.counter_value) + np.arange(len(cuts.item))]),
        ],
        len(flat.first),
    )
    return flat._replace(
        entry_start=start,
        entry_counter=columns[0],
        entry_step=columns[1],
        entry_value=columns[2],
        counter_value=np.concatenate([flat.counter_value, cuts.value]),
        counter_lower=np.concatenate([flat.counter_lower, np.full(many, -np.inf)]),
        counter_upper=np.concatenate([flat.counter_upper, cuts.limit]),
        counter_price=np.concatenate([flat.counter_price, np.zeros(many)]),
        counter_group=np.concatenate([flat.counter_group, np.full(many, CUT)]),
    )
