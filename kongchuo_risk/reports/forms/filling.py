"""How facts stand on a form: blanks, ticked boxes, numbered rows, and fields that forms share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from kongchuo_risk.domain.visit import Notice, Visit
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.templates import Field
from kongchuo_risk.reports.wording import full_day, short_day

NO_DAY = "____年__月__日"
TICKED, OPEN = "☑", "☐"

HEAD = (
    Field("学校名称", "学校全称"),
    Field("日期", "文书或制表的日期；没有时留空线"),
)
ISSUED = (
    Field("文号", "学校发文编号；没有时留空线（规则144）"),
    Field("签发人", "签发人姓名；没有时留空线（规则144）"),
)
PUPIL = (
    Field("密级", "内部资料；印有只给授权人员看的内容时为“限授权人员阅读”"),
    Field("学生姓名", "学生姓名"),
    Field("性别", "男、女"),
    Field("出生年月", "例如 2013年5月"),
    Field("班级", "例如 七年级2班"),
    Field("班主任", "班主任姓名"),
    Field("监护人", "监护人姓名"),
    Field("与学生关系", "监护人与学生的关系"),
    Field("监护人电话", "没有登记时为空"),
    Field("家庭住址", "没有登记时为空"),
)
VISIT = (
    Field("序号", "1、2、3 …；空行没有序号"),
    Field("日期", "例如 2026.3.9"),
    Field("方式", "上门、电话、线上"),
    Field("走访人", "姓名和身份"),
    Field("结果", "已返校、承诺返校、未返校、拒绝、未见到、常规走访"),
    Field("态度", "学生态度"),
    Field("监护人意见", "监护人的意见，照原话"),
    Field("谈话", "谈话内容"),
    Field("困难", "学生和家庭的困难"),
    Field("下一步", "下一步打算"),
)
PAPER = (
    Field("序号", "1、2、3 …；空行没有序号"),
    Field("名称", "文书名称"),
    Field("文号", "文书的编号"),
    Field("日期", "发出日期"),
    Field("送达", "送达方式、日期和凭证；没有送达时为空"),
)


def or_line(text: str, width: int = 8) -> str:
    """A text, or a line to write it on.

    >>> or_line("学生甲"), or_line("", 4)
    ('学生甲', '____')
    """
    return text or "_" * width


def day_or_line(day: date | None) -> str:
    """A day in running text, or a line to write it on."""
    return full_day(day) if day else NO_DAY


def day_or_empty(day: date | None) -> str:
    """A day in a table's cell."""
    return short_day(day) if day else ""


def ticked(options: Iterable[str], chosen: Iterable[str | None]) -> str:
    """All options, those that hold with a tick; with none chosen it is a form to fill by hand.

    >>> ticked(["上门", "电话"], ["电话"])
    '☐上门　☑电话'
    """
    marked = {str(choice) for choice in chosen if choice}
    return "　".join(f"{TICKED if option in marked else OPEN}{option}" for option in options)


def yes_or_no(answer: bool | None) -> str:
    """The two boxes, one of them ticked once the answer is known.

    >>> yes_or_no(True), yes_or_no(None)
    ('☑是　☐否', '☐是　☐否')
    """
    return ticked(("是", "否"), () if answer is None else ("是" if answer else "否",))


def rows(
    entries: Sequence[Mapping[str, str]], fields: Sequence[Field], at_least: int
) -> list[dict[str, str]]:
    """Numbered entries, filled up with empty rows to write in.

    >>> rows([{"名称": "甲"}], (Field("序号", ""), Field("名称", "")), 2)
    [{'序号': '1', '名称': '甲'}, {'序号': '', '名称': ''}]
    """
    empty = {field.name: "" for field in fields}
    numbered = [{**empty, "序号": str(n), **entry} for n, entry in enumerate(entries, start=1)]
    return numbered + [dict(empty) for _ in range(at_least - len(numbered))]


def head_values(file: CaseFile, *, restricted: bool = False) -> dict[str, object]:
    """Values of :data:`HEAD` and :data:`PUPIL`."""
    pupil = file.pupil
    return {
        "学校名称": or_line(pupil.school_name, 12),
        "日期": day_or_line(file.day),
        "密级": "限授权人员阅读" if restricted else "内部资料",
        "学生姓名": pupil.name,
        "性别": pupil.sex,
        "出生年月": pupil.birth_month,
        "班级": pupil.class_name,
        "班主任": pupil.teacher_name,
        "监护人": pupil.guardian_name,
        "与学生关系": pupil.guardian_relation,
        "监护人电话": pupil.guardian_phone,
        "家庭住址": pupil.address,
    }


def issued_values(file: CaseFile) -> dict[str, object]:
    """Values of :data:`ISSUED`, and the day on which the paper is issued."""
    notice = file.notice
    return {
        "文号": or_line(notice.doc_no if notice else "", 16),
        "签发人": or_line(notice.signer if notice else "", 10),
        "日期": day_or_line(notice.issued_on if notice else file.day),
    }


def visitors(visit: Visit) -> str:
    """Who went along, and as what."""
    return "、".join(f"{visitor.name}（{visitor.role}）" for visitor in visit.visitors)


def visit_rows(file: CaseFile, at_least: int) -> list[dict[str, str]]:
    """Every contact, as rows of :data:`VISIT`."""
    return rows([_visit(visit) for visit in file.contacts], VISIT, at_least)


def _visit(visit: Visit) -> dict[str, str]:
    return {
        "日期": short_day(visit.day),
        "方式": visit.mode,
        "走访人": visitors(visit),
        "结果": visit.result,
        "态度": visit.attitude or "",
        "监护人意见": visit.guardian_opinion,
        "谈话": visit.talk,
        "困难": visit.difficulty,
        "下一步": visit.next_step,
    }


def paper_rows(file: CaseFile, at_least: int, *, but: Notice | None = None) -> list[dict[str, str]]:
    """Papers that were issued, as rows of :data:`PAPER`; ``but`` is the one being written."""
    own = but.doc_no if but else None
    issued = [_paper(paper) for paper in file.papers if paper.doc_no != own]
    return rows(issued, PAPER, at_least)


def _paper(paper: Notice) -> dict[str, str]:
    return {
        "名称": paper.kind,
        "文号": paper.doc_no,
        "日期": short_day(paper.issued_on),
        "送达": delivery(paper),
    }


def delivery(paper: Notice) -> str:
    """How a paper arrived; empty as long as nobody can prove it."""
    if paper.delivered_on is None or not paper.is_delivered:
        return ""
    return f"{paper.delivery or '送达'}，{short_day(paper.delivered_on)}，{paper.receipt}"
