"""A period between two snapshots: who came and went, who stayed away, who returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.domain.case import CaseStatus
from kongchuo_risk.procedure.periods import Period, period_of
from kongchuo_risk.reports.ledgers.away import away_on, is_dropout, without_case
from kongchuo_risk.reports.ledgers.history import Spell
from kongchuo_risk.reports.ledgers.material import Material, Scope, Snapshot
from kongchuo_risk.reports.ledgers.roll import Movement, movement

Pupil = tuple[str, str]
"""School and pseudonym: a pupil who changed schools counts in each."""
EVERYWHERE = Scope("全部")
BASE_DAYS_AFTER_START = 29
"""The school year's roll is that of 30 September: by then all schools have handed theirs in."""


@dataclass(frozen=True)
class Stock:
    """Pupils in a state before a period and at its end, and who entered and left it between.

    ``opening + entered − left = closing`` always holds: who enters and leaves within the period is
    in both; who was in the state before and comes back to it is in neither.
    """

    opening: frozenset[Pupil]
    entered: frozenset[Pupil]
    left: frozenset[Pupil]
    closing: frozenset[Pupil]


@dataclass(frozen=True)
class Window:
    """The whole material seen over one period; scopes are cut out of what it counts.

    Attributes
    ----------
    material
    period
        Whose name the reports bear.
    day
        Last day looked at: the end of the period, or earlier for a report that is made before.
    """

    material: Material
    period: Period
    day: date

    @classmethod
    def over(cls, material: Material, period: Period, *, day: date | None = None) -> Window:
        """The window of a period, up to ``day`` when the period is not yet over."""
        return cls(material, period, min(day or period.last, period.last))

    @cached_property
    def before(self) -> Snapshot:
        """The end of the day before the period."""
        return self.material.as_of(self.period.first - timedelta(days=1))

    @cached_property
    def after(self) -> Snapshot:
        """The end of the last day."""
        return self.material.as_of(self.day)

    @cached_property
    def school_year(self) -> Window:
        """From the beginning of the school year to the same day."""
        year = period_of(self.day, "year")
        same = (year.first, self.day) == (self.period.first, self.day)
        return self if same else Window(self.material, year, self.day)

    @cached_property
    def base(self) -> Snapshot:
        """The school year's roll (学年初): as of 30 September, or the day if that is earlier."""
        settled = school_year_start(self.day) + timedelta(days=BASE_DAYS_AFTER_START)
        return self.material.as_of(min(settled, self.day))

    @cached_property
    def moves(self) -> Movement:
        """Comings and goings on the rolls of all schools."""
        changes = self.after.rows("registration_changes")
        return movement(self.before.roll, self.after.roll, changes)

    def holds(self, day: date) -> bool:
        """Whether a day lies in the period and is over."""
        return self.period.first <= day <= self.day

    @cached_property
    def suspected(self) -> Stock:
        """疑似辍学."""
        return self._stock(
            lambda spell, at: not is_dropout(spell, at), self._was_suspected, lambda at: frozenset()
        )

    @cached_property
    def dropout(self) -> Stock:
        """辍学, with pupils whom only the roll calls gone."""
        return self._stock(is_dropout, self._was_dropout, _without_case)

    @cached_property
    def returned(self) -> frozenset[Pupil]:
        """复学: pupils whose return was recorded in the period."""
        return frozenset(pupil_of(spell) for spell in self.returns)

    @cached_property
    def returns(self) -> tuple[Spell, ...]:
        """Absences that a return ended within the period."""
        return tuple(
            spell
            for spell in self.after.history.spells
            if spell.ended is not None
            and self.holds(spell.ended)
            and spell.ended_as is CaseStatus.RETURNED
        )

    @cached_property
    def spells(self) -> tuple[Spell, ...]:
        """Absences of which some part lies in the period."""
        return tuple(
            spell
            for spell in self.after.history.spells
            if spell.touches(self.period.first, self.day)
        )

    def placed(self, pupils: Iterable[Pupil]) -> pd.DataFrame:
        """``school_code, class_id, stage, student_id`` of some pupils, in their order."""
        rows = [(school, *self._place(school, pupil), pupil) for school, pupil in sorted(pupils)]
        return pd.DataFrame(rows, columns=["school_code", "class_id", "stage", "student_id"])

    def _place(self, school: str, pupil: str) -> tuple[str, str]:
        """Class and stage: of the roll while it names the same school, else of the case."""
        for roll in (self.after.roll, self.before.roll):
            if pupil in roll.index and roll.at[pupil, "school_code"] == school:
                return str(roll.at[pupil, "class_id"]), str(roll.at[pupil, "stage"])
        return self._class_of_case.get((school, pupil), ""), self.after.stage_of(pupil)

    @cached_property
    def _class_of_case(self) -> dict[Pupil, str]:
        cases = (*self.before.history.cases, *self.after.history.cases)
        return {(case.school_code, case.student_id): case.class_id for case in cases}

    def _stock(
        self,
        in_state: Callable[[Spell, Snapshot], bool],
        was_in_state: Callable[[Spell], bool],
        more: Callable[[Snapshot], frozenset[Pupil]],
    ) -> Stock:
        opening, closing = (
            more(at) | {pupil_of(spell) for spell in away_on(at, EVERYWHERE) if in_state(spell, at)}
            for at in (self.before, self.after)
        )
        touched = closing | {pupil_of(spell) for spell in self.spells if was_in_state(spell)}
        return Stock(opening, touched - opening, (touched | opening) - closing, closing)

    def _was_suspected(self, spell: Spell) -> bool:
        became = spell.dropout_on(self.material.terms.confirm_days)
        return became is None or became > max(spell.began, self.period.first)

    def _was_dropout(self, spell: Spell) -> bool:
        became = spell.dropout_on(self.material.terms.confirm_days)
        return became is not None and became <= self.day


def pupil_of(spell: Spell) -> Pupil:
    """Whom an absence is about."""
    return spell.case.school_code, spell.case.student_id


def _without_case(at: Snapshot) -> frozenset[Pupil]:
    gone = without_case(at, EVERYWHERE)
    return frozenset(zip(gone["school_code"], gone.index, strict=True))
