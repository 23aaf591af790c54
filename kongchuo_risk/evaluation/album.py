"""All figures for which there are tables, under the names of their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from kongchuo_risk.evaluation.drawing import ReportFigure
from kongchuo_risk.evaluation.figures import (
    calibration_figure,
    capacity_figure,
    gain_figure,
    importance_figure,
    terms_figure,
    windows_figure,
)
from kongchuo_risk.evaluation.review_figures import (
    ablation_figure,
    audition_figure,
    drift_figure,
    fairness_figure,
    learning_figure,
)

FIGURES: Mapping[str, tuple[str, Callable[[pd.DataFrame], ReportFigure]]] = {
    "01-检验窗口": ("windows", windows_figure),
    "02-名额内的成绩": ("metrics", capacity_figure),
    "03-各学期成绩": ("by_fold", terms_figure),
    "04-名单长度与找出": ("gains", gain_figure),
    "05-预测与实际": ("calibration", calibration_figure),
    "06-依据的信息": ("importance", importance_figure),
    "07-各群体漏报率": ("fairness", fairness_figure),
    "08-数据变化": ("drift", drift_figure),
    "09-选择规则的遗憾": ("audition", audition_figure),
    "10-学习曲线": ("learning", learning_figure),
    "11-特征组的作用": ("ablation", ablation_figure),
}
"""File name → table it is drawn from, and how."""


def draw_figures(tables: Mapping[str, pd.DataFrame]) -> dict[str, ReportFigure]:
    """A figure for each table that is there and not empty.

    Parameters
    ----------
    tables : mapping
        As the tables of the model page, with ``gains`` of
        :func:`~kongchuo_risk.evaluation.gains.gain_table`.

    >>> draw_figures({"drift": pd.DataFrame()})
    {}
    """
    return {
        name: draw(tables[table])
        for name, (table, draw) in FIGURES.items()
        if table in tables and len(tables[table])
    }
