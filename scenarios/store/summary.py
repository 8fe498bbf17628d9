"""``summary.json``: what a scenario's solve found, the same bytes for the same input."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import Any

from ..campaigns.study import CampaignStudy
from ..comparison import deciding_stage
from ..results import ScenarioResult


def summary_of(result: ScenarioResult) -> dict[str, Any]:
    """Return the contract's summary of one scenario as plain data.

    ``objective``, ``bound`` and ``gap`` are those of the stage named by ``stage``:
    the first that is not proven optimal, else the last; ``stages`` has them all.
    """
    stages = _stages(result)
    return {
        "scenario": result.name,
        "description": result.description,
        "status": str(result.status),
        **_deciding(result, stages),
        "stages": stages,
        "terms": _terms(result),
        "violations": _violations(result),
        "stopped_by": result.stopped_by,
        "seed": result.seed,
        "limits": result.settings.get("limits", {}),
        "versions": dict(result.versions),
        "input_hash": result.input_hash,
        "written_hash": result.written_hash,
        "inputs": _inputs(result),
        "changes": [asdict(change) for change in result.changes],
        "quarantined": [
            {key: _plain(value) for key, value in row.items()}
            for row in result.quarantined.to_dict("records")
        ],
        "money": _money(result),
        "simulation": _simulation(result),
        **({} if result.campaigns is None else {"campaigns": _campaigns(result.campaigns)}),
        "notes": list(result.notes),
        "settings": result.settings,
        **({} if result.adoption is None else {"adoption": asdict(result.adoption)}),
    }


def json_text(value: object) -> str:
    """JSON with two spaces, a line end, and no NaN."""
    return json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _stages(result: ScenarioResult) -> list[dict[str, Any]]:
    return [
        {
            "name": stage.name,
            "sense": stage.sense,
            "status": str(stage.status),
            "objective": _number(stage.objective),
            "bound": _number(stage.bound),
            "gap": _number(stage.gap),
        }
        for stage in result.stages
    ]


def _deciding(result: ScenarioResult, stages: list[dict[str, Any]]) -> dict[str, Any]:
    """What the stage says that the summary is about; of a plan unsolved, the last objective."""
    found: dict[str, Any] = {
        "sense": "min",
        "stage": None,
        "objective": None,
        "bound": None,
        "gap": None,
    }
    if stages:
        deciding = stages[deciding_stage(result)]
        found |= {key: deciding[key] for key in ("sense", "objective", "bound", "gap")}
        found["stage"] = deciding["name"]
    elif result.evaluation is not None and result.evaluation.objectives:
        name, value = list(result.evaluation.objectives.items())[-1]
        found |= {"stage": name, "objective": _number(value)}
        if result.frozen:
            # Frozen: there is nothing to choose, so that the value is its own bound.
            found |= {"bound": _number(value), "gap": 0.0}
    return found


def _inputs(result: ScenarioResult) -> list[dict[str, Any]]:
    return [
        {
            "role": table.role,
            "path": table.path,
            "marked": table.marked,
            "rows": table.rows,
            "sha256": table.digest,
        }
        for table in result.inputs
    ]


def _terms(result: ScenarioResult) -> dict[str, dict[str, Any]]:
    if result.evaluation is None:
        return {}
    return {
        name: {"value": _number(term.value), "unit": term.unit, "price": _number(term.price)}
        for name, term in result.evaluation.terms.items()
    }


def _violations(result: ScenarioResult) -> list[dict[str, Any]]:
    if result.evaluation is None:
        return []
    hard = {rule.name for rule in result.problem.rules if rule.hard} | {"coverage"}
    return [
        {
            "rule": violation.rule,
            "subject": violation.subject,
            "amount": _number(violation.amount),
            "unit": violation.unit,
            "hard": violation.rule in hard,
        }
        for violation in result.evaluation.violations
    ]


def _money(result: ScenarioResult) -> dict[str, Any] | None:
    if result.money is None:
        return None
    return {
        "currency": result.money.currency,
        "contribution": _number(result.money.contribution),
        "bound": _number(result.money.bound),
        "rows": [
            {
                "name": row.name,
                "amount": _number(row.amount),
                "assumed": row.assumed,
                "detail": row.detail,
            }
            for row in result.money.rows
        ],
    }


def _campaigns(study: CampaignStudy) -> list[dict[str, Any]]:
    """Totals of each campaign; months and reps are in the tables."""
    return [
        {
            "name": total.name,
            "channel": total.channel,
            "start": total.start,
            "end": total.end,
            "units": total.units,
            **{name: _number(amount) for name, amount in total.amounts.items()},
            "expected_sales_range": [_number(total.sales_low), _number(total.sales_high)],
            "assumed": total.assumed,
            "cost": _number(total.cost),
        }
        for total in study.totals
    ]


def _simulation(result: ScenarioResult) -> dict[str, Any] | None:
    """Sums and shares of all people; nobody's own figures."""
    if result.forecast is None:
        return None
    simulation, choice = result.forecast.simulation, result.forecast.choice
    u = simulation.uncertainty
    chosen = choice and {
        "parameter": choice.parameter,
        "value": choice.value,
        "feasible": choice.feasible,
        "share_at_quota": _number(choice.share_at_quota),
        "expected_pay": _number(choice.expected_cost) if result.forecast.tells_pay else None,
    }
    return {
        "draws": simulation.draws,
        "spreads": {
            key: _number(getattr(u, key)) for key in ("market", "territory", "period", "product")
        },
        "source": u.source,
        "share_at_quota": _number(simulation.share_at_quota),
        "expected_pay": _number(simulation.expected_cost) if result.forecast.tells_pay else None,
        "choice": chosen,
    }


def _plain(value: Any) -> Any:
    return _number(value) if isinstance(value, float) else value


def _number(value: float | None) -> float | None:
    """Return a number that JSON knows, rounded where only the last digits would differ."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.12g}")
