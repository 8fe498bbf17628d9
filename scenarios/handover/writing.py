"""Writes hand-over lists: a page for each rep, and tables of all for whoever runs it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from markupsafe import Markup

from ..letters.rendering import asset, environment
from ..letters.wording import Wording
from ..letters.writing import safe_names
from ..store.writing import Outputs
from .facts import Handover, Meeting, Passed

#: Tables of all; the first is the mark of the folder.
ALL, DEALS, MEETINGS, LISTS = "handover.csv", "deals.csv", "meetings.csv", "lists.csv"
HANDOVER = Outputs("hand-over lists", "teig handover", ALL, stale=("*.html",))


def render_handover(handover: Handover) -> str:
    """Return a list as one HTML page; the same facts give the same text."""
    texts = environment(handover.language)
    return texts.get_template("handover.html.j2").render(
        list=handover,
        wording=Wording(handover.language, handover.currency),
        orphaned=", ".join(each.name for each in handover.team if each.is_orphaned),
        has_deals=any(each.deals for each in (*handover.given, *handover.received)),
        style=Markup(asset("letter.css") + asset("handover.css")),  # noqa: S704 - our own files
    )


def write_handovers(
    handovers: Sequence[Handover],
    passed: Sequence[Passed],
    meetings: Sequence[Meeting],
    folder: Path,
) -> None:
    """Write ``<rep>.html`` for each list, and the tables of all.

    ``handover.csv`` names everything that changes hands, ``deals.csv`` the open deals
    with who keeps them, ``meetings.csv`` who meets whom, ``lists.csv`` whose page is which.
    """
    names = safe_names([each.recipient for each in handovers])
    for handover, name in zip(handovers, names, strict=True):
        page = render_handover(handover)
        (folder / f"{name}.html").write_text(page, encoding="utf-8", newline="\n")
    _csv(_lists(handovers, names), folder / LISTS)
    _csv(_deals(passed), folder / DEALS)
    _csv(_meetings(meetings), folder / MEETINGS)
    _csv(_all(passed), folder / ALL)


def _all(passed: Sequence[Passed]) -> pd.DataFrame:
    columns = [
        "team", "unit", "name", "from", "from_is", "to", "to_is", "share", "accounts", "sales",
        "potential", "visits", "relationship_years", "last_visit", "next_visit_by", "orphaned",
        "open_deals",
    ]  # fmt: skip
    rows = [
        (
            p.team, p.unit, p.name, p.giver, str(p.giver_is), p.taker, str(p.taker_is), p.share,
            p.accounts, p.sales, p.potential, p.visits, p.years, p.last_visit, p.next_visit,
            p.is_orphaned, len(p.deals),
        )
        for p in passed
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _deals(passed: Sequence[Passed]) -> pd.DataFrame:
    columns = ["deal", "name", "unit", "stage", "amount", "close", "owner", "keeper", "why"]
    rows = [
        (d.id, d.name, d.unit, d.stage, d.amount, d.close, d.owner, d.keeper, d.why)
        for each in passed
        for d in each.deals
    ]
    return pd.DataFrame(rows, columns=columns)


def _meetings(meetings: Sequence[Meeting]) -> pd.DataFrame:
    columns = ["first", "second", "units", "sales", "managers", "day"]
    rows = [(m.first, m.second, m.units, m.sales, ";".join(m.managers), m.day) for m in meetings]
    return pd.DataFrame(rows, columns=columns)


def _lists(handovers: Sequence[Handover], names: Sequence[str]) -> pd.DataFrame:
    columns = [
        "recipient", "language", "file", "given", "received", "in_team", "deals_kept", "meetings",
    ]  # fmt: skip
    rows = [
        (h.recipient, h.language, f"{name}.html", len(h.given), len(h.received), len(h.team), len(h.kept),
         len(h.meetings))
        for h, name in zip(handovers, names, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, float_format="%.10g", lineterminator="\n")
