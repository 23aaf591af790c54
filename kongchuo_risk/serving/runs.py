"""The verbs of the analyst: validate, train, evaluate, score."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import pandas as pd

from kongchuo_risk import pipeline
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.serving import model_shelf
from kongchuo_risk.serving.model_pages import save_drift, save_withheld
from kongchuo_risk.serving.recorded import with_recorded
from kongchuo_risk.serving.scoring import publish
from kongchuo_risk.serving.shelving import shelve
from kongchuo_risk.tables import load_records
from kongchuo_risk.validation import Finding, check_quality, render_report
from kongchuo_risk.workspace import Workspace

SYNTHETIC_MARK = "合成"
"""In a school's name: its records come from the synthetic generator."""


@dataclass(frozen=True)
class Outcome:
    """What a command did: Chinese text for people, plain values for machines."""

    text: str
    values: dict[str, Any]

    def as_dict(self) -> dict[str, Any]:
        return self.values


@dataclass(frozen=True)
class Comparison(Outcome):
    """Candidates beside the simple rules, one row per model."""

    table: pd.DataFrame


@dataclass(frozen=True)
class Readiness(Outcome):
    """What the checks of the data found."""

    ready: bool
    headline: str


def validate(workspace: Workspace, *, as_of: date | None = None) -> Readiness:
    """Is this data fit for use, as of a day."""
    records = all_records(workspace)
    day = as_of or last_recorded_day(records)
    findings = check_quality(records, load_schema(workspace.settings().data_schema), as_of=day)
    counts = {level: _count(findings, level) for level in ("error", "warning", "info")}
    headline = (
        f"数据检查（截至 {day}）：{counts['error']} 项必须处理，"
        f"{counts['warning']} 项需要注意，{counts['info']} 项提示"
    )
    return Readiness(
        text=f"{headline}\n{render_report(findings)}",
        values={"as_of": day, **counts, "findings": [asdict(finding) for finding in findings]},
        ready=not counts["error"],
        headline=headline,
    )


def train(workspace: Workspace, *, progress: Progress = silent) -> Outcome:
    """Train and judge all candidates; the shelf then holds the model that ranks the list."""
    settings, records = workspace.settings(), all_records(workspace)
    last = model_shelf.last_champion(workspace)
    judged = pipeline.train_model(records, settings, last=last, progress=progress)
    shelved = shelve(workspace, judged, synthetic=is_synthetic(records), progress=progress)
    verdict = judged.evaluation.verdict
    return Outcome(
        text=f"{verdict.text}（{shelved.base_rate}）",
        values={
            "model": judged.ranking.name,
            "version": shelved.version,
            "admitted": verdict.admitted,
            "verdict": verdict.text,
            "rows": len(judged.matrix),
            "features": judged.matrix.X.shape[1],
            "mlflow_run": shelved.run_id,
            "metrics": judged.evaluation.metrics.to_dict(orient="records"),
        },
    )


def evaluate(workspace: Workspace) -> Comparison:
    """How the model in use did forward in time, beside the simple rules."""
    shelved = model_shelf.current(workspace)
    metrics = shelved.metrics(workspace)
    return Comparison(
        text=f"{shelved.verdict}\n{shelved.base_rate}",
        table=shelved.comparison(workspace),
        values={
            "model": shelved.name,
            "version": shelved.version,
            "verdict": shelved.verdict,
            "metrics": metrics.to_dict(orient="records"),
        },
    )


def score(
    workspace: Workspace, *, as_of: date | None = None, progress: Progress = silent
) -> Outcome:
    """Publish the ranked list of a day; without a trained model the scorecard ranks it."""
    settings, records = workspace.settings(), all_records(workspace)
    day = as_of or last_recorded_day(records)
    shelved = model_shelf.current_or_scorecard(workspace)
    scored = pipeline.score_cohort(
        records,
        shelved.load(workspace),
        day,
        settings,
        kept=shelved.companions(workspace),
        progress=progress,
    )
    if scored.drift is not None:
        save_drift(workspace, day, scored.drift.table)
    if scored.withheld is not None:
        save_withheld(workspace, day, scored.withheld)
    publish(
        workspace,
        scored.entries,
        scored.contributions,
        (),
        (),
        as_of=day,
        model=shelved.name,
        model_version=shelved.version,
        verdict=shelved.verdict,
        profile=pipeline.profile_of(settings).title,
        base_rate=shelved.base_rate,
        synthetic=is_synthetic(records),
        settings=settings.model_dump(mode="json"),
    )
    return Outcome(
        text=f"名单日期 {day}：{len(scored.entries):,} 名在校学生中列出 {scored.listed:,} 名，"
        f"由{shelved.title}排序。" + (scored.drift.text if scored.drift else ""),
        values={
            "as_of": day,
            "model": shelved.name,
            "pupils": len(scored.entries),
            "listed": scored.listed,
            "drift": scored.drift.verdicts if scored.drift else {},
            "withheld": 0 if scored.withheld is None else len(scored.withheld),
        },
    )


def last_recorded_day(records: Records) -> date:
    """The last day of which anything is recorded: the natural day of a list.

    Raises
    ------
    NotReadyError
        When nothing was imported yet.
    """
    columns = [("class_sheets", "day"), ("attendance", "day"), ("students", "known_on")]
    days = [records[table][column].max() for table, column in columns if len(records[table])]
    if not days:
        raise NotReadyError("工作区里还没有数据；先运行 kongchuo import。")
    latest: pd.Timestamp = max(days)
    return latest.date()


def is_synthetic(records: Records) -> bool:
    """Whether the schools' names say that their records were generated."""
    names = records["schools"]["school_name"].astype("str")
    return bool(names.str.contains(SYNTHETIC_MARK).any())


def all_records(workspace: Workspace) -> Records:
    """Every version of a corrected row, and what was entered at the desk.

    A past day must see what was known on it.
    """
    return with_recorded(workspace, load_records(workspace, history=True))


def _count(findings: list[Finding], level: str) -> int:
    return sum(finding.severity == level for finding in findings)
