"""The answer in plain sentences: who wins, or that nobody does; the worst rep; the cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...models.plan import Status
from ..comparison import deciding, winner_of
from ..digits import significant
from .numbers import MoneyScale, grouped, percent

if TYPE_CHECKING:
    from ..results import AssumptionRange, Money, RunResult, ScenarioResult, Verdict
    from .figures import Figures

#: Money rows that are taken off the margin.
COSTS = ("people", "travel", "disruption", "campaigns")


@dataclass(frozen=True)
class Answer:
    """What a head of sales reads first.

    Parameters
    ----------
    winner
        The scenario that beats every other one by proof; None for a tie.
    leading
        The scenario to look at first: the winner, or the best of those that nothing beats.
    contenders
        Scenarios that nothing beats, best first.
    """

    headline: str
    why: str
    sentences: tuple[str, ...]
    winner: str | None
    leading: str | None
    contenders: tuple[str, ...]


def answer(result: RunResult, figures: Mapping[str, Figures], money: MoneyScale) -> Answer:
    """Say who wins by the run's verdicts; nothing here decides by itself."""
    planned = [row for row in result.scenarios if row.plan is not None]
    if not planned:
        return _no_plan(result)
    # A plan by hand that breaks hard rules is looked at beside the others, and chosen by nobody.
    solved = [row for row in planned if row.status != Status.INVALID] or planned
    verdicts = deciding(result.verdicts, [row.name for row in solved])
    order = {row.name: place for place, row in enumerate(solved)}
    ranked = sorted(solved, key=lambda row: (-_worth(row), order[row.name]))
    beaten = {_loser(verdict) for verdict in verdicts if verdict.winner}
    contenders = tuple(row.name for row in ranked if row.name not in beaten)
    winner = winner_of(solved, verdicts)
    leading = winner or (contenders[0] if contenders else ranked[0].name)
    headline, why = _verdict_text(result, winner, contenders or (leading,), verdicts, money)
    lead = figures[leading]
    today = figures.get("incumbent")
    sentences = [
        text
        for text in (
            _today_text(result, leading, today, money),
            _worst_text(lead, today),
            _cost_text(result[leading], lead, money),
            _assumption_text(result.assumptions, winner),
            _left_out_text(result),
        )
        if text
    ]
    return Answer(headline, why, tuple(sentences), winner, leading, contenders)


def _no_plan(result: RunResult) -> Answer:
    causes = [
        text for row in result.scenarios if row.territory for text in row.territory.explanation
    ]
    why = causes[0] if causes else "See the state of each scenario below."
    return Answer("No scenario has a plan.", why, (), None, None, ())


def _worth(row: ScenarioResult) -> float:
    return row.money.contribution if row.money else 0.0


def _by_money(verdicts: Sequence[Verdict]) -> bool:
    return bool(verdicts) and all(verdict.criterion == "contribution" for verdict in verdicts)


def _loser(verdict: Verdict) -> str:
    return verdict.second if verdict.winner == verdict.first else verdict.first


def _verdict_text(
    result: RunResult,
    winner: str | None,
    contenders: Sequence[str],
    verdicts: Sequence[Verdict],
    money: MoneyScale,
) -> tuple[str, str]:
    if winner:
        return f"{winner} wins.", _winner_text(result, winner, verdicts, money)
    if len(result.scenarios) == 1:
        name = result.scenarios[0].name
        return f"One scenario was solved: {name}.", _single_text(result, name, money)
    if len(contenders) == 1:
        text = "It is ahead, but not proven to be better than every other scenario."
        return f"No proven winner; {contenders[0]} is ahead.", text
    who = _listed(contenders) if len(contenders) < 5 else f"{len(contenders)} scenarios"
    apart = _apart(contenders, verdicts)
    if apart:
        return f"No winner: {who} cannot all be compared.", apart
    return f"No winner: {who} cannot be told apart.", _tie_text(result, contenders, verdicts, money)


def _apart(contenders: Sequence[str], verdicts: Sequence[Verdict]) -> str:
    """Why two of the scenarios that nothing beats cannot be judged; empty where all can."""
    for each in verdicts:
        if not each.comparable and {each.first, each.second} <= set(contenders):
            return f"{each.first} and {each.second} are {each.reason}."
    return ""


def _costs(money: Money) -> str:
    """What is taken off the margin, in words."""
    names = {entry.name for entry in money.rows}
    return _listed([cost for cost in COSTS if cost != "campaigns" or cost in names])


def _winner_text(
    result: RunResult, winner: str, verdicts: Sequence[Verdict], money: MoneyScale
) -> str:
    others = [
        row
        for row in result.scenarios
        if row.plan is not None and row.status != Status.INVALID and row.name != winner
    ]
    best = result[winner].money
    bounds = [(row.money.bound, row.name) for row in others if row.money]
    if best is None or len(bounds) < len(others) or not _by_money(verdicts):
        return next(v.reason for v in verdicts if v.winner == winner)
    bound, rival = max(bounds)
    return (
        f"It is worth {money.text(best.contribution)} a year after {_costs(best)}; "
        "no plan of any other scenario that keeps its rules and shares the hours as well can "
        f"pass {money.text(bound)} ({rival}), so more computing would not change the winner."
    )


def _tie_text(
    result: RunResult, contenders: Sequence[str], verdicts: Sequence[Verdict], money: MoneyScale
) -> str:
    first, second = result[contenders[0]], result[contenders[1]]
    if first.money is None or second.money is None or not _by_money(verdicts):
        return next(
            (v.reason for v in verdicts if {v.first, v.second} == {first.name, second.name}),
            "No proof says that one of them is better.",
        )
    return (
        f"They are worth {money.text(first.money.contribution)} ({first.name}) and "
        f"{money.text(second.money.contribution)} ({second.name}) a year, but a better plan of "
        f"{second.name} could still reach {money.text(second.money.bound)}: the difference "
        "proves nothing."
    )


def _single_text(result: RunResult, name: str, money: MoneyScale) -> str:
    own, today = result[name].money, result.incumbent.money if result.incumbent else None
    if own is None:
        return "It is set beside today's alignment below."
    text = f"It is worth {money.text(own.contribution)} a year after {_costs(own)}"
    if today is not None:
        change = money.text(own.contribution - today.contribution, sign=True)
        text += f", {change} against today's alignment as it stands"
    return text + "."


def _today_text(result: RunResult, leading: str, today: Figures | None, money: MoneyScale) -> str:
    """The leading scenario beside today's alignment as it stands."""
    own, frozen = result[leading].money, result.incumbent.money if result.incumbent else None
    if own is None or frozen is None or today is None or len(result.scenarios) == 1:
        return ""
    broken = ""
    if today.hard_broken:
        rules = "rule" if today.hard_broken == 1 else "rules"
        broken = f", which breaks {today.hard_broken} hard {rules}"
    return (
        f"Against today's alignment as it stands{broken}, {leading} makes a difference of "
        f"{money.text(own.contribution - frozen.contribution, sign=True)} a year."
    )


def _worst_text(lead: Figures, today: Figures | None) -> str:
    if lead.worst_use is None:
        return ""
    text = (
        f"The fullest rep of {lead.name} is {lead.worst_use.rep} with "
        f"{percent(lead.worst_use.value, 0)} of the hours"
    )
    if today and today.worst_use:
        text += f" (today {today.worst_use.rep} with {percent(today.worst_use.value, 0)})"
    if lead.worst_spread:
        text += (
            f"; farthest from a fair share of potential is {lead.worst_spread.rep} with "
            f"{percent(lead.worst_spread.value, 0, sign=True)}"
        )
        if today and today.worst_spread:
            text += (
                f" (today {today.worst_spread.rep} with "
                f"{percent(today.worst_spread.value, 0, sign=True)})"
            )
    return text + "."


def _cost_text(row: ScenarioResult, lead: Figures, money: MoneyScale) -> str:
    parts = []
    if row.money is not None:
        names = {entry.name for entry in row.money.rows}
        costs = [name for name in COSTS if name in names]
        listed = [f"{money.figure(row.money.amount(name))} for {name}" for name in costs]
        if listed:
            parts.append(f"{lead.name} costs {_listed(listed)} ({money.label} a year)")
    if lead.moved_sales is not None:
        text = (
            f"{percent(lead.moved_sales)} of sales ({grouped(lead.moved_units)} units) change hands"
        )
        if lead.orphaned_sales and lead.orphaned_sales >= 0.0005:
            text += f", and {percent(lead.orphaned_sales)} more had lost their rep before"
        parts.append(text)
    return "; ".join(parts) + "." if parts else ""


def _assumption_text(assumptions: Sequence[AssumptionRange], winner: str | None) -> str:
    """The assumed value that comes nearest to turning the result."""
    shaky = [a for a in assumptions if winner and a.assumed and a.turning]
    if not shaky:
        return ""
    first = min(shaky, key=lambda a: a.slack)
    return (
        f"It rests on assumed values: with {first.meaning or first.path} {first.turning} "
        f"{first.unit} (assumed {significant(first.value)}) another scenario wins."
    ).replace("  ", " ")


def _left_out_text(result: RunResult) -> str:
    """Scenarios without a plan, which no winner has beaten."""
    parts = [f"{row.name} ({row.status})" for row in result.scenarios if row.plan is None]
    return f"Without a plan, and so left out: {_listed(parts)}." if parts else ""


def _listed(words: Sequence[str]) -> str:
    """Words as a list for reading."""
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
