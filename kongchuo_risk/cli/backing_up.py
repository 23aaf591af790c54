"""`kongchuo backup`: a workspace in one verified file, and back again."""

from __future__ import annotations

from pathlib import Path

import click

from kongchuo_risk.cli.options import json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say


@click.group("backup", options_metavar="[选项]", subcommand_metavar="命令 [参数]…")
def backup() -> None:
    """备份和恢复工作区。密钥不在备份里，请另外保存 keys 文件夹。"""


@backup.command("make", options_metavar="[选项]")
@click.option("--keep", type=click.IntRange(min=1), default=14, show_default=True,
              metavar="份数", help="保留最近几份")  # fmt: skip
@click.option("--as", "person", metavar="姓名", default="命令行", help="由谁备份")
@workspace_option
@json_option
def make(keep: int, person: str, folder: Path, as_json: bool) -> None:
    """备份到工作区的 backups 文件夹；别人可以继续办公，写好后逐个文件核对。"""
    from kongchuo_risk.serving.backup import back_up

    made = back_up(opened(folder), by=person, keep=keep)
    say(f"备份已写好并核对：{made}", as_json=as_json)
    give({"file": made.path}, as_json=as_json)


@backup.command("list", options_metavar="[选项]")
@workspace_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """列出已有的备份，最新的在前。"""
    from kongchuo_risk.serving.backup import list_backups

    kept = list_backups(opened(folder))
    say("\n".join(map(str, kept)) or "还没有备份。", as_json=as_json)
    give({"backups": [str(path) for path in kept]}, as_json=as_json)


@backup.command("restore", options_metavar="[选项]")
@click.argument(
    "file", metavar="备份", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.argument("into", metavar="新文件夹", type=click.Path(path_type=Path))
@click.option(
    "--key", "key_file", metavar="密钥文件", help="另外保存的密钥（keys 文件夹里的 workspace.key）",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
)  # fmt: skip
@json_option
def restore(file: Path, into: Path, key_file: Path | None, as_json: bool) -> None:
    """从备份恢复到一个空的新文件夹；不覆盖任何已有的文件。"""
    from kongchuo_risk.serving import backup as backups

    workspace = backups.restore(file, into, key_file=key_file)
    say(f"已恢复并核对：{workspace.root}", as_json=as_json)
    give({"workspace": workspace.root}, as_json=as_json)
