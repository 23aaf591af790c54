"""Rewards and sanctions of the seeds, printed as text and never computed (seed rules 213–222)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.reports.bulletins.report import ReportTable


class PolicyText(Contract):
    """One quotation."""

    rule: str
    kind: str
    quote: str
    remark: str = ""


class PolicyTexts(Contract):
    """All of them, with the note that is printed above."""

    title: str
    note: str
    texts: tuple[PolicyText, ...]


@lru_cache(maxsize=4)
def load_policy_texts(folder: Path | None = None) -> PolicyTexts:
    """``policy_texts.yaml``.

    Examples
    --------
    >>> load_policy_texts().texts[0].quote
    '评优评先、年度考核、岗位聘任中一票否决'
    """
    source = data_schema(folder) / "policy_texts.yaml"
    return parse(PolicyTexts, read_yaml(source), source=source)


def policy_table(folder: Path | None = None) -> ReportTable:
    """The appendix."""
    texts = load_policy_texts(folder)
    rows = [
        {"类别": text.kind, "原文": text.quote, "出处": f"规则{text.rule}", "说明": text.remark}
        for text in texts.texts
    ]
    return ReportTable("附录：奖惩条文", pd.DataFrame(rows), f"{texts.title}。{texts.note}")
