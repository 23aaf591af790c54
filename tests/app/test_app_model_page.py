"""The model page with all the evidence a reviewed model has, and with as little as an old one."""

from __future__ import annotations

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from kongchuo_risk.app.state import Key
from kongchuo_risk.errors import WorkspaceError
from tests.app import builders
from tests.app.builders import MemoryServices, listed
from tests.app.opening import open_page, words


def _table(columns: str, *rows: tuple[object, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=columns.split())


REVIEWED = {
    "checks": _table(
        "check value bound passed text",
        ("胜过评分卡", "+4.2（+1.1–+7.6）名/名单日", "区间在 0 以上", True, "…"),
        ("校准斜率", "1.90", "0.6–1.6", False, "…"),
    ),
    "windows": _table(
        "fold part start end rows events",
        ("2025-2026-1", "train", "2023-10-16", "2025-03-10", 29000, 60),
        ("2025-2026-1", "test", "2025-10-13", "2026-01-05", 15000, 34),
    ),
    "by_fold": _table(
        "fold model metric value",
        ("2024-2025-2", "blend", "recall_at_k", 0.4), ("2025-2026-1", "blend", "recall_at_k", 0.5),
        ("2025-2026-1", "random", "recall_at_k", 0.1),
    ),
    "fairness": _table(
        "attribute group pupils events metric value low high enough",
        ("性别", "男", 900, 20, "miss_rate", 0.4, 0.3, 0.5, True),
        ("性别", "女", 1900, 22, "miss_rate", 0.5, 0.4, 0.6, True),
        ("残疾", "残疾", 20, 1, "miss_rate", float("nan"), float("nan"), float("nan"), False),
    ),
    "sensitive": _table(
        "input choice metric change low high",
        ("留守状况", "只作审计", "miss_gap", 0.01, -0.02, 0.04),
    ),
    "drift": _table(
        "feature label kind statistic value verdict",
        ("marks", "成绩", "数值", "PSI", 0.31, "变化大"),
        ("absences", "无故缺勤", "数值", "PSI", 0.02, "稳定"),
    ),
    "reasons": _table("group told stability faithful", ("出勤", 1812, 0.94, float("nan"))),
    "ablation": _table(
        "group choice metric change low high",
        ("出勤", "去掉", "recall_at_k", -0.1, -0.15, -0.05),
        ("出勤", "只用", "recall_at_k", -0.2, -0.3, 0.1),
    ),
    "learning": _table(
        "axis size metric value low high",
        ("terms", 1, "recall_at_k", 0.3, 0.2, 0.4), ("schools", 3, "recall_at_k", 0.4, 0.3, 0.5),
    ),
    "unseen": _table(
        "compared_with metric value change low high",
        ("见过这些学校时", "recall_at_k", 0.41, -0.03, -0.08, 0.01),
    ),
    "audition": _table(
        "rule title terms mean_regret worst_regret next_pick",
        ("best_average", "历来平均最好", 3, 0.012, 0.02, "blend"),
    ),
}  # fmt: skip


def _tabs(app: AppTest) -> list[str]:
    return [tab.label for tab in app.tabs]


@pytest.fixture
def reviewed() -> AppTest:
    page = builders.model_page(tables=REVIEWED)
    return open_page("model", MemoryServices([listed("S1")], model=page))


def test_a_headteacher_is_told_in_words_how_many_are_found(reviewed: AppTest) -> None:
    told = "后来疑似辍学的学生每 100 名中，名单上有 62 名；用评分卡排，有 41 名"
    assert told in words(reviewed)


def test_the_conditions_say_which_was_not_met(reviewed: AppTest) -> None:
    assert "启用的条件：2 项中达到 1 项" in words(reviewed)
    shown = reviewed.table[0].value.map(lambda text: text.replace("\\", ""))
    assert list(shown["结果"]) == ["✓ 达到", "✗ 没有达到"]
    assert shown["实际"].iloc[0] == "+4.2（+1.1–+7.6）名/名单日"


def test_every_question_has_a_tab_and_a_picture_or_a_table(reviewed: AppTest) -> None:
    assert _tabs(reviewed) == [
        "预测与实际", "依据的信息", "怎样检验", "各群体", "当日数据", "理由", "复核", "历任模型",
    ]  # fmt: skip
    # Comparison, calibration, importance, windows, terms, groups, two ablations, two curves.
    assert len(reviewed.get("vega_lite_chart")) == 10


def test_a_group_that_is_too_small_is_named_without_a_figure(reviewed: AppTest) -> None:
    groups = next(table.value for table in reviewed.table if "漏报率（95% 区间）" in table.value)
    told = [text.replace("\\", "") for text in groups["漏报率（95% 区间）"]]
    assert told == ["40%（30%–50%）", "50%（40%–60%）", "数据不足"]
    assert groups["学生"].iloc[1].replace("\\", "") == "1,900"


def test_what_changed_since_earlier_terms_is_named(reviewed: AppTest) -> None:
    text = words(reviewed)
    assert "当日数据的 2 项信息中，1 项与往年同期不同" in text
    changed = next(table.value for table in reviewed.table if "判断" in table.value)
    assert list(changed.index) == ["成绩"]


def test_a_day_like_earlier_terms_says_so() -> None:
    calm = {"drift": REVIEWED["drift"].iloc[1:]}
    page = builders.model_page(tables=calm)
    text = words(open_page("model", MemoryServices([], model=page)))
    assert "当日数据的 1 项信息都与往年同期相近" in text


def test_a_model_without_review_hides_its_sections_and_says_how_to_review() -> None:
    app = open_page("model", MemoryServices([], model=builders.model_page()))
    assert _tabs(app) == ["预测与实际", "依据的信息", "复核", "历任模型"]
    assert "`kongchuo review`" in words(app)
    assert "启用的条件" not in words(app)


def test_what_a_school_never_seen_may_expect_is_beside_the_review(reviewed: AppTest) -> None:
    unseen = next(table.value for table in reviewed.table if "没见过的学校" in table.value)
    told = [text.replace("\\", "") for text in unseen.iloc[0]]
    assert told[-2:] == ["41%", "−3.0（−8.0 至 +1.0）"]


def test_the_history_tells_which_model_ranked_from_when(reviewed: AppTest) -> None:
    history = next(table.value for table in reviewed.table if "事项" in table.value)
    assert list(history["事项"]) == ["训练"]
    assert history["版本"].iloc[0].replace("\\", "") == "20260306-blend-003"


def test_the_button_opens_mlflow_and_a_failure_is_told_in_chinese() -> None:
    class Unable(MemoryServices):
        def open_mlflow(self) -> str:
            raise WorkspaceError("还没有实验记录；先运行 kongchuo train。")

    app = open_page("model", MemoryServices([]))
    app.button(key=Key.OPEN_MLFLOW).click().run()
    assert app.get("link_button")[0].proto.url == "http://127.0.0.1:5000"
    app = open_page("model", Unable([]))
    app.button(key=Key.OPEN_MLFLOW).click().run()
    assert "还没有实验记录" in words(app)
