"""Every page over in-memory services: what is shown, what is asked of the services."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from kongchuo_risk.app.state import Key
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.serving.views import PupilFile
from tests.app import builders
from tests.app.builders import MemoryServices, county, listed
from tests.app.opening import links, open_page, start_page, words


@pytest.mark.parametrize("name", ["worklist", "pupil", "model"])
def test_every_page_names_the_day_the_model_and_that_the_data_is_synthetic(name: str) -> None:
    page = words(open_page(name, county(), student="S1"))
    assert "名单日期 **2026-03-06**" in page
    assert "排序 **融合模型**" in page
    assert "合成数据" in page


def test_real_data_is_not_called_synthetic() -> None:
    services = MemoryServices([listed("S1")], head=builders.overview(synthetic=False))
    assert "合成数据" not in words(open_page("worklist", services))


def test_the_list_says_whom_why_and_what_to_do() -> None:
    page = words(open_page("worklist", county()))
    for text in (
        "▲ 红 · 优先联系", "**甲一**", "八年级1班 · 校内顺序 1", ":gray-badge[留守]",
        "近四周无故缺勤 6 个半天（本班平均 0.2）", "近一学期数学成绩上升 12 个百分位",
        "家访（责任人：班主任，3 天内）", "包保教师 **示例教师甲**", "最近联系 尚无记录",
        "示例中学（2 名）", "示例小学（1 名）", "本名单由融合模型排序；",
    ):  # fmt: skip
        assert text in page


def test_each_card_links_to_its_own_pupil() -> None:
    assert links(open_page("worklist", county())) == ["student=S1", "student=S2", "student=S3"]


@pytest.mark.parametrize(
    ("key", "choice", "expected"),
    [
        (Key.SCHOOL, "B", ["student=S3"]),
        (Key.CLASS, "A-701", ["student=S2"]),
        (Key.WATCH, "留守", ["student=S1"]),
    ],
)
def test_a_choice_of_school_class_or_group_narrows_the_list(
    key: Key, choice: str, expected: list[str]
) -> None:
    app = open_page("worklist", county())
    app.selectbox(key=key).set_value(choice).run()
    assert links(app) == expected


def test_bands_narrow_the_list() -> None:
    app = open_page("worklist", county())
    app.button_group(key=Key.BANDS).set_value([Tier.RED, Tier.YELLOW]).run()
    assert links(app) == ["student=S1", "student=S3"]


def test_a_name_is_searched_as_text_and_not_as_a_pattern() -> None:
    app = open_page("worklist", county())
    app.text_input(key=Key.SEARCH).set_value("甲").run()
    assert links(app) == ["student=S1", "student=S2"]
    app.text_input(key=Key.SEARCH).set_value(".*").run()
    assert "所选范围内没有列入名单的学生" in words(app)


def test_the_list_can_be_arranged_by_class() -> None:
    rows = [
        listed("S1", grade=9, class_name="九年级1班", class_id="C9"),
        listed("S2", rank=2, grade=7),
    ]
    app = open_page("worklist", MemoryServices(rows))
    app.button_group(key=Key.ORDER).set_value("按班级").run()
    assert links(app) == ["student=S2", "student=S1"]
    assert "九年级1班（本页 1 名）" in words(app)


def test_a_card_names_four_measures_and_counts_the_rest() -> None:
    measures = tuple(f"措施{letter}" for letter in "甲乙丙丁戊己")
    page = words(open_page("worklist", MemoryServices([listed("S1", measures=measures)])))
    assert "措施丁" in page
    assert "措施戊" not in page
    assert "另有 2 项，见档案" in page


def test_a_long_list_is_turned_over_in_sheets_of_twenty() -> None:
    rows = [listed(f"S{rank}", rank=rank) for rank in range(1, 46)]
    app = open_page("worklist", MemoryServices(rows))
    assert len(links(app)) == 20
    app.pagination(key=Key.SHEET).set_value(3).run()
    assert links(app) == [f"student=S{rank}" for rank in range(41, 46)]


def test_the_table_shows_the_same_pupils_under_chinese_heads() -> None:
    app = open_page("worklist", county())
    app.button_group(key=Key.LAYOUT).set_value("表格").run()
    table = app.dataframe[0].value
    assert list(table["姓名"]) == ["甲一", "甲二", "乙一"]
    assert table["值得关注"].iloc[0] == "近四周无故缺勤 6 个半天（本班平均 0.2）"


def test_a_day_without_anybody_on_the_list_says_so() -> None:
    assert "没有学生列入名单" in words(open_page("worklist", MemoryServices([])))


def test_a_name_with_markup_is_shown_as_text() -> None:
    app = open_page("worklist", MemoryServices([listed("S1", name="<b>:red[张](x)")]))
    card = next(text.value for text in app.markdown if "张" in text.value)
    assert r"\<b\>\:red\[张\]\(x\)" in card


def test_a_contact_is_recorded_without_a_reason() -> None:
    services = county()
    app = open_page("worklist", services)
    app.button(key="feedback-S2").click().run()
    app.button(key=Key.SEND).click().run()
    assert services.told == [("S2", "已联系", "")]
    assert app.toast[0].value == "已记录 甲二：已联系"


def test_a_false_alarm_needs_a_reason() -> None:
    services = county()
    app = open_page("worklist", services)
    app.button(key="feedback-S1").click().run()
    app.button_group(key=Key.VERDICT).set_value("误报").run()
    app.button(key=Key.SEND).click().run()
    assert services.told == []
    assert "请写明理由" in words(app)
    app.text_area(key=Key.NOTE).set_value("漏记请假").run()
    app.button(key=Key.SEND).click().run()
    assert services.told == [("S1", "误报", "漏记请假")]


def test_the_file_of_a_pupil_tells_reasons_strengths_measures_and_facts() -> None:
    page = words(open_page("pupil", county(), student="S1"))
    for text in (
        "甲一", "▲ 红 · 优先联系", "包保教师：**示例教师甲**",
        "近四周无故缺勤 6 个半天（本班平均 0.2）",
        "近一学期数学成绩上升 12 个百分位", "**家访** :gray-badge[责任]",
        "责任人 班主任 示例教师甲 · 期限 **2026-03-09** · 表册 家访记录", "依据 64、94",
        "2026-03-04 **缺勤** 上午无故缺勤", "祖父母",
    ):  # fmt: skip
        assert text in page


def test_the_file_of_a_pupil_draws_reasons_attendance_and_marks() -> None:
    app = open_page("pupil", county(), student="S1")
    assert len(app.get("vega_lite_chart")) == 3


def test_a_pupil_without_records_has_a_file_in_words() -> None:
    row = listed("S9", tier="未列入", rank=None, reasons=(), strengths=(), mentor="")
    empty = {
        name: getattr(builders.pupil_file(row), name).iloc[:0]
        for name in ("contributions", "timeline", "attendance", "marks")
    }
    bare = builders.pupil_file(row, plan=(), facts=(), **empty)
    page = words(open_page("pupil", MemoryServices([], files={"S9": bare}), student="S9"))
    for text in (
        "○ 未列入名单", "包保教师：**待定**", "暂无建议措施", "没有缺勤、迟到或早退记录",
        "没有成绩记录", "没有登记",
    ):  # fmt: skip
        assert text in page


def test_events_can_be_looked_at_by_kind() -> None:
    app = open_page("pupil", county(), student="S1")
    app.button_group(key=Key.KINDS).set_value(["考试"]).run()
    assert "期中考试各科平均 62 分" in words(app)
    assert "上午无故缺勤" not in words(app)


def test_without_a_pupil_in_the_address_one_is_searched_by_name() -> None:
    app = open_page("pupil", county())
    app.text_input(key=Key.SEARCH).set_value("乙").run()
    assert links(app) == ["student=S3"]
    app.text_input(key=Key.SEARCH).set_value("丙").run()
    assert "名单中没有姓名包含“丙”的学生" in words(app)


def test_an_unknown_pupil_is_refused_in_chinese() -> None:
    assert "没有编号为 X 的学生" in words(open_page("pupil", county(), student="X"))


class BrokenServices(MemoryServices):
    def pupil(self, student_id: str) -> PupilFile:
        raise ValueError(f"no file of {student_id}")


def test_a_bug_is_told_in_chinese_and_logged_in_full(caplog: pytest.LogCaptureFixture) -> None:
    app = start_page("pupil", BrokenServices([]), student="S1")
    assert "程序出错" in app.error[0].value
    assert "ValueError: no file of S1" in caplog.text


def test_the_model_page_sets_the_model_beside_the_rules() -> None:
    app = open_page("model", county())
    page = words(app)
    for text in (
        "融合模型优于评分卡和各条规则", "n=94/22,900", "3 名，占在册 2,000 名的 0.1%",
        "62%（51%–73%）", "mlflow server --backend-store-uri", "sqlite:///mlflow.db",
        "训练数据：合成数据",
    ):  # fmt: skip
        assert text in page
    assert len(app.get("vega_lite_chart")) == 3


def test_a_model_without_results_says_so() -> None:
    bare = builders.model_page(tables=builders.empty_tables())
    page = words(open_page("model", MemoryServices([], model=bare)))
    for text in ("还没有检验结果", "画不出校准图", "没有可显示的内容"):
        assert text in page


def test_help_needs_no_workspace() -> None:
    app = AppTest.from_function(_help).run()
    assert not app.exception
    assert "与预测有关，不等于原因" in words(app)


def _help() -> None:
    from kongchuo_risk.app.pages import help as help_page

    help_page.render()
