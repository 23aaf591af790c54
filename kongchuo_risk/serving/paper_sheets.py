"""Sheets printed for a class, with its pupils on them, to be filled by hand and typed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from kongchuo_risk.domain.attendance import ClassSheet
from kongchuo_risk.reports.forms.roll_sheet import RollWeek
from kongchuo_risk.reports.forms.school_facts import Row
from kongchuo_risk.reports.forms.typed_rows import mark_of
from kongchuo_risk.serving.class_roster import Roster


def class_rows(roster: Roster, class_id: str) -> list[Row]:
    """A row per pupil of a class, for 走访登记表 and the other typed sheets.

    Raises
    ------
    NoSuchPupilError
        When there is no such class.
    """
    return [pupil.cells for pupil in roster.of_class(class_id)]


def roll_week(
    roster: Roster, class_id: str, days: Sequence[date], sheets: Iterable[ClassSheet] = ()
) -> RollWeek:
    """点名表 of a class, with what was entered already.

    Parameters
    ----------
    roster
        Pupils of the school.
    class_id
        Which class; none is a :class:`NoSuchPupilError`.
    days
        School days of the week.
    sheets
        Head counts that are stored; those of other classes and days are left out.
    """
    pupils = roster.of_class(class_id)
    own = [sheet for sheet in sheets if sheet.class_id == class_id and sheet.day in days]
    return RollWeek(
        class_id=class_id,
        class_name=pupils[0].class_name,
        pupils=pupils,
        days=tuple(days),
        marks={
            (absence.student_id, sheet.day, sheet.session): mark_of(absence)
            for sheet in own
            for absence in sheet.absences
        },
        taken_by={(sheet.day, sheet.session): sheet.taken_by for sheet in own},
    )
