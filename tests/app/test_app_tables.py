"""The tables behind the charts, by hand."""

from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.app.components.metrics import metrics_table
from kongchuo_risk.app.components.pupil_charts import attendance_cells, marks_lines, week_starts
from kongchuo_risk.app.components.text import plain


def test_a_half_day_falls_into_the_week_of_its_monday() -> None:
    days = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-03-01", "2026-03-02"]),
            "session": ["AM", "PM"],
            "kind": ["无故缺勤", "课间操或晨练请假"],
        }
    )
    cells = attendance_cells(days, as_of=date(2026, 3, 6), weeks=3)
    assert list(cells["week"]) == ["26/02/23", "26/03/02"]
    assert list(cells["slot"]) == ["周日上午", "周一下午"]
    assert list(cells["sign"]) == ["缺", "记"]


def test_half_days_outside_the_weeks_are_left_out() -> None:
    days = pd.DataFrame(
        {
            "day": pd.to_datetime(["2026-03-01", "2026-03-02", "2026-03-09"]),
            "session": ["AM"] * 3,
            "kind": ["病假"] * 3,
        }
    )
    cells = attendance_cells(days, as_of=date(2026, 3, 6), weeks=1)
    assert list(cells["day"]) == ["2026-03-02"]


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.integers(1, 60))
def test_weeks_start_on_mondays_and_end_with_the_week_of_the_day(day: date, weeks: int) -> None:
    starts = week_starts(day, weeks)
    assert len(starts) == weeks
    assert all(start.weekday() == 0 for start in starts)
    assert 0 <= (day - starts[-1]).days < 7


def test_a_subject_that_was_not_sat_does_not_lower_the_mean() -> None:
    marks = pd.DataFrame(
        {
            "day": pd.to_datetime(["2025-11-12"] * 2),
            "exam": ["期中"] * 2,
            "subject": ["语文", "数学"],
            "rate": [0.8, None],
            "grade_mean": [0.7, 0.6],
        }
    )
    lines = marks_lines(marks, None).set_index("series")["rate"]
    assert lines.to_dict() == {"本人": pytest.approx(0.8), "年级平均": pytest.approx(0.7)}


def test_a_metric_without_an_interval_is_shown_alone_and_a_missing_one_as_a_dash() -> None:
    nan = float("nan")
    metrics = pd.DataFrame(
        [("blend", "roc_auc", 0.9, nan, nan), ("random", "roc_auc", nan, nan, nan)],
        columns=["model", "metric", "value", "low", "high"],
    )
    table = metrics_table(metrics)
    assert table["ROC-AUC"].to_dict() == {"融合模型": "90%", "随机抽取": "—"}


@given(st.text())
def test_escaped_text_keeps_every_letter(text: str) -> None:
    assert re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", plain(text)) == text.replace("\n", " ")


def test_simple_rules_stand_before_trained_models_whatever_the_order() -> None:
    metrics = pd.DataFrame(
        [("blend", "roc_auc", 0.9), ("scorecard", "roc_auc", 0.8), ("random", "roc_auc", 0.5)],
        columns=["model", "metric", "value"],
    ).assign(low=float("nan"), high=float("nan"))
    table = metrics_table(metrics)
    assert table["类别"].to_dict() == {
        "评分卡": "简单规则",
        "随机抽取": "简单规则",
        "融合模型": "训练的模型",
    }


def test_an_interval_names_its_unit_once() -> None:
    metrics = pd.DataFrame(
        [("blend", "precision_at_k", 0.0064, 0.001, 0.0102)],
        columns=["model", "metric", "value", "low", "high"],
    )
    assert metrics_table(metrics).loc["融合模型", "每百名名单中"] == "0.6 名（0.1–1.0 名）"
