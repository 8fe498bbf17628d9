"""What a recipient's quota pays, from the compensation plan alone."""

from __future__ import annotations

from ...models.compensation import CompensationPlan, Measured, PayCurve
from ...optimizer.quotas.simulation import Simulation
from .facts import Award, Pay, PayPoint

#: Attainments that every letter prices.
PRICED = (0.8, 1.0, 1.2)
#: Attainment at which drawings end.
DRAWN = 1.5


def pay_of(simulation: Simulation, name: str) -> Pay | None:
    """Pay of one person; None for somebody whose pay does not depend on the quota."""
    payees, plan = simulation.payees, simulation.compensation
    if payees is None or plan is None or name not in payees.ids:
        return None
    at = payees.ids.index(name)
    base, target = float(payees.base[at]), float(payees.target_incentive[at])
    terms = plan.terms_of(payees.levels[at])
    awards = _awards(plan, payees.levels[at], at_foot=bool(payees.foot[at]))
    if not (target or awards):
        return None
    points = []
    for attainment in PRICED:
        incentive = target * float(terms.curve.payout(attainment))
        points.append(PayPoint(attainment, incentive, base + incentive))
    return Pay(
        base=base,
        target_incentive=target,
        threshold=terms.threshold,
        points=tuple(points),
        curve=_drawn(terms.curve, base, target),
        awards=awards,
        by_period=plan.measured is Measured.PERIOD,
        recovered=plan.clawback.recovered if plan.clawback.returned else 0.0,
    )


def _drawn(curve: PayCurve, base: float, target: float) -> tuple[tuple[float, float], ...]:
    """Ends of the straight pieces up to where the drawing ends."""
    starts = [float(s) for s in curve.starts if s < DRAWN]
    points: list[tuple[float, float]] = []
    for piece, start in enumerate(starts):
        end = starts[piece + 1] if piece + 1 < len(starts) else DRAWN
        value = float(curve.values[piece])
        points.append((start, base + target * value))
        reached = value + float(curve.slopes[piece]) * (end - start)
        points.append((end, base + target * reached))
    return tuple(points)


def _awards(plan: CompensationPlan, level: str, *, at_foot: bool) -> tuple[Award, ...]:
    prizes = [
        Award("prize", p.name, p.amount, best=p.best, share=p.share, at_least=p.at_least)
        for p in plan.prizes
        if (p.level == level if p.level else at_foot)
    ]
    teams = [
        Award("team", a.name, a.amount, best=a.best, at_least=a.at_least) for a in plan.team_awards
    ]
    contests = [
        Award("contest", c.name, c.amount, best=c.best, rate=c.rate, start=c.start, end=c.end)
        for c in plan.contests
    ]
    return (*prizes, *(teams if at_foot else ()), *(contests if at_foot else ()))
