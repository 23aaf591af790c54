"""Plans, measures and words to print; everything here is made up, and nobody has a real name."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from typing import Any

from docx import Document
from docx.table import Table

from kongchuo_risk.contracts.policy import Measure, Policy
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.plan import (
    ItemState,
    Need,
    PlanItem,
    PlanKind,
    PupilPlan,
    SchoolPlan,
    SchoolTask,
)
from kongchuo_risk.reports.letters import LetterFacts

DAY = date(2026, 3, 2)
NAMES = {"T1": "教师甲", "T2": "教师乙"}


def facts(**changes: Any) -> LetterFacts:
    known = LetterFacts(
        pupil_name="学生甲",
        class_name="七年级2班",
        school_name="第一中学",
        teacher_name="教师甲",
        teacher_phone="0000-0000000",
        mentor_name="教师乙",
        day=DAY,
        plan_start=DAY,
        plan_end=date(2026, 7, 3),
    )
    return replace(known, **changes)


def measure(name: str, **changes: Any) -> Measure:
    content: dict[str, Any] = {
        "id": name,
        "label": f"措施{name}",
        "dimension": "关爱",
        "when": [{"tier": ["红"]}],
        "family": f"老师会做{name}这件事。",
        "effective": {
            date(2020, 9, 1): {
                "within_days": 7, "owner": "homeroom", "dose": "一次", "rhythm": "每周一次",
                "form": "记录",
            }
        },
        "evidence": {"grade": "无对照研究", "finding": "没有", "unknown": "不清楚"},
        "source": [{"law": "义务教育法 第四条"}],
    }  # fmt: skip
    return Measure.model_validate(content | changes)


def policy(*measures: Measure) -> Policy:
    return Policy(
        measures=measures, watch=(), caps=(), needs=(), school=(), taxonomies=(),
        schema=_schema(),
    )  # fmt: skip


@cache
def _schema() -> Any:
    return load_schema()


def item(name: str, days: int = 7, **changes: Any) -> PlanItem:
    known = PlanItem(
        student_id="s1",
        measure=name,
        label=f"措施{name}",
        dimension="关爱",
        why="近四周无故缺勤 6 个半天",
        owner_role="班主任",
        owner_staff="T1",
        due=DAY + timedelta(days=days),
        form="记录",
        sources=("规则64「发现学生厌学情绪」",),
        dose="每周见面一次",
        rhythm="每周一次",
    )
    return replace(known, **changes)


def plan(*items: PlanItem, **changes: Any) -> PupilPlan:
    known = PupilPlan(
        student_id="s1",
        school_code="A",
        term="2025-2026-2",
        kind=PlanKind.GENERAL,
        goal="每天到校",
        needs=(Need("学习能力", ("近两次考试在年级后四分之一",)),),
        items=items,
        start=DAY,
        end=date(2026, 7, 3),
        reviews=(date(2026, 4, 1), date(2026, 5, 29)),
    )
    return replace(known, **changes)


def full_plan(kind: PlanKind = PlanKind.GENERAL, count: int = 6) -> PupilPlan:
    """As long as plans become: steps, helpers and a warning on every measure."""
    steps = ("联系家长", "记下孩子的话", "一周后再看", "告诉包保教师")
    busy = [
        item(
            f"m{number}",
            days=number,
            label=f"第{number}项帮扶措施",
            dose="三天内一次，此后两周一次；先听后说，不批评、不比较，记录谈话要点",
            helpers=("包保教师", "心理教师"),
            checklist=steps,
            warning="受欺凌的学生不用此法" if number == 1 else "",
            start=DAY,
        )
        for number in range(1, count + 1)
    ]
    others = (item("w1", state=ItemState.WAITING), item("o1", state=ItemState.OPTIONAL))
    return plan(*busy, *others, kind=kind)


def task(name: str, days: int = 7, **changes: Any) -> SchoolTask:
    known = SchoolTask(
        item=name,
        label=f"任务{name}",
        dimension="责任",
        owner_role="校长",
        owner_staff="T1",
        due=DAY + timedelta(days=days),
        checklist=("签订责任书", "存档"),
        form="责任书",
        sources=("规则26「实行全员包保制度」",),
    )
    return replace(known, **changes)


def school_plan(*tasks: SchoolTask, **changes: Any) -> SchoolPlan:
    known = SchoolPlan(
        "A", "2025-2026-2", tasks, {"在籍学生": 620, "需要计划的学生": 31, "重点群体": 84}
    )
    return replace(known, **changes)


def texts(word_file: bytes) -> list[str]:
    """Every paragraph that is read in a Word file: the body, its tables, the footer."""
    paper = Document(BytesIO(word_file))
    found = [line.text for line in paper.sections[0].footer.paragraphs]
    for block in paper.iter_inner_content():
        found += _table_texts(block) if isinstance(block, Table) else [block.text]
    return found


def _table_texts(table: Table) -> list[str]:
    return [line.text for row in table.rows for cell in row.cells for line in cell.paragraphs]


def whole_text(word_file: bytes) -> str:
    return "\n".join(texts(word_file))


def parts(word_file: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(word_file)) as package:
        return {name: package.read(name) for name in package.namelist()}


def with_line(word_file: bytes, line: str) -> bytes:
    """The Word file as a school edits it: one more paragraph."""
    paper = Document(BytesIO(word_file))
    paper.add_paragraph(line)
    edited = BytesIO()
    paper.save(edited)
    return edited.getvalue()


def rows_of(word_file: bytes, heading: str) -> Sequence[Sequence[str]]:
    """Cells of the first table after a heading."""
    paper = Document(BytesIO(word_file))
    after = False
    for block in paper.iter_inner_content():
        if isinstance(block, Table) and after:
            return [[cell.text for cell in row.cells] for row in block.rows]
        after = after or (not isinstance(block, Table) and re.sub(r"\s", "", block.text) == heading)
    raise AssertionError(f"no table after {heading}")
