"""`kongchuo plan` and `kongchuo assign`: measures under caps, and who answers for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kongchuo_risk.cli.options import json_option, opened, workspace_option
from kongchuo_risk.cli.output import give, say

if TYPE_CHECKING:
    from kongchuo_risk.workspace import Workspace

_XLSX = click.Path(path_type=Path, dir_okay=False)
_choices_option = click.option(
    "--choices",
    metavar="文件",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="先读入填好的计划参数（名额、效果假设、包保约定）",
)
_template_option = click.option(
    "--choices-template",
    "template",
    metavar="文件",
    type=_XLSX,
    help="只写出可填的计划参数（xlsx）",
)


@click.command("plan")
@click.option("--export", metavar="文件", type=_XLSX, help="另存可打印的名单（xlsx）")
@_choices_option
@_template_option
@click.option(
    "--documents",
    metavar="文件夹",
    type=click.Path(path_type=Path, file_okay=False),
    help="写出名单上每名学生的家长信、教师帮扶页、一生一案和各校一校一案（Word）",
)
@click.option("--school", metavar="学校标识码", help="Word 文件只写这所学校")
@workspace_option
@json_option
def plan(
    export: Path | None,
    choices: Path | None,
    template: Path | None,
    documents: Path | None,
    school: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """为学生拟定措施，在名额之内分配，安排包保教师。"""
    from kongchuo_risk.serving import planning
    from kongchuo_risk.serving.plan_documents import write_documents

    workspace = opened(folder)
    if template is not None:
        _give_template(workspace, template, as_json=as_json)
        return
    result = planning.plan(workspace, export=export, choices=choices)
    say(result.text, as_json=as_json)
    values = result.as_dict()
    if documents is not None:
        written = write_documents(workspace, documents, school_code=school)
        say(f"Word 文件 {len(written):,} 份：{documents}", as_json=as_json)
        values["documents"] = len(written)
    give(values, as_json=as_json)


@click.command("assign")
@_choices_option
@_template_option
@click.option("--export", metavar="文件", type=_XLSX, help="另存包保安排（名册、负荷、变动、交接）")
@click.option("--approve", metavar="姓名", help="批准现在的安排；姓名是批准人（校长）")
@workspace_option
@json_option
def assign(
    choices: Path | None,
    template: Path | None,
    export: Path | None,
    approve: str | None,
    folder: Path,
    as_json: bool,
) -> None:
    """只安排包保教师：比较、放宽建议、交接；校长批准后生效。"""
    from kongchuo_risk.serving import planning

    workspace = opened(folder)
    if template is not None:
        _give_template(workspace, template, as_json=as_json)
        return
    if approve is not None and (choices is not None or export is not None):
        raise click.UsageError("批准（--approve）不重新安排，请不要和其他选项一起用。")
    result = planning.assign(workspace, choices=choices, export=export, approve_by=approve)
    say(result.text, as_json=as_json)
    give(result.as_dict(), as_json=as_json)


def _give_template(workspace: Workspace, path: Path, *, as_json: bool) -> None:
    from kongchuo_risk.serving import planning

    planning.write_choices_template(workspace, path)
    say(f"计划参数已写好：{path}；填好后用 --choices 读入。", as_json=as_json)
    give({"file": path}, as_json=as_json)
