"""Who may do what beside moving a case: one table, one function that says why not."""

from __future__ import annotations

from enum import StrEnum

from kongchuo_risk.domain.actor import ABOVE_SCHOOL, LEADERS, Actor, Role


class Deed(StrEnum):
    """What people do at the desk, as a refusal names it."""

    SHEET = "点名"
    OBSERVE = "登记苗头"
    JUDGE = "判断大面积缺勤"
    OPEN = "立案"
    FACTS = "填写原因、去向和包案教师"
    STEP = "登记案件步骤"
    VISIT = "登记走访"
    REVIEW = "审阅走访记录"
    ISSUE = "签发文书"
    DELIVER = "登记送达"
    ASK_CHANGE = "申请学籍异动"
    DECIDE_CHANGE = "审批学籍异动"
    RECORD = "登记学校工作"


_TEACHERS = frozenset({Role.HOMEROOM, Role.MENTOR, Role.SUBJECT, Role.COUNSELLOR})
_SCHOOL = _TEACHERS | LEADERS | {Role.REGISTRAR}
_EVERYBODY = frozenset(Role)

PERMITS: dict[Deed, frozenset[Role]] = {
    Deed.SHEET: _SCHOOL,
    # A sign may be seen by anybody who knows the child (seed rules 63, 68).
    Deed.OBSERVE: _EVERYBODY,
    Deed.JUDGE: LEADERS | {Role.HOMEROOM},
    Deed.OPEN: _SCHOOL | ABOVE_SCHOOL,
    Deed.FACTS: _SCHOOL | ABOVE_SCHOOL,
    Deed.STEP: _EVERYBODY,
    # Village cadres, police and township officers go along, and alone (seed rules 41, 92).
    Deed.VISIT: _EVERYBODY,
    Deed.REVIEW: LEADERS | ABOVE_SCHOOL,
    Deed.ISSUE: _SCHOOL | ABOVE_SCHOOL | {Role.TOWNSHIP},
    Deed.DELIVER: _EVERYBODY,
    Deed.ASK_CHANGE: LEADERS | {Role.REGISTRAR, Role.HOMEROOM},
    # A transfer needs the 中心学校's approval (seed rule 124).
    Deed.DECIDE_CHANGE: ABOVE_SCHOOL,
    Deed.RECORD: _SCHOOL | ABOVE_SCHOOL,
}
"""Deed → roles of which one is enough."""


def refusal(actor: Actor, deed: Deed) -> str:
    """Why ``actor`` may not do something; empty when he or she may.

    Examples
    --------
    >>> refusal(Actor("甲", frozenset({Role.SUBJECT})), Deed.DECIDE_CHANGE)
    '“审批学籍异动”由中心校（学区）、县教体局办理'
    >>> refusal(Actor("甲", frozenset({Role.SUBJECT})), Deed.VISIT)
    ''
    """
    roles = PERMITS[deed]
    if actor.is_one_of(roles):
        return ""
    if roles == _EVERYBODY:
        return f"没有岗位的人不能{deed}"
    return f"“{deed}”由{'、'.join(role for role in Role if role in roles)}办理"
