"""``slides.pptx``: a run for the room, in few words and large letters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..audience import PLANNERS, Audience
from .deck import Deck
from .story import Story

if TYPE_CHECKING:
    from ..reports.maps import Atlas
    from ..results import RunResult

__all__ = ["write_slides"]


def write_slides(
    result: RunResult,
    path: str | Path,
    *,
    audience: Audience = PLANNERS,
    atlas: Atlas | None = None,
) -> None:
    """Write the slides of a run; the same result gives the same bytes.

    Parameters
    ----------
    atlas
        The maps, where they are drawn already.
    """
    deck = Deck(result.name, f"{result.name} · for {audience.name}")
    Story(result, audience).tell(deck, atlas)
    deck.save(path)
