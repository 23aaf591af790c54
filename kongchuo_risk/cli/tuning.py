"""``kongchuo tune``."""

from __future__ import annotations

from pathlib import Path

import click

from kongchuo_risk.cli.options import json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, progress_bar, say, show


@click.command("tune")
@click.option(
    "--trials",
    metavar="整数",
    type=click.IntRange(min=1),
    default=30,
    help="一共试多少组参数，中断前试过的也算",
    show_default=True,
)
@click.option(
    "--minutes",
    metavar="分钟",
    type=click.FloatRange(min=0),
    default=30.0,
    help="这次最多用多少分钟",
    show_default=True,
)
@click.option(
    "--metric",
    metavar="指标",
    default="average_precision",
    help="看哪个指标：average_precision 或 roc_auc",
    show_default=True,
)
@workspace_option
@json_option
def tune(trials: int, minutes: float, metric: str, folder: Path, as_json: bool) -> None:
    """搜索更好的模型参数：向前检验，可中断续做；不胜过默认参数就如实说。"""
    from kongchuo_risk.serving.tuning import tune as run

    with progress_bar(hidden=as_json) as progress:
        result = run(
            opened(folder), trials=trials, minutes=minutes, metric=metric, progress=progress
        )
    say(result.text, as_json=as_json)
    show(result.table, corner="检验学期", as_json=as_json)
    give(result.as_dict(), as_json=as_json)
