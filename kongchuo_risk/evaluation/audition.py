"""Selection over time: what each rule of choosing a model would have cost on the next term."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.evaluation.card_parts import markdown
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import RULE_TITLES

MIN_TERMS = 3
"""With fewer judged terms than this, no rule of selection is preferred to the settings."""
LOWER_IS_BETTER = ("brier",)
AUDITED = (
    "recall_at_k", "precision_at_k", "lift_at_k", "average_precision", "roc_auc", "brier",
    "brier_skill",
)  # fmt: skip
"""Metrics of which more (or, of Brier, less) is always better."""
RANDOM_PICK = "random_pick"
KEEP = "always:"
"""Before the name of a candidate: the rule that always picks it."""
SELECTION_TITLES = {
    "best_last_term": "上一学期最好",
    "best_average": "历来平均最好",
    "best_recent_weighted": "近期加权平均最好",
    "steady_average": "平均扣除波动后最好",
    "most_often_near_best": "最常接近最好",
    RANDOM_PICK: "随机挑选",
}
"""What users call the rules of selection, simplest first."""
_SHARES = ("recall_at_k", "precision_at_k")
_TERM_COLUMNS = ["term", "rule", "picked", "value", "best", "best_value", "regret"]
_SUMMARY_COLUMNS = [
    "rule", "title", "terms", "mean_regret", "worst_regret", "terms_best", "next_pick",
]  # fmt: skip
_Pick = Callable[[np.ndarray], int]
"""Values of past terms, shape (n_terms, n_candidates), to the column picked."""


@dataclass(frozen=True)
class SelectionBounds:
    """Constants of the rules; design choices, not findings.

    Attributes
    ----------
    half_life_terms : float
        ``best_recent_weighted``: after so many terms a figure counts half.
    spread_penalty : float
        ``steady_average``: standard deviations taken off the average.
    near : float
        ``most_often_near_best``: share of the best figure of a term that still counts as near.
    """

    half_life_terms: float = 1.0
    spread_penalty: float = 0.5
    near: float = 0.95


@dataclass(frozen=True)
class Audition:
    """What each rule of selection would have picked, and what the next term made of it.

    Attributes
    ----------
    metric : str
    terms : DataFrame
        ``term, rule, picked, value, best, best_value, regret``: regret is how far the picked
        candidate fell short of the best one of that term, never below 0. The random pick is
        the average over all candidates.
    summary : DataFrame
        ``rule, title, terms, mean_regret, worst_regret, terms_best, next_pick``; rules of selection
        first, then ``always:`` one candidate and the random pick as yardsticks.
    rule : str
        The rule that is recommended; ``always:`` the settings' champion unless a rule was better
        by more than the differences between terms.
    candidate : str
        What this rule picks for the next term.
    judged : bool
        Whether there were at least :data:`MIN_TERMS` terms to judge by.
    left_out : tuple of str
        Candidates without a figure in some term.
    text : str
        One or two Chinese sentences for the model card.
    """

    metric: str
    terms: pd.DataFrame
    summary: pd.DataFrame
    rule: str
    candidate: str
    judged: bool
    left_out: tuple[str, ...]
    text: str


def audition(
    by_fold: pd.DataFrame,
    *,
    candidates: Sequence[str],
    champion: str,
    metric: str = "recall_at_k",
    bounds: SelectionBounds | None = None,
) -> Audition:
    """Replay the choice of a model at the start of every test term.

    A rule sees the figures of earlier test terms only; its regret is what the best candidate of
    the term reached beyond the one it picked (the idea of the audition in dssg/triage).

    Parameters
    ----------
    by_fold : DataFrame
        ``fold, model, metric, value`` as in :attr:`Evaluation.by_fold`; folds are terms whose
        codes sort in time.
    candidates : sequence of str
        Simplest first: a tie goes to the simpler one.
    champion : str
        What the settings name; it stays unless a rule is reliably better.
    metric : str
        One of :data:`AUDITED`.

    Raises
    ------
    ValueError
        When ``metric`` has no better end, such as a calibration slope.

    Examples
    --------
    >>> by_fold = pd.DataFrame(
    ...     [(term, model, "roc_auc", value)
    ...      for term, figures in {"2024-1": (.6, .7), "2024-2": (.6, .8)}.items()
    ...      for model, value in zip(("scorecard", "blend"), figures)],
    ...     columns=["fold", "model", "metric", "value"])
    >>> heard = audition(by_fold, candidates=("scorecard", "blend"), champion="blend",
    ...                  metric="roc_auc")
    >>> heard.judged, heard.candidate, len(heard.terms["term"].unique())
    (False, 'blend', 1)
    """
    if metric not in AUDITED:
        raise ValueError(f"metric must be one of {AUDITED}, got {metric!r}")
    figures, left_out = _figures(by_fold, candidates, metric)
    rules = _rules(tuple(figures.columns), metric, bounds or SelectionBounds())
    terms = _terms(figures, rules, metric)
    summary = _summary(terms, figures, rules)
    judged = terms["term"].nunique() >= MIN_TERMS
    rule = _recommended(terms, summary, champion) if judged else f"{KEEP}{champion}"
    candidate = rule.removeprefix(KEEP)
    if rule in SELECTION_TITLES:
        candidate = str(summary.set_index("rule").at[rule, "next_pick"])
    text = (
        _told(summary, rule, candidate, champion, metric)
        if judged
        else _too_few(terms["term"].nunique(), champion)
    )
    return Audition(metric, terms, summary, rule, candidate, judged, left_out, text)


def brought_forward(
    audition: Audition, champion: str, learners: Collection[str]
) -> tuple[str, str]:
    """The candidate that goes before the gate, and what the verdict says ahead when it changed.

    A rule that learns nothing is not brought forward: whether the champion beats it is the gate's
    own question.

    Parameters
    ----------
    champion : str
        What the settings name.
    learners : collection of str
        Candidates that the gate may admit.
    """
    if audition.candidate == champion or audition.candidate not in learners:
        return champion, ""
    new, old = (RULE_TITLES.get(name, name) for name in (audition.candidate, champion))
    return audition.candidate, f"按以往学期的挑选结果，由{new}代替设定的{old}接受检验。"


def audition_table(audition: Audition) -> pd.DataFrame:
    """The summary as Chinese texts, one row per rule."""
    table, metric = audition.summary, audition.metric
    unit = "（百分点）" if metric in _SHARES else ""
    return pd.DataFrame(
        {
            "选择规则": table["title"],
            "检验学期数": table["terms"].astype("str"),
            f"平均比最好差{unit}": [_amount(value, metric) for value in table["mean_regret"]],
            f"最多比最好差{unit}": [_amount(value, metric) for value in table["worst_regret"]],
            "选中最好的学期数": table["terms_best"].astype("str"),
            "下学期会选": [RULE_TITLES.get(name, name) or "—" for name in table["next_pick"]],
        }
    )


def audition_section(audition: Audition) -> str:
    """The sentences and, when there is something to judge by, the table, as Chinese Markdown."""
    told = [audition.text]
    if audition.left_out:
        names = "、".join(RULE_TITLES.get(name, name) for name in audition.left_out)
        told.append(f"不是每个学期都有成绩、因此没有参与：{names}。")
    if audition.judged:
        told.append(markdown(audition_table(audition)))
    return "\n\n".join(told)


def _figures(
    by_fold: pd.DataFrame, candidates: Sequence[str], metric: str
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Terms × candidates, complete; the candidates that lack a figure are named beside it."""
    rows = by_fold[(by_fold["metric"] == metric) & by_fold["model"].isin(candidates)]
    wide = rows.pivot(index="fold", columns="model", values="value").sort_index().astype(float)
    # A term in which the metric means nothing for anybody is no term to judge by.
    wide = wide.dropna(how="all")
    complete = wide.dropna(axis="columns")
    kept = [name for name in candidates if name in complete]
    return complete[kept], tuple(name for name in candidates if name not in kept)


def _rules(names: tuple[str, ...], metric: str, bounds: SelectionBounds) -> Mapping[str, _Pick]:
    """Every rule as a choice of a column; larger figures are better, ties go to the first."""
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0

    def by(value: Callable[[np.ndarray], np.ndarray]) -> _Pick:
        # Sums of the same figures in another order differ in the last digits: no real difference.
        return lambda past: int(np.argmax(np.round(value(sign * past), 12)))

    def recent(past: np.ndarray) -> np.ndarray:
        age = np.arange(len(past))[::-1]
        return np.asarray(np.average(past, axis=0, weights=0.5 ** (age / bounds.half_life_terms)))

    def near(past: np.ndarray) -> np.ndarray:
        best = past.max(axis=1, keepdims=True)
        return np.asarray((past >= best - (1 - bounds.near) * np.abs(best)).sum(axis=0))

    chosen: dict[str, _Pick] = {
        "best_last_term": by(lambda past: past[-1]),
        "best_average": by(lambda past: past.mean(axis=0)),
        "best_recent_weighted": by(recent),
        "steady_average": by(
            lambda past: past.mean(axis=0) - bounds.spread_penalty * past.std(axis=0)
        ),
        "most_often_near_best": by(near),
    }
    return chosen | {f"{KEEP}{name}": _always(i) for i, name in enumerate(names)}


def _always(column: int) -> _Pick:
    return lambda past: column


def _terms(figures: pd.DataFrame, rules: Mapping[str, _Pick], metric: str) -> pd.DataFrame:
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    values, names = figures.to_numpy(), figures.columns.to_list()
    rows: list[tuple[object, ...]] = []
    for t in range(1, len(values) if names else 0):
        term, now = figures.index[t], values[t]
        best = int(np.argmax(sign * now))
        for rule, pick in rules.items():
            picked = pick(values[:t])
            rows.append((term, rule, names[picked], now[picked], names[best], now[best]))
        rows.append((term, RANDOM_PICK, "", now.mean(), names[best], now[best]))
    table = pd.DataFrame(rows, columns=_TERM_COLUMNS[:-1])
    table["regret"] = (table["best_value"] - table["value"]).astype(float).abs()
    return table


def _summary(
    terms: pd.DataFrame, figures: pd.DataFrame, rules: Mapping[str, _Pick]
) -> pd.DataFrame:
    if terms.empty:
        return pd.DataFrame(columns=_SUMMARY_COLUMNS)
    by_rule = terms.groupby("rule", sort=False)["regret"]
    table = by_rule.agg(terms="size", mean_regret="mean", worst_regret="max").reset_index()
    table["terms_best"] = by_rule.agg(lambda regret: int((regret <= 0).sum())).to_numpy()
    values, names = figures.to_numpy(), figures.columns.to_list()
    next_pick = {rule: str(names[pick(values)]) for rule, pick in rules.items()}
    table["next_pick"] = table["rule"].map(lambda rule: next_pick.get(rule, ""))
    table["title"] = table["rule"].map(_title)
    return table[_SUMMARY_COLUMNS]


def _title(rule: str) -> str:
    if rule.startswith(KEEP):
        name = rule.removeprefix(KEEP)
        return f"一直用{RULE_TITLES.get(name, name)}"
    return SELECTION_TITLES[rule]


def _best_rule(summary: pd.DataFrame) -> str:
    """The rule of selection with the least regret; among equals the simplest."""
    regret = summary.set_index("rule")["mean_regret"].round(12)
    return str(regret.drop(RANDOM_PICK).filter(items=list(SELECTION_TITLES)).idxmin())


def _recommended(terms: pd.DataFrame, summary: pd.DataFrame, champion: str) -> str:
    """The rule with the least regret, if it beats keeping the champion beyond the noise.

    The noise is the standard error of the differences between the two, term by term.
    """
    best, keep = _best_rule(summary), f"{KEEP}{champion}"
    regret = terms.pivot(index="term", columns="rule", values="regret")
    if keep not in regret:
        return best
    spared = (regret[keep] - regret[best]).to_numpy()
    noise = spared.std(ddof=1) / np.sqrt(len(spared))
    return best if round(spared.mean() - noise, 12) > 0 else keep


def _too_few(terms: int, champion: str) -> str:
    return (
        f"只有 {terms} 个学期能回头检验“按什么规则选模型”（至少需要 {MIN_TERMS} 个），"
        f"还不能判断；沿用设定的{RULE_TITLES.get(champion, champion)}。"
    )


def _told(summary: pd.DataFrame, rule: str, candidate: str, champion: str, metric: str) -> str:
    regret = summary.set_index("rule")["mean_regret"]
    terms, title = int(summary["terms"].iloc[0]), RULE_TITLES.get(candidate, candidate)
    unit = " 个百分点" if metric in _SHARES else ""
    told = [
        f"“{_title(name)}”平均比当学期最好的差 {_amount(regret[name], metric)}{unit}"
        for name in (_best_rule(summary), f"{KEEP}{champion}", RANDOM_PICK)
        if name in regret
    ]
    conclusion = (
        f"挑选没有可靠地胜过不换，沿用设定的{title}"
        if rule.startswith(KEEP)
        else f"建议按“{_title(rule)}”选，下学期为{title}"
    )
    return (
        f"回头检验 {terms} 个学期，每次只看更早的学期来选模型，看{METRIC_TITLES[metric]}："
        f"{'；'.join(told)}。{conclusion}。"
    )


def _amount(regret: float, metric: str) -> str:
    if metric in _SHARES:
        return f"{100 * regret:.1f}"
    return f"{regret:.5f}" if metric == "brier" else f"{regret:.3f}"
