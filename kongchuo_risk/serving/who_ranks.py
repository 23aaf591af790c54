"""Who ranks the list and why, in one sentence without figures."""

from __future__ import annotations

from kongchuo_risk.evaluation.gate import NOT_ADMITTED, RULE_TITLES

BY_HAND = "人工启用"
"""In the verdict on a model that the gate refused and that somebody lets rank."""


def who_ranks(name: str, version: str, verdict: str) -> str:
    """One short sentence for teachers; the gate's own, with all figures, is for analysts.

    Parameters
    ----------
    name, version : str
        Candidate, and its folder; a model without folder came with the software.
    verdict : str
        The gate's sentence.

    Examples
    --------
    >>> who_ranks("scorecard", "", "…")
    '本名单由评分卡排序；还没有训练过模型。'
    >>> who_ranks("scorecard", "20260424-scorecard-001", "历史太短：…名单由评分卡排序。")
    '本名单由评分卡排序；历史还不够检验训练的模型。'
    >>> who_ranks("anchored", "20260424-anchored-002", "…，准予启用。")
    '本名单由稳健融合模型排序；在以往学期的检验中，它胜过评分卡。'
    """
    who = f"本名单由{RULE_TITLES.get(name, name)}排序"
    if not version:
        return f"{who}；还没有训练过模型。"
    if name == "scorecard" and NOT_ADMITTED not in verdict:
        return f"{who}；历史还不够检验训练的模型。"
    if name == "scorecard":
        return f"{who}；训练的模型没有达到启用条件，没有用来排序。"
    if BY_HAND in verdict:
        return f"{who}；它没有达到全部启用条件，由{BY_HAND}。"
    return f"{who}；在以往学期的检验中，它胜过评分卡。"
