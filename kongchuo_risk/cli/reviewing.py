"""The command ``review``; services are imported inside it, so that ``--help`` stays fast."""

from __future__ import annotations

from pathlib import Path

import click

from kongchuo_risk.cli.options import json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, progress_bar, say


@click.command("review")
@click.option(
    "--candidate",
    metavar="候选模型",
    type=click.Choice(["logistic", "lightgbm", "blend"]),
    default="lightgbm",
    show_default=True,
    help="用哪种候选模型复核；blend 最接近现用模型，但慢得多",
)
@workspace_option
@json_option
def review(candidate: str, folder: Path, as_json: bool) -> None:
    """复核本次训练：哪组信息有用，多一个学期、多几所学校会不会更好，敏感输入值不值。

    每学期做一次即可，需要几分钟；结果写入模型页和实验记录。
    """
    from kongchuo_risk.serving.reviewing import review as run

    with progress_bar(hidden=as_json) as progress:
        result = run(opened(folder), candidate=candidate, progress=progress)
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)
