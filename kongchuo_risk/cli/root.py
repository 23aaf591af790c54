"""The root group: the order of its commands, and what becomes of errors."""

from __future__ import annotations

from typing import Any

import click

from kongchuo_risk import __version__
from kongchuo_risk.cli.backing_up import backup
from kongchuo_risk.cli.casework import cases, today
from kongchuo_risk.cli.commands import (
    app,
    demo,
    doctor,
    evaluate,
    import_,
    init,
    score,
    template,
    train,
    validate,
)
from kongchuo_risk.cli.effects import effects
from kongchuo_risk.cli.models import models
from kongchuo_risk.cli.planning import assign, plan
from kongchuo_risk.cli.privacy import privacy
from kongchuo_risk.cli.reporting import forms, report
from kongchuo_risk.cli.reviewing import review
from kongchuo_risk.cli.tuning import tune
from kongchuo_risk.errors import KongchuoError

MAIN_JOB = (
    init, demo, template, import_, validate, train, evaluate, score, plan, assign, today, app,
    doctor,
)  # fmt: skip
"""Commands in the order in which a school meets them."""


class _Group(click.Group):
    """Lists commands in the order of the work, not of the alphabet."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KongchuoError as error:
            click.secho(f"错误：{error}", fg="red", err=True)
            ctx.exit(1)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    options_metavar="[选项]",
    subcommand_metavar="命令 [参数]…",
)
@click.version_option(__version__, prog_name="kongchuo", help="显示版本。")
def root() -> None:
    """控辍保学工具：从学校报表到重点关注名单、帮扶计划和包保安排。

    \b
    第一次使用：kongchuo demo（用合成数据走一遍全流程并打开页面）
    正式使用：  init → template → import → validate → train → score → plan → today → app
    """  # noqa: D301  click reads the backspace as "keep these lines"


for _command in (*MAIN_JOB, cases, report, forms, privacy, backup, effects, review, tune, models):
    _command.options_metavar = "[选项]"
    root.add_command(_command)
