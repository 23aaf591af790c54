"""辍学 × 脱贫户: who of those out of school lives in a household that must not fall back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import (
    PERSON_COLUMNS,
    Comparison,
    FindingKind,
    RegisterFinding,
    RosterKind,
)
from kongchuo_risk.registers.comparing import NO_CATEGORY
from kongchuo_risk.registers.evidence import review_queue
from kongchuo_risk.registers.linking import Decisions, link
from kongchuo_risk.registers.sorting import REVIEW, Joined

OUT_OF_SCHOOL = frozenset(
    {FindingKind.NOT_ON_ROLL, FindingKind.NOT_ENROLLED, FindingKind.NOT_AT_SCHOOL,
     FindingKind.NEVER_SEEN}
)  # fmt: skip
"""Findings of the other comparisons that are looked up among the 脱贫户."""


def people_found(findings: Iterable[RegisterFinding], *registers: pd.DataFrame) -> pd.DataFrame:
    """Rows of the registers of everybody who was found to be out of school, each once.

    Parameters
    ----------
    findings
        Of the comparisons with the roll and with who is at school.
    registers : DataFrame
        The person frames that were compared.
    """
    wanted = {finding.person.person for finding in findings if finding.kind in OUT_OF_SCHOOL}
    rows = pd.concat([frame[frame["person"].isin(wanted)] for frame in registers])
    return rows[list(PERSON_COLUMNS)].drop_duplicates("person", ignore_index=True)


def compare_dropouts_with_poverty(
    dropouts: pd.DataFrame,
    poverty: pd.DataFrame,
    *,
    day: date,
    decided: Decisions | None = None,
) -> Comparison:
    """People out of school with the 防返贫 register.

    Parameters
    ----------
    dropouts : DataFrame
        Person frame, see :func:`people_found`; or of the pupils with an open case.
    poverty : DataFrame
        Person frame of the 防返贫 export; ``category`` is the 户类型.
    day
        Day of the comparison.
    decided
        Decisions of earlier reviews.
    """
    poor = poverty[~poverty["category"].fillna("").isin(NO_CATEGORY)]
    links = link(dropouts, poor, decided=decided)
    rows = Joined.of(links, left="辍学疑似", right=RosterKind.POVERTY)
    rows.mark(links.is_accepted(), FindingKind.POOR_AND_OUT)
    rows.mark(links.is_waiting(), REVIEW)
    rows.mark(rows.is_open, "不在脱贫户名单")
    household = links.partners("category")
    detail = [f"户类型为{words}；请会同乡村振兴部门劝返、资助" for words in household]
    findings = rows.paired(FindingKind.POOR_AND_OUT, detail)
    everybody = np.full(len(links.left), True)
    queue = review_queue(links, left=rows.source, right=rows.other, rows=everybody)
    return rows.comparison("辍学比对脱贫户", day, findings, queue)
