"""The certificate of fairness: tests by name, before and after.

Whether expected attainment (expected ÷ quota) leans on a number is tested by Spearman's
rank correlation, on a group by the test of Kruskal and Wallis (1952). Both go by ranks,
so it makes no difference that the limit is on the burden (quota ÷ expected), of which
attainment is the reciprocal. Beside the test stands the lean that the limit is about,
since a small lean over many owners is significant and a large one over five is not.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import kruskal, spearmanr

from ....models.arrays import FloatArray
from .rules import FEWEST, Covariates

CERTIFICATE_COLUMNS = (
    "covariate", "stage", "owners", "test", "statistic", "p", "lean", "limit", "kept", "in_words",
)  # fmt: skip
SPEARMAN, KRUSKAL_WALLIS = "Spearman", "Kruskal-Wallis"
#: A limit counts as kept up to this share of the mean burden: floats against whole numbers.
_HAIR = 1e-7


def certificate(
    covariates: Covariates, quotas: Mapping[str, FloatArray], limits: Mapping[str, float]
) -> pd.DataFrame:
    """Test each covariate on each stage's quotas.

    Parameters
    ----------
    quotas
        By stage (``index``, ``quota``): every node's quota of the plan period, (nodes,).
    limits
        Limits by covariate, as shares of the mean burden.

    Returns
    -------
    ``covariate, stage, owners, test, statistic, p, lean, limit, kept, in_words``; ``p``
    is two-sided; ``lean`` is the slope of the burden on one standard deviation ÷ mean
    burden, or the group farthest from the mean.
    """
    rows = []
    if len(covariates.nodes) >= FEWEST:
        for stage, amounts in quotas.items():
            burden = np.asarray(amounts, dtype=np.float64)[covariates.nodes] / covariates.expected
            mean = float((burden * covariates.expected).sum() / covariates.expected.sum())
            if not mean > 0:
                continue
            for name, values in covariates.numbers.items():
                rows.append(_number_row(name, stage, burden / mean, values))
            for name, groups in covariates.groups.items():
                rows.append(_group_row(name, stage, burden / mean, groups))
    for row in rows:
        limit = limits.get(str(row["covariate"]))
        row["limit"] = np.nan if limit is None else limit
        row["kept"] = limit is None or abs(float(str(row["lean"]))) <= limit + _HAIR
    frame = pd.DataFrame(rows, columns=list(CERTIFICATE_COLUMNS))
    return frame.sort_values("covariate", kind="stable").reset_index(drop=True)


def _number_row(name: str, stage: str, burden: FloatArray, values: FloatArray) -> dict[str, object]:
    statistic, p, lean, words = 0.0, 1.0, 0.0, f"{name} is the same for all"
    deviation = float(values.std())
    if deviation > 1e-12 * max(1.0, float(np.abs(values).max())):
        lean = float(((values - values.mean()) / deviation * burden).mean())
        attainment = np.round(1.0 / np.maximum(burden, 1e-12), 9)
        if np.ptp(attainment) > 0:
            found = spearmanr(values, attainment)
            statistic, p = float(found.statistic), float(found.pvalue)
        more = "more" if lean > 0 else "less"
        words = f"one standard deviation more {name} is asked for {100 * abs(lean):.1f} % {more}"
    return _row(name, stage, len(burden), SPEARMAN, statistic, p, lean, words)


def _group_row(
    name: str, stage: str, burden: FloatArray, groups: tuple[str, ...]
) -> dict[str, object]:
    names = sorted(set(groups))
    of = {group: burden[[g == group for g in groups]] for group in names}
    statistic, p, lean, words = 0.0, 1.0, 0.0, "there is one group only"
    if len(names) > 1:
        gaps = {group: float(of[group].mean() - burden.mean()) for group in names}
        worst = max(names, key=lambda group: abs(gaps[group]))
        lean = gaps[worst]
        more = "more" if lean > 0 else "less"
        words = f"{worst} is asked for {100 * abs(lean):.1f} % {more} than the mean"
        rounded = [np.round(1.0 / np.maximum(values, 1e-12), 9) for values in of.values()]
        if np.ptp(np.concatenate(rounded)) > 0:
            found = kruskal(*rounded)
            statistic, p = float(found.statistic), float(found.pvalue)
    return _row(name, stage, len(burden), KRUSKAL_WALLIS, statistic, p, lean, words)


def _row(
    name: str, stage: str, owners: int, test: str, statistic: float, p: float, lean: float, words: str
) -> dict[str, object]:  # fmt: skip
    return {
        "covariate": name,
        "stage": stage,
        "owners": owners,
        "test": test,
        "statistic": round(statistic, 6),
        "p": round(p, 6),
        "lean": round(lean, 9),
        "in_words": words,
    }
