"""Makes the Word templates of ``data_schema/forms`` from nothing, so that they can be reviewed.

Usage, from the root of the checkout: ``python -m scripts.forms``; the same again changes no byte.
A school edits the templates in Word; whoever changes what is shipped changes these files.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

from docx.document import Document as Paper

from kongchuo_risk.reports.templates import sealed
from scripts.form_cases import CASE_MAKERS
from scripts.form_notices import NOTICE_MAKERS
from scripts.form_pages import parent_letter, teacher_page
from scripts.form_plans import pupil_plan, school_plan
from scripts.form_privacy import PRIVACY_MAKERS
from scripts.form_pupils import PUPIL_MAKERS
from scripts.form_schools import SCHOOL_MAKERS

FOLDER = Path(__file__).resolve().parents[1] / "data_schema" / "forms"
MAKERS: Mapping[str, Callable[[], Paper]] = {
    "致家长一封信.docx": parent_letter,
    "教师帮扶页.docx": teacher_page,
    "一生一案.docx": pupil_plan,
    "一校一案.docx": school_plan,
    **CASE_MAKERS,
    **NOTICE_MAKERS,
    **PUPIL_MAKERS,
    **SCHOOL_MAKERS,
    **PRIVACY_MAKERS,
}
"""Name of the file → what makes it."""


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
