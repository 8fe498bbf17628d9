"""A scenario folder from the AdventureWorks sample data, where it is beside the checkout.

Real: 701 stores with their annual sales, who serves them, 17 sales people with sales
of the year, commission and last quotas. The data holds no sales by store, nor by
period, no bases, no visits and no base pay; those are made here by plain formulas:

- sales of a store: its seller's sales of the year, by the stores' annual sales;
  the one seller without stores (284) sells in the stores of the same territory;
- a store without a place (Germany, mostly) lies in the middle of its country's others;
- a base lies in the middle of the stores;
- visits go by the type of store; base pay is the same for everybody.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .real_data import needs

#: Managers of the three groups; in the sample database they hold no territory.
MANAGERS = {"North America": "S274", "Pacific": "S285", "Europe": "S287"}
QUARTERS = ("Q1", "Q2", "Q3", "Q4")

SCENARIO = """
teig: 1
name: AdventureWorks stores 2025/26
currency: USD
price_year: 2025
calendar: {{start: 2025-06-01, end: 2026-05-31, country: US, leave_days: 15}}
touring: {{overnight_minutes: 120, days_per_trip: 4}}
data:
  units: {{path: stores.csv, marked: assumed}}
  reps: reps.csv
  people: people.csv
  standards: {{path: standards.csv, marked: assumed}}
  incumbent: incumbent.csv
  neighbours: none
  pay: {{path: pay.csv, marked: assumed}}
  previous_quotas: previous_quotas.csv
objective: {{order: [disruption]}}
rules:
  unchanged: {{type: disruption_cap, measure: accounts, share: 0.0}}
quotas:
  budget: 39000000
  method: weighted_index
  weights: {{sales: 0.75, potential: 0.25}}
  rounding: 1000
  over_assignment: {{manager: 0.04}}
  growth: [-0.1, 0.4]
  periods: {phasing}
compensation:
  base: {{manager: 95000}}
  target_incentive: {{manager: 20000}}
  threshold: 0.6
  accelerator: 1.5
  cap: 2.5
  prizes: {{Bike club: {{best: 2, amount: 4000}}}}
  contests: {{Spring ride: {{start: 2026-03-01, end: 2026-04-30, amount: 1500, best: 1}}}}
simulation: {{draws: 400}}
letters: {{company: Adventure Works Cycles, languages: {{S276: nb, S287: nb}}}}
limits: {{work: 0.1}}
overrides:
  new_seller:
    rules:
      unchanged: !remove
      few: {{type: disruption_cap, measure: accounts, share: 0.04}}
      fair: {{type: balance, measure: potential, tolerance: 0.3, target: equal, hard: false}}
    objective: {{order: !remove , stages: {{fair: {{"rule:fair": 1}}, near: {{travel_km: 1}}}}}}
scenarios:
  today: []
  new-seller: {{overrides: [new_seller], note: "the seller without stores gets some"}}
"""


def write_scenario(folder: Path) -> Path:
    """Write the scenario file and its tables; returns the file."""
    data = needs("adventureworks")
    people = pd.read_csv(data / "reps.csv", dtype={"BusinessEntityID": str, "TerritoryID": str})
    people["rep"] = "S" + people["BusinessEntityID"]
    regions = pd.read_csv(data / "territories.csv", dtype={"TerritoryID": str})
    group = dict(zip(regions["TerritoryID"], regions["Group"], strict=True))
    sellers = people[people["TerritoryID"].notna()].copy()
    sellers["reports_to"] = [MANAGERS[group[t]] for t in sellers["TerritoryID"]]
    stores = _stores(data, sellers)
    _reps(stores, sellers).to_csv(folder / "reps.csv", index=False)
    columns = ["unit", "name", "latitude", "longitude", "potential", "sales", "class", "country"]
    stores[columns].to_csv(folder / "stores.csv", index=False)
    stores[["unit", "rep"]].to_csv(folder / "incumbent.csv", index=False)
    pd.DataFrame(
        {"person": MANAGERS.values(), "role": "manager", "team": "", "reports_to": ""}
    ).to_csv(folder / "people.csv", index=False)
    pd.DataFrame(
        {"class": ["BM", "BS", "OS"], "channel": "field", "calls_per_year": [4, 4, 6],
         "hours_per_call": [1.0, 1.0, 1.5]}
    ).to_csv(folder / "standards.csv", index=False)  # fmt: skip
    quotas = _quotas(data, sellers)
    quotas[["node", "period", "quota"]].to_csv(folder / "previous_quotas.csv", index=False)
    _pay(sellers, quotas).to_csv(folder / "pay.csv", index=False)
    weights = quotas[quotas["seller"]].groupby("period")["quota"].sum()
    phasing = {q: round(float(weights[q] / weights.sum()), 3) for q in QUARTERS}
    file = folder / "scenario.yaml"
    text = "{" + ", ".join(f"{q}: {share}" for q, share in phasing.items()) + "}"
    file.write_text(SCENARIO.format(phasing=text), encoding="utf-8")
    return file


def _stores(data: Path, sellers: pd.DataFrame) -> pd.DataFrame:
    ids = {"id": str, "current_rep_id": str, "current_territory_id": str}
    stores = pd.read_csv(data / "accounts.csv", dtype=ids)
    stores["rep"] = "S" + stores["current_rep_id"]
    placed = stores[["lat", "lon"]].where(stores["lat"] != 0.0)
    middle = placed.groupby(stores["country"]).transform("mean")
    stores["latitude"] = placed["lat"].fillna(middle["lat"]).round(5)
    stores["longitude"] = placed["lon"].fillna(middle["lon"]).round(5)
    sold = np.zeros(len(stores))
    potential = stores["potential"].to_numpy(float)
    for seller in sellers.to_dict("records"):
        own = (stores["rep"] == seller["rep"]).to_numpy()
        if not own.any():
            own = (stores["current_territory_id"] == seller["TerritoryID"]).to_numpy()
        sold[own] += seller["SalesYTD"] * potential[own] / potential[own].sum()
    stores["sales"] = sold.round(2)
    # A store buys from others too: a tenth of its own sales, or what it buys already.
    stores["potential"] = np.maximum(potential * 0.1, sold).round(2)
    return stores.rename(columns={"id": "unit", "business_type": "class"})


def _reps(stores: pd.DataFrame, sellers: pd.DataFrame) -> pd.DataFrame:
    """Sellers in the middle of their stores, or of their territory's."""
    rows = []
    for seller in sellers.to_dict("records"):
        own = stores[stores["rep"] == seller["rep"]]
        if own.empty:
            own = stores[stores["current_territory_id"] == seller["TerritoryID"]]
        latitude, longitude = own["latitude"].mean(), own["longitude"].mean()
        rows.append((seller["rep"], latitude.round(4), longitude.round(4), seller["reports_to"]))
    return pd.DataFrame(rows, columns=["rep", "latitude", "longitude", "reports_to"])


def _quotas(data: Path, sellers: pd.DataFrame) -> pd.DataFrame:
    """Quotas of the last four quarters: sellers' own, managers' as the sum of their sellers'."""
    history = pd.read_csv(data / "quota_history.csv", dtype={"BusinessEntityID": str})
    history["node"] = "S" + history["BusinessEntityID"]
    history = history[history["QuotaDate"] >= "2024-05"]
    dates = sorted(set(history["QuotaDate"].str[:7]))
    history["period"] = [QUARTERS[dates.index(day)] for day in history["QuotaDate"].str[:7]]
    own = history[history["node"].isin(sellers["rep"])].rename(columns={"SalesQuota": "quota"})
    above = own.assign(node=own["node"].map(sellers.set_index("rep")["reports_to"]))
    above = above.groupby(["node", "period"])["quota"].sum().reset_index()
    return pd.concat([own.assign(seller=True), above.assign(seller=False)], ignore_index=True)


def _pay(sellers: pd.DataFrame, quotas: pd.DataFrame) -> pd.DataFrame:
    """The incentive is the commission on last year's quota, and the bonus."""
    year = quotas.groupby("node")["quota"].sum()
    target = sellers["CommissionPct"] * sellers["rep"].map(year) + sellers["Bonus"]
    return pd.DataFrame({"person": sellers["rep"], "base": 55_000, "target_incentive": target})
