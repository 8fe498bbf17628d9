"""Small problems proven by whole territories: column generation, and every territory near it.

A plan is one connected territory an owner, each item in one of them. Prices of the items
make owners independent; at the best prices a plan is bounded far more closely than by
prices of limits alone, since every territory that counts is whole, connected and within
its limits. Territories that a better plan may hold are then few enough to be listed, and
an integer program chooses among them (set partitioning: Garfinkel and Nemhauser 1970,
Mehrotra, Johnson and Nemhauser 1998).
"""

from __future__ import annotations

from .proof import CLOSE, Proof, is_separable, prove

__all__ = ["CLOSE", "Proof", "is_separable", "prove"]
