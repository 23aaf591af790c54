"""Papers of privacy: impact assessment, yearly audit, notice to guardians, export, certificate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from kongchuo_risk.contracts.privacy import PrivacyRules, months_in_words
from kongchuo_risk.reports.privacy_values import (
    AssessmentFacts,
    AuditFacts,
    Deletion,
    SubjectCover,
)
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import full_day

MOST_ROWS = 200
"""Rows of one table on paper; the rest is counted below it."""
FOR_GOOD = "长期"


def _entries(name: str, meaning: str, *parts: str) -> Field:
    return Field(name, meaning, Kind.ENTRIES, tuple(Field(part, part) for part in parts))


_RETENTION = _entries("保存期", "各类数据保存多久", "内容", "期限", "理由", "依据")
_KEPT = _entries("保留", "删除作业不处理的", "内容", "期限", "理由", "依据")
_PROCESSING = _entries(
    "处理活动", "处理活动记录", "名称", "内容", "目的", "依据", "知悉范围", "接收方", "期限"
)

ASSESSMENT = Form(
    "个人信息保护影响评估报告",
    "个人信息保护影响评估：数据、目的、风险和措施已从工作区填好，须由人判断的留空。",
    (
        Field("单位", "学校或教育局名称"),
        Field("日期", "评估日期"),
        Field("制表人", "谁生成"),
        Field("学生数", "在册学生人数"),
        Field("十四岁以下", "不满十四周岁的学生人数"),
        _entries("数据", "数据清单", "表", "行数", "字段数", "敏感", "加密"),
        _entries("业务量", "案件、走访、文书的数量", "内容", "数量"),
        _PROCESSING,
        Field("模型", "排序用的模型"),
        Field("模型结论", "是否启用及理由"),
        Field("输入数", "模型用到的特征个数"),
        Field("输入", "特征分哪几类"),
        Field("只审计", "只用于公平性审计、不进模型的字段"),
        _entries("公平", "各组漏报率", "属性", "组", "漏报", "够不够"),
        Field("有公平", "有公平性数据", Kind.YES_NO),
        _entries("风险", "风险、影响和已有措施", "风险", "影响", "措施"),
        _RETENTION,
        _KEPT,
    ),
)

YEARLY_AUDIT = Form(
    "未成年人个人信息保护合规审计报告",
    "年度合规审计：访问、导出、删除、日志校验已从审计日志填好，结论和整改留空。",
    (
        Field("单位", "学校或教育局名称"),
        Field("年度", "审计年度"),
        Field("日期", "生成日期"),
        Field("制表人", "谁生成"),
        Field("日志行数", "这一年的审计日志行数"),
        Field("日志完整", "校验结果"),
        _entries("人员", "谁访问了多少", "姓名", "查看", "学生", "导出", "修改"),
        _entries("导出", "导出明细", "日期", "姓名", "内容", "用途", "对象"),
        Field("导出其余", "没有列出的导出"),
        _entries("异常", "需要人核实的情况", "姓名", "情况", "说明"),
        _entries("删除", "删除作业", "日期", "姓名", "行数", "文件", "理由"),
        _entries("退回", "退回和不同意", "日期", "姓名", "内容"),
        Field("本人查询", "向本人或监护人提供的次数"),
        _entries("逾期", "今天已超过保存期、尚未删除的", "内容", "数量"),
        _entries("评估", "保存着的影响评估报告", "名称"),
        _entries("导入", "这一年导入的数据", "日期", "行数"),
    ),
)

NOTICE = Form(
    "个人信息处理规则告知书",
    "给监护人的告知书（含不满十四周岁未成年人专门规则），附回执。",
    (
        Field("学校名称", "学校全称"),
        Field("学生姓名", "学生姓名；成批发放时为空"),
        Field("日期", "告知日期"),
        Field("联系人", "学校个人信息保护联系人；没有时为空"),
        Field("联系电话", "联系电话；没有时为空"),
        _PROCESSING,
        _RETENTION,
    ),
)

SUBJECT_COVER = Form(
    "个人信息查询结果",
    "本人或监护人查阅、复制个人信息的封面：申请、核验、目录、未提供的部分和权利。",
    (
        Field("学校名称", "学校全称"),
        Field("学生姓名", "学生姓名"),
        Field("班级", "班级"),
        Field("日期", "日期"),
        Field("制表人", "谁生成"),
        Field("申请人", "谁申请"),
        Field("关系", "与学生的关系"),
        Field("用途", "申请人说的用途"),
        Field("核验人", "谁核对了身份"),
        Field("核验方式", "看了什么证件"),
        Field("授权人", "谁批准提供限制内容；没有时为空"),
        _entries("目录", "有哪些部分", "内容", "条数"),
        _entries("未提供", "没有提供的部分和理由", "内容", "理由"),
        Field("有未提供", "有没有提供的部分", Kind.YES_NO),
        Field("异议", "登记过的异议", Kind.TEXTS),
        _PROCESSING,
    ),
)

CERTIFICATE = Form(
    "个人信息删除证明",
    "删除作业做了什么：按类计数，不含个人。",
    (
        Field("日期", "删除日期"),
        Field("批准人", "谁批准"),
        Field("理由", "理由"),
        _entries("人数", "各类数据涉及的学生数", "内容", "数量"),
        _entries("行数", "各表删除的行数", "内容", "数量"),
        Field("文件数", "删除的文件数"),
        Field("暂缓", "因未结案件暂缓的项数"),
        _entries("备份", "仍含已删除数据的备份", "名称", "日期"),
        Field("有备份", "有备份", Kind.YES_NO),
        _RETENTION,
        _KEPT,
    ),
)
PRIVACY_FORMS = (ASSESSMENT, YEARLY_AUDIT, NOTICE, SUBJECT_COVER, CERTIFICATE)


def assessment_report(
    rules: PrivacyRules, facts: AssessmentFacts, *, templates: Path | None = None
) -> bytes:
    """个人信息保护影响评估报告 as a Word file."""
    model = facts.model
    values = {
        "单位": facts.unit, "日期": full_day(facts.day), "制表人": facts.by,
        "学生数": f"{facts.pupils:,}",
        "十四岁以下": "未知（没有出生日期）" if facts.under_14 is None else f"{facts.under_14:,}",
        "数据": [
            {"表": row.title, "行数": f"{row.rows:,}", "字段数": row.fields,
             "敏感": row.sensitive or "无", "加密": row.sealed or "无"}
            for row in facts.inventory
        ],
        "业务量": _pairs(facts.counts),
        "模型": model.name, "模型结论": model.verdict, "输入数": model.features,
        "输入": model.groups, "只审计": model.audit_only,
        "公平": _rows(model.fairness, ("属性", "组", "漏报", "够不够")),
        "有公平": bool(model.fairness),
        "风险": [
            {"风险": risk.risk, "影响": risk.impact, "措施": risk.measure} for risk in rules.risks
        ],
        **_standing(rules),
    }  # fmt: skip
    return ASSESSMENT.fill(values, templates)


def audit_report(facts: AuditFacts, *, templates: Path | None = None) -> bytes:
    """未成年人个人信息保护合规审计报告 as a Word file."""
    broken = (
        f"在第 {facts.broken_at} 行断开，须立即查明" if not facts.is_whole else "完整，未被改动"
    )
    more = len(facts.exports) - MOST_ROWS
    values = {
        "单位": facts.unit, "年度": facts.year, "日期": full_day(facts.day), "制表人": facts.by,
        "日志行数": f"{facts.rows:,}", "日志完整": broken,
        "人员": _rows(facts.people, ("姓名", "查看", "学生", "导出", "修改")),
        "导出": _rows(facts.exports[:MOST_ROWS], ("日期", "姓名", "内容", "用途", "对象")),
        "导出其余": f"其余 {more:,} 次见审计日志。" if more > 0 else "",
        "异常": _rows(facts.unusual[:MOST_ROWS], ("姓名", "情况", "说明")),
        "删除": _rows(facts.deletions, ("日期", "姓名", "行数", "文件", "理由")),
        "退回": _rows(facts.refusals[:MOST_ROWS], ("日期", "姓名", "内容")),
        "本人查询": facts.requests,
        "逾期": [{"内容": name, "数量": f"{number:,}"} for name, number in facts.due.items()],
        "评估": [{"名称": name} for name in facts.assessments],
        "导入": [{"日期": day, "行数": f"{rows:,}"} for day, rows in facts.imports],
    }  # fmt: skip
    return YEARLY_AUDIT.fill(values, templates)


def guardian_notice(
    rules: PrivacyRules,
    school_name: str,
    day: date,
    *,
    pupil_name: str = "",
    contact: str = "",
    phone: str = "",
    templates: Path | None = None,
) -> bytes:
    """个人信息处理规则告知书 as a Word file (个人信息保护法 第十七条、第三十条、第三十一条)."""
    values = {
        "学校名称": school_name, "学生姓名": pupil_name, "日期": full_day(day), "联系人": contact,
        "联系电话": phone, **_standing(rules, "处理活动", "保存期"),
    }  # fmt: skip
    return NOTICE.fill(values, templates)


def subject_cover(
    rules: PrivacyRules, cover: SubjectCover, *, templates: Path | None = None
) -> bytes:
    """个人信息查询结果 as a Word file (个人信息保护法 第四十五条)."""
    request = cover.request
    values = {
        "学校名称": cover.school_name, "学生姓名": cover.pupil_name, "班级": cover.class_name,
        "日期": full_day(cover.day), "制表人": cover.made_by, "申请人": request.requested_by,
        "关系": request.relation, "用途": request.purpose, "核验人": request.checked_by,
        "核验方式": request.checked_how, "授权人": request.authorised_by,
        "目录": [{"内容": title, "条数": rows} for title, rows in cover.sections],
        "未提供": [{"内容": what, "理由": why} for what, why in cover.withheld],
        "有未提供": bool(cover.withheld), "异议": list(cover.objections),
        **_standing(rules, "处理活动"),
    }  # fmt: skip
    return SUBJECT_COVER.fill(values, templates)


def deletion_certificate(
    rules: PrivacyRules, deletion: Deletion, *, templates: Path | None = None
) -> bytes:
    """个人信息删除证明 as a Word file: counts per kind, nobody's name."""
    values = {
        "日期": full_day(deletion.day), "批准人": deletion.by, "理由": deletion.reason,
        "人数": _pairs(deletion.pupils.items()), "行数": _pairs(deletion.rows.items()),
        "文件数": deletion.files, "暂缓": deletion.held,
        "备份": [{"名称": name, "日期": f"{day:%Y-%m-%d}"} for name, day in deletion.backups],
        "有备份": bool(deletion.backups), **_standing(rules, "保存期", "保留"),
    }  # fmt: skip
    return CERTIFICATE.fill(values, templates)


def _standing(rules: PrivacyRules, *names: str) -> dict[str, object]:
    """What the rules say, as entries; all of it when no names are given."""
    known: dict[str, object] = {
        "处理活动": [
            {"名称": each.label, "内容": each.what, "目的": each.why, "依据": each.basis,
             "知悉范围": each.who, "接收方": each.receivers,
             "期限": _period(rules, each.retention)}
            for each in rules.processing
        ],
        "保存期": [
            {"内容": kind.label, "期限": _period(rules, kind.id), "理由": kind.because,
             "依据": "；".join(kind.source)}
            for kind in rules.retention
        ],
        "保留": [
            {"内容": kept.label, "理由": kept.because, "依据": "；".join(kept.source),
             "期限": f"至少{months_in_words(kept.months)}" if kept.months else FOR_GOOD}
            for kept in rules.kept
        ],
    }  # fmt: skip
    return {name: entries for name, entries in known.items() if name in (names or known)}


def _period(rules: PrivacyRules, kind: str) -> str:
    found = rules.kind(kind)
    return f"{found.since}后{months_in_words(found.months)}"


def _pairs(pairs: Iterable[tuple[str, int]]) -> list[Mapping[str, object]]:
    return _rows(((name, f"{number:,}") for name, number in pairs), ("内容", "数量"))


def _rows(rows: Iterable[tuple[object, ...]], names: tuple[str, ...]) -> list[Mapping[str, object]]:
    """Entries of a table; one that says so when there are none."""
    found = [dict(zip(names, row, strict=True)) for row in rows]
    return list(found) or [dict.fromkeys(names, "") | {names[0]: "无"}]
