"""Time of simulating quotas and of choosing a parameter: ``python benchmarks/simulation.py``.

Arguments: reps, products. Twelve months, managers of ten, 1,000 draws. Prints CPU seconds.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd
from teig.models.compensation import CompensationPlan, PayTerms, Prize
from teig.optimizer.quotas import set_quotas
from teig.optimizer.quotas.simulation import choose, simulate_quotas

MONTHS = tuple(f"M{month:02d}" for month in range(1, 13))


def main(reps: int, products: int) -> None:
    """Simulate a made-up company and choose its over-assignment."""
    generator = np.random.default_rng(1)
    territories = pd.DataFrame(
        {
            "owner": [f"R{n:04d}" for n in range(reps)],
            "parent": [f"M{n // 10:03d}" for n in range(reps)],
            "sales": generator.lognormal(13.0, 0.4, reps).round(-2),
            "potential": generator.lognormal(14.5, 0.5, reps).round(-2),
        }
    )
    budget = round(float(territories["sales"].sum()) * 1.05, -5)
    quotas = set_quotas(
        territories,
        budget,
        rounding=100,
        periods=MONTHS,
        products=tuple(f"P{n}" for n in range(products)),
        over_assignment={"team": 0.03},
    )
    plan = CompensationPlan(
        PayTerms(threshold=0.5, accelerator=1.5, cap=2.0), prizes=(Prize("club", 5000, share=0.05),)
    )
    begun = time.process_time()
    simulated = simulate_quotas(quotas, plan, {"rep": (60_000, 40_000)})
    simulated_in = time.process_time() - begun
    begun = time.process_time()
    found = choose(simulated, share_at_quota=0.35, pay_budget=simulated.expected_cost * 1.01)
    chosen_in = time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{reps} reps x 12 x {products}: simulate {simulated_in:.1f} s, choose {chosen_in:.1f} s")
    print(f"peak memory {peak:.1f} GB; over-assignment {found.value:g}, {found.explanation[0]}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (500, 3))
