"""``kongchuo effects``: what the measures did, as far as that can be known."""

from __future__ import annotations

from pathlib import Path

import click

from kongchuo_risk.cli.options import json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, progress_bar, say


@click.command("effects", options_metavar="[选项]")
@click.option("--measure", metavar="措施", help="只看一项：措施名称或编号；“列入名单”是整套帮扶")
@workspace_option
@json_option
def effects(measure: str | None, folder: Path, as_json: bool) -> None:
    """估计已落实措施的作用：分批开始或名单界线可比的才估计，其余说明为什么尚不能判断。"""
    from kongchuo_risk.serving.effects import estimate_effects

    with progress_bar(hidden=as_json) as progress:
        result = estimate_effects(opened(folder), measure=measure, progress=progress)
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)
