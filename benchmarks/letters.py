"""Time of putting letters together: ``python benchmarks/letters.py [SELLERS]``, CPU seconds."""

from __future__ import annotations

import sys
import time
from datetime import date

import numpy as np
import pandas as pd
from teig.optimizer.quotas import set_quotas
from teig.scenarios.letters import quota_letters, render_letter


def main(sellers: int) -> None:
    """Write to a made-up company: thirty accounts a seller, ten sellers a manager."""
    generator = np.random.default_rng(1)
    number = np.arange(30 * sellers)
    accounts = pd.DataFrame(
        {
            "account": [f"A{n}" for n in number],
            "owner": [f"R{n % sellers:04d}" for n in number],
            "previous": [f"R{(n + (n % 17 == 0)) % sellers:04d}" for n in number],
            "sales": generator.lognormal(9.0, 0.7, len(number)).round(),
            "potential": generator.lognormal(10.0, 0.7, len(number)).round(),
            "visits": 6.0,
        }
    )
    territories = accounts.groupby("owner")[["sales", "potential"]].sum().reset_index()
    territories["parent"] = [f"M{n // 10:03d}" for n in range(sellers)]
    quotas = set_quotas(
        territories,
        round(float(territories["sales"].sum()) * 1.05, -5),
        rounding=100,
        periods=[f"M{month:02d}" for month in range(1, 13)],
        products=list("abcde"),
    )
    people = pd.DataFrame({"person": sorted(set(territories["parent"]))})
    begun = time.process_time()
    letters = quota_letters(
        quotas, accounts, people, start=date(2027, 1, 1), end=date(2027, 12, 31)
    )
    print(f"{len(letters)} letters: facts {time.process_time() - begun:.1f} s")
    begun = time.process_time()
    pages = [render_letter(letter) for letter in letters[:200]]
    spent = (time.process_time() - begun) / len(pages)
    print(f"a page {1000 * spent:.1f} ms, {sum(map(len, pages)) / len(pages) / 1000:.0f} kB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
