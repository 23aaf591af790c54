"""The papers of privacy: assessment, yearly audit, notice to guardians, export, certificate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from docx.document import Document as Paper

from kongchuo_risk.reports.privacy_pages import (
    ASSESSMENT,
    CERTIFICATE,
    NOTICE,
    SUBJECT_COVER,
    YEARLY_AUDIT,
)
from scripts.form_parts import (
    CELL,
    CENTRE,
    FIRST,
    RIGHT,
    SMALL,
    Look,
    Type,
    add_footer,
    add_head,
    add_lines,
    add_loop,
    add_row,
    add_table,
    blank_paper,
    end_after_table,
    keep_together,
    merge,
)
from scripts.form_phrases import SIGNED

LOOK = Look(body=Type(12, 20), cell=Type(9.5, 13))
LETTER_LOOK = Look(
    margin_cm=(1.4, 1.8), title=Type(16, 22, "黑体", after=2, align=CENTRE),
    heading=Type(11, 16, "黑体", before=2), body=Type(11, 16.5), cell=Type(9, 12),
    small=Type(8, 10),
)  # fmt: skip
BLANK = "（须由人填写）"


def impact_assessment() -> Paper:
    """个人信息保护影响评估报告: what is known is filled in, what people judge is not."""
    paper = _paper("个人信息保护影响评估报告", "{{ 单位 }}　{{ 日期 }}　由 {{ 制表人 }} 生成")
    add_lines(
        paper,
        "依据个人信息保护法第五十五条、第五十六条：处理敏感个人信息、利用个人信息进行自动化决策，"
        "应当事前评估；本报告和处理情况记录至少保存三年。",
        style=FIRST,
    )
    add_lines(paper, "处理活动记录", style="Heading 1")
    _listed(
        paper, "处理活动", (2.0, 3.6, 3.0, 3.4, 2.8, 2.2),
        ("活动", "内容", "目的", "法律依据", "谁能看到", "保存"),
        ("{{ 项.名称 }}", "{{ 项.内容 }}", "{{ 项.目的 }}", "{{ 项.依据 }}",
         "{{ 项.知悉范围 }}；提供给：{{ 项.接收方 }}", "{{ 项.期限 }}"),
    )  # fmt: skip
    _asked(paper, "合法性意见：以第十三条第一款第（三）项还是监护人同意为依据（法制人员填写）")
    add_lines(paper, "数据清单", style="Heading 1")
    add_lines(
        paper,
        "在册学生 {{ 学生数 }} 人，其中不满十四周岁 {{ 十四岁以下 }} 人"
        "（其全部个人信息均为敏感个人信息）。",
        style=FIRST,
    )
    _listed(
        paper, "数据", (2.6, 1.8, 1.4, 6.4, 4.8),
        ("表", "行数", "字段数", "其中敏感的字段", "加密保存的字段"),
        ("{{ 项.表 }}", "{{ 项.行数 }}", "{{ 项.字段数 }}", "{{ 项.敏感 }}", "{{ 项.加密 }}"),
        centred=(1, 2),
    )  # fmt: skip
    _listed(
        paper, "业务量", (10.0, 7.0), ("案件库", "数量"), ("{{ 项.内容 }}", "{{ 项.数量 }}"),
        centred=(1,),
    )  # fmt: skip
    _ranking(paper)
    add_lines(paper, "对个人权益的影响和安全风险", style="Heading 1")
    _listed(
        paper, "风险", (3.8, 3.8, 6.4, 1.5, 1.5),
        ("风险", "影响", "工具中已有的措施", "可能性", "程度"),
        ("{{ 项.风险 }}", "{{ 项.影响 }}", "{{ 项.措施 }}", "", ""),
    )  # fmt: skip
    _asked(paper, "本校另有的风险和措施（机房、电脑、打印、微信群等）", height_cm=2.0)
    _periods(paper)
    add_lines(paper, "结论", style="Heading 1")
    _judged(
        paper,
        ("处理目的、方式是否合法、正当、必要", "对个人权益的影响及安全风险",
         "措施是否合法、有效并与风险相适应",
         "是否同意处理；整改要求和期限"),
    )  # fmt: skip
    _signed(paper, ("评估人", "个人信息保护负责人", "单位负责人"))
    return _finished(paper, "个人信息保护影响评估报告　{{ 日期 }}")


def _ranking(paper: Paper) -> None:
    add_lines(paper, "自动化决策", style="Heading 1")
    add_lines(
        paper,
        "名单由“{{ 模型 }}”排序，共用 {{ 输入数 }} 个特征，分为：{{ 输入 }}。"
        "不进模型、只用于公平性审计的：{{ 只审计 }}。{{ 模型结论 }}",
        "名单只决定先联系谁；立案、措施、结案都由人决定，并写明理由。对名单有异议的可以登记，"
        "学校须由人复核后答复。",
        style=FIRST,
    )
    add_lines(paper, "{%p if 有公平 %}", style="Normal")
    _listed(
        paper, "公平", (3.0, 4.6, 5.4, 4.0), ("属性", "组", "漏报率（95% 区间）", "人数"),
        ("{{ 项.属性 }}", "{{ 项.组 }}", "{{ 项.漏报 }}", "{{ 项.够不够 }}"), centred=(2, 3),
    )  # fmt: skip
    add_lines(paper, "{%p endif %}", style="Normal")
    _asked(paper, "对以上排序方式公平、公正的意见")


def yearly_audit() -> Paper:
    """未成年人个人信息保护合规审计报告: what the log says; the verdict is a person's."""
    paper = _paper(
        "未成年人个人信息保护合规审计报告",
        "{{ 单位 }}　{{ 年度 }} 年度　{{ 日期 }} 由 {{ 制表人 }} 生成",
    )
    add_lines(
        paper,
        "依据未成年人网络保护条例第三十六条、第三十七条和个人信息保护法第五十四条。审计情况须及时"
        "报告网信等部门。",
        style=FIRST,
    )
    add_lines(paper, "审计日志", style="Heading 1")
    add_lines(paper, "本年度 {{ 日志行数 }} 行；校验：{{ 日志完整 }}。", style=FIRST)
    add_lines(paper, "谁访问了多少", style="Heading 1")
    _listed(
        paper, "人员", (5.0, 3.0, 3.0, 3.0, 3.0),
        ("姓名", "查看次数", "涉及学生", "导出次数", "登记和修改"),
        tuple(f"{{{{ 项.{name} }}}}" for name in ("姓名", "查看", "学生", "导出", "修改")),
        centred=(1, 2, 3, 4),
    )  # fmt: skip
    add_lines(paper, "账号和权限", style="Heading 1")
    _judged(
        paper,
        ("账号数、停用数、离岗后是否及时停用", "最小授权：岗位和可见范围是否相符",
         "工作人员访问是否经负责人或其授权人审批"),
    )  # fmt: skip
    add_lines(paper, "导出和提供", style="Heading 1")
    _listed(
        paper, "导出", (2.4, 3.0, 3.6, 4.6, 3.4), ("日期", "姓名", "内容", "用途", "对象"),
        tuple(f"{{{{ 项.{name} }}}}" for name in ("日期", "姓名", "内容", "用途", "对象")),
        centred=(0,),
    )  # fmt: skip
    add_lines(paper, "{{ 导出其余 }}向本人或监护人提供 {{ 本人查询 }} 次。", style=FIRST)
    add_lines(paper, "需要核实的情况", style="Heading 1")
    _listed(
        paper, "异常", (3.0, 4.0, 6.0, 4.0), ("姓名", "情况", "说明", "核实结果"),
        ("{{ 项.姓名 }}", "{{ 项.情况 }}", "{{ 项.说明 }}", ""),
    )  # fmt: skip
    _deletions(paper)
    add_lines(paper, "影响评估和数据来源", style="Heading 1")
    add_lines(
        paper,
        "保存着的影响评估报告：{% for 项 in 评估 %}{{ 项.名称 }}；{% else %}没有。{% endfor %}",
        "导入：{% for 项 in 导入 %}{{ 项.日期 }}（{{ 项.行数 }} 行）；{% else %}没有。{% endfor %}",
        style=FIRST,
    )
    add_lines(paper, "审计结论", style="Heading 1")
    _judged(
        paper,
        ("告知书是否发放、不满十四周岁的监护人同意是否取得", "投诉、异议和更正请求的处理",
         "信息安全事件及第五十七条的通知", "结论和整改要求", "报告网信等部门的日期和文号"),
    )  # fmt: skip
    _signed(paper, ("审计人", "个人信息保护负责人", "单位负责人"))
    return _finished(paper, "未成年人个人信息保护合规审计报告　{{ 年度 }} 年度")


def _deletions(paper: Paper) -> None:
    add_lines(paper, "删除", style="Heading 1")
    _listed(
        paper, "删除", (2.4, 3.0, 2.4, 2.0, 7.2), ("日期", "批准人", "行数", "文件", "理由"),
        tuple(f"{{{{ 项.{name} }}}}" for name in ("日期", "姓名", "行数", "文件", "理由")),
        centred=(0, 2, 3),
    )  # fmt: skip
    add_lines(
        paper,
        "今天已超过保存期、尚未删除：{% for 项 in 逾期 %}{{ 项.内容 }} {{ 项.数量 }} 项；"
        "{% else %}没有。{% endfor %}",
        style=FIRST,
    )
    add_lines(paper, "退回和不同意", style="Heading 1")
    _listed(
        paper, "退回", (2.4, 3.6, 11.0), ("日期", "姓名", "内容"),
        ("{{ 项.日期 }}", "{{ 项.姓名 }}", "{{ 项.内容 }}"), centred=(0,),
    )  # fmt: skip


def guardian_notice() -> Paper:
    """个人信息处理规则告知书 with a slip to sign (第十七条、第二十四条、第三十一条)."""
    paper = blank_paper("个人信息处理规则告知书", LETTER_LOOK)
    add_lines(paper, "学生个人信息处理规则告知书", style="Title")
    add_lines(paper, "{% if 学生姓名 %}{{ 学生姓名 }}的{% endif %}监护人：", style="Normal")
    add_lines(
        paper,
        "{{ 学校名称 }}为履行控辍保学的法定职责，要处理孩子的个人信息。不满十四周岁孩子的个人信息"
        "属于敏感个人信息，本告知书也是对其专门的处理规则。请您看完后签收。",
        style=FIRST,
    )
    add_lines(paper, "处理哪些信息、为什么、谁能看到", style="Heading 1")
    _listed(
        paper, "处理活动", (2.2, 3.9, 3.0, 4.6, 3.7),
        ("用在哪里", "哪些信息", "为什么", "谁能看到", "依据"),
        ("{{ 项.名称 }}", "{{ 项.内容 }}", "{{ 项.目的 }}",
         "{{ 项.知悉范围 }}；提供给：{{ 项.接收方 }}", "{{ 项.依据 }}"),
    )  # fmt: skip
    add_lines(paper, "保存多久", style="Heading 1")
    add_lines(
        paper,
        "{% for 项 in 保存期 %}{{ 项.内容 }}：{{ 项.期限 }}{% if not loop.last %}；{% endif %}"
        "{% endfor %}。到期删除；案件没有结束的不删。",
        style=FIRST,
    )
    add_lines(paper, "电脑排的名单", style="Heading 1")
    add_lines(
        paper,
        "工具会根据考勤、成绩、家庭和资助等情况排出先联系谁的顺序。它不作任何决定：找不找孩子谈、"
        "做什么帮扶，都由老师商量决定。您可以要求说明理由，可以提出异议，也可以要求不只凭名单作决定。",
        style=FIRST,
    )
    add_lines(paper, "您和孩子的权利", style="Heading 1")
    add_lines(
        paper,
        "可以查阅、复制孩子的个人信息；不准确、不完整的可以要求更正、补充；到期或不再需要的可以要求删除；"
        "可以要求解释这份规则。以同意为依据处理的，可以随时撤回同意，不影响孩子上学和已有的帮扶。"
        "请找{% if 联系人 %}{{ 联系人 }}{% else %}______________{% endif %}，"
        "电话{% if 联系电话 %}{{ 联系电话 }}{% else %}______________{% endif %}。"
        "规则变更会再告知您。",
        style=FIRST,
    )
    add_lines(paper, "{{ 学校名称 }}　{{ 日期 }}", style="Normal", align=RIGHT)
    _receipt(paper)
    return paper


def _receipt(paper: Paper) -> None:
    line = "- " * 16
    add_lines(paper, f"{line}✂ 签收回执（交班主任）{line}".strip(), style=SMALL, align=CENTRE)
    paper.paragraphs[-1].paragraph_format.keep_with_next = True
    table = add_table(paper, (2.6, 6.0, 2.6, 5.8))
    add_row(table, "学生", "{{ 学生姓名 }}", "班级", "", strong=(0, 2), height_cm=0.8)
    answer = (
        "☐ 已收到并看过告知书",
        "心理筛查等须经监护人同意的事项：☐ 同意　☐ 不同意（不影响上学和帮扶）",
    )
    row = add_row(table, "监护人意见", answer, "", "", strong=(0,), height_cm=1.4)
    merge(row, 1, 3)
    add_row(table, "监护人签名", "", "关系和日期", SIGNED, strong=(0, 2), height_cm=0.9)
    keep_together(table)
    end_after_table(paper)


def subject_cover() -> Paper:
    """个人信息查询结果: what is handed over, to whom, and what else may be asked."""
    paper = _paper("个人信息查询结果", "{{ 学校名称 }}　{{ 班级 }}　{{ 学生姓名 }}")
    table = add_table(paper, (2.8, 5.7, 2.8, 5.7))
    for left, right in (
        (("申请人", "{{ 申请人 }}（{{ 关系 }}）"), ("用途", "{{ 用途 }}")),
        (("身份核验人", "{{ 核验人 }}"), ("核验方式", "{{ 核验方式 }}")),
        (("提供日期", "{{ 日期 }}"), ("经办人", "{{ 制表人 }}")),
    ):
        add_row(table, *left, *right, strong=(0, 2), height_cm=0.8)
    add_lines(paper, "提供的内容（见同一压缩包里的 Excel 和 JSON）", style="Heading 1")
    _listed(
        paper, "目录", (13.0, 4.0), ("内容", "条数"), ("{{ 项.内容 }}", "{{ 项.条数 }}"),
        centred=(1,),
    )  # fmt: skip
    add_lines(paper, "{%p if 有未提供 %}", style="Normal")
    add_lines(paper, "没有提供的部分", style="Heading 1")
    _listed(paper, "未提供", (6.0, 11.0), ("内容", "理由"), ("{{ 项.内容 }}", "{{ 项.理由 }}"))
    add_lines(paper, "{%p endif %}", style="Normal")
    add_lines(paper, "{% if 授权人 %}限制内容经 {{ 授权人 }} 批准提供。{% endif %}", style=SMALL)
    add_lines(paper, "为什么处理，依据什么", style="Heading 1")
    _listed(
        paper, "处理活动", (3.6, 5.6, 5.4, 2.4), ("活动", "内容", "依据", "保存"),
        ("{{ 项.名称 }}", "{{ 项.内容 }}", "{{ 项.依据 }}", "{{ 项.期限 }}"),
    )  # fmt: skip
    add_lines(paper, "名单和理由怎么看", style="Heading 1")
    add_lines(
        paper,
        "名单只排先后，不作决定。理由说的是“与预测有关”，不等于原因。您可以要求学校当面说明，"
        "不准确的可以要求更正、补充，可以登记异议，也可以要求不只凭名单作决定。",
        "登记过的异议：{% for 条 in 异议 %}{{ 条 }}；{% else %}没有。{% endfor %}",
        style=FIRST,
    )
    _signed(paper, ("经办人", "领取人"))
    return _finished(paper, "个人信息查询结果　仅交申请人")


def certificate() -> Paper:
    """个人信息删除证明: counts, nobody's name."""
    paper = _paper("个人信息删除证明", "{{ 日期 }}")
    add_lines(
        paper,
        "经 {{ 批准人 }} 批准，理由：{{ 理由 }}。下列个人信息已从数据表、案件库和 reports "
        "文件夹删除，共删除文件 {{ 文件数 }} 个；因未结案件暂缓 {{ 暂缓 }} 项。",
        style=FIRST,
    )
    add_lines(paper, "删除了什么", style="Heading 1")
    for field, title in (("人数", "学生人数"), ("行数", "行数")):
        cells = ("{{ 项.内容 }}", "{{ 项.数量 }}")
        _listed(paper, field, (12.0, 5.0), ("内容", title), cells, centred=(1,))
    add_lines(paper, "仍含这些数据的备份", style="Heading 1")
    add_lines(paper, "{%p if 有备份 %}", style="Normal")
    add_lines(
        paper,
        "下列备份不能改动，按备份的轮换期销毁；恢复其中任何一个之后，须立即再运行删除作业。",
        style=FIRST,
    )
    _listed(paper, "备份", (12.0, 5.0), ("备份", "日期"), ("{{ 项.名称 }}", "{{ 项.日期 }}"))
    add_lines(paper, "{%p else %}", style="Normal")
    add_lines(paper, "backups 文件夹里没有备份。在别处另有副本的，请一并销毁并记录。", style=FIRST)
    add_lines(paper, "{%p endif %}", style="Normal")
    _periods(paper)
    _signed(paper, ("经办人", "批准人"))
    return _finished(paper, "个人信息删除证明　{{ 日期 }}")


PRIVACY_MAKERS: Mapping[str, Callable[[], Paper]] = {
    ASSESSMENT.file_name: impact_assessment,
    YEARLY_AUDIT.file_name: yearly_audit,
    NOTICE.file_name: guardian_notice,
    SUBJECT_COVER.file_name: subject_cover,
    CERTIFICATE.file_name: certificate,
}
"""Template → its maker; a part of ``scripts/forms.py``."""


def _paper(title: str, below: str) -> Paper:
    paper = blank_paper(title, LOOK)
    add_lines(paper, title, style="Title")
    add_lines(paper, below, style="Normal", align=CENTRE)
    return paper


def _finished(paper: Paper, footer: str) -> Paper:
    add_footer(paper, f"{footer}　内部资料")
    return paper


def _listed(
    paper: Paper,
    field: str,
    widths_cm: Sequence[float],
    titles: Sequence[str],
    cells: Sequence[str],
    centred: Sequence[int] = (),
) -> None:
    """A table with a row for each entry of a field, and a little room below."""
    table = add_table(paper, widths_cm)
    add_head(table, *titles)
    add_loop(table, f"项 in {field}", *cells, centred=centred)
    add_lines(paper, "", style=SMALL)


def _periods(paper: Paper) -> None:
    add_lines(paper, "保存期", style="Heading 1")
    for field in ("保存期", "保留"):
        titles = ("内容" if field == "保存期" else "不删的", "期限", "理由", "依据")
        _listed(
            paper, field, (4.4, 2.4, 5.6, 4.6), titles,
            ("{{ 项.内容 }}", "{{ 项.期限 }}", "{{ 项.理由 }}", "{{ 项.依据 }}"),
        )  # fmt: skip


def _asked(paper: Paper, question: str, height_cm: float = 1.4) -> None:
    """One question that only a person can answer."""
    _judged(paper, (question,), height_cm)


def _judged(paper: Paper, questions: Sequence[str], height_cm: float = 1.4) -> None:
    table = add_table(paper, (6.0, 11.0))
    for question in questions:
        add_row(table, question, BLANK, strong=(0,), height_cm=height_cm)
    add_lines(paper, "", style=SMALL)


def _signed(paper: Paper, people: Sequence[str]) -> None:
    table = add_table(paper, [17.0 / len(people)] * len(people))
    add_row(table, *people, strong=range(len(people)))
    add_row(table, *["\n" + SIGNED] * len(people), height_cm=1.8)
    keep_together(table)
    add_lines(paper, "", style=CELL)
