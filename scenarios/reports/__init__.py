"""Reports for people: one page that says who wins, who is worst off and what it costs."""

from .report import render_report, write_report

__all__ = ["render_report", "write_report"]
