"""Covers that are kept together, as one item, and what covers' values become of items."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....models.arrays import BoolArray, FloatArray, IndexArray


class Items:
    """Items of covers, in order of their first cover; pairs of an item and an owner.

    Parameters
    ----------
    together
        Groups of covers that one item holds.
    first, last
        Owners of each cover are ``first … last - 1``, (covers,).
    cover_of_pair, owner_of_pair
        Of each pair of a cover and an owner, (cover pairs,).

    Attributes
    ----------
    of_cover
        Item of each cover, (covers,).
    start
        Where the pairs of each item begin, (items,).
    pairs
        Number of pairs of items.
    """

    def __init__(
        self,
        together: Sequence[tuple[int, ...]],
        first: IndexArray,
        last: IndexArray,
        cover_of_pair: IndexArray,
        owner_of_pair: IndexArray,
    ) -> None:
        self.of_cover = _grouped(together, len(first))
        leader = np.full(int(self.of_cover.max(initial=-1)) + 1, len(first), dtype=np.int64)
        np.minimum.at(leader, self.of_cover, np.arange(len(first)))
        self.first, self.last = first[leader], last[leader]
        width = self.last - self.first
        self.start = np.concatenate([[0], np.cumsum(width)[:-1]]).astype(np.int64)
        self.pairs = int(width.sum())
        item = self.of_cover[cover_of_pair]
        self._pair = self.start[item] + owner_of_pair - self.first[item]

    def sum(self, values: FloatArray) -> FloatArray:
        """Sums over the covers of an item, (pairs,)."""
        return np.bincount(self._pair, weights=values, minlength=self.pairs).astype(np.float64)

    def any(self, mask: BoolArray) -> BoolArray:
        """Whether it is so for any cover of an item, (pairs,)."""
        return np.bincount(self._pair[mask], minlength=self.pairs) > 0

    def max(self, values: FloatArray) -> FloatArray:
        """Largest value of an item's covers, at least 0, (pairs,)."""
        found = np.zeros(self.pairs)
        np.maximum.at(found, self._pair, values)
        return found

    def named(self, covers: tuple[int, ...]) -> tuple[int, ...]:
        """Items of some covers, each once, ascending."""
        return tuple(sorted({int(self.of_cover[cover]) for cover in covers}))

    def edges(self, edges: IndexArray) -> IndexArray:
        """Pairs of different items that pairs of covers join, each once, ascending, (e, 2)."""
        pairs = np.sort(self.of_cover[edges].reshape(-1, 2), axis=1)
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        return np.unique(pairs, axis=0) if len(pairs) else pairs

    def cuts(self, cuts: Sequence[tuple[IndexArray, FloatArray]]) -> tuple[IndexArray, FloatArray]:
        """Pairs of different items with the prices of all their covers' pairs, (e, 2) and (e,)."""
        if not cuts:
            return np.zeros((0, 2), dtype=np.int64), np.zeros(0)
        edges = np.sort(self.of_cover[np.concatenate([edges for edges, _ in cuts])], axis=1)
        prices = np.concatenate([prices for _, prices in cuts])
        apart = edges[:, 0] != edges[:, 1]
        merged, where = np.unique(edges[apart], axis=0, return_inverse=True)
        summed = np.bincount(where.ravel(), prices[apart], minlength=len(merged))
        return merged, summed.astype(np.float64)


def _grouped(together: Sequence[tuple[int, ...]], covers: int) -> IndexArray:
    """Number the groups of covers kept together, in order of their first cover."""
    root = list(range(covers))

    def find(cover: int) -> int:
        while root[cover] != cover:
            root[cover] = root[root[cover]]
            cover = root[cover]
        return cover

    for group in together:
        for cover in group[1:]:
            a, b = find(group[0]), find(cover)
            root[max(a, b)] = min(a, b)
    roots = np.array([find(cover) for cover in range(covers)], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1].astype(np.int64)
