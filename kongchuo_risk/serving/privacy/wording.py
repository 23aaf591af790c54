"""Columns of the case database in Chinese, and plain values as a parent reads them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.evaluation.gate import RULE_TITLES

COLUMNS: Mapping[str, str] = {
    "source": "来源", "name": "姓名", "sex": "性别", "birth": "出生日期", "id_last4": "证件后四位",
    "category": "类别", "detail": "说明", "other": "另一名册的记录", "person": "本人记录",
    "as_of": "名单日期", "model": "排序模型", "tier": "层级", "rank": "名次（校内）",
    "grade": "年级", "reasons": "理由（与预测有关，不等于原因）", "strengths": "有利的情况",
    "watch": "重点群体", "contributions": "各方面的影响", "label": "措施", "dimension": "控辍维度",
    "why": "为什么", "owner_role": "负责岗位", "owner_staff": "负责人工号", "due": "期限",
    "form": "表册", "sources": "依据", "dose": "做法", "warning": "注意", "start": "开始",
    "end": "结束", "review": "复核", "rhythm": "频次", "helpers": "协助", "checklist": "步骤",
    "evidence": "证据或材料", "entitled": "依法应当提供", "priority": "优先理由",
    "staff_no": "工号", "previous": "上学期", "handover": "交接", "subjects": "学科",
    "reason": "理由", "reply": "答复", "opened_on": "立案日期", "status": "状态",
    "cause": "主要原因", "causes": "其他原因", "destination": "去向", "place": "地点",
    "trigger": "由何发现", "absent_since": "缺勤开始", "absent_session": "半天",
    "returned_on": "返校日期", "closed_on": "销号日期", "at": "时间", "from_status": "原状态",
    "to_status": "新状态", "by": "登记人", "note": "说明", "confirmed_by": "复核人",
    "decided_by": "决定人", "decided_at": "决定时间", "answer": "答复", "kind": "种类",
    "day": "日期", "mode": "方式", "visitors": "走访人", "result": "结果", "number": "次数",
    "met_student": "见到学生", "met_guardian": "见到监护人", "guardian": "监护人",
    "talk": "谈话内容", "attitude": "学生态度", "guardian_opinion": "监护人意见",
    "difficulty": "困难", "next_step": "下一步", "promise": "承诺返校日",
    "photo_ref": "签字页存放", "purpose": "目的", "recorded_by": "登记人",
    "recorded_at": "登记时间", "reviewed_by": "审阅人", "reviewed_at": "审阅时间",
    "doc_no": "文号", "issued_on": "签发日期", "addressee": "致送", "signer": "签发人",
    "deadline": "限期", "delivery": "送达方式", "delivered_on": "送达日期", "receipt": "签收",
    "paper": "材料", "at_school": "在校", "session": "半天", "taken_by": "点名人",
    "taken_at": "点名时间", "tag": "情况", "level": "程度", "since": "开始日期",
    "sessions": "次数", "held": "为何待判断", "state": "状态", "judged_by": "判断人",
    "term": "学期", "goal": "目标", "needs": "需要帮助的方面", "reviews": "复核日期",
    "started_on": "开始日期", "ended_on": "结束日期", "change_type": "异动类别",
    "documents": "材料", "from_school": "转出学校", "to_school": "转入学校", "asked_by": "申请人",
    "asked_at": "申请时间", "title": "标题", "content": "内容", "people": "在场的人",
    "village": "村（社区）", "measure": "措施代码", "value": "约定", "first": "起", "last": "止",
    "withdrawn_by": "撤回人", "withdrawn_at": "撤回时间", "position": "序号",
    "probability": "模型估计的可能性", "hours_per_week": "每周小时", "family": "给家长的话",
}  # fmt: skip
"""Column of the database → its title."""
HIDDEN = frozenset(
    {
        "id", "run_id", "student_id", "case_id", "plan_id", "comparison_id", "assignment_id",
        "version", "replaced_by", "replaces", "restricted", "is_newest", "case", "school_code",
        "class_id", "other_student", "helper_id", "enrolled", "left_person", "right_person",
    }
)  # fmt: skip
"""Numbers of the database itself, and what tells of others."""
_INSIDE = ("text", "group", "name", "role")
"""What is said of a small object such as a reason or a visitor."""
_CODES = {"tag": "observation_tag", "change_type": "change_type", "session": "session"}


def shown_row(row: Mapping[str, Any], schema: Schema) -> dict[str, str]:
    """A row under Chinese titles; empty cells and the database's own numbers are left out."""
    said = Said(schema)
    cells = ((name, said(name, value)) for name, value in row.items() if name not in HIDDEN)
    return {COLUMNS.get(name, name): text for name, text in cells if text}


class Said:
    """Values in words.

    Examples
    --------
    >>> from kongchuo_risk.contracts.tables import load_schema
    >>> said = Said(load_schema())
    >>> said("met_student", True), said("cause", "11"), said("visitors", [{"name": "甲"}])
    ('是', '厌学', '甲')
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._causes = load_causes().by_code

    def __call__(self, column: str, value: Any) -> str:
        """A value as text; nothing for what is missing."""
        if value is None or value == "" or value == [] or value == {}:
            return ""
        for kind, words in self._words.items():
            if isinstance(value, kind):
                return words(column, value)
        return str(value)

    @property
    def _words(self) -> dict[type, Callable[[str, Any], str]]:
        return {
            bool: lambda _, value: "是" if value else "否",
            str: self._text,
            list: lambda column, items: "；".join(self(column, item) for item in items),
            dict: self._object,
            float: lambda _, value: f"{value:.3g}",
            datetime: lambda _, value: f"{value:%Y-%m-%d %H:%M}",
            date: lambda _, value: f"{value:%Y-%m-%d}",
        }

    def _text(self, column: str, value: str) -> str:
        if column in ("cause", "causes") and value in self._causes:
            return self._causes[value].label
        if column == "person":  # the key of a register's row
            return ""
        if column == "model":
            return RULE_TITLES.get(value, value)
        if column in _CODES:
            return self._schema.label(_CODES[column], value)
        # A moment, without what only a machine reads.
        return re.sub(r"^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\S*$", r"\1 \2", value)

    def _object(self, column: str, value: Mapping[str, Any]) -> str:
        if column == "contributions":
            return _contribution(value)
        inside = [value[name] for name in _INSIDE if value.get(name)]
        if inside:
            return "，".join(str(part) for part in inside)
        return "，".join(f"{name}：{self(column, part)}" for name, part in value.items() if part)


def _contribution(part: Mapping[str, Any]) -> str:
    """Which way one group of reasons moved the pupil in the order.

    >>> _contribution({"group": "学业", "text": "成绩高于平均", "contribution": -0.3})
    '学业（往后排）：成绩高于平均'
    """
    way = "往前排" if part["contribution"] > 0 else "往后排"
    return f"{part['group']}（{way}）" + (f"：{part['text']}" if part["text"] else "")
