"""`kongchuo cases visit`: the record of a visit, field by field."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kongchuo_risk.cli.options import Day, json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.visit import Attitude, VisitMode, VisitResult

if TYPE_CHECKING:
    from kongchuo_risk.domain.visit import Visitor

_MET = ("学生", "监护人")
NOON = time(12)
"""Of a visit whose hour nobody wrote down."""


class Company(click.ParamType["Visitor"]):
    """A visitor, written as 姓名:岗位."""

    name = "姓名:岗位"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Visitor:
        from kongchuo_risk.domain.visit import Visitor

        if isinstance(value, Visitor):
            return value
        name, _, role = str(value).replace("：", ":").partition(":")
        if not name or role not in list(Role):
            self.fail(f"“{value}”请写成 姓名:岗位，如 王老师:班主任", param, ctx)
        return Visitor(name, Role(role))


@click.command("visit", options_metavar="[选项]")
@click.argument("pupil", metavar="案件编号或学生编号")
@click.option(
    "--with", "visitors", type=Company(), multiple=True, required=True, help="走访人，可以写多次"
)
@click.option("--day", type=Day(), metavar="日期", help="走访日期（默认：今天）")
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in VisitMode]),
    metavar="方式",
    default=VisitMode.HOME.value,
    show_default=True,
    help="上门、电话或线上",
)
@click.option(
    "--result",
    type=click.Choice([each.value for each in VisitResult]),
    metavar="结果",
    required=True,
    help="、".join(each.value for each in VisitResult),
)
@click.option(
    "--met",
    type=click.Choice(_MET),
    metavar="谁",
    multiple=True,
    help="见到学生、监护人；可以写多次",
)
@click.option("--talk", metavar="文字", default="", help="谈话内容")
@click.option(
    "--attitude",
    type=click.Choice([each.value for each in Attitude]),
    metavar="态度",
    help="学生态度：" + "、".join(each.value for each in Attitude),
)
@click.option("--opinion", metavar="文字", default="", help="监护人意见")
@click.option("--difficulty", metavar="文字", default="", help="主要困难")
@click.option("--next", "next_step", metavar="文字", default="", help="下一步打算")
@click.option("--promise", type=Day(), metavar="日期", help="承诺返校的日期")
@click.option("--as", "name", metavar="工号或姓名", required=True, help="由谁登记")
@click.option(
    "--role",
    metavar="岗位",
    type=click.Choice([role.value for role in Role]),
    help="写姓名时以什么岗位登记",
)
@workspace_option
@json_option
def visit(
    pupil: str,
    visitors: tuple[Visitor, ...],
    day: date | None,
    mode: str,
    result: str,
    met: tuple[str, ...],
    attitude: str | None,
    name: str,
    role: str | None,
    folder: Path,
    as_json: bool,
    **words: Any,
) -> None:
    """登记一次走访；学生有未销号的案件时记入案件。没填全的一次说明。"""
    from kongchuo_risk.domain.clock import CHINA, now
    from kongchuo_risk.domain.visit import Visit
    from kongchuo_risk.serving.casework import commands

    at = now() if day is None else datetime.combine(day, NOON, CHINA)
    words["guardian_opinion"] = words.pop("opinion")
    made = Visit(
        pupil, at, VisitMode(mode), visitors, VisitResult(result), met_student="学生" in met,
        met_guardian="监护人" in met, attitude=Attitude(attitude) if attitude else None, **words,
    )  # fmt: skip
    kept = commands.record_visit(opened(folder), made, who=commands.person(name, role))
    say(kept.text, as_json=as_json)
    give(kept.as_dict(), as_json=as_json)
