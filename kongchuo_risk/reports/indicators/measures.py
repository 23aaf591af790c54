"""Which function counts which indicator of ``indicators.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from kongchuo_risk.reports.indicators import schooling, support, work
from kongchuo_risk.reports.indicators.catalogue import Indicator
from kongchuo_risk.reports.ledgers.window import Window

Measure = Callable[[Window, Indicator], "pd.DataFrame | None"]
"""Rows of ``school_code, class_id, stage, n, N`` of all schools; ``None`` without data."""

MEASURES: Mapping[str, Measure] = {
    "入学率": schooling.enrolment,
    "九年巩固率": schooling.nine_years,
    "巩固率": schooling.retention,
    "学年辍学率": schooling.yearly_dropout,
    "流失率": schooling.lost,
    "复学率": schooling.returning,
    "留住率": schooling.staying,
    "包保覆盖率": support.mentored,
    "责任书签订率": support.letters_signed,
    "摸排覆盖率": support.screened,
    "家访覆盖率": support.visited,
    "应助尽助率": support.aided,
    "两免一补覆盖率": support.waived,
    "三免一补覆盖率": support.waived,
    "残疾儿童建籍率": schooling.disabled_registered,
    "残疾儿童入学率": schooling.disabled_enrolled,
    "残疾儿童帮扶率": schooling.disabled_helped,
    "残疾儿童留住率": schooling.disabled_retained,
    "走访及时率": work.timely,
    "报告及时率": work.timely,
    "点名及时率": work.timely,
    "宣传到班率": support.classes_told,
    "宣传到村率": support.villages_told,
}
