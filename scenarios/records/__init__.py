"""What ran, when, from what, with which result, and which plan is in force."""

from .listing import Records, records_of
from .publication import PUBLISHED, Publication, in_force, publications, publish

__all__ = [
    "PUBLISHED",
    "Publication",
    "Records",
    "in_force",
    "publications",
    "publish",
    "records_of",
]
