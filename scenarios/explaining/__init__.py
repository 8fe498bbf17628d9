"""Why a plan is as it is, what it would cost otherwise, and why there is none."""

from .alternatives import Alternative, unit_alternatives
from .conflicts import conflict_text, loosening_text
from .loosening import Loosened, loosened_rules
from .subject import Subject, read_subject
from .yaml_override import override_yaml

__all__ = [
    "Alternative",
    "Loosened",
    "Subject",
    "conflict_text",
    "loosened_rules",
    "loosening_text",
    "override_yaml",
    "read_subject",
    "unit_alternatives",
]
