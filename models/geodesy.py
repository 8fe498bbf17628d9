"""Distances on the earth, taken as a sphere of the mean radius."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from .arrays import FloatArray

#: Mean earth radius of the International Union of Geodesy and Geophysics, km.
EARTH_RADIUS_KM = 6371.0088


def great_circle_km(
    latitude_a: ArrayLike, longitude_a: ArrayLike, latitude_b: ArrayLike, longitude_b: ArrayLike
) -> FloatArray:
    """Great-circle distance in km by the haversine formula; degrees in, broadcasting.

    >>> round(float(great_circle_km(59.91, 10.75, 60.39, 5.32)))  # Oslo to Bergen
    305
    """
    phi_a, phi_b = np.radians(latitude_a), np.radians(latitude_b)
    half_phi = (phi_b - phi_a) / 2.0
    half_lambda = np.radians(np.subtract(longitude_b, longitude_a)) / 2.0
    chord = np.sin(half_phi) ** 2 + np.cos(phi_a) * np.cos(phi_b) * np.sin(half_lambda) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(chord, 0.0, 1.0))))


def arc_km(chord: ArrayLike) -> FloatArray:
    """Great-circle distance in km along chords through the earth, km."""
    half = np.clip(np.asarray(chord) / (2.0 * EARTH_RADIUS_KM), 0.0, 1.0)
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(half))


def chord_km(arc: float) -> float:
    """Chord through the earth below a great-circle distance, at most half around, both km."""
    angle = min(arc / EARTH_RADIUS_KM, np.pi)
    return 2.0 * EARTH_RADIUS_KM * float(np.sin(angle / 2.0))


def directions(latitude: ArrayLike, longitude: ArrayLike) -> FloatArray:
    """Unit vectors from the earth's centre, (n, 3); degrees in."""
    phi, lam = np.radians(latitude), np.radians(longitude)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
