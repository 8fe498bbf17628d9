"""Quotas of a scenario: what the file says of them, set for a plan's territories."""

from .setting import QUOTA_COLUMNS, quota_nodes, quota_problems, quotas_of
from .study import QuotaStudy

__all__ = ["QUOTA_COLUMNS", "QuotaStudy", "quota_nodes", "quota_problems", "quotas_of"]
