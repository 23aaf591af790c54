"""What pages read and record, over a real workspace and a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.errors import CaseError, NotFoundError, NotReadyError
from kongchuo_risk.serving.model_pages import PAGE_TABLES, save_page_tables
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.views import WORKLIST_COLUMNS
from kongchuo_risk.training.model_folder import save_model
from kongchuo_risk.training.rates import RateModel
from tests.cases.builders import item
from tests.serving.school import DAY, REASON, STRENGTH, entry, make_workspace, publish_list


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Services on the usual list; tests that write make their own workspace."""
    workspace = make_workspace(tmp_path_factory.mktemp("school") / "w")
    publish_list(workspace)
    return Services(workspace, actor="甲老师")


def _services(folder: Path) -> Services:
    workspace = make_workspace(folder / "w")
    publish_list(workspace)
    return Services(workspace, actor="甲老师")


def test_before_the_first_list_every_page_is_told_what_to_do(tmp_path: Path) -> None:
    services = Services(make_workspace(tmp_path / "w"))
    for verb in (services.overview, services.schools, services.worklist, services.model_page):
        with pytest.raises(NotReadyError, match="kongchuo score"):
            verb()


def test_the_overview_counts_pupils_and_the_list(published: Services) -> None:
    overview = published.overview()
    assert (overview.pupils, overview.listed) == (3, 2)
    assert (overview.as_of, overview.model, overview.synthetic) == (DAY, "融合模型", True)
    assert "n=94/22,900" in overview.base_rate


def test_schools_and_classes_count_by_tier(published: Services) -> None:
    assert published.schools().to_dict("records") == [
        {"school_code": "S1", "school_name": "示例中学", "pupils": 3, "listed": 2, "red": 1,
         "orange": 0, "yellow": 1}
    ]  # fmt: skip
    assert published.classes("S1").to_dict("records") == [
        {"class_id": "C2", "class_name": "七年级1班", "grade": 7, "pupils": 1, "listed": 0,
         "homeroom": ""},
        {"class_id": "C1", "class_name": "八年级1班", "grade": 8, "pupils": 2, "listed": 2,
         "homeroom": "示例教师甲"},
    ]  # fmt: skip
    assert published.classes("S9").empty


def test_the_worklist_speaks_a_teachers_language_and_shows_no_number(published: Services) -> None:
    worklist = published.worklist()
    assert tuple(worklist.columns) == WORKLIST_COLUMNS
    first = worklist.iloc[0]
    assert (first["name"], first["class_name"], first["tier"]) == ("甲一", "八年级1班", "红")
    assert first["reasons"] == (REASON.text,)
    assert first["strengths"] == (STRENGTH.text,)
    assert first["measures"] == ("家访（班主任，10月22日前）",)
    assert (first["mentor"], first["watch"]) == ("示例教师甲", ("留守",))
    assert first["last_contact"] == pd.Timestamp(2025, 9, 20)
    assert pd.isna(worklist.iloc[1]["last_contact"])


def test_the_worklist_is_filtered(published: Services) -> None:
    assert published.worklist("S1")["student_id"].tolist() == ["a", "b"]
    assert published.worklist("S9").empty
    assert published.worklist(class_id="C2").empty
    assert published.worklist(tiers=[Tier.YELLOW])["student_id"].tolist() == ["b"]


def test_a_pupils_file_shows_what_was_known_on_the_day(published: Services) -> None:
    pupil = published.pupil("a")
    assert (pupil.name, pupil.school_name, pupil.rank) == ("甲一", "示例中学", 1)
    assert pupil.mentor == "示例教师甲"
    assert pupil.plan[0].owner_staff == "示例教师甲"
    assert list(zip(pupil.timeline["kind"], pupil.timeline["text"], strict=True)) == [
        ("考勤", "上午无故缺勤、下午无故缺勤"),
        ("考试", "期中：数学得分率50%、语文未取得分数"),
        ("苗头", "厌学，程度中"),
        ("帮扶", "家访，1 次"),
        ("走访", "上门，见到学生和监护人，常规走访"),
        ("资助", "营养膳食补助，400 元，尚未发放"),
        ("异动", "转入，随父母搬家"),
    ]


def test_facts_are_what_one_can_help_with_and_nothing_else(published: Services) -> None:
    facts = dict(published.pupil("a").facts)
    assert facts == {
        "上下学距离(公里)": "6.5",
        "是否留守儿童": "双亲留守",
        "父母重病或残疾": "是",
    }


def test_marks_stand_beside_the_mean_of_everybody_who_sat_the_exam(published: Services) -> None:
    marks = published.pupil("a").marks
    maths = marks[marks["subject"] == "数学"].iloc[0]
    assert (maths["rate"], maths["grade_mean"]) == (0.5, 0.625)  # 60 and 90 of 120
    assert marks[marks["subject"] == "语文"]["rate"].isna().all()


def test_attendance_keeps_every_kind_newest_first(published: Services) -> None:
    attendance = published.pupil("a").attendance
    assert list(attendance.itertuples(index=False, name=None)) == [
        (pd.Timestamp(2025, 10, 14), "AM", "无故缺勤"),
        (pd.Timestamp(2025, 10, 14), "PM", "无故缺勤"),
        (pd.Timestamp(2025, 9, 9), "AM", "仪容仪表"),
    ]


def test_contributions_are_ordered_by_weight(published: Services) -> None:
    table = published.pupil("a").contributions
    assert table["group"].tolist() == ["出勤", "学业"]
    assert table["contribution"].tolist() == [1.5, -0.4]


def test_a_pupil_who_is_not_listed_has_a_file_without_a_rank(published: Services) -> None:
    pupil = published.pupil("c")
    assert (pupil.tier, pupil.rank, pupil.reasons) == (Tier.NONE, None, ())
    assert pupil.name == "c"


def test_a_pupil_who_was_not_scored_still_has_a_file(published: Services) -> None:
    pupil = published.pupil("d")
    assert (pupil.tier, pupil.class_name, pupil.mentor) == (Tier.NONE, "八年级1班", "待定")
    assert pupil.timeline.empty
    assert pupil.contributions.empty


def test_an_unknown_pupil_is_said_to_be_unknown(published: Services) -> None:
    with pytest.raises(NotFoundError, match="没有编号为 x 的学生"):
        published.pupil("x")


def test_every_look_at_a_pupil_is_in_the_audit_log(tmp_path: Path) -> None:
    services = _services(tmp_path)
    services.pupil("a")
    services.worklist_workbook("S1")
    workspace = services._workspace
    with case_reader(open_case_database(workspace)) as store:
        rows = [(row.actor, row.action, row.subject) for row in store.audit_rows()]
        assert store.verify_audit().is_whole
    assert rows[1:] == [
        ("甲老师", "查看学生档案", "a"),
        ("甲老师", "导出名单", "S1"),
    ]


def test_a_new_list_and_a_new_plan_are_seen_without_a_restart(tmp_path: Path) -> None:
    services = _services(tmp_path)
    assert len(services.worklist()) == 2
    run_id = publish_list(services._workspace, entry("b", Tier.RED, 1))
    assert services.worklist()["measures"].tolist() == [()]
    with case_store(services._engine) as store:
        store.runs.replan(run_id, plan=[item("b")], paired=[])
    assert services.worklist()["measures"].tolist() == [("家访（班主任，10月22日前）",)]


def test_feedback_is_kept_and_a_contact_shows_on_the_list(tmp_path: Path) -> None:
    services = _services(tmp_path)
    services.record_feedback("b", verdict="已联系")
    services.record_feedback("a", verdict="误报", note="病假未登记")
    today = datetime.now(UTC).astimezone().date()
    contacts = services.worklist().set_index("student_id")["last_contact"].dt.date
    assert contacts.to_dict() == {"a": date(2025, 9, 20), "b": today}
    with case_reader(services._engine) as store:
        (kept,) = store.feedback.of_pupil("a")
    assert (kept.kind, kept.reason, kept.by) == ("误报", "病假未登记", "甲老师")


@pytest.mark.parametrize(("verdict", "note"), [("不适用", "  "), ("误报", ""), ("好", "…")])
def test_feedback_without_a_known_word_or_its_reason_is_refused(
    published: Services, verdict: str, note: str
) -> None:
    with pytest.raises(CaseError, match=r"请写明理由|反馈只能是"):
        published.record_feedback("a", verdict=verdict, note=note)


def test_the_model_page_shows_the_card_and_the_tables_beside_the_model(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path / "w")
    model = RateModel("school_only", -5.0, {"8": -4.5}, {})
    folder = save_model(model, workspace.models / "m1", card="## 模型卡\n\n训练数据：合成数据。")
    metrics = pd.DataFrame(
        [("school_only", "recall_at_k", 0.6, 0.5, 0.7)], columns=PAGE_TABLES["metrics"]
    )
    save_page_tables(folder, metrics=metrics.assign(extra=1))
    publish_list(workspace, model_version="m1")
    page = Services(workspace).model_page()
    assert "训练数据：合成数据" in page.card
    assert page.tables["metrics"].equals(metrics)
    assert not page.has("importance")
    assert "mlflow.db" in page.tracking_command


def test_the_cold_start_scorecard_has_a_page_without_tables(published: Services) -> None:
    page = published.model_page()
    assert (page.version, page.card) == ("", "")
    assert list(page.tables["metrics"].columns) == list(PAGE_TABLES["metrics"])
