"""Entries of the papers of privacy; they are filled in their own modules."""

from __future__ import annotations

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.privacy_pages import (
    ASSESSMENT,
    CERTIFICATE,
    NOTICE,
    SUBJECT_COVER,
    YEARLY_AUDIT,
)
from kongchuo_risk.reports.templates import Form


def _entry(form: Form, about: About, reader: str, *sources: str) -> FormEntry:
    return FormEntry(
        35, form.name, about, Role.PRINCIPAL, reader, FileKind.WORD, sources, form=form
    )


PRIVACY_FORMS: tuple[FormEntry, ...] = (
    _entry(
        ASSESSMENT, About.SCHOOL, "学校存档",
        "个人信息保护法 第五十五条", "个人信息保护法 第五十六条",
    ),
    _entry(YEARLY_AUDIT, About.SCHOOL, "网信等部门", "未成年人网络保护条例 第三十七条"),
    _entry(
        NOTICE, About.PUPIL, "监护人", "个人信息保护法 第十七条", "个人信息保护法 第三十一条"
    ),
    _entry(SUBJECT_COVER, About.PUPIL, "本人或监护人", "个人信息保护法 第四十五条"),
    _entry(CERTIFICATE, About.SCHOOL, "学校存档", "个人信息保护法 第四十七条"),
)  # fmt: skip
