"""`kongchuo today` and `kongchuo cases`; services are imported inside, so that help stays fast."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kongchuo_risk.cli.options import Command, Day, json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say, show
from kongchuo_risk.cli.visiting import visit
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import CaseStatus

if TYPE_CHECKING:
    from kongchuo_risk.serving.runs import Outcome

_XLSX = click.Path(path_type=Path, dir_okay=False)
_school_option = click.option("--school", metavar="学校标识码", help="只看这所学校")


_note_option = click.option("--note", metavar="文字", default="", help="情况说明")


def _person(command: Command) -> Command:
    """``--as`` and ``--role``: who acts; a second person is another name."""
    name = click.option(
        "--as",
        "name",
        metavar="工号或姓名",
        required=True,
        help="由谁办理；写工号时岗位取自教职工表",
    )
    role = click.option(
        "--role",
        metavar="岗位",
        type=click.Choice([role.value for role in Role]),
        help=f"写姓名时以什么岗位办理：{'、'.join(role.value for role in Role)}",
    )
    return name(role(command))


@click.command("today")
@click.option("--day", type=Day(), metavar="日期", help="看这一天结束时的待办（默认：现在）")
@_school_option
@click.option("--class", "class_id", metavar="班级代码", help="只看这个班")
@click.option("--staff", metavar="工号", help="只看这名教职工的")
@click.option("--export", type=_XLSX, metavar="文件", help="另存可打印的待办表（xlsx）")
@workspace_option
@json_option
def today(
    day: date | None,
    school: str | None,
    class_id: str | None,
    staff: str | None,
    export: Path | None,
    folder: Path,
    as_json: bool,
) -> None:
    """今日待办：到期和逾期的事项，由谁办，依据什么。

    期限都由记录算出，不另存：漏看一天不会丢，重复运行不会多。
    """
    from kongchuo_risk.serving.casework import commands

    result, table = commands.today(
        opened(folder), day=day, school_code=school, class_id=class_id, staff_no=staff,
        export=export,
    )  # fmt: skip
    say(result.text, as_json=as_json)
    show(table.set_index("状态"), corner="状态", as_json=as_json)
    if export is not None:
        say(f"待办表：{export}", as_json=as_json)
    give(result.as_dict(), as_json=as_json)


@click.group("cases", options_metavar="[选项]", subcommand_metavar="命令 [参数]…")
def cases() -> None:
    """疑似辍学案件：查找、立案、走访、变更状态、复核。"""


cases.add_command(visit)


@cases.command("list", options_metavar="[选项]")
@_school_option
@workspace_option
@json_option
def list_(school: str | None, folder: Path, as_json: bool) -> None:
    """列出没有销号的案件。"""
    from kongchuo_risk.serving.casework import commands

    table = commands.list_cases(opened(folder), school)
    say(f"没有销号的案件 {len(table)} 件", as_json=as_json)
    show(table, corner="编号", as_json=as_json)
    give({"cases": table.rename_axis("编号").reset_index()}, as_json=as_json)


@cases.command("show", options_metavar="[选项]")
@click.argument("number", metavar="编号", type=int)
@workspace_option
@json_option
def show_(number: int, folder: Path, as_json: bool) -> None:
    """查看一件案件：经过、待办、下一步还缺什么。查看会记入审计日志。"""
    from kongchuo_risk.serving.casework import commands

    _tell(commands.show_case(opened(folder), number), as_json=as_json)


@cases.command("move", options_metavar="[选项]")
@click.argument("number", metavar="编号", type=int)
@click.argument("status", metavar="状态", type=click.Choice([each.value for each in CaseStatus]))
@_person
@_note_option
@click.option("--evidence", metavar="材料", multiple=True, help="依据的材料，可以写多次")
@click.option("--returned-on", type=Day(), metavar="日期", help="返校日期（改为“已复学”时）")
@workspace_option
@json_option
def move(
    number: int,
    status: str,
    name: str,
    role: str | None,
    note: str,
    evidence: tuple[str, ...],
    returned_on: date | None,
    folder: Path,
    as_json: bool,
) -> None:
    """变更案件状态；条件不足时一次说明还缺什么，须复核的先提出申请。"""
    from kongchuo_risk.serving.casework import commands

    result = commands.move_case(
        opened(folder), number, CaseStatus(status), who=commands.person(name, role), note=note,
        evidence=evidence, returned_on=returned_on,
    )  # fmt: skip
    _tell(result, as_json=as_json)


@cases.command("decide", options_metavar="[选项]")
@click.argument("number", metavar="申请编号", type=int)
@click.option("--confirm/--refuse", "confirm", required=True, help="同意，或退回")
@_person
@click.option("--answer", metavar="文字", default="", help="退回的理由")
@workspace_option
@json_option
def decide(
    number: int,
    confirm: bool,
    name: str,
    role: str | None,
    answer: str,
    folder: Path,
    as_json: bool,
) -> None:
    """复核变更申请；申请人不能复核自己的申请。"""
    from kongchuo_risk.serving.casework import commands

    result = commands.decide(
        opened(folder), number, who=commands.person(name, role), confirm=confirm, answer=answer
    )
    _tell(result, as_json=as_json)


@cases.command("detect", options_metavar="[选项]")
@click.option("--day", type=Day(), metavar="日期", help="查到这一天（默认：今天）")
@workspace_option
@json_option
def detect(day: date | None, folder: Path, as_json: bool) -> None:
    """按点名表和导入的考勤查找疑似辍学；每晚运行一次，漏了下次补上，重复运行不会重复立案。"""
    from kongchuo_risk.serving.casework import commands

    _tell(commands.detect(opened(folder), day), as_json=as_json)


@cases.command("open", options_metavar="[选项]")
@click.argument("pupil", metavar="学生编号")
@click.option("--since", type=Day(), metavar="日期", help="从哪天起没有到校（默认：今天）")
@_note_option
@_person
@workspace_option
@json_option
def open_(
    pupil: str,
    since: date | None,
    note: str,
    name: str,
    role: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """立案：一名学生无故未到，查实之前就是疑似辍学。"""
    from kongchuo_risk.serving.casework import commands

    result = commands.open_case(
        opened(folder), pupil, who=commands.person(name, role), absent_since=since, note=note
    )
    _tell(result, as_json=as_json)


@cases.command("held", options_metavar="[选项]")
@_school_option
@workspace_option
@json_option
def held(school: str | None, folder: Path, as_json: bool) -> None:
    """列出等人判断的大面积缺勤。"""
    from kongchuo_risk.serving.casework import commands

    table = commands.held_absences(opened(folder), school)
    say(f"等人判断的缺勤 {len(table)} 人", as_json=as_json)
    show(table, corner="编号", as_json=as_json)
    give({"held": table.rename_axis("编号").reset_index()}, as_json=as_json)


@cases.command("judge", options_metavar="[选项]")
@click.argument("number", metavar="编号", type=int)
@click.option("--case/--dismiss", "is_case", required=True, help="是疑似辍学，立案；或者不是")
@_note_option
@_person
@workspace_option
@json_option
def judge(
    number: int,
    is_case: bool,
    note: str,
    name: str,
    role: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """判断一名学生的缺勤：立案，或写明为什么不是。"""
    from kongchuo_risk.serving.casework import commands

    result = commands.judge(
        opened(folder), number, who=commands.person(name, role), is_case=is_case, note=note
    )
    _tell(result, as_json=as_json)


def _tell(result: Outcome, *, as_json: bool) -> None:
    say(result.text, as_json=as_json)
    values: dict[str, Any] = result.as_dict()
    give(values, as_json=as_json)
