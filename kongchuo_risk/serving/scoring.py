"""Publishes a scored day: from the pipeline's values to the list that pages read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import pandas as pd

from kongchuo_risk.cases import Contribution, open_case_database, publish_run
from kongchuo_risk.domain.plan import Pairing, PlanItem
from kongchuo_risk.domain.risk import RiskEntry
from kongchuo_risk.domain.run import Run
from kongchuo_risk.workspace import Workspace

CONTRIBUTION_COLUMNS = ("student_id", "group", "text", "contribution")
"""Columns of the table of contributions; one row per pupil and reason group."""


def publish(
    workspace: Workspace,
    entries: Sequence[RiskEntry],
    contributions: pd.DataFrame | None,
    plan: Iterable[PlanItem],
    pairings: Iterable[Pairing],
    *,
    as_of: date,
    model: str,
    verdict: str,
    profile: str,
    model_version: str = "",
    base_rate: str = "",
    synthetic: bool = False,
    settings: Mapping[str, object] | None = None,
    by: str = "命令行",
) -> int:
    """Make a scored day the current list, in one transaction.

    Parameters
    ----------
    workspace
        Whose case database is written.
    entries
        Everybody who was scored, listed or not, so that every pupil's page works.
    contributions
        Columns :data:`CONTRIBUTION_COLUMNS`; without it the reasons and strengths of the entries
        stand for them.
    plan, pairings
        From :func:`kongchuo_risk.planning.draft_plans` and ``assign_mentors``.
    as_of, model, verdict, profile, base_rate, synthetic
        Head of the list; see :class:`kongchuo_risk.serving.views.Overview`.
    model_version
        Name of the model's folder in ``workspace.models``; the model page reads it.
    settings
        What the run was told, as JSON values.
    by
        Who published it, for the audit log.

    Returns
    -------
    int
        Id of the run.
    """
    run = Run(as_of, model, verdict, profile, model_version, base_rate, synthetic, settings or {})
    engine = open_case_database(workspace, workspace.settings().database_url)
    try:
        parts = _by_pupil(entries, contributions)
        return publish_run(
            engine, run, entries, contributions=parts, plan=plan, pairings=pairings, by=by
        )
    finally:
        engine.dispose()


def _by_pupil(
    entries: Sequence[RiskEntry], contributions: pd.DataFrame | None
) -> dict[str, list[Contribution]]:
    if contributions is None:
        return {
            entry.student_id: [
                Contribution(reason.group, reason.text, reason.contribution)
                for reason in (*entry.reasons, *entry.strengths)
            ]
            for entry in entries
        }
    found: dict[str, list[Contribution]] = {}
    columns = [contributions[name] for name in CONTRIBUTION_COLUMNS]
    for student_id, group, text, value in zip(*columns, strict=True):
        found.setdefault(student_id, []).append(Contribution(group, text, float(value)))
    return found
