"""What each group of features is worth: left out in turn, and alone."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.review.comparing import METRICS, change, figures_of, in_words
from kongchuo_risk.review.trials import Trials

LEFT_OUT, ALONE = "去掉", "只用"
_WHOLE = "全部特征"
_COLUMNS = ["group", "choice", "metric", "change", "low", "high"]


def ablate(trials: Trials, whole: pd.DataFrame) -> pd.DataFrame:
    """Every reason group left out in turn, and every group alone, beside all features.

    Parameters
    ----------
    whole : DataFrame
        Scores of the trial with all features.

    Returns
    -------
    DataFrame
        ``group, choice`` (去掉 or 只用)``, metric, change, low, high``; changes from the model that
        sees everything, paired on the same rows and resamples.
    """
    groups = feature_groups(trials)
    everything = trials.features
    scores = {_WHOLE: whole}
    for group, members in groups.items():
        scores[f"{LEFT_OUT}|{group}"] = trials.without(members).scores(f"特征组检验：去掉{group}")
        others = [name for name in everything if name not in members]
        scores[f"{ALONE}|{group}"] = trials.without(others).scores(f"特征组检验：只用{group}")
    figures = figures_of(
        scores,
        trials.inputs.matrix,
        capacity=trials.capacity,
        candidate=trials.candidate,
        bootstrap=trials.inputs.settings.training.bootstrap,
        seed=trials.inputs.settings.seed,
    )
    baseline = figures.pop(_WHOLE)
    rows = [
        (group, choice, metric, *change(values, baseline, metric))
        for (choice, group), values in (
            (name.split("|"), values) for name, values in figures.items()
        )
        for metric in METRICS
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def feature_groups(trials: Trials) -> dict[str, list[str]]:
    """Features of each reason group, in the order of the catalogue.

    Raises
    ------
    NotReadyError
        With a single group there is nothing to leave out.
    """
    groups: dict[str, list[str]] = {}
    for name in trials.features:
        groups.setdefault(trials.inputs.catalogue.by_id[name].group, []).append(name)
    if len(groups) < 2:
        raise NotReadyError("只有一个特征组，无法做特征组检验。")
    return groups


def ablation_findings(table: pd.DataFrame, metric: str = METRICS[0]) -> list[str]:
    """Which group the list would miss most, and which it would not, in Chinese."""
    rows = table[(table["metric"] == metric) & (table["choice"] == LEFT_OUT)]
    worst = rows.sort_values("change").iloc[0]
    idle = rows.loc[rows["high"] >= 0, "group"]
    title = METRIC_TITLES[metric]
    words = in_words(metric, worst["change"], worst["low"], worst["high"])
    found = [f"特征组：去掉“{worst['group']}”损失最大，{title}变化 {words}。"]
    if len(idle):
        found.append(f"特征组：去掉其中一组后{title}看不出下降的有：{'、'.join(idle)}。")
    return found
