"""Campaigns of a scenario file that the next plan period does not hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ..files.resolve import OVERRIDES
from .file import ScenarioText

KEY = "campaigns"


def drop_campaigns(text: ScenarioText, start: dt.date, end: dt.date) -> tuple[str, ...]:
    """Take away campaigns that do not lie between two days, and what overrides say of them.

    Returns
    -------
    What was taken away, ``name (start to end)``, sorted.
    """
    base = _campaigns(text.root)
    gone = {name: days for name, each in base.items() if (days := _outside(each, start, end))}
    told = {f"{name} ({days})" for name, days in gone.items()}
    for name in gone:
        base.pop(name)
    layers = [each for each in (text.root.get(OVERRIDES) or {}).values() if isinstance(each, dict)]
    for layer in layers:
        own = _campaigns(layer)
        for name in list(own):
            entry = own[name]
            whole = isinstance(entry, Mapping) and "segment" in entry
            days = _outside(entry, start, end) if whole else ""
            if days:
                told.add(f"{name} ({days})")
            if days or (name in gone and not whole):
                own.pop(name)
    for layer in (text.root, *layers):
        if isinstance(layer.get(KEY), dict) and not layer[KEY]:
            layer.pop(KEY)
    return tuple(sorted(told))


def _campaigns(layer: Any) -> Any:
    found = layer.get(KEY)
    return found if isinstance(found, dict) else {}


def _outside(entry: Any, start: dt.date, end: dt.date) -> str:
    """The days of a campaign that does not lie between two days; empty for one that does."""
    if not isinstance(entry, Mapping):
        return ""
    first, last = entry.get("start"), entry.get("end")
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return ""
    return "" if start <= first and last <= end else f"{first} to {last}"
