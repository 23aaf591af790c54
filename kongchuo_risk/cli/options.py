"""Options that many commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kongchuo_risk.cli.output import reserve_standard_output

if TYPE_CHECKING:
    from kongchuo_risk.workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A day written as 2026-04-30."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  a school's own day
        except ValueError:
            self.fail(f"“{value}”不是日期，请写成 2026-04-30", param, ctx)


def workspace_option(command: Command) -> Command:
    """``-w``: the folder of the workspace, handed over as ``folder``."""
    return click.option(
        "-w",
        "--workspace",
        "folder",
        metavar="文件夹",
        type=click.Path(path_type=Path),
        default=Path(),
        envvar="KONGCHUO_WORKSPACE",
        help="工作区文件夹（默认：当前文件夹）",
    )(command)


def json_option(command: Command) -> Command:
    """``--json``: handed over as ``as_json``."""
    return click.option(
        "--json",
        "as_json",
        is_flag=True,
        callback=_reserve_output,
        help="输出一行 JSON，供程序读取",
    )(command)


def _reserve_output(_context: click.Context, _option: click.Parameter, as_json: bool) -> bool:
    if as_json:
        reserve_standard_output()
    return as_json


def opened(folder: Path) -> Workspace:
    """The workspace in ``folder``; its tables are loaded only when a command needs them."""
    from kongchuo_risk.workspace import open_workspace

    return open_workspace(folder)
