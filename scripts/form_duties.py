"""The five letters of responsibility: what each side does, in words that a school may edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from docx.document import Document as Paper

from kongchuo_risk.reports.forms.duty_letters import DUTY_LETTERS, LetterKind
from scripts.form_parts import (
    CENTRE,
    FIRST,
    LIST,
    SMALL,
    Look,
    Type,
    add_apart,
    add_footer,
    add_head,
    add_lines,
    add_loop,
    add_row,
    add_table,
    blank_paper,
    end_after_table,
    keep_together,
)

LETTER_LOOK = Look(
    margin_cm=(1.6, 2.2),
    title=Type(18, 25, "黑体", after=2, align=CENTRE),
    heading=Type(12, 18, "黑体", before=4, after=1),
    body=Type(11, 16.5),
    small=Type(9, 13, before=2),
)
PARENT_LOOK = replace(
    LETTER_LOOK, body=Type(12, 21), heading=Type(13, 22, "黑体", before=6, after=2)
)
"""Larger: the page has room, and grandparents read it."""
_TOGETHER = (
    "义务教育是国家统一实施的教育，让每个孩子按时入学、不辍学、学得好，是政府、学校和家庭共同的责任"
    "（义务教育法第五条、第十三条）。为把责任落实到人，{{ 甲方 }}（甲方）与{{ 乙方 }}（乙方）就"
    "{{ 期间 }}控辍保学工作签订本责任书。乙方负责：{{ 范围 }}。"
)
_HONEST = (
    "如实报告：发现辍学或苗头当天上报。早报、如实报的不因报告本身受批评；瞒报、漏报的按规定处理。",
    "保护孩子：学生信息只用于工作，不公开、不张贴；不体罚、不歧视、不按成绩排名公布。",
)
_DUTIES: dict[LetterKind, tuple[Sequence[str], Sequence[str]]] = {
    LetterKind.OFFICE_SCHOOL: (
        (
            "每月汇总各校情况，及时审批转学，到校督查采用“四不两直”方式。",
            "帮助学校联系乡镇、村、公安、民政、残联等方面比对数据、上门劝返。",
            "接到学校的移交和书面报告，及时报告乡镇政府和县教体局。",
        ),
        (
            "校长是第一责任人；成立领导小组，与教职工层层签订责任书，全员包保到每一名学生。",
            "每天上午、下午点名，未到校的当天查明；按日、周、月、学期上报，数字准确、去向清楚、手续完备。",
            "疑似辍学当天上户，每学期走访不少于规定次数；先劝返，再依法发通知书、移交。",
            "一生一案帮扶复学、留守、困难、残疾和学习有困难的学生；应助尽助；开齐课程，不乱收费。",
            *_HONEST,
        ),
    ),
    LetterKind.PRINCIPAL_HOMEROOM: (
        (
            "安排包保教师和科任教师配合班主任家访，疑似辍学时校领导一同上户。",
            "及时审阅家访记录，协调资助、心理辅导和依法处理，不把全部责任推给班主任。",
            "为班主任提供时间、交通和安全保障。",
        ),
        (
            "班主任是本班的直接责任人：每天上午、下午到班点名，缺席的问清原因并上报教务处。",
            "学生无故未到，当天联系监护人并上报，当天或次日上户；通知科任教师，做好家访和跟踪记录。",
            "定期家访，每名学生每学年至少一次；发现厌学、想离校、家庭变故等苗头及时家访、登记。",
            "为需要帮助的学生制定一生一案，帮助复学学生跟上学习、融入集体。",
            *_HONEST,
        ),
    ),
    LetterKind.SCHOOL_TEACHER: (
        (
            "把包保和结对的学生分配到人，名单公道、人数适当，说明理由并听取意见。",
            "安排培训和家访的时间，把参加家访、帮扶计入工作量。",
        ),
        (
            "包保到人：了解所包学生的思想、学习和生活，每周至少关心一次，与家长保持联系。",
            "学生疑似辍学时，配合班主任至少家访一次；按计划做心理疏导、学业辅导、生活指导。",
            "分层教学，控制作业和考试，帮助学习有困难的学生；不讽刺、不冷落任何一名学生。",
            "发现苗头，当天告诉班主任并登记。",
            *_HONEST,
        ),
    ),
    LetterKind.TOWNSHIP_VILLAGE: (
        (
            "组织有关部门配合学校比对数据、上户劝返；接到学校移交的，依法督促监护人送子女入学。",
            "落实困难家庭的救助政策，查处招用童工，整治校园周边环境。",
            "明确包村干部和联系电话，与学校随时联系。",
        ),
        (
            "宣传义务教育法，把送子女接受义务教育写进村规民约。",
            "每学期开学前核对本村适龄儿童，开学后协助学校核实未到校的学生去向。",
            "接到学校通知后，与教师一同上户，了解实际困难，一起想办法。",
            "发现孩子辍学、外出务工、早婚或受伤害的，及时告诉学校和乡镇；涉及侵害的立即报案。",
            "不公开孩子和家庭的信息，不以罚款、停发补助等方式强迫家庭。",
        ),
    ),
}


def duty_letter(kind: LetterKind) -> Paper:
    """A letter between two bodies, or between a school and its staff."""
    paper = blank_paper(f"控辍保学责任书（{kind}）", LETTER_LOOK)
    add_apart(paper, "文号：{{ 文号 }}", "签发人：{{ 签发人 }}", LETTER_LOOK)
    add_lines(paper, "{{ 单位名称 }}", f"控辍保学责任书（{kind}）", style="Title")
    add_lines(paper, _TOGETHER, style=FIRST)
    _targets(paper)
    own, others = _DUTIES[kind]
    _numbered(paper, "甲方责任", own)
    _numbered(paper, "乙方责任", others)
    add_lines(paper, "其他", style="Heading 1")
    add_lines(
        paper,
        "本责任书自签订之日起生效，到{{ 期间 }}结束为止；人员变动的由接任者继续履行。"
        "一式两份，双方各执一份，学校存档一份复印件。",
        style=FIRST,
    )
    _signatures(paper, "甲方（盖章）", "乙方（盖章）")
    add_footer(paper, f"控辍保学责任书（{kind}）　{{{{ 期间 }}}}")
    return paper


def _targets(paper: Paper) -> None:
    add_lines(paper, "{%p if 指标 %}", style="Normal")
    add_lines(paper, "目标", style="Heading 1")
    table = add_table(paper, (1.2, 5.2, 4.2, 6.0))
    add_head(table, "序号", "指标", "要求", "依据")
    cells = ("{{ 项.序号 }}", "{{ 项.项目 }}", "{{ 项.要求 }}", "{{ 项.依据 }}")
    add_loop(table, "项 in 指标", *cells, centred=(0, 2))
    add_lines(paper, "各率均以分子、分母核算，与走访、通知等工作记录一并查看。", style=SMALL)
    add_lines(paper, "{%p endif %}", style="Normal")


def _numbered(paper: Paper, title: str, lines: Sequence[str]) -> None:
    add_lines(paper, title, style="Heading 1")
    add_lines(paper, *(f"{n}.\t{line}" for n, line in enumerate(lines, start=1)), style=LIST)


def _signatures(paper: Paper, *sides: str) -> None:
    add_lines(paper, "签字", style="Heading 1")
    table = add_table(paper, (8.3, 8.3))
    add_head(table, *sides)
    signed = ("{{ 甲方 }}", "{{ 乙方 }}")
    add_row(table, *(f"{name}\n签字：" for name in signed), height_cm=1.7)
    add_row(table, "{{ 日期 }}", "{{ 日期 }}", centred=(0, 1), height_cm=0.8)
    keep_together(table)
    end_after_table(paper)


def parent_agreement() -> Paper:
    """Teacher and parents agree as equals: nothing is threatened, nothing depends on signing."""
    paper = blank_paper("家校约定", PARENT_LOOK)
    add_lines(paper, "{{ 单位名称 }}", "家校约定（教师与家长）", style="Title")
    add_lines(
        paper,
        "{{ 学生姓名 }}的家长：孩子每天安心上学，要靠家里和学校一起努力。"
        "{{ 期间 }}，我们想和您约定下面这些事。约定出于自愿，您可以修改、可以不签，"
        "随时可以提出变更；签不签都不影响孩子上学、评优和资助。约定里没有罚款和处罚。",
        style=FIRST,
    )
    _numbered(paper, "老师（{{ 甲方 }}）会做的", (
        "每天关心孩子到校，没有到的当天联系您；孩子有进步，也告诉您。",
        "学习跟不上的，和孩子一起找办法，安排辅导，不收费；不按分数对待孩子。",
        "家里有困难的，告诉您有哪些资助、怎样申请，并帮您办手续。",
        "孩子和家里的事只用来帮助孩子，不对无关的人说。",
        "不体罚、不讽刺、不冷落孩子；您有意见，我们当面听。",
    ))  # fmt: skip
    _numbered(paper, "家里（{{ 乙方 }}）可以做的", (
        "让孩子按时上学；有事请假先说一声，最好不因农活、家务让孩子缺课。",
        "外出务工时，告诉我们由谁照看孩子、怎样联系您，常和孩子通话。",
        "多听孩子说学校的事；孩子不想上学时，先别责骂，尽快和老师商量。",
        "电话、住址有变，或打算转学、休学，提前告诉我们，我们帮您办手续。",
    ))  # fmt: skip
    add_lines(paper, "法律怎样说", style="Heading 1")
    add_lines(
        paper,
        "适龄孩子有上学的权利，父母或其他监护人应当让孩子按时入学并完成义务教育"
        "（义务教育法第五条、第十一条）。学校不得拒收，不得开除，不得收学费、杂费。",
        style=FIRST,
    )
    add_lines(paper, "我们还想补充（可以空着）", style="Heading 1")
    table = add_table(paper, (16.6,))
    add_row(table, "", height_cm=1.5)
    _signatures(paper, "老师", "家长（监护人）")
    add_footer(paper, "家校约定　{{ 期间 }}　一式两份")
    return paper


DUTY_MAKERS = {
    DUTY_LETTERS[kind].file_name: (
        parent_agreement if kind is LetterKind.TEACHER_PARENT else partial(duty_letter, kind)
    )
    for kind in LetterKind
}
"""Name of the file → what makes it."""
