"""A whole class's forms at once: a file for each of fifty synthetic pupils, and one to print.

Every form about a pupil or a case is made, filled as full as it becomes; the bar is for one form.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmarks._synthetic_county import peak_mb
from kongchuo_risk.reports.forms.case_forms import CASE_FORMS, CASE_VALUES
from kongchuo_risk.reports.forms.class_sets import Sheet, fill_class
from kongchuo_risk.reports.forms.dossiers import (
    LEFT_BEHIND,
    PUPIL_FILE,
    values_of_left_behind,
    values_of_pupil_file,
)
from kongchuo_risk.reports.forms.facts import CaseFile
from kongchuo_risk.reports.forms.pupil_pages import (
    CHANGE_PAPERS,
    HELP_PLAN,
    NEEDS_SHEET,
    values_of_change_papers,
    values_of_help_plan,
    values_of_needs_sheet,
)
from kongchuo_risk.reports.templates import Form
from tests.reports.forms import case_builders as made

PUPILS = 50
VISITS = 6
BAR_SECONDS = 10.0


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds for one form of a class; ``theirs`` is the bar of 10 s on two cores."""
    files = [_file(number) for number in range(1, (3 if quick else PUPILS) + 1)]
    return [
        _timed(form, [Sheet(file.pupil.name, values(file)) for file in files])
        for form, values in _forms()
    ]


def _timed(form: Form, sheets: Sequence[Sheet]) -> dict[str, Any]:
    start = time.perf_counter()
    fill_class(form, sheets)
    seconds = time.perf_counter() - start
    return {
        "name": f"forms {form.name}", "ours": seconds, "theirs": BAR_SECONDS,
        "ratio": BAR_SECONDS / seconds, "unit": "s", "peak_mb": peak_mb(), "rows": len(sheets),
    }  # fmt: skip


def _file(number: int) -> CaseFile:
    card = replace(made.CARD, name=f"学生{number}")
    return made.case_file(visits=VISITS, pupil=card)


def _forms() -> Iterator[tuple[Form, Callable[[CaseFile], Mapping[str, object]]]]:
    for entry in CASE_FORMS:
        yield entry.template, CASE_VALUES[entry.name]
    yield PUPIL_FILE, lambda file: values_of_pupil_file(made.dossier(file=file))
    yield LEFT_BEHIND, lambda file: values_of_left_behind(made.left_behind(file=file))
    yield HELP_PLAN, lambda file: values_of_help_plan(replace(made.plan_file(), file=file))
    yield NEEDS_SHEET, lambda file: values_of_needs_sheet(replace(made.plan_file(), file=file))
    yield (
        CHANGE_PAPERS,
        lambda file: values_of_change_papers(replace(made.change_file(), file=file)),
    )
