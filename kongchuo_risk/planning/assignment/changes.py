"""What is different from the last approved assignment, and what is handed over to whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

import pandas as pd

from kongchuo_risk.domain.assignment import AssignmentRule, Change, ChangeKind, Handover
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.planning.assignment.explaining import HOMEROOM_KIND, MENTOR_KIND, Explainer
from kongchuo_risk.planning.assignment.placing import Placed
from kongchuo_risk.planning.assignment.schools import Pupil, School

TO_TELL = "家庭情况、已作的约定、近期谈话和家访记录"
ClassTeachers = Mapping[str, frozenset[str]]
"""Class → everybody who was its class teacher in some term."""


def class_teachers(classes: pd.DataFrame) -> ClassTeachers:
    """Everybody who was ever named as teacher of each class.

    >>> rows = {"class_id": ["C1", "C1", "C2"], "homeroom_staff": ["T1", "T2", None]}
    >>> {name: sorted(who) for name, who in class_teachers(pd.DataFrame(rows)).items()}
    {'C1': ['T1', 'T2']}
    """
    named = classes.dropna(subset=["homeroom_staff"])
    teachers: dict[str, set[str]] = {}
    for class_id, teacher in zip(named["class_id"], named["homeroom_staff"], strict=True):
        teachers.setdefault(class_id, set()).add(teacher)
    return {class_id: frozenset(found) for class_id, found in teachers.items()}


def change_of(pupil: Pupil, pairing: Pairing, placed: Placed, told: Explainer) -> Change:
    """One pupil's adult of last term beside this term's."""
    was, now = pupil.previous, pairing.staff_no
    if not was:
        new = "本学期新安排包保教师" if pairing.kind == MENTOR_KIND else "上次安排中没有该生"
        return Change(pupil.student_id, "", now, ChangeKind.NEW, new)
    if was == now:
        return Change(pupil.student_id, was, now, ChangeKind.KEPT, "与上学期相同")
    why = _why_changed(pupil, pairing, placed, told)
    return Change(pupil.student_id, was, now, ChangeKind.CHANGED, why)


def _why_changed(pupil: Pupil, pairing: Pairing, placed: Placed, told: Explainer) -> str:
    before = placed.school.by_number.get(pupil.previous)
    decisions = placed.decisions
    if pupil.student_id in placed.fixed:
        return "校长指定"
    if before is None:
        return "原责任人已不在本校"
    if before.staff_no in decisions.away:
        return f"原责任人请假{_days(decisions.away[before.staff_no])}"
    against = decisions.against(pupil.student_id, before)
    if against:
        return f"按{'、'.join(map(str, against))}更换"
    if pairing.kind == HOMEROOM_KIND:
        return "本学期没有包保教师，由班主任负责" if pupil.listed else "未列入名单，由班主任负责"
    lacking = told.lacking(before, pupil)
    return f"原责任人{lacking}" if lacking else "新安排总体更合适"


def ended(
    previous: Mapping[str, str], schools: Iterable[School], pupils: set[str]
) -> Iterator[Change]:
    """Pupils of these schools' staff who are no longer on the roll."""
    staff = {number for school in schools for number in school.by_number}
    for student, was in previous.items():
        if student not in pupils and was in staff:
            yield Change(student, was, "", ChangeKind.ENDED, "学生已不在本次名册中")


def handover_of(
    pupil: Pupil, pairing: Pairing, placed: Placed, teachers: ClassTeachers, day: date
) -> Handover | None:
    """What passes from the adult of last term to this term's, if anything does.

    A class that gets another class teacher is handed over as a class, not pupil by pupil.
    """
    was, now = pupil.previous, pairing.staff_no
    if not was or was == now:
        return None
    away = placed.decisions.away.get(was)
    of_class = pairing.kind == HOMEROOM_KIND and was in teachers.get(pupil.class_id, frozenset())
    if of_class and away is None:
        return None
    first, last = (away.first, away.last) if away else (None, None)
    cause = f"{was} 请假{_days(away)}" if away else f"{was} 不再负责该生"
    until = f"请在 {_eve(first, day)} 前" if away else "请在两周内"
    text = f"{cause}，由 {now} 接手；{until}当面交接：{TO_TELL}"
    return Handover(pupil.student_id, was, now, first, last, text)


def stand_in_of(pupil: Pupil, pairing: Pairing, placed: Placed) -> Handover | None:
    """Who looks after the pupil while the mentor is away for a few days."""
    away = placed.decisions.briefly_away.get(pairing.staff_no)
    if away is None or pairing.kind != MENTOR_KIND:
        return None
    out = placed.decisions.briefly_away
    may = placed.decisions.may_answer_for
    chain = (pupil.homeroom, *placed.school.leaders)
    taker = next((n for n in chain if n and n not in out and may(pupil.student_id, n)), "")
    if not taker:
        return None
    text = f"{pairing.staff_no} 请假{_days(away)}，期间由 {taker} 临时代管；回来后仍由原教师负责"
    return Handover(pupil.student_id, pairing.staff_no, taker, away.first, away.last, text)


def _days(rule: AssignmentRule) -> str:
    first = f"自 {rule.first}" if rule.first else ""
    last = f"至 {rule.last}" if rule.last else ""
    return f"（{first}{last}）" if first or last else ""


def _eve(first: date | None, day: date) -> date:
    """The day before the absence, or the end of this week when it has begun."""
    if first is not None and first > day:
        return first - timedelta(days=1)
    return day + timedelta(days=7)
