"""How much of what the true risk would find a trained model finds, and how right its risk is.

A synthetic county is simulated, written, imported and trained on as a user would; only then is the
hidden truth opened. ``theirs`` is the oracle of ``benchmarks/_oracle.py``: it knows every pupil's
hidden hazard and state on the day. Models learn on nested subsets of the schools in all terms but
the last whose outcome is known, and rank all schools of the county in that term. Beside them stands
the hidden hazard of the term: how far one would get with all that can be known of a pupil before
the term shows anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks._oracle import hidden_hazard, true_chance
from benchmarks._synthetic_county import (
    SyntheticCounty,
    peak_mb,
    scores_of,
    synthetic_county,
    trained,
)
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.evaluation.listing import list_sizes, listed_share

SEED = 20_240_901
SHARE = 0.10
"""Length of the list: this share of each school."""
CALIBRATION_BINS = 20


@dataclass(frozen=True)
class _Plan:
    """What is simulated and on how much of it is learned."""

    preset: str
    days_per_term: int
    schools_per_area: int
    subsets: tuple[tuple[int, int], ...]
    """Areas in a training set, and how many disjoint sets of that size are averaged."""


FULL = _Plan("县", 2, 10, ((1, 3), (2, 2), (5, 1), (10, 1)))
QUICK = _Plan("学区", 2, 12, ((1, 1),))


def run(quick: bool) -> list[dict[str, Any]]:
    """Figures of the learned, the anchored and the documented model beside the oracle's."""
    plan = QUICK if quick else FULL
    county = synthetic_county(plan.preset, SEED, days_per_term=plan.days_per_term)
    term = county.matrix.rows["term"].astype("str")
    newest = (term == term.max()).to_numpy()
    test = county.matrix.take(newest)
    true = true_chance(county, test.rows)
    best = _ranking(test, _log_odds(true), true)
    hazard = _ranking(test, _log_odds(hidden_hazard(county, test.rows)), true)
    start = pd.Series({("hidden hazard of the term", name): hazard[name] for name in hazard})
    results = [*_rows(f"truth {plan.preset}", start, best, len(test))]
    for areas, sets in plan.subsets:
        learned = [_train(county, plan, areas, number, ~newest) for number in range(sets)]
        scored = pd.concat(
            [_figures(models, test, true) for models in learned], keys=range(sets)
        ).groupby(level=[1, 2], sort=False).mean()  # fmt: skip
        schools = areas * plan.schools_per_area
        results += _rows(f"truth {plan.preset}, {schools} schools", scored, best, len(test))
    return results


def _log_odds(chance: np.ndarray) -> np.ndarray:
    return np.asarray(logit(np.clip(chance, 1e-9, 1 - 1e-9)))


def _train(
    county: SyntheticCounty, plan: _Plan, areas: int, number: int, past: np.ndarray
) -> dict[str, RiskModel]:
    """Models of the past of some areas, on the product's own way."""
    codes = county.matrix.rows["school_code"].astype("str")
    area = pd.factorize(codes, sort=True)[0] // plan.schools_per_area
    chosen = np.isin(area, np.arange(number * areas, (number + 1) * areas))
    return trained(county.matrix.take(past & chosen))


def _figures(models: dict[str, RiskModel], test: FeatureMatrix, true: np.ndarray) -> pd.Series:
    """Figures by model and metric."""
    found = {}
    for name, log_odds in scores_of(models, test).items():
        figures = {**_ranking(test, log_odds, true), **_against_truth(log_odds, true)}
        found |= {(name, metric): value for metric, value in figures.items()}
    return pd.Series(found)


def _ranking(test: FeatureMatrix, log_odds: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """On the list: the share of what then happened, and of the true chances.

    The second is what the list would find on average over all ways the term could go; only chance
    is taken out of it. The oracle does not reach 1 in either.
    """
    y = np.asarray(test.y)
    listed = listed_share(log_odds, test.rows, list_sizes(test.rows, SHARE))
    return {
        f"recall at {SHARE:.0%}": float((listed * y).sum() / y.sum()),
        f"expected recall at {SHARE:.0%}": float((listed * true).sum() / true.sum()),
        "average_precision": float(average_precision_score(y, log_odds)),
        "roc_auc": float(roc_auc_score(y, log_odds)),
    }


def _against_truth(log_odds: np.ndarray, true: np.ndarray) -> dict[str, float]:
    """Predicted against true chance: slope and intercept on the log-odds, and the mean error.

    The line is the most likely one for outcomes that the true chance would bring on average, so no
    luck of the draw is in it: 1 and 0 are perfect. The error is the mean distance over bins of
    equally many pupils (ECE), in events per 1,000.
    """
    slope, intercept = _line(log_odds, true)
    predicted = expit(log_odds)
    bins = (np.argsort(np.argsort(predicted)) * CALIBRATION_BINS) // len(predicted)
    table = pd.DataFrame({"predicted": predicted, "true": true}).groupby(bins)
    means, size = table.mean(), table.size()
    error = ((means["predicted"] - means["true"]).abs() * size).sum() / size.sum()
    return {
        "slope against truth": slope,
        "intercept against truth": intercept,
        "expected per true event": float(predicted.sum() / true.sum()),
        "error per 1,000": float(1000 * error),
    }


def _line(log_odds: np.ndarray, true: np.ndarray) -> tuple[float, float]:
    def loss(line: np.ndarray) -> tuple[float, np.ndarray]:
        score = line[0] * log_odds + line[1]
        wrong = expit(score) - true
        value = np.logaddexp(0, score).mean() - (true * score).mean()
        return float(value), np.array([(wrong * log_odds).mean(), wrong.mean()])

    found = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-9})
    return float(found.x[0]), float(found.x[1])


_PERFECT = {
    "slope against truth": 1.0, "intercept against truth": 0.0, "expected per true event": 1.0,
    "error per 1,000": 0.0,
}  # fmt: skip


def _rows(
    title: str, scored: pd.Series, best: dict[str, float], rows: int
) -> Iterator[dict[str, Any]]:
    for (model, metric), value in scored.items():
        ideal = (best | _PERFECT)[metric]
        yield {
            "name": f"{title}: {model} {metric}",
            "ours": round(float(value), 4),
            "theirs": round(ideal, 4),
            "ratio": round(float(value) / ideal, 3) if ideal else None,
            "unit": "" if metric not in _PERFECT else "true = theirs",
            "peak_mb": peak_mb(),
            "rows": rows,
        }
