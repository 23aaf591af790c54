"""Records as rows of the typed sheets: what is written here is read back as the same record."""

from __future__ import annotations

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.attendance import Absence, Observation
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import Step, Visit
from kongchuo_risk.reports.forms.ledger_book import clean
from kongchuo_risk.reports.forms.roll_sheet import MARKS
from kongchuo_risk.reports.forms.school_facts import PupilLine, Row

_YES_NO = {True: "是", False: "否", None: ""}


def visit_row(visit: Visit, pupil: PupilLine) -> Row:
    """A visit as a row of 走访登记表."""
    return {
        **pupil.cells,
        "日期": visit.day,
        "时间": f"{visit.at.astimezone(CHINA):%H:%M}",
        "方式": visit.mode.value,
        "走访人": "、".join(f"{visitor.name}（{visitor.role}）" for visitor in visit.visitors),
        "见到学生": _YES_NO[visit.met_student],
        "见到监护人": _YES_NO[visit.met_guardian],
        "监护人": visit.guardian,
        "谈话内容": visit.talk,
        "学生态度": clean(visit.attitude),
        "监护人意见": visit.guardian_opinion,
        "困难": visit.difficulty,
        "结果": visit.result.value,
        "承诺返校日": visit.promise,
        "下一步": visit.next_step,
    }


def observation_row(observation: Observation, pupil: PupilLine) -> Row:
    """What was noticed as a row of 苗头登记表."""
    schema = load_schema()
    level = None if observation.level is None else str(observation.level)
    return {
        **pupil.cells,
        "日期": observation.day,
        "苗头": schema.label("observation_tag", observation.tag),
        "程度": schema.label("level3", level),
        "情况": observation.note,
        "登记人": observation.by,
    }


def step_row(step: Step, pupil: PupilLine) -> Row:
    """A step as a row of 劝返进展登记表."""
    return {
        **pupil.cells,
        "日期": step.day,
        "时间": f"{step.at.astimezone(CHINA):%H:%M}",
        "事项": step.kind.value,
        "办理人": step.by,
        "情况": step.note,
        "材料": step.paper,
    }


def watch_row(step: Step, pupil: PupilLine) -> Row:
    """An observation after return as a row of 跟踪观察表."""
    return {
        **pupil.cells,
        "日期": step.day,
        "正常到校": _YES_NO[step.at_school],
        "学生态度": clean(step.attitude),
        "学习和生活情况": step.note,
        "观察人": step.by,
    }


def mark_of(absence: Absence) -> str:
    """What a teacher writes into a cell of 点名表.

    >>> mark_of(Absence("S1", "sick", reason="illness")), mark_of(Absence("S1", "late"))
    ('病 疾病', '迟')
    """
    schema = load_schema()
    sign = MARKS.get(absence.kind) or schema.label("attendance_kind", absence.kind)
    said = absence.note or schema.label("absence_reason", absence.reason)
    return f"{sign} {said}".strip()
