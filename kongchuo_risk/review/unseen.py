"""What a school of which nothing was learned may expect: whole schools left out of training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.review.comparing import METRICS, Figures, change, figures_of, in_words
from kongchuo_risk.review.trials import Trials
from kongchuo_risk.training.candidates import train_candidate
from kongchuo_risk.training.splits import Fold, leave_school_out_folds

PARTS = 3
"""Parts of schools left out in turn: each is tested by what the other two thirds teach."""
SEEN = "见过这些学校时"
CARD = "scorecard"
_COLUMNS = ["compared_with", "metric", "value", "change", "low", "high"]


def unseen_folds(trials: Trials) -> tuple[Fold, ...]:
    """The forward folds of ``trials``, each once for every part of the schools that it leaves out.

    Empty with a single school, or too few events elsewhere.
    """
    window = trials.inputs.settings.training
    return tuple(
        leave_school_out_folds(
            trials.inputs.matrix,
            n_splits=PARTS,
            window=window.window,
            window_terms=window.window_terms,
        )
    )


def unseen_schools(trials: Trials, whole: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """The learner in schools of which it saw nothing, beside itself and beside the scorecard.

    Part of what is lost is lost because a third of the rows is not learned from.

    Parameters
    ----------
    whole : DataFrame
        Scores of the trial that learned from earlier terms of all schools.

    Returns
    -------
    table : DataFrame
        ``compared_with`` (the learner that saw the schools, or 评分卡)``, metric, value, change,
        low, high``: the figure in unseen schools, and how much higher it is than the other, paired
        on the same rows.
    findings : list of str
        One sentence, in Chinese; none when no school can be left out.
    """
    folds = unseen_folds(trials)
    if not folds:
        return pd.DataFrame(columns=_COLUMNS), []
    unseen = replace(trials, folds=folds).scores("复核：没见过的学校")
    others = {SEEN: whole.loc[unseen.index], RULE_TITLES[CARD]: _by_card(trials, unseen)}
    figures = figures_of(
        {"": unseen, **others},
        trials.inputs.matrix,
        capacity=trials.capacity,
        candidate=trials.candidate,
        bootstrap=trials.inputs.settings.training.bootstrap,
        seed=trials.inputs.settings.seed,
    )
    found = figures.pop("")
    rows = [
        (name, metric, float(found[metric][0]), *change(found, other, metric))
        for name, other in figures.items()
        for metric in METRICS
    ]
    return pd.DataFrame(rows, columns=_COLUMNS), [_told(found, figures)]


def _by_card(trials: Trials, rows: pd.DataFrame) -> pd.DataFrame:
    """The same rows ranked by the scorecard, which learns nothing."""
    part = trials.inputs.matrix.take(rows.index.to_numpy(dtype=np.intp))
    card = train_candidate(
        CARD,
        part,
        catalogue=trials.inputs.catalogue,
        settings=trials.inputs.settings,
        scorecard=trials.inputs.scorecard,
    )
    return rows.assign(**{trials.candidate: card.log_odds(part)})


def _told(found: Figures, others: dict[str, Figures]) -> str:
    metric = METRICS[0]
    parts = [
        f"比{name} {in_words(metric, *change(found, other, metric))}"
        for name, other in others.items()
    ]
    share = f"{100 * float(found[metric][0]):.1f}%"
    return f"没见过的学校：{METRIC_TITLES[metric]} {share}，{'；'.join(parts)}。"
