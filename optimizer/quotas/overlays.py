"""Credit of overlays: a ledger of its own, and the reconciliation with the budget.

A sale that two people work for is sold once. Primary credit adds up to the budget (and
its over-assignment); what an overlay is credited with stands beside it, by the rule of
its team:

========  =======================================================================
double    the overlay is asked for all of what primary owners are asked for from
          the units that it covers; the amount is credited twice
shared    it is asked for a share of that (half, unless said), credited twice too
none      it is asked for nothing
========  =======================================================================

A team's cells add up to what it covers, rounded half up to the unit, and are dealt to
its people with the least deviation (:mod:`.apportion`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from ...models.arrays import FloatArray
from ...models.quotas import round_half_up
from .apportion import apportion
from .result import QuotaResult

CREDITS = ("double", "shared", "none")
#: What an overlay is credited with of a shared sale, where nothing else is said.
HALF = 0.5
OVERLAY_COLUMNS = ("team", "owner", "product", "period", "quota", "covered", "credit", "currency")
LINE_COLUMNS = ("line", "of", "amount", "currency")


@dataclass(frozen=True, eq=False)
class OverlayLedger:
    """What overlays are asked for.

    Parameters
    ----------
    quotas
        ``team, owner, product, period, quota, covered, credit, currency``; ``covered`` is
        what primary owners are asked for from the units that the overlay covers.
    reconciliation
        ``line, of, amount, currency``: from the budget to what is credited in all.
    """

    quotas: pd.DataFrame
    reconciliation: pd.DataFrame

    @property
    def lines(self) -> tuple[str, ...]:
        """The reconciliation as text."""
        return tuple(
            f"{line}{f' ({of})' if of else ''}: {amount:,.2f} {currency}".replace(".00 ", " ")
            for line, of, amount, currency in self.reconciliation.itertuples(index=False)
        )


def overlay_ledger(
    primary: QuotaResult,
    coverage: pd.DataFrame,
    rules: Mapping[str, str],
    *,
    shares: Mapping[str, float] | None = None,
    unit: int | None = None,
) -> OverlayLedger:
    """Quotas of overlays from those of the primary owners whose units they cover.

    Parameters
    ----------
    primary
        The primary ledger.
    coverage
        ``team, overlay, owner, share``: which share of a primary owner's quota comes
        from units that the overlay covers.
    rules
        ``double``, ``shared`` or ``none`` by team.
    shares
        By team, what an overlay is credited with of a shared sale.
    unit
        Minor units that overlay quotas are multiples of; those of the leaves by default.

    Raises
    ------
    ValueError
        When a rule is unknown, or there is no primary plan.
    """
    plan, problem = primary.plan, primary.problem
    if plan is None:
        raise ValueError("there are no primary quotas to go by")
    unknown = sorted({rule for rule in rules.values() if rule not in CREDITS})
    if unknown:
        raise ValueError(f"credit must be one of {', '.join(CREDITS)}, not {', '.join(unknown)}")
    tree = problem.tree
    place = {node: row for row, node in enumerate(tree.ids)}
    step = unit or max(int(tree.cell_units[leaf]) for leaf in tree.leaves.tolist())
    columns = len(problem.products) * len(problem.periods)
    quota = plan.quota.reshape(len(tree), columns).astype(np.float64)
    frames, lines = [], _primary_lines(primary)
    for team in sorted(rules):
        rows = coverage[coverage["team"].astype(str).eq(team)]
        people = sorted(set(rows["overlay"].astype(str)))
        covered = np.zeros((len(people), columns))
        for person, owner, share in zip(
            rows["overlay"].astype(str), rows["owner"].astype(str), rows["share"], strict=True
        ):
            covered[people.index(person)] += float(share) * quota[place[owner]]
        rule = rules[team]
        part = {"double": 1.0, "none": 0.0}.get(rule, (shares or {}).get(team, HALF))
        dealt = _dealt(covered * part, step)
        frames.append(_frame(primary, team, people, dealt, covered, rule))
        minor = problem.minor_units
        lines.append(("covered by an overlay", team, float(covered.sum()) / minor))
        title = "credited to it again" if rule != "none" else "credited to nobody again"
        lines.append((title, f"{team}, {rule}", int(dealt.sum()) / minor))
    credited = sum(round(float(frame["quota"].sum()) * problem.minor_units) for frame in frames)
    carried = _carried(primary)
    lines.append(("credited in all", "", (carried + credited) / problem.minor_units))
    lines.append(("of it counted more than once", "", credited / problem.minor_units))
    table = pd.DataFrame(lines, columns=list(LINE_COLUMNS[:-1])).assign(currency=problem.currency)
    empty = pd.DataFrame({name: pd.Series(dtype=object) for name in OVERLAY_COLUMNS})
    return OverlayLedger(pd.concat(frames, ignore_index=True) if frames else empty, table)


def _carried(primary: QuotaResult) -> int:
    assert primary.plan is not None  # noqa: S101 - looked at before
    return int(primary.plan.quota[primary.problem.tree.leaves].sum())


def _primary_lines(primary: QuotaResult) -> list[tuple[str, str, float]]:
    assert primary.plan is not None  # noqa: S101 - looked at before
    minor = primary.problem.minor_units
    top, carried = int(primary.plan.quota[0].sum()), _carried(primary)
    lines = [("primary quotas, the budget", "", top / minor)]
    if carried != top:
        lines.append(("over-assignment", "", (carried - top) / minor))
        lines.append(("carried by primary owners", "", carried / minor))
    return lines


def _dealt(wanted: FloatArray, step: int) -> np.ndarray:
    """Whole units that add up, column by column, to the sum of what is wanted, half up."""
    dealt = np.zeros(wanted.shape, dtype=np.int64)
    for column in range(wanted.shape[1]):
        index = wanted[:, column] / step
        total = round_half_up(Fraction(round(float(index.sum()), 6)), 1)
        scale = np.where(index > 0, index, 1.0)
        high = np.where(index > 0, total, 0)
        shared = apportion(total, index, scale, np.zeros_like(high), high)
        if shared is not None:
            dealt[:, column] = shared.units * step
    return dealt


def _frame(
    primary: QuotaResult,
    team: str,
    people: list[str],
    dealt: np.ndarray,
    covered: FloatArray,
    rule: str,
) -> pd.DataFrame:
    problem = primary.problem
    products, periods = len(problem.products), len(problem.periods)
    minor = problem.minor_units
    return pd.DataFrame(
        {
            "team": team,
            "owner": np.repeat(np.array(people, dtype=object), products * periods),
            "product": np.tile(
                np.repeat(np.array(problem.products, dtype=object), periods), len(people)
            ),
            "period": np.tile(np.array(problem.periods, dtype=object), len(people) * products),
            "quota": dealt.ravel() / minor if (dealt % minor).any() else dealt.ravel() // minor,
            "covered": np.round(covered.ravel() / minor, 6),
            "credit": rule,
            "currency": problem.currency,
        }
    )
