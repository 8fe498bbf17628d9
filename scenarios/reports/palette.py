"""Colours of territories: safe for the colour-blind, and never alike side by side.

Colours one to eight are the light scheme of Paul Tol (Colour Schemes, SRON technical
note 3.2, 2021), which stays distinct under red-, green- and blue-blindness and
carries dark text; its grey is kept for owners without a territory. The order puts
the most distinct first, as few territories need more than five.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Mapping, Sequence

SCHEME = (
    "#77AADD",
    "#EE8866",
    "#EEDD88",
    "#44BB99",
    "#FFAABB",
    "#BBCC33",
    "#99DDFF",
    "#AAAA00",
)

Pairs = Iterable[tuple[str, str]]


def colour_of(number: int) -> str:
    """Colour of a number: the scheme, then paler tints of it, then a walk round the wheel.

    >>> colour_of(0), colour_of(8)
    ('#77AADD', '#C5DAF0')
    """
    if number < len(SCHEME):
        return SCHEME[number]
    if number < 2 * len(SCHEME):
        base = SCHEME[number - len(SCHEME)]
        red, green, blue = (int(base[at : at + 2], 16) for at in (1, 3, 5))
        return "#" + "".join(f"{v + round((255 - v) * 0.57):02X}" for v in (red, green, blue))
    # The golden angle keeps hues of neighbours in the list far apart.
    hue = (number * 0.381966) % 1.0
    channels = colorsys.hls_to_rgb(hue, 0.62 + 0.12 * (number % 3 - 1), 0.5)
    return "#" + "".join(f"{round(channel * 255):02X}" for channel in channels)


def number_colours(
    owners: Iterable[str], pairs: Pairs, preferred: Mapping[str, int] | None = None
) -> dict[str, int]:
    """Give each owner a colour number so that no pair has the same.

    The owner with the most colours around it is next, then the one with the most
    neighbours, then the first by id (DSATUR; Brélaz, Communications of the ACM
    22(4), 1979); so the same input gives the same colours.

    Parameters
    ----------
    preferred
        Numbers to use where no neighbour has them.

    >>> number_colours(["a", "b", "c"], [("a", "b"), ("b", "c")])
    {'a': 1, 'b': 0, 'c': 1}
    """
    around: dict[str, set[str]] = {owner: set() for owner in sorted(owners)}
    for one, other in pairs:
        if one != other and one in around and other in around:
            around[one].add(other)
            around[other].add(one)
    chosen: dict[str, int] = {}
    taken: dict[str, set[int]] = {owner: set() for owner in around}
    wish = preferred or {}
    left = set(around)
    while left:
        owner = min(left, key=lambda o: (-len(taken[o]), -len(around[o]), o))
        number = wish.get(owner, -1)
        if number < 0 or number in taken[owner]:
            number = next(n for n in range(len(around) + 1) if n not in taken[owner])
        chosen[owner] = number
        left.remove(owner)
        for other in around[owner]:
            taken[other].add(number)
    return {owner: chosen[owner] for owner in around}


def shared_colours(
    maps: Sequence[tuple[Sequence[str], Sequence[tuple[str, str]]]],
) -> list[dict[str, int]]:
    """Colour several maps so that an owner keeps one colour on all of them where possible.

    Where the neighbourhoods of all maps together need more colours than the scheme
    has, each map is coloured by itself, with the colours of the map before preferred.

    Parameters
    ----------
    maps
        Per map the owners and the pairs of owners that touch.
    """
    everybody = sorted({owner for owners, _ in maps for owner in owners})
    together = number_colours(everybody, sorted({pair for _, pairs in maps for pair in pairs}))
    if max(together.values(), default=0) < len(SCHEME):
        return [{owner: together[owner] for owner in sorted(set(owners))} for owners, _ in maps]
    numbered: list[dict[str, int]] = []
    last: dict[str, int] = {}
    for owners, pairs in maps:
        own = number_colours(owners, pairs, last)
        last = {**last, **own}
        numbered.append(own)
    return numbered
