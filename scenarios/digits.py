"""Figures of any size for one line of text: thousands grouped, a few digits, no powers of ten."""

from __future__ import annotations

import math


def significant(value: float, digits: int = 6, *, sign: bool = False) -> str:
    """Write a number with at most so many digits; all of those before the point stay.

    >>> significant(1953700.0), significant(0.0871004, 3), significant(-160300.4, 5, sign=True)
    ('1,953,700', '0.0871', '-160,300')
    >>> significant(0.0), significant(2349.68), significant(12.0, sign=True)
    ('0', '2,349.68', '+12')
    """
    if not math.isfinite(value):
        return f"{value:g}"
    size = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:{'+' if sign else ''},.{max(0, digits - 1 - size)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
