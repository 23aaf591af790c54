"""Makes the Word templates of ``data_schema/forms`` from nothing, so that they can be reviewed.

Usage, from the root of the checkout: ``python -m scripts.forms``; the same again changes no byte.
A school edits the templates in Word; whoever changes what is shipped changes this file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from docx.document import Document as Paper

from kongchuo_risk.reports.letters import PARENT_LETTER
from kongchuo_risk.reports.plan_pages import PUPIL_PLAN, TEACHER_PAGE
from kongchuo_risk.reports.school_pages import SCHOOL_PLAN
from kongchuo_risk.reports.templates import sealed
from scripts.form_pages import parent_letter, teacher_page
from scripts.form_plans import pupil_plan, school_plan

FOLDER = Path(__file__).resolve().parents[1] / "data_schema" / "forms"
MAKERS: Mapping[str, Callable[[], Paper]] = {
    PARENT_LETTER.file_name: parent_letter,
    TEACHER_PAGE.file_name: teacher_page,
    PUPIL_PLAN.file_name: pupil_plan,
    SCHOOL_PLAN.file_name: school_plan,
}


def template_bytes(name: str) -> bytes:
    """The Word file of one template."""
    made = BytesIO()
    MAKERS[name]().save(made)
    return sealed(made.getvalue())


def main() -> None:
    """Write every template."""
    for name in MAKERS:
        (FOLDER / name).write_bytes(template_bytes(name))
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
