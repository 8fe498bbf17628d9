"""Travel providers: great circle × circuity, and given matrices of minutes and kilometres."""

from .great_circle import GreatCircle
from .matrix import GivenMatrix

__all__ = ["GivenMatrix", "GreatCircle"]
