"""The teacher's page and 一生一案: what each reader sees, and the sections of each variant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kongchuo_risk.domain.plan import ItemState, PlanKind, PlanState
from kongchuo_risk.reports.plan_pages import (
    PUPIL_PLAN,
    TEACHER_PAGE,
    Reader,
    pupil_plan_document,
    pupil_plan_values,
    teacher_page,
    teacher_values,
)
from kongchuo_risk.reports.templates import Field, Kind
from tests.reports.builders import (
    NAMES,
    facts,
    full_plan,
    item,
    measure,
    plan,
    policy,
    rows_of,
    whole_text,
)

REASONS = ("近四周无故缺勤 6 个半天（本班平均 0.2）",)
STRENGTHS = ("体育课一次不缺",)
SECRET = policy(measure("a"), measure("secret", restricted=True))


def page(*items: object, **more: object) -> str:
    made = teacher_page(plan(*items), facts(), SECRET, REASONS, STRENGTHS, NAMES, **more)  # type: ignore[arg-type]
    return whole_text(made)


def document(kind: PlanKind = PlanKind.GENERAL, **changes: object) -> bytes:
    changed = replace(full_plan(kind), **changes)  # type: ignore[arg-type]
    return pupil_plan_document(changed, facts(), policy(measure("m1", strand="心理疏导")), NAMES)


def test_a_teacher_reads_strengths_first_then_reasons_that_are_no_causes() -> None:
    text = page(item("a", checklist=("约时间", "记下来")))
    assert text.index(STRENGTHS[0]) < text.index(REASONS[0]) < text.index("不等于原因")
    assert "☐约时间　☐记下来" in text
    assert text.index("要做的事") < text.index("第一次谈话") < text.index("落实记录")


def test_a_teacher_s_page_has_no_number_that_ranks_a_pupil() -> None:
    assert not [word for word in ("概率", "得分", "排名", "名次", "%") if word in page(item("a"))]


def test_a_pupil_without_recorded_strengths_is_asked_for_one() -> None:
    made = teacher_page(plan(item("a")), facts(), SECRET, REASONS, (), NAMES)
    assert "第一次谈话时请记下一条" in whole_text(made)


def test_who_waits_for_a_place_is_named_and_what_is_optional_is_not() -> None:
    waits = item("a", label="兴趣班", state=ItemState.WAITING)
    text = page(item("a"), waits, item("a", label="社团", state=ItemState.OPTIONAL))
    assert "轮候中：兴趣班。" in text
    assert "社团" not in text


def test_a_restricted_measure_is_shown_to_its_owner_only() -> None:
    items = (item("a"), item("secret", label="转介", owner_staff="T2"))
    assert "转介" not in page(*items)
    assert "转介" not in page(*items, reader="T1")
    assert "转介" in page(*items, reader="T2")


def test_a_measure_that_nobody_owns_is_not_everybody_s() -> None:
    assert "转介" not in page(item("secret", label="转介", owner_staff=None), reader="")


def test_the_file_copy_leaves_restricted_measures_to_the_headteacher_s() -> None:
    secret = plan(item("a"), item("secret", label="转介"))
    assert "转介" not in whole_text(pupil_plan_document(secret, facts(), SECRET, NAMES))
    full = pupil_plan_document(secret, facts(), SECRET, NAMES, with_restricted=True)
    assert "转介" in whole_text(full)


def test_measures_stand_by_due_day_with_owner_days_and_state() -> None:
    late, soon = item("late", days=9, owner_staff="T2"), item("soon", days=1, owner_staff=None)
    made = pupil_plan_document(plan(late, soon), facts(), policy(), NAMES)
    _, first, second = rows_of(made, "措施")
    assert first[0:1] + first[2:] == [
        "1", "关爱", "待定\n班主任", "2026.3.3前", "每周一次", "记录", "拟定",
    ]  # fmt: skip
    assert second[3] == "教师乙\n班主任"


def test_all_four_needs_are_looked_at_whatever_was_found() -> None:
    found = dict(row for row in rows_of(document(), "需要帮助的方面")[1:])
    assert list(found) == ["学习能力", "学习方法", "家庭情况", "思想心理"]
    assert found["学习能力"] == "近两次考试在年级后四分之一"
    assert found["家庭情况"] == "暂无记录，谈话时了解"


@pytest.mark.parametrize(
    ("kind", "has", "lacks"),
    [
        (PlanKind.GENERAL, "一生一案", ("社交与礼仪", "残疾")),
        (PlanKind.RETURNER, "社交与礼仪", ("残疾",)),
        (PlanKind.DISABILITY, "残疾人教育专家委员会", ("社交与礼仪",)),
    ],
)
def test_each_kind_of_plan_has_its_own_section(
    kind: PlanKind, has: str, lacks: tuple[str, ...]
) -> None:
    text = whole_text(document(kind))
    assert has in text
    assert not [word for word in lacks if word in text]


def test_a_measure_stands_on_its_strand() -> None:
    rows = pupil_plan_values(
        full_plan(PlanKind.RETURNER),
        facts(),
        Reader(policy(measure("m1", strand="学业辅导")), NAMES),
    )
    assert (rows["学业辅导"], rows["生活指导"]) == ("第1项帮扶措施", "尚未安排")


def test_waiting_and_optional_measures_have_sections_of_their_own_or_none() -> None:
    assert "候补措施" in whole_text(document())
    bare = whole_text(pupil_plan_document(plan(item("a")), facts(), policy(), NAMES))
    assert "候补措施" not in bare
    assert "可选措施" not in bare


def test_a_draft_says_that_it_must_not_be_carried_out() -> None:
    assert "【草案】未编号　未经批准，不得执行" in whole_text(document())
    approved = document(state=PlanState.APPROVED, version=2)
    assert "【已批准】第 2 版" in whole_text(approved)
    assert "不得执行" not in whole_text(approved)
    assert rows_of(approved, "措施")[1][7] == "已批准"


def test_review_days_wait_for_their_results() -> None:
    rows = rows_of(document(), "复核")
    assert [row[:3] for row in rows[1:]] == [["1", "2026年4月1日", ""], ["2", "2026年5月29日", ""]]


def test_equal_plans_give_equal_bytes() -> None:
    assert document(PlanKind.RETURNER) == document(PlanKind.RETURNER)


def fits(value: object, field: Field) -> bool:
    if field.kind is Kind.ENTRIES:
        names = {part.name for part in field.parts}
        return isinstance(value, list) and all(set(entry) == names for entry in value)
    expected = {Kind.TEXT: (str, int), Kind.YES_NO: bool, Kind.TEXTS: list}[field.kind]
    return isinstance(value, expected)


@pytest.mark.parametrize("form", [TEACHER_PAGE, PUPIL_PLAN], ids=lambda form: form.name)
def test_the_declared_fields_are_those_that_are_filled(form: object) -> None:
    reader = Reader(policy(), NAMES)
    teacher = teacher_values(full_plan(), facts(), REASONS, STRENGTHS, reader)
    values = {
        TEACHER_PAGE.name: teacher,
        PUPIL_PLAN.name: pupil_plan_values(full_plan(), facts(), reader),
    }[form.name]  # type: ignore[attr-defined]
    fields = {field.name: field for field in form.fields}  # type: ignore[attr-defined]
    assert set(values) == set(fields)
    assert [name for name, value in values.items() if not fits(value, fields[name])] == []
