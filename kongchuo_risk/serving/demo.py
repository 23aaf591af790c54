"""The demo: a synthetic county through the real import, training, list and plans."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.ingestion.synthetic import write_synthetic
from kongchuo_risk.serving import importing, planning, runs
from kongchuo_risk.workspace import create_workspace

EXPORTS = "synthetic-exports"
"""Folder inside the demo's workspace with the files that schools would send."""
TRUTH = "synthetic-truth"
"""The generator's hidden truth; nothing but tests reads it."""
_MARK = ".kongchuo-demo"


def run_demo(
    folder: Path,
    *,
    preset: str,
    seed: int,
    progress: Progress = silent,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Everything from nothing to list, plans, MLflow run and case database.

    Parameters
    ----------
    folder
        The demo's workspace; an earlier demo there is replaced.
    preset, seed
        Of the synthetic county.
    progress, tell
        Called while long steps run, and with a Chinese line after each.

    Raises
    ------
    WorkspaceError
        When ``folder`` holds something that no demo made.
    """
    _clear(folder)
    # Pseudonyms decide the order of pupils: with a key of its own every demo would differ a little.
    workspace = create_workspace(folder, key=hashlib.sha256(f"demo {seed}".encode()).digest())
    (folder / _MARK).write_text("合成数据演示\n", encoding="utf-8")
    clock = _Clock(tell)

    exports = folder / EXPORTS
    summary = write_synthetic(
        exports,
        preset=preset,
        seed=seed,
        truth_folder=folder / TRUTH,
        progress=progress,
    )
    clock.lap(
        f"合成数据已写好：{summary.schools} 所学校、{summary.pupils:,} 名学生、"
        f"{len(summary.terms)} 个学期，{len(summary.files)} 个文件（记录到 {summary.records_end}）"
    )
    report = importing.import_files(workspace, [exports], progress=progress)
    clock.lap(report.headline)
    clock.lap(runs.validate(workspace).headline)
    trained = runs.train(workspace, progress=progress)
    clock.lap(trained.text)
    scored = runs.score(workspace, progress=progress)
    clock.lap(scored.text)
    planned = planning.plan(workspace, export=workspace.reports / "重点关注名单.xlsx")
    clock.lap(planned.text)
    tell(f"全部用时 {clock.total:.0f} 秒；工作区：{workspace.root}")
    return {
        "workspace": workspace.root,
        "seconds": round(clock.total, 1),
        "steps": clock.laps,
        "train": trained.as_dict(),
        "score": scored.as_dict(),
        "plan": planned.as_dict(),
    }


def _clear(folder: Path) -> None:
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / _MARK).is_file():
        raise WorkspaceError(f"{folder} 不是演示工作区，为免误删不会覆盖；请用 --workspace 另选。")
    shutil.rmtree(folder)


class _Clock:
    """Says after each step how long it took."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._start = self._last = time.perf_counter()
        self.laps: list[float] = []

    def lap(self, line: str) -> None:
        now = time.perf_counter()
        self.laps.append(round(now - self._last, 1))
        self._tell(f"[{now - self._last:5.1f} 秒] {line}")
        self._last = now

    @property
    def total(self) -> float:
        return time.perf_counter() - self._start
