"""Quotas of a scenario: what the file says of them, set for a plan's territories."""

from .nodes import quota_nodes
from .problems import quota_problems
from .setting import QUOTA_COLUMNS, quotas_of
from .study import QuotaStudy

__all__ = ["QUOTA_COLUMNS", "QuotaStudy", "quota_nodes", "quota_problems", "quotas_of"]
