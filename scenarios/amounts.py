"""Amounts of any size as text for terminals and notes."""

from __future__ import annotations


def plain_figure(value: float, *, sign: bool = False) -> str:
    """Write an amount: whole from a thousand on, else four digits.

    >>> plain_figure(1023500.4), plain_figure(0.14538), plain_figure(435.418, sign=True)
    ('1,023,500', '0.1454', '+435.4')
    """
    mark = "+" if sign else ""
    return f"{value:{mark},.0f}" if abs(value) >= 1000 else f"{value:{mark},.4g}"
