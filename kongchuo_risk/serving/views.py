"""What the services hand to pages and commands: plain values, ready to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kongchuo_risk.domain.plan import PlanItem
from kongchuo_risk.domain.risk import Reason, Tier

WORKLIST_COLUMNS = (
    "student_id", "name", "school_code", "school_name", "class_id", "class_name", "grade", "tier",
    "rank", "reasons", "strengths", "measures", "mentor", "watch", "last_contact",
)  # fmt: skip
"""Columns of the ranked list; ``reasons``, ``strengths``, ``measures`` and ``watch`` hold tuples
of Chinese texts, ``last_contact`` a date or NaT. No probability: teachers see a band."""


@dataclass(frozen=True)
class Overview:
    """Head of every page: which day, which model, how long the list is."""

    as_of: date
    profile: str
    model: str
    """Its Chinese name."""
    verdict: str
    """The gate's sentence: why this model ranks the list, or why the scorecard does."""
    ranked_by: str
    """The same for teachers, without figures."""
    pupils: int
    listed: int
    base_rate: str
    """Such as 「过去 5 学期每 1000 名学生中 4.1 名疑似辍学（n=94/22,900）」."""
    synthetic: bool
    """Whether the records come from the synthetic generator."""


@dataclass(frozen=True)
class PupilFile:
    """一生一档 of one pupil as of the day of the list."""

    student_id: str
    name: str
    school_name: str
    class_name: str
    grade: int
    tier: Tier
    rank: int | None
    mentor: str
    watch: tuple[str, ...]
    reasons: tuple[Reason, ...]
    strengths: tuple[Reason, ...]
    plan: tuple[PlanItem, ...]
    facts: tuple[tuple[str, str], ...]
    """(Chinese label, Chinese value) of what the pupil may be helped with."""
    contributions: pd.DataFrame
    """group, text, contribution; one row per reason group, ordered by absolute weight."""
    timeline: pd.DataFrame
    """day, kind (Chinese), text (Chinese), newest first: absences, exams, changes, visits, aid."""
    attendance: pd.DataFrame
    """day, session, kind (Chinese)."""
    marks: pd.DataFrame
    """day, exam, subject (Chinese), rate (0–1 of full score), grade_mean (0–1)."""


@dataclass(frozen=True)
class ModelPage:
    """Everything the model page shows; each table is also in MLflow."""

    name: str
    """Its Chinese name."""
    version: str
    verdict: str
    card: str
    """Model card, Chinese Markdown."""
    tables: Mapping[str, pd.DataFrame]
    """Tables of :data:`~kongchuo_risk.serving.model_pages.PAGE_TABLES`; one that this model has
    not is empty."""
    history: pd.DataFrame
    """at (UTC), action, model, version, by, because: which model ranked from when, newest first."""
    tracking_command: str
    """Serves MLflow's pages when the app cannot."""

    def has(self, name: str) -> bool:
        """Whether there is anything in a table."""
        return name in self.tables and not self.tables[name].empty
