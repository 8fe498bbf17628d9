"""All moves of a scenario, the largest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...models.arrays import IndexArray
from ...models.plan import Plan
from ...models.problem import Problem
from .distance import kilometres
from .reasons import Key, Reasons

if TYPE_CHECKING:
    from ..results import ScenarioResult


@dataclass(frozen=True)
class Move:
    """A unit, or a share of one, that goes from its incumbent to another owner.

    Parameters
    ----------
    unit, name
        The unit as given (not its parts).
    source, target
        Today's owner and the plan's; the target is empty where nobody has it.
    share
        Of the whole unit.
    potential, sales
        Money a year that moves along, as the team is credited with it.
    kilometres_before, kilometres_after
        From the owners' bases, one way; None where the owner does not travel or is
        not of the team.
    reasons
        At most three clauses, the weightiest first.
    """

    unit: str
    name: str
    team: str
    source: str
    target: str
    share: float
    potential: float
    sales: float
    kilometres_before: float | None
    kilometres_after: float | None
    reasons: tuple[str, ...]

    @property
    def reason(self) -> str:
        """The clauses as one text, with a capital."""
        text = "; ".join(self.reasons)
        return text[:1].upper() + text[1:] if not self.reasons[0][:1].isdigit() else text


def list_moves(
    result: ScenarioResult, today: ScenarioResult | None = None, *, examined: int = 10
) -> tuple[Move, ...]:
    """All moves of a scenario, the largest by sales, then potential, first.

    Parameters
    ----------
    today
        The frozen incumbent, for what reps carry today.
    examined
        How many of the largest are tried back with their incumbent, to see which
        rules that would break; the others get the reasons that need no trial.
    """
    if result.plan is None or result.evaluation is None:
        return ()
    problem, plan = result.problem, result.plan
    groups = _moved_groups(problem, plan)
    drafts = sorted(
        groups.items(),
        key=lambda item: (
            -float(problem.covers.measures["sales"][item[1]].sum()),
            -float(problem.covers.measures["potential"][item[1]].sum()),
            item[0],
        ),
    )
    reasons = Reasons(problem, plan, _today_table(today))
    moves = []
    for rank, (key, covers) in enumerate(drafts):
        moved = np.array(covers)
        moves.append(_move(problem, key, moved, reasons.of(key, moved, tried=rank < examined)))
    return tuple(moves)


def hands_of(moves: Sequence[Move]) -> tuple[tuple[str, str, int], ...]:
    """From whom, to whom and how many units, the most first."""
    counts = Counter((move.source, move.target) for move in moves)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((source, target, count) for (source, target), count in ordered)


def _moved_groups(problem: Problem, plan: Plan) -> dict[Key, list[int]]:
    """Covers that move, by whole unit, team, incumbent and new owner."""
    groups: dict[Key, list[int]] = {}
    ids = problem.owners.ids
    for cover, incumbent in enumerate(problem.covers.incumbent_ids):
        owner = int(plan.owner[cover])
        if incumbent and incumbent != (ids[owner] if owner >= 0 else ""):
            whole = problem.units.wholes[problem.covers.unit[cover]]
            key = (whole, int(problem.covers.team[cover]), incumbent, owner)
            groups.setdefault(key, []).append(cover)
    return groups


def _today_table(today: ScenarioResult | None) -> Mapping[str, Mapping[str, float]]:
    """Figures of today's territories, by rep and column."""
    if today is None or today.evaluation is None:
        return {}
    numeric = today.evaluation.territories.set_index("rep").select_dtypes("number")
    return {
        str(rep): {str(name): float(value) for name, value in row.items()}
        for rep, row in numeric.to_dict("index").items()
    }


def _move(problem: Problem, key: Key, covers: IndexArray, reasons: tuple[str, ...]) -> Move:
    """Describe one group of covers that moves together."""
    whole, team, source_id, target = key
    source = problem.owner_index.get(source_id, -1)
    before, after = (kilometres(problem, owner, team, covers) for owner in (source, target))
    measures = problem.covers.measures
    return Move(
        unit=whole,
        name=_whole_name(problem, int(problem.covers.unit[covers[0]])),
        team=problem.teams[team].name,
        source=source_id,
        target=problem.owners.ids[target] if target >= 0 else "",
        share=float(problem.units.shares[problem.covers.unit[covers]].sum()),
        potential=float(measures["potential"][covers].sum()),
        sales=float(measures["sales"][covers].sum()),
        kilometres_before=before,
        kilometres_after=after,
        reasons=reasons,
    )


def _whole_name(problem: Problem, unit: int) -> str:
    """Name of the unit, without the mark of a part."""
    name = problem.units.names[unit]
    if problem.units.wholes[unit] != problem.units.ids[unit]:
        name = name.rsplit("#", 1)[0].rstrip()
    return name or problem.units.wholes[unit]
