"""Would more data help: figures by number of terms and of schools learned from, and one term on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.review.comparing import (
    METRICS,
    Figures,
    averaged,
    figures_of,
    in_words,
    told,
)
from kongchuo_risk.review.trials import Trials
from kongchuo_risk.training.splits import Fold

TERMS, SCHOOLS = "terms", "schools"
SHARES = (0.25, 0.5, 0.75, 1.0)
"""Shares of the schools that are learned from."""
DRAWS = 3
"""Random orders of the schools; each share is the beginning of the order."""
NOT_ENOUGH = "数据不足"
EXPONENTS = (0.5, 1.0, 2.0)
"""How fast a power law saturates; the best of these is taken, since few points bear no third
parameter."""
_FEWEST_FOR_POWER_LAW = 4
_FEWEST_SIZES = 3
_COLUMNS = ["axis", "size", "metric", "value", "low", "high"]


@dataclass(frozen=True)
class Learning:
    """Learning curves.

    Attributes
    ----------
    table : DataFrame
        ``axis`` (``terms`` or ``schools``)``, size, metric, value, low, high``.
    by_terms : mapping of size to Figures
        With all their resamples, from which the next term is foretold.
    """

    table: pd.DataFrame
    by_terms: Mapping[int, Figures]


@dataclass(frozen=True)
class NextTerm:
    """What one more term of data would add to a figure; NaN when it cannot be said."""

    metric: str
    change: float
    low: float
    high: float
    text: str


def learning_curve(trials: Trials) -> Learning:
    """Figures on the same test rows after learning from less.

    The last two test terms are scored when both have three terms or more to learn from, otherwise
    the last one alone. Terms are the most recent ones; schools are nested random subsets, tested on
    the pupils of all schools.
    """
    folds = _tested(trials)
    by_terms = _curve(trials, folds, _by_terms(trials, folds))
    by_schools = _curve(trials, folds, _by_schools(trials, folds))
    rows = [
        (axis, size, metric, *told(figures[metric]))
        for axis, curve in ((TERMS, by_terms), (SCHOOLS, by_schools))
        for size, figures in curve.items()
        for metric in METRICS
    ]
    return Learning(pd.DataFrame(rows, columns=_COLUMNS), by_terms)


def fits_of_learning(trials: Trials) -> int:
    """Fits that :func:`learning_curve` will make."""
    folds = _tested(trials)
    return len(folds) * (len(_by_terms(trials, folds)) + len(_by_schools(trials, folds)))


def one_more_term(learning: Learning, metric: str = METRICS[0]) -> NextTerm:
    """What the next term of data would bring, if the curve goes on as it did.

    From four sizes on a power law that saturates, ``a - b / terms ** c``, is fitted to the figure
    and to every resample (Figueroa et al. 2012); with fewer, the last step is taken to repeat
    itself, which is too hopeful once the curve flattens.
    """
    sizes = np.array(sorted(learning.by_terms), dtype=float)
    if len(sizes) < 2:
        text = f"再多一个学期：{NOT_ENOUGH}，只有 {len(sizes)} 种学期数可以比较。"
        return NextTerm(metric, float("nan"), float("nan"), float("nan"), text)
    values = np.array([learning.by_terms[int(size)][metric] for size in sizes])
    long_enough = len(sizes) >= _FEWEST_FOR_POWER_LAW
    step = _power_law_step(sizes, values) if long_enough else values[-1] - values[-2]
    change, low, high = told(step)
    how = "按饱和曲线推算" if long_enough else "按最近一步推算"
    sure = "" if low > 0 or high < 0 else f"；区间跨零，{NOT_ENOUGH}，还说不准"
    text = f"再多一个学期：{METRIC_TITLES[metric]}预计变化 {in_words(metric, change, low, high)}"
    return NextTerm(metric, change, low, high, f"{text}，{how}{sure}。")


def _tested(trials: Trials) -> list[Fold]:
    last = list(trials.folds[-2:])
    return last if min(_terms_in(trials, fold) for fold in last) >= _FEWEST_SIZES else last[-1:]


def _terms_in(trials: Trials, fold: Fold) -> int:
    return int(trials.inputs.matrix.rows["term"].iloc[fold.train_positions].nunique())


def _by_terms(trials: Trials, folds: Sequence[Fold]) -> list[tuple[int, list[np.ndarray]]]:
    """Number of terms, and the rows of the most recent ones for each fold."""
    term = trials.inputs.matrix.rows["term"].astype("str").to_numpy()
    plans = []
    for size in range(1, min(_terms_in(trials, fold) for fold in folds) + 1):
        rows = [fold.train_positions for fold in folds]
        recent = [np.unique(term[part])[-size:] for part in rows]
        kept = [part[np.isin(term[part], terms)] for part, terms in zip(rows, recent, strict=True)]
        plans.append((size, kept))
    return plans


def _by_schools(trials: Trials, folds: Sequence[Fold]) -> list[tuple[int, list[np.ndarray]]]:
    """Number of schools, and their rows for each fold; several random orders of the schools."""
    school = trials.inputs.matrix.rows["school_code"].astype("str").to_numpy()
    schools = np.unique(school)
    sizes = sorted({int(np.ceil(share * len(schools))) for share in SHARES})
    rng = np.random.default_rng(trials.inputs.settings.seed)
    plans = []
    for draw in range(DRAWS):
        order = rng.permutation(schools)
        # All schools are the same in every order.
        for size in sizes if draw == 0 else sizes[:-1]:
            chosen = np.isin(school, order[:size])
            plans.append((size, [f.train_positions[chosen[f.train_positions]] for f in folds]))
    return sorted(plans, key=lambda plan: plan[0])


def _curve(
    trials: Trials, folds: Sequence[Fold], plans: Sequence[tuple[int, list[np.ndarray]]]
) -> dict[int, Figures]:
    """Figures by size, averaged over the draws that have events enough to learn from."""
    scores: dict[str, pd.DataFrame] = {}
    sizes: dict[int, list[str]] = {}
    for number, (size, rows) in enumerate(plans):
        try:
            scores[str(number)] = trials.learning_from(rows, folds).scores("学习曲线")
        except NotReadyError:
            continue
        sizes.setdefault(size, []).append(str(number))
    if not scores:
        return {}
    settings = trials.inputs.settings
    figures = figures_of(
        scores,
        trials.inputs.matrix,
        capacity=trials.capacity,
        candidate=trials.candidate,
        bootstrap=settings.training.bootstrap,
        seed=settings.seed,
    )
    return {size: averaged([figures[name] for name in names]) for size, names in sizes.items()}


def _power_law_step(sizes: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Step to the next size on ``a - b / size ** c``, shape (1 + n_resamples,)."""
    fits = []
    for exponent in EXPONENTS:
        design = np.column_stack([np.ones_like(sizes), -(sizes**-exponent)])
        line, *_ = np.linalg.lstsq(design, values, rcond=None)
        error = float(np.sum((values[:, 0] - design @ line[:, 0]) ** 2))
        last, after = sizes[-1] ** -exponent, (sizes[-1] + 1) ** -exponent
        fits.append((error, exponent, line[1] * (last - after)))
    return np.asarray(min(fits, key=lambda fit: fit[:2])[2])
