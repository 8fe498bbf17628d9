"""Colours: neighbours differ, the same input gives the same, the colour-blind can tell."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from teig.scenarios.reports.palette import SCHEME, colour_of, number_colours, shared_colours

# Simulation of full red- and green-blindness on linear RGB (Viénot, Brettel and
# Mollon, Color Research and Application 24(4), 1999).
BLIND = {
    "none": np.eye(3),
    "red": np.array([[0.1124, 0.8876, 0.0], [0.1124, 0.8876, 0.0], [0.0040, -0.0040, 1.0]]),
    "green": np.array([[0.2928, 0.7072, 0.0], [0.2928, 0.7072, 0.0], [-0.0223, 0.0223, 1.0]]),
}


def lab(colour: str, blindness: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """CIE L*a*b* under D65 of a colour as somebody sees it."""
    rgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(BLIND[blindness] @ linear, 0, 1)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    xyz = to_xyz @ seen / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_the_first_five_colours_differ_for_everybody() -> None:
    for blindness in BLIND:
        for one, other in combinations(SCHEME[:5], 2):
            apart = float(np.linalg.norm(lab(one, blindness) - lab(other, blindness)))
            assert apart > 12, (blindness, one, other, apart)


def test_dark_text_can_be_read_on_every_colour() -> None:
    assert all(lab(colour, "none")[0] > 60 for colour in SCHEME)


names = st.sampled_from([f"R{number:02d}" for number in range(14)])


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.sets(names, min_size=1), st.sets(st.tuples(names, names)))
def test_neighbours_never_share_a_number(owners: set[str], pairs: set[tuple[str, str]]) -> None:
    numbers = number_colours(owners, sorted(pairs))
    assert set(numbers) == owners
    inside = [(a, b) for a, b in pairs if a != b and {a, b} <= owners]
    assert all(numbers[a] != numbers[b] for a, b in inside)
    assert numbers == number_colours(sorted(owners, reverse=True), sorted(pairs, reverse=True))


def test_everybody_beside_everybody_gets_colours_that_all_differ() -> None:
    owners = [f"R{number:02d}" for number in range(40)]
    numbers = number_colours(owners, list(combinations(owners, 2)))
    assert len({colour_of(number) for number in numbers.values()}) == 40


def test_an_owner_keeps_the_colour_on_all_maps() -> None:
    maps = [(["a", "b", "c"], [("a", "b")]), (["a", "b", "c"], [("b", "c")])]
    first, second = shared_colours(maps)
    assert first == second
    assert first["a"] != first["b"] != first["c"]


def test_maps_too_tangled_for_one_colouring_are_coloured_one_by_one() -> None:
    owners = [f"R{number:02d}" for number in range(12)]
    pairs = list(combinations(owners, 2))
    maps = [(owners, pairs[:20]), (owners, pairs[20:40]), (owners, pairs[40:])]
    numbered = shared_colours(maps)
    for (_, touching), numbers in zip(maps, numbered, strict=True):
        assert all(numbers[a] != numbers[b] for a, b in touching)
