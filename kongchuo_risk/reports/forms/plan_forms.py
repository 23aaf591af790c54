"""Entries of the forms that are filled from a plan; they are written in their own modules."""

from __future__ import annotations

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.letters import PARENT_LETTER
from kongchuo_risk.reports.plan_pages import PUPIL_PLAN, TEACHER_PAGE
from kongchuo_risk.reports.school_pages import SCHOOL_PLAN

PLAN_FORMS = (
    FormEntry(
        28, PARENT_LETTER.name, About.PUPIL, Role.HOMEROOM, "监护人", FileKind.WORD,
        ("114", "家庭教育促进法 第三十九条"), form=PARENT_LETTER,
    ),
    FormEntry(
        30, PUPIL_PLAN.name, About.PUPIL, Role.HOMEROOM, Role.PRINCIPAL, FileKind.WORD,
        ("144", "146", "153", "163", "168", "教基〔2020〕5号"),
        numbered=True, form=PUPIL_PLAN, aliases=("一人一案",),
    ),
    FormEntry(
        30, TEACHER_PAGE.name, About.PUPIL, Role.MENTOR, Role.MENTOR, FileKind.WORD,
        ("145", "147", "150"), form=TEACHER_PAGE,
    ),
    FormEntry(
        33, SCHOOL_PLAN.name, About.SCHOOL, Role.PRINCIPAL, Role.OFFICE, FileKind.WORD,
        ("144", "教基厅函〔2024〕15号"), numbered=True, form=SCHOOL_PLAN,
    ),
)  # fmt: skip
