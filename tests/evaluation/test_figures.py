"""Figures are made from small tables, keep their Chinese words, and leave no settings behind."""

from __future__ import annotations

import io
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation import drawing
from kongchuo_risk.evaluation.album import FIGURES, draw_figures
from kongchuo_risk.evaluation.drawing import CHINESE_FONTS, ReportFigure, chinese_font
from kongchuo_risk.evaluation.figures import calibration_figure, gain_figure
from kongchuo_risk.evaluation.gains import gain_table
from kongchuo_risk.evaluation.review_figures import ablation_figure, fairness_figure


def _table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


TABLES = {
    "windows": _table(
        "fold part start end rows events",
        ("2025-2026-1", "train", "2023-10-16", "2025-03-10", 29000, 60),
        ("2025-2026-1", "gap", "2025-03-10", "2025-10-13", 0, 0),
        ("2025-2026-1", "test", "2025-10-13", "2025-10-13", 15000, 34),
    ),
    "metrics": _table(
        "model metric value low high",
        ("random", "recall_at_k", 0.1, 0.05, 0.15),
        ("blend", "recall_at_k", 0.5, 0.4, 0.6),
        ("blend", "precision_at_k", 0.01, float("nan"), float("nan")),
    ),
    "by_fold": _table(
        "fold model metric value",
        ("2024-2025-2", "blend", "recall_at_k", 0.4),
        ("2025-2026-1", "blend", "recall_at_k", 0.5),
        ("2024-2025-2", "scorecard", "recall_at_k", 0.3),
        ("2025-2026-1", "scorecard", "recall_at_k", 0.5),
    ),
    "gains": _table(
        "model listed found",
        ("blend", 0.0, 0.0), ("blend", 0.1, 0.5), ("blend", 1.0, 1.0),
        ("random", 0.0, 0.0), ("random", 1.0, 1.0),
    ),
    "calibration": _table(
        "bin predicted observed n", (1, 0.0005, 0.0, 9000), (2, 0.01, 0.012, 3000)
    ),
    "importance": _table(
        "feature label group mean_abs_contribution", ("absences", "无故缺勤", "出勤", 0.9)
    ),
    "fairness": _table(
        "attribute group pupils events metric value low high enough",
        ("性别", "男", 900, 20, "miss_rate", 0.4, 0.3, 0.5, True),
        ("性别", "女", 900, 22, "miss_rate", 0.5, 0.4, 0.6, True),
        ("残疾", "残疾", 20, 1, "miss_rate", np.nan, np.nan, np.nan, False),
    ),
    "drift": _table(
        "feature label kind statistic value verdict",
        ("absences", "无故缺勤", "数值", "PSI", 0.3, "变化大"),
        ("marks", "成绩", "数值", "PSI", 0.02, "稳定"),
        ("", "疑似辍学发生率", "结果发生率", "发生率之比", 1.2, "稳定"),
    ),
    "audition": _table(
        "rule title terms mean_regret worst_regret next_pick",
        ("best_average", "历来平均最好", 3, 0.01, 0.02, "blend"),
        ("random_pick", "随机挑选", 3, 0.1, 0.2, ""),
    ),
    "learning": _table(
        "axis size metric value low high",
        ("terms", 1, "recall_at_k", 0.3, 0.2, 0.4), ("terms", 2, "recall_at_k", 0.4, 0.3, 0.5),
        ("schools", 3, "recall_at_k", 0.4, 0.3, 0.5),
    ),
    "ablation": _table(
        "group choice metric change low high",
        ("出勤", "去掉", "recall_at_k", -0.1, -0.15, -0.05),
        ("出勤", "只用", "recall_at_k", -0.2, -0.3, -0.1),
        ("学业", "去掉", "recall_at_k", 0.01, -0.02, 0.04),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_is_made_from_its_table_with_its_words_kept_as_text(name: str) -> None:
    figure = draw_figures(TABLES)[name]
    assert isinstance(figure, Figure)
    svg = figure.svg().decode("utf-8")
    words = "".join(re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL))
    assert len(re.findall("[\u4e00-\u9fff]", words)) > 10
    assert all(font in svg for font in CHINESE_FONTS)


def test_a_figure_is_drawn_for_each_table_that_is_there_and_not_empty() -> None:
    tables = {"drift": TABLES["drift"], "metrics": TABLES["metrics"].iloc[:0]}
    assert list(draw_figures(tables)) == ["08-数据变化"]


@pytest.mark.skipif(chinese_font() is None, reason="no Chinese font on this computer")
def test_the_png_shows_something_in_a_font_that_has_every_sign() -> None:
    files = draw_figures(TABLES)["02-名额内的成绩"].files()
    image = np.asarray(Image.open(io.BytesIO(files["png"])).convert("L"))
    assert image.std() > 5
    assert image.shape[1] == round(drawing.A4_TEXT_INCHES * drawing.PNG_DOTS_PER_INCH)


def test_without_a_chinese_font_there_is_only_the_svg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "CHINESE_FONTS", ("没有这种字体",))
    for cached in (drawing.chinese_font, drawing._style):
        cached.cache_clear()
    try:
        files = draw_figures(TABLES)["06-依据的信息"].files()
        assert set(files) == {"svg"}
        assert "没有这种字体" in files["svg"].decode("utf-8")
    finally:
        monkeypatch.undo()
        for cached in (drawing.chinese_font, drawing._style):
            cached.cache_clear()


def test_the_same_table_gives_the_same_file() -> None:
    first, second = (calibration_figure(TABLES["calibration"]).svg() for _ in range(2))
    assert first == second


def test_the_settings_of_the_caller_stay_and_change_nothing() -> None:
    plain = gain_figure(TABLES["gains"]).svg()
    with mpl.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "path"}):
        before = dict(mpl.rcParams)
        assert gain_figure(TABLES["gains"]).svg() == plain
        assert dict(mpl.rcParams) == before


def _texts(figure: ReportFigure) -> list[str]:
    figure.svg()
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def test_a_group_that_is_too_small_says_so_instead_of_a_figure() -> None:
    assert _texts(fairness_figure(TABLES["fairness"])) == ["数据不足"]


def test_an_ablation_has_a_panel_per_choice_in_percentage_points() -> None:
    figure = ablation_figure(TABLES["ablation"])
    figure.svg()
    assert [axes.get_xlabel() for axes in figure.axes] == [
        "去掉这组信息（百分点）", "只用这组信息（百分点）",
    ]  # fmt: skip


def _matrix(days: list[str], y: list[float]) -> FeatureMatrix:
    rows = pd.DataFrame({"as_of": pd.to_datetime(days)})
    for name in ("student_id", "term", "school_code", "class_id", "grade"):
        rows[name] = "1"
    return FeatureMatrix(pd.DataFrame(index=rows.index), rows, np.array(y))


def test_gains_count_events_by_day_and_share_the_places_of_equal_scores() -> None:
    # Day one: the event is first of two; day two: both pupils have the same score.
    matrix = _matrix(["2025-10-13"] * 2 + ["2025-11-10"] * 2, [1, 0, 0, 1])
    scores = pd.DataFrame({"fold": "1", "blend": [2.0, 1.0, 0.0, 0.0]})
    table = gain_table(scores, matrix).set_index("listed")["found"]
    assert table[0.5] == pytest.approx((1 + 0.5) / 2)
    assert table[0.0] == 0
    assert table[1.0] == 1
    assert table.is_monotonic_increasing
