"""`kongchuo privacy`: retention, a subject's export, assessment, yearly audit, notice."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kongchuo_risk.cli.options import Day, json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say, show

if TYPE_CHECKING:
    import pandas as pd

_FOLDER = click.Path(path_type=Path, file_okay=False)
_DOCX = click.Path(path_type=Path, dir_okay=False)
_day_option = click.option("--day", metavar="日期", type=Day(), help="哪一天（默认：今天）")
_by_option = click.option("--by", metavar="姓名", required=True, help="谁生成，写在报告上")


@click.group("privacy", subcommand_metavar="命令 [参数]…", options_metavar="[选项]")
def privacy() -> None:
    """个人信息：保存期和删除、本人查询、影响评估、年度审计、告知书。"""


@privacy.command("retention", options_metavar="[选项]")
@click.option(
    "--apply/--dry-run", "apply", default=False, help="真的删除；不写时只预演，什么都不删"
)
@click.option("--by", metavar="姓名", default="", help="删除由谁批准（删除时必填）")
@click.option("--reason", metavar="理由", default="", help="为什么删除（删除时必填）")
@_day_option
@workspace_option
@json_option
def retention(
    apply: bool, by: str, reason: str, day: date | None, folder: Path, as_json: bool
) -> None:
    """列出已超过保存期的个人信息；经批准后删除并出具证明。"""
    from kongchuo_risk.serving.privacy.retention import apply_retention, due_for_deletion

    workspace, today = opened(folder), day or _today()
    if apply:
        deletion, path = apply_retention(workspace, today, by=by, reason=reason)
        number = sum(deletion.rows.values())
        held = f"；因未结案件暂缓 {deletion.held:,} 项" if deletion.held else ""
        say(f"已删除 {number:,} 行、{deletion.files:,} 个文件{held}。", as_json=as_json)
        say(f"删除证明：{path}", as_json=as_json)
        give({"rows": deletion.rows, "files": deletion.files, "certificate": path}, as_json=as_json)
        return
    due = due_for_deletion(workspace, today)
    free = due["held"].eq("")
    say(_said(len(due), int(free.sum())), as_json=as_json)
    show(_counted(due), corner="内容", as_json=as_json)
    give({"due": due}, as_json=as_json)


def _said(due: int, free: int) -> str:
    if not due:
        return "没有超过保存期的个人信息。"
    return (
        f"超过保存期 {due:,} 项，可以删除 {free:,} 项，因未结案件暂缓 {due - free:,} 项。\n"
        "这是预演，什么都没有删除；删除请加 --apply --by 姓名 --reason 理由。"
    )


def _counted(due: pd.DataFrame) -> pd.DataFrame:
    """Kind of data → number that may go, number that are held, and the oldest day."""
    kinds = due.assign(free=due["held"].eq("")).groupby("label", sort=False)
    table = kinds.agg(可删除=("free", "sum"), 共=("free", "size"), 最早=("since", "min"))
    return table.assign(最早=table["最早"].dt.strftime("%Y-%m-%d"))


@privacy.command("export-subject", options_metavar="[选项]")
@click.argument("student_id", metavar="学生编号")
@click.argument("target", metavar="文件夹", type=_FOLDER)
@click.option("--requested-by", metavar="姓名", required=True, help="谁申请")
@click.option(
    "--relation", metavar="关系", required=True, help="本人、父亲、母亲、其他监护人或受委托人"
)
@click.option("--purpose", metavar="用途", required=True, help="申请人说的用途")
@click.option("--checked-by", metavar="姓名", required=True, help="谁核对了申请人的身份")
@click.option("--checked-how", metavar="证件", required=True, help="看了什么证件")
@click.option(
    "--authorised-by", metavar="姓名", default="", help="谁批准提供限制内容；不写则不提供"
)
@_by_option
@workspace_option
@json_option
def export_subject(
    student_id: str,
    target: Path,
    requested_by: str,
    relation: str,
    purpose: str,
    checked_by: str,
    checked_how: str,
    authorised_by: str,
    by: str,
    folder: Path,
    as_json: bool,
) -> None:
    """把一名学生的全部个人信息交给本人或监护人（压缩包：封面、Excel、JSON）。"""
    from kongchuo_risk.domain.actor import Actor
    from kongchuo_risk.reports.privacy_values import SubjectRequest
    from kongchuo_risk.serving.privacy.subject_export import export_subject as export

    request = SubjectRequest(
        requested_by, relation, purpose, checked_by, checked_how, authorised_by
    )
    path = export(opened(folder), student_id, request, target, actor=Actor(by), today=_today())
    say(f"已写好：{path}；只交给申请人，不经他人转交。", as_json=as_json)
    give({"file": path}, as_json=as_json)


@privacy.command("assessment", options_metavar="[选项]")
@_by_option
@_day_option
@workspace_option
@json_option
def assessment(by: str, day: date | None, folder: Path, as_json: bool) -> None:
    """生成个人信息保护影响评估报告；须由人判断的留空。"""
    from kongchuo_risk.serving.privacy.assessment import write_assessment

    path = write_assessment(opened(folder), by=by, day=day or _today())
    say(f"影响评估报告：{path}；请填写空白处并签字，至少保存三年。", as_json=as_json)
    give({"file": path}, as_json=as_json)


@privacy.command("audit", options_metavar="[选项]")
@click.option("--year", metavar="年份", type=int, help="哪一年（默认：今年）")
@_by_option
@workspace_option
@json_option
def audit(year: int | None, by: str, folder: Path, as_json: bool) -> None:
    """生成未成年人个人信息保护年度合规审计报告。"""
    from kongchuo_risk.serving.privacy.yearly_audit import write_yearly_audit

    today = _today()
    path = write_yearly_audit(opened(folder), year or today.year, by=by, day=today)
    say(f"合规审计报告：{path}；请核实、填写结论，并报告网信等部门。", as_json=as_json)
    give({"file": path}, as_json=as_json)


@privacy.command("notice", options_metavar="[选项]")
@click.argument("target", metavar="文件", type=_DOCX)
@click.option("--school", metavar="学校标识码", help="哪所学校（只有一所时不必写）")
@click.option("--student", metavar="学生编号", help="写给哪名学生的监护人（不写时姓名留空）")
@click.option("--contact", metavar="姓名", default="", help="学校的联系人")
@click.option("--phone", metavar="电话", default="", help="联系电话")
@_day_option
@workspace_option
@json_option
def notice(
    target: Path,
    school: str | None,
    student: str | None,
    contact: str,
    phone: str,
    day: date | None,
    folder: Path,
    as_json: bool,
) -> None:
    """生成给监护人的个人信息处理规则告知书（Word）。"""
    from kongchuo_risk.serving.privacy import assessment as papers
    from kongchuo_risk.workspace import replace_file

    content = papers.notice(
        opened(folder),
        day=day or _today(),
        school_code=school,
        student_id=student,
        contact=contact,
        phone=phone,
    )
    replace_file(target, content)
    say(f"告知书：{target}", as_json=as_json)
    give({"file": target}, as_json=as_json)


def _today() -> date:
    from kongchuo_risk.domain.clock import day_of, now

    return day_of(now())
