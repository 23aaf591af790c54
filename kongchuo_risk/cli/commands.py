"""The commands, in the order in which a school meets them.

Imports of services are inside the commands: ``kongchuo --help`` loads no table library.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from kongchuo_risk.cli.options import Day, json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, progress_bar, say, show

_IMPORT_COUNTS = ("read", "landed", "existing", "duplicate", "refused")
DEMO_WORKSPACE = Path("demo-workspace")


@click.command("init")
@click.argument(
    "folder", metavar="[文件夹]", type=click.Path(path_type=Path), default=Path("workspace")
)
@json_option
def init(folder: Path, as_json: bool) -> None:
    """建立工作区（设置、密钥、数据文件夹）。"""
    from kongchuo_risk.workspace import create_workspace

    workspace = create_workspace(folder)
    say(f"工作区已建好：{workspace.root}", as_json=as_json)
    say(
        f"密钥在 {workspace.key_file.relative_to(workspace.root)}，请另存一份并妥善保管。",
        as_json=as_json,
    )
    give({"workspace": workspace.root}, as_json=as_json)


@click.command("demo")
@click.option(
    "-w",
    "--workspace",
    "folder",
    metavar="文件夹",
    type=click.Path(path_type=Path),
    default=DEMO_WORKSPACE,
    help="演示工作区（默认：demo-workspace）",
)
@click.option(
    "--preset",
    metavar="规模",
    default="学区",
    help="合成数据规模：小样、学区、县",
    show_default=True,
)
@click.option(
    "--seed", metavar="整数", type=int, default=20_240_901, help="随机种子", show_default=True
)
@click.option("--no-app", is_flag=True, help="只生成结果，不打开页面")
@click.option("--port", metavar="端口", type=int, default=8501, help="页面端口", show_default=True)
@json_option
def demo(folder: Path, preset: str, seed: int, no_app: bool, port: int, as_json: bool) -> None:
    """用合成数据走一遍全流程：导入、训练、名单、计划，然后打开页面。"""
    from kongchuo_risk.serving.demo import run_demo

    with progress_bar(hidden=as_json) as progress:
        result = run_demo(
            folder,
            preset=preset,
            seed=seed,
            progress=progress,
            tell=lambda line: say(line, as_json=as_json),
        )
    give(result, as_json=as_json)
    if not no_app:
        _open_app(folder, port=port, open_browser=True)


@click.command("template")
@click.argument(
    "file", metavar="[文件]", type=click.Path(path_type=Path), default=Path("填报模板.xlsx")
)
@click.option("--no-example", is_flag=True, help="不写示例行")
@json_option
def template(file: Path, no_example: bool, as_json: bool) -> None:
    """生成填报模板：每表一页，中文表头，代码下拉。"""
    from kongchuo_risk.contracts.tables import load_schema
    from kongchuo_risk.ingestion.template import write_template

    write_template(file, load_schema(), example=not no_example)
    say(f"模板已写好：{file}", as_json=as_json)
    give({"file": file}, as_json=as_json)


@click.command("import")
@click.argument(
    "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="文件或文件夹…"
)
@click.option(
    "--adapter", metavar="格式", help="其他系统的导出格式：ningbo、oulad 或自己的映射文件"
)
@click.option("--undo", metavar="批次", help="撤销一个批次")
@click.option("--list", "list_batches", is_flag=True, help="列出已导入的批次")
@workspace_option
@json_option
def import_(
    paths: tuple[Path, ...],
    adapter: str | None,
    undo: str | None,
    list_batches: bool,
    folder: Path,
    as_json: bool,
) -> None:
    """导入学校报表（xlsx、csv，可为整个文件夹）；坏行逐条列出，好行照常入库。"""
    from kongchuo_risk.serving import importing

    workspace = opened(folder)
    if list_batches:
        batches = importing.list_imports(workspace)
        for batch in batches:
            rows = sum(batch.rows.values())
            say(f"{batch.id}  {batch.imported_at}  {rows:,} 行", as_json=as_json)
        give({"batches": [batch.model_dump(mode="json") for batch in batches]}, as_json=as_json)
        return
    if undo:
        say(importing.undo_import(workspace, undo).message, as_json=as_json)
        give({"undone": undo}, as_json=as_json)
        return
    if not paths:
        raise click.UsageError("请给出要导入的文件或文件夹。")
    with progress_bar(hidden=as_json) as progress:
        report = importing.import_files(workspace, paths, adapter=adapter, progress=progress)
    say(report.summary(), as_json=as_json)
    counts = {name: getattr(report, name) for name in _IMPORT_COUNTS}
    give({"batch": report.batch_id, "report": report.path, **counts}, as_json=as_json)
    if not report.usable:
        raise click.exceptions.Exit(2)


@click.command("validate")
@click.option("--as-of", type=Day(), help="检查到哪一天（默认：最近有记录的一天）")
@workspace_option
@json_option
def validate(as_of: date | None, folder: Path, as_json: bool) -> None:
    """检查数据够不够用：缺点名表、人籍不符、班额、缺项等。"""
    from kongchuo_risk.serving.runs import validate as run

    result = run(opened(folder), as_of=as_of)
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)
    if not result.ready:
        raise click.exceptions.Exit(2)


@click.command("train")
@workspace_option
@json_option
def train(folder: Path, as_json: bool) -> None:
    """训练并向前验证各候选模型，达标者启用，否则由评分卡排序。"""
    from kongchuo_risk.serving.runs import train as run

    with progress_bar(hidden=as_json) as progress:
        result = run(opened(folder), progress=progress)
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)


@click.command("evaluate")
@workspace_option
@json_option
def evaluate(folder: Path, as_json: bool) -> None:
    """显示现用模型的验证结果，与简单规则并列。"""
    from kongchuo_risk.serving.runs import evaluate as run

    result = run(opened(folder))
    say(result.text, as_json=as_json)
    # The interval gets a line of its own: eight models by five figures fill a narrow terminal.
    table = result.table.map(lambda cell: cell.replace("（", "\n").rstrip("）"))
    show(table, corner="模型", as_json=as_json)
    say("每格第二行是 95% 区间。", as_json=as_json or table.empty)
    give(result.as_dict(), as_json=as_json)


@click.command("score")
@click.option("--as-of", type=Day(), help="名单日期（默认：最近有记录的一天）")
@workspace_option
@json_option
def score(as_of: date | None, folder: Path, as_json: bool) -> None:
    """给在校学生排序，写出重点关注名单和理由。"""
    from kongchuo_risk.serving.runs import score as run

    with progress_bar(hidden=as_json) as progress:
        result = run(opened(folder), as_of=as_of, progress=progress)
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)


@click.command("app")
@click.option("--port", metavar="端口", type=int, default=8501, help="端口", show_default=True)
@click.option("--no-browser", is_flag=True, help="不自动打开浏览器")
@workspace_option
def app(port: int, no_browser: bool, folder: Path) -> None:
    """打开页面（只在本机可访问）。"""
    _open_app(opened(folder).root, port=port, open_browser=not no_browser)


@click.command("doctor")
@workspace_option
@json_option
def doctor(folder: Path, as_json: bool) -> None:
    """检查安装、工作区和备份，指出怎样修。"""
    from kongchuo_risk.serving.doctor import examine

    checks = examine(folder)
    for check in checks:
        say(str(check), as_json=as_json)
    give({"checks": checks}, as_json=as_json)
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(2)


def _open_app(folder: Path, *, port: int, open_browser: bool) -> None:
    from kongchuo_risk.app.launch import run_app

    say(f"页面：http://localhost:{port}（只在本机可访问；按 Ctrl+C 停止）")
    raise click.exceptions.Exit(run_app(folder.resolve(), port=port, open_browser=open_browser))
