"""Importing attendance exceptions from CSV, beside plain pandas that reads and checks the same."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PUPILS = 100_000
ROWS = 10_000_000
QUICK_ROWS = 300_000
SEED = 20_240_901
TODAY = date(2026, 9, 1)
_KINDS = np.array(["旷课", "病假", "事假", "迟到", "早退"])
_KIND_CODES = dict(zip(_KINDS, ("unexcused", "sick", "personal", "late", "left_early"),
                       strict=True))  # fmt: skip
_SESSIONS = np.array(["上午", "下午"])


def run(quick: bool) -> list[dict[str, Any]]:
    """Rows per second of the import and of the plain-pandas baseline, and the import's peak."""
    rows, pupils = (QUICK_ROWS, PUPILS // 20) if quick else (ROWS, PUPILS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_reference(folder / "reference", pupils)
        _write_attendance(folder / "考勤异常.csv", rows, pupils)
        ours, peak = _in_process(_import, folder)
        theirs, _ = _in_process(_baseline, folder)
    return [
        {
            "name": "import_attendance_csv", "ours": rows / ours, "theirs": rows / theirs,
            "ratio": theirs / ours, "unit": "rows/s", "peak_mb": peak, "rows": rows,
        }
    ]  # fmt: skip


def _keys(pupils: int) -> pd.Series:
    return pd.Series(np.arange(pupils)).map("G{:018d}".format).astype("str")


def _write_reference(folder: Path, pupils: int) -> None:
    """The school, class and roster that attendance points to."""
    folder.mkdir()
    school = {"学校标识码": ["S1"], "学校名称": ["合成学校"], "办学类型": ["小学"]}
    classes = {"学期": ["2023-2024-1"], "班级代码": ["C1"], "学校标识码": ["S1"], "年级": ["1"],
               "班级名称": ["1班"]}  # fmt: skip
    pd.DataFrame(school).to_csv(folder / "学校.csv", index=False)
    pd.DataFrame(classes).to_csv(folder / "班级.csv", index=False)
    pd.DataFrame({"学籍号": _keys(pupils), "姓名": "合成", "学校标识码": "S1", "班级代码": "C1",
                  "年级": "1", "信息日期": "2023-09-01"}).to_csv(folder / "学生.csv",
                                                              index=False)  # fmt: skip


def _write_attendance(path: Path, rows: int, pupils: int) -> None:
    """Synthetic exceptions in the order of days, no two with one key."""
    rng = np.random.default_rng(SEED)
    days = pd.date_range("2023-09-01", "2026-06-30", freq="B").strftime("%Y-%m-%d").to_numpy()
    per_day = int(np.ceil(rows / len(days)))
    keys = _keys(pupils).to_numpy(dtype=object)
    left = rows
    for position, day in enumerate(days):
        size = min(per_day, left)
        slots = rng.choice(2 * pupils, size=size, replace=False)
        part = pd.DataFrame({"学籍号": keys[slots // 2], "日期": day,
                             "时段": _SESSIONS[slots % 2],
                             "考勤类型": _KINDS[rng.integers(len(_KINDS), size=size)]})  # fmt: skip
        part.to_csv(path, mode="a", header=position == 0, index=False)
        left -= size


def _in_process(work: Callable[[Path], float], folder: Path) -> tuple[float, float]:
    """Seconds of ``work`` and peak memory of its own process in MB."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure, (work, folder))


def _measure(work: Callable[[Path], float], folder: Path) -> tuple[float, float]:
    seconds = work(folder)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return seconds, peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _import(folder: Path) -> float:
    from kongchuo_risk.serving.importing import import_files
    from kongchuo_risk.workspace import create_workspace

    workspace = create_workspace(folder / "workspace")
    import_files(workspace, [folder / "reference"], today=TODAY)
    start = time.perf_counter()
    report = import_files(workspace, [folder / "考勤异常.csv"], today=TODAY)
    seconds = time.perf_counter() - start
    if report.refused or report.duplicate:
        raise RuntimeError(report.summary())
    return seconds


def _baseline(folder: Path) -> float:
    """What a script would do: read it all, map codes, parse days, check keys, write Parquet."""
    start = time.perf_counter()
    known = set(pd.read_csv(folder / "reference" / "学生.csv", dtype=str)["学籍号"])
    frame = pd.read_csv(folder / "考勤异常.csv", dtype=str)
    frame["day"] = pd.to_datetime(frame["日期"], format="%Y-%m-%d")
    frame["kind"] = frame["考勤类型"].map(_KIND_CODES)
    frame["session"] = frame["时段"].map({"上午": "AM", "下午": "PM"})
    good = frame["学籍号"].isin(known) & frame[["day", "kind", "session"]].notna().all(axis=1)
    good &= ~frame.duplicated(["学籍号", "day", "session", "kind"])
    frame.loc[good, ["学籍号", "day", "session", "kind"]].to_parquet(folder / "baseline.parquet")
    return time.perf_counter() - start
