"""Time the quotas of a made-up company of four levels: ``python benchmarks/quotas.py 500 3``.

Arguments: reps, products, and optionally ``plain``, ``cells`` (a floor on every cell),
``growth`` (a growth limit on every rep's year), ``fair`` (four limits of fairness) or
``both`` of the latter two. Seconds are those of the processor.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pandas as pd
from teig.optimizer.quotas import set_quotas

MONTHS = [f"{month:02}" for month in range(1, 13)]


def company(reps: int, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Territories and structure: ten reps a district, eight districts a region."""
    rng = np.random.default_rng(seed)
    districts = max(reps // 10, 1)
    regions = max(districts // 8, 1)
    rows = [("company", "", "company")]
    rows += [(f"r{r:03}", "company", "region") for r in range(regions)]
    rows += [(f"d{d:03}", f"r{d % regions:03}", "district") for d in range(districts)]
    sales = rng.lognormal(13.0, 0.5, reps).round()
    territories = pd.DataFrame(
        {
            "owner": [f"o{rep:05}" for rep in range(reps)],
            "parent": [f"d{rep % districts:03}" for rep in range(reps)],
            "sales": sales,
            "potential": (sales * rng.uniform(1.5, 4.0, reps)).round(),
            "expected": (sales * rng.uniform(0.95, 1.2, reps)).round(),
            "tenure": rng.integers(0, 20, reps),
        }
    )
    return territories, pd.DataFrame(rows, columns=["node", "parent", "level"])


def main(reps: int, products: int, limits: str = "plain") -> None:
    """Set quotas once and say how long it took."""
    territories, structure = company(reps)
    names = [f"p{product}" for product in range(products)]
    floors = None
    if limits == "cells":
        cells = pd.MultiIndex.from_product([territories["owner"], names, MONTHS])
        floors = cells.to_frame(index=False, name=["node", "product", "period"])
        floors = floors.assign(amount=10_000)
    fairness = dict.fromkeys(("size", "growth", "region", "tenure"), 0.02)
    begun = time.process_time()
    result = set_quotas(
        territories,
        round(float(territories["sales"].sum()) * 1.08, -6),
        structure,
        rounding={"company": 10_000, "region": 1000, "district": 1000, "rep": 100},
        over_assignment={"company": 0.02, "region": 0.03, "district": 0.05},
        products=names,
        periods=MONTHS,
        floors=floors,
        growth=(-0.05, 0.25) if limits in ("growth", "both") else None,
        fairness=fairness if limits in ("fair", "both") else None,
    )
    seconds = time.process_time() - begun
    print(
        f"{reps} reps × 12 × {products}, {limits}: {result.status}, gap {result.gap}, {seconds:.1f} s"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
