"""The letters to a family: they remind and persuade, name no cause, and threaten nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from docx.document import Document as Paper

from kongchuo_risk.reports.forms import notices
from scripts.form_blocks import (
    INTERNAL,
    absence_and_effort,
    add_gap,
    add_issuer,
    add_page_footer,
    add_papers,
    add_pupil,
    add_receipt,
    add_signatures,
    add_visits,
    new_letter,
)
from scripts.form_parts import FIRST, SMALL, add_lines

LAW_CHECK = "印发前请法务（或法治副校长）核对；本注由学校存档，不随文送达。"
"""Stands below the cut, on the school's half."""
NOT_AN_ORDER = (
    "本通知是学校的书面提醒和催告，不是行政处理决定。依照《中华人民共和国义务教育法》第五十八条，"
    "批评教育、责令限期改正由当地乡镇人民政府或者县级人民政府教育行政部门依法作出。"
)
CONTACT = (
    "孩子有什么难处——学习、路费、身体、心情、和同学老师相处——都可以直接对我们说，"
    "也可以约时间请老师上门。联系人：{{ 班主任 }}老师，电话：{{ 联系电话 }}。"
)
DUTY = (
    "依照《中华人民共和国义务教育法》第五条和《中华人民共和国未成年人保护法》第十六条，"
    "父母或者其他监护人应当保障适龄孩子接受并完成义务教育。"
)


def return_notice() -> Paper:
    """辍学生返校通知书."""
    paper = new_letter("辍学生返校通知书")
    _dear(paper)
    add_lines(
        paper,
        "您的孩子{{ 学生姓名 }}（{{ 班级 }}）自{{ 未到校起 }}起没有到校。老师和同学都盼着孩子回来，"
        "座位和课本都留着。",
        f"{DUTY}请您于{{{{ 期限 }}}}前送孩子返校，或者与学校联系，说明情况。",
        CONTACT,
        style=FIRST,
    )
    add_issuer(paper)
    add_receipt(paper, ("监护人回复", "☐ 按期返校　☐ 另约日期　☐ 有困难，请学校上门　☐ 其他："))
    _check(paper)
    return paper


def timed_return_notice() -> Paper:
    """辍学限期返校通知书: the school's written reminder, not the township's order."""
    paper = new_letter("辍学限期返校通知书")
    _dear(paper)
    add_lines(
        paper,
        "您的孩子{{ 学生姓名 }}（{{ 班级 }}）自{{ 未到校起 }}起没有到校。"
        "学校已走访、联系 {{ 走访总数 }} 次，孩子仍未返校。",
        f"{DUTY}请您于{{{{ 期限 }}}}前送孩子返校；有正当理由不能返校的，请在此日前向学校书面说明。",
        "期满仍未返校又没有说明的，学校将依法书面报告教育行政部门，并函告乡镇人民政府。",
        NOT_AN_ORDER,
        CONTACT,
        style=FIRST,
    )
    add_issuer(paper)
    add_receipt(
        paper, ("监护人回复", "☐ 按期返校　☐ 有正当理由（另附说明）　☐ 请学校上门　☐ 其他：")
    )
    _check(paper)
    return paper


def parent_notice() -> Paper:
    """家长通知书: the first word when a child is not there."""
    paper = new_letter("家长通知书")
    _dear(paper)
    add_lines(
        paper,
        "{{ 学生姓名 }}（{{ 班级 }}）自{{ 未到校起 }}起没有到校，学校还不知道原因，很惦记孩子。",
        "请您收到后当天告诉我们孩子在哪里、好不好；生病或家里有事的，请补办请假。"
        "请您于{{ 期限 }}前送孩子到校，有困难的请与学校联系，我们一起想办法。",
        CONTACT,
        style=FIRST,
    )
    add_issuer(paper)
    add_receipt(
        paper,
        ("孩子现在", "☐ 在家　☐ 生病　☐ 随父母外出　☐ 在别处：____________　☐ 不清楚"),
        ("家长的话", ""),
    )
    return paper


def enrolment_notice() -> Paper:
    """入学通知书: where and when, with what."""
    paper = new_letter("义务教育入学通知书")
    _dear(paper)
    add_lines(
        paper,
        "依照《中华人民共和国义务教育法》第十一条，您的孩子{{ 学生姓名 }}"
        "{% if 性别 or 出生年月 %}（{{ 性别 }}{% if 性别 and 出生年月 %}，{% endif %}"
        "{% if 出生年月 %}{{ 出生年月 }}生{% endif %}）{% endif %}应当入学接受义务教育。",
        "请您于{{ 期限 }}前带孩子到{{ 学校名称 }}报到，编入{{ 班级 }}。",
        "报到请带：本通知书、户口簿或居住证明、预防接种证查验证明。义务教育不收学费、杂费。",
        "孩子因身体状况需要延缓入学的，请由监护人提出申请，报乡镇人民政府或者县级教育行政部门批准；"
        "残疾孩子请与学校联系，一起商量合适的入学方式。",
        "联系人：{{ 班主任 }}老师，电话：{{ 联系电话 }}。",
        style=FIRST,
    )
    add_issuer(paper)
    add_receipt(paper, ("监护人回复", "☐ 按期报到　☐ 到其他学校就读：____________　☐ 申请延缓入学"))
    return paper


def handover_letter() -> Paper:
    """移交乡镇函: what the school did, and what it asks the township for."""
    paper = new_letter("关于请依法督促学生返校的函")
    add_lines(paper, "{{ 主送 }}：", style="Normal")
    add_lines(
        paper,
        "下列学生未完成义务教育而未到校，学校多次走访、发出限期返校通知后仍未返校。"
        "现将情况函告，请依照《中华人民共和国义务教育法》第十三条、第五十八条组织、督促其监护人"
        "送孩子入学；学校派人一同上门，并做好复学准备。",
        style=FIRST,
    )
    add_pupil(paper)
    add_gap(paper)
    absence_and_effort(paper)
    add_lines(paper, "走访和联系", style="Heading 1")
    add_visits(paper)
    add_lines(paper, "已发出的文书", style="Heading 1")
    add_papers(paper)
    add_lines(paper, "学校只移交事实和材料；是否、怎样依法处理由贵单位决定。", style=SMALL)
    add_issuer(paper)
    add_lines(paper, "签字和回执", style="Heading 1")
    add_signatures(paper, "校长", "乡镇收件人", height_cm=1.2)
    add_page_footer(paper, f"移交乡镇函　{INTERNAL}")
    return paper


def _dear(paper: Paper) -> None:
    add_lines(paper, "{{ 收件人 }}：", style="Normal")


def _check(paper: Paper) -> None:
    add_lines(paper, LAW_CHECK, style=SMALL)


NOTICE_MAKERS: Mapping[str, Callable[[], Paper]] = {
    notices.RETURN_NOTICE.file_name: return_notice,
    notices.TIMED_RETURN_NOTICE.file_name: timed_return_notice,
    notices.PARENT_NOTICE.file_name: parent_notice,
    notices.ENROLMENT_NOTICE.file_name: enrolment_notice,
    notices.HANDOVER_LETTER.file_name: handover_letter,
}
"""Name of the file → what makes it."""
