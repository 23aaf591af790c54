"""Which fields a school's template may use: the generated end of ``docs/forms.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kongchuo_risk.reports.letters import PARENT_LETTER
from kongchuo_risk.reports.plan_pages import PUPIL_PLAN, TEACHER_PAGE
from kongchuo_risk.reports.school_pages import SCHOOL_PLAN
from kongchuo_risk.reports.templates import FIELD_LIST, Field, Form

FORMS = (PARENT_LETTER, TEACHER_PAGE, PUPIL_PLAN, SCHOOL_PLAN)
"""Every form there is."""
MARK = "<!-- 以下由 python -m kongchuo_risk.reports.field_list 生成，请改代码中的字段表 -->\n"


def field_list() -> str:
    """Markdown: a table of fields per form."""
    return "".join(line for form in FORMS for line in _form(form))


def _form(form: Form) -> Iterator[str]:
    yield f"\n## {form.file_name}\n\n{form.purpose}\n\n| 字段 | 内容 | 意思 |\n|---|---|---|\n"
    yield from _rows(form.fields)


def _rows(fields: tuple[Field, ...], inside: str = "") -> Iterator[str]:
    for field in fields:
        yield f"| `{inside}{field.name}` | {field.kind} | {field.meaning} |\n"
        yield from _rows(field.parts, inside=f"{field.name} → ")


if __name__ == "__main__":
    page = Path(FIELD_LIST)
    written = page.read_text(encoding="utf-8").split(MARK)[0]
    page.write_text(written + MARK + field_list(), encoding="utf-8")
