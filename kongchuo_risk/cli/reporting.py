"""`kongchuo report` and `kongchuo forms`: periodic reports as workbooks, forms as Word files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from kongchuo_risk.cli.options import Day, json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say, show
from kongchuo_risk.domain.actor import Actor

_NAMES = ("日报", "周报", "月报", "季度复核", "学期报", "学年报")


@click.command("report")
@click.argument("name", metavar="报表", type=click.Choice(_NAMES))
@click.option(
    "--day", type=Day(), required=True, metavar="日期", help="报表期间内的一天，按这天日终统计"
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="文件",
    help="写到哪里（xlsx）",
)  # fmt: skip
@click.option("--school", metavar="学校标识码", help="只报这所学校（默认：全学区汇总）")
@click.option("--without-names", is_flag=True, help="外送版：不含名单，人数过少的格子隐去")
@click.option("--purpose", metavar="用途", default="", help="含姓名时必填，记入审计日志")
@click.option("--as", "person", metavar="姓名", default="命令行", help="由谁导出")
@workspace_option
@json_option
def report(
    name: str,
    day: date,
    out: Path,
    school: str | None,
    without_names: bool,
    purpose: str,
    person: str,
    folder: Path,
    as_json: bool,
) -> None:
    """写出日报、周报、月报、季度复核、学期报、学年报；同一天的报表随时可以原样重做。

    公式、目标和工作记录印在表里；一票否决、罚款只作政策文字，不计算。
    """
    from kongchuo_risk.serving.reporting import Asked, write_report

    asked = Asked(name, day, school, without_names, purpose)
    result = write_report(opened(folder), asked, out, actor=Actor(person))
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)


@click.group("forms", options_metavar="[选项]", subcommand_metavar="命令 [参数]…")
def forms() -> None:
    """表册：列出全部表册，按案件填写，或写出空白表。"""


@forms.command("list", options_metavar="[选项]")
@json_option
def list_(as_json: bool) -> None:
    """列出全部表册：谁填、报给谁、依据哪条规则。"""
    from kongchuo_risk.serving.papers import form_table

    table = form_table()
    show(table.set_index("表册"), corner="表册", as_json=as_json)
    give({"forms": table}, as_json=as_json)


@forms.command("fill", options_metavar="[选项]")
@click.argument("name", metavar="表册")
@click.option("--case", "case_id", type=int, metavar="案件编号", help="填这件案件（默认：空白表）")
@click.option(
    "--class", "class_id", metavar="班级代码", help="填全班每名学生（zip，另有打印用合订本）"
)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, metavar="文件",
    help="写到哪里（docx；全班为 zip）",
)  # fmt: skip
@click.option("--purpose", metavar="用途", default="", help="含姓名时必填，记入审计日志")
@click.option("--as", "person", metavar="姓名", default="命令行", help="由谁导出")
@workspace_option
@json_option
def fill(
    name: str,
    case_id: int | None,
    class_id: str | None,
    out: Path,
    purpose: str,
    person: str,
    folder: Path,
    as_json: bool,
) -> None:
    """把案件表册写成 Word 文件，学校自己的模板优先。"""
    from kongchuo_risk.serving.papers import fill_form

    result = fill_form(
        opened(folder), name, out, case_id=case_id, class_id=class_id, purpose=purpose,
        actor=Actor(person),
    )  # fmt: skip
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)
