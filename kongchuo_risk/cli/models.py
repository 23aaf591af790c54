"""``kongchuo models``: which models there are, and which of them ranks the list."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kongchuo_risk.cli.options import json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say, show

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from kongchuo_risk.serving.registry import KeptModel


_SHOWN = ("recall_at_k", "precision_at_k", "average_precision")
"""Metrics for which a narrow terminal has room; ``compare`` shows all."""
_SHARES = ("recall_at_k", "precision_at_k")


@click.group("models", options_metavar="[选项]", subcommand_metavar="命令 [参数]…")
def models() -> None:
    """查看、比较、启用或退回已训练的模型。"""


@models.command("list", options_metavar="[选项]")
@workspace_option
@json_option
def list_(folder: Path, as_json: bool) -> None:
    """列出全部模型：训练日期、检验结论、主要指标、现用的是哪一个。"""
    from kongchuo_risk.serving.registry import list_models

    kept = list_models(opened(folder))
    if not kept:
        say("还没有训练过模型；名单由随软件提供的评分卡排序。", as_json=as_json)
    show(_listed(kept), corner="模型", as_json=as_json)
    for model in kept:
        if model.problem:
            say(f"{model.version}：{model.problem}", as_json=as_json)
    give({"models": kept}, as_json=as_json)


@models.command("compare", options_metavar="[选项]")
@click.argument("first", metavar="模型甲")
@click.argument("second", metavar="模型乙")
@workspace_option
@json_option
def compare(first: str, second: str, folder: Path, as_json: bool) -> None:
    """并列两个模型的成绩、设置、所用信息和检验结论。"""
    from kongchuo_risk.serving.registry import compare_models

    found = compare_models(opened(folder), first, second)
    for verdict in dict.fromkeys(found.verdicts.values()):
        versions = [version for version, said in found.verdicts.items() if said == verdict]
        say(f"{'、'.join(versions)}：{verdict}", as_json=as_json)
    say(found.note, as_json=as_json or not found.note)
    show(found.metrics, corner="指标", as_json=as_json)
    show(found.settings, corner="不同的设置", as_json=as_json)
    for version, features in found.only.items():
        if features:
            say(f"只有 {version} 使用：{'、'.join(features)}", as_json=as_json)
    give(
        {
            "metrics": found.metrics.to_dict(),
            "settings": found.settings.to_dict(),
            "only": found.only,
            "verdicts": found.verdicts,
            "note": found.note,
        },
        as_json=as_json,
    )


@models.command("promote", options_metavar="[选项]")
@click.argument("version", metavar="模型")
@click.option("--anyway", is_flag=True, help="没有通过检验也启用（须写明理由）")
@click.option("--because", metavar="理由", default="", help="写入审计日志，并显示在页面上")
@workspace_option
@json_option
def promote(version: str, anyway: bool, because: str, folder: Path, as_json: bool) -> None:
    """启用一个模型，由它排序；没有通过检验的不予启用。"""
    from kongchuo_risk.serving import registry

    if anyway and not because.strip():
        raise click.UsageError("用 --anyway 时请用 --because 写明理由。")
    model = registry.promote(opened(folder), version, anyway=anyway, because=because)
    say(f"已启用 {model.version}（{model.title}）；{registry.NEXT_SCORE}", as_json=as_json)
    give({"ranks": model.version, "because": because}, as_json=as_json)


@models.command("rollback", options_metavar="[选项]")
@click.option("--because", metavar="理由", default="", help="必填，写入审计日志")
@workspace_option
@json_option
def rollback(because: str, folder: Path, as_json: bool) -> None:
    """退回上一个用过的模型。"""
    from kongchuo_risk.serving import registry

    if not because.strip():
        raise click.UsageError("请用 --because 写明退回的理由。")
    model = registry.rollback(opened(folder), because=because)
    say(f"已退回 {model.version}（{model.title}）；{registry.NEXT_SCORE}", as_json=as_json)
    give({"ranks": model.version, "because": because}, as_json=as_json)


def _listed(kept: Sequence[KeptModel]) -> pd.DataFrame:
    import pandas as pd

    from kongchuo_risk.evaluation.evaluation import METRIC_TITLES

    rows: dict[str, dict[str, str]] = {
        model.version: {
            "训练": f"{model.made_on}\n{model.title}",
            "检验": _state(model),
            **{METRIC_TITLES[name]: _figure(name, model.metrics.get(name)) for name in _SHOWN},
        }
        for model in kept
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _state(model: KeptModel) -> str:
    state = "已损坏" if model.problem else "可用" if model.admitted else "未通过"
    return f"{state}\n◀ 现用" if model.ranks else state


def _figure(metric: str, value: float | None) -> str:
    if value is None or value != value:
        return "—"
    return f"{value:.1%}" if metric in _SHARES else f"{value:.3f}"
