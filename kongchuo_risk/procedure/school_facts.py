"""What is known of a school, as its deadlines read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from kongchuo_risk.domain.attendance import ClassSheet, Observation, Suspicion
from kongchuo_risk.domain.school_record import RecordKind, RegistrationRequest, SchoolRecord
from kongchuo_risk.domain.visit import Visit
from kongchuo_risk.procedure.duties import About


@dataclass(frozen=True)
class SchoolFacts:
    """What is known of a school.

    Attributes
    ----------
    classes
        Class → staff number of its teacher, where known.
    class_of
        Pupil → class, for pupils whom observations name.
    first_day
        First school day of the term.
    sheets_from
        First day of which :attr:`sheets` tells everything; only the day itself where empty.
    kept_since
        First day on which this school kept its records here. Since then nothing that was missed
        is forgotten, and what ended before is asked of nobody; where empty, only the last two
        periods of each report are looked at.
    """

    school_code: str
    classes: Mapping[str, str | None] = field(default_factory=dict)
    sheets: tuple[ClassSheet, ...] = ()
    records: tuple[SchoolRecord, ...] = ()
    requests: tuple[RegistrationRequest, ...] = ()
    observations: tuple[Observation, ...] = ()
    suspicions: tuple[Suspicion, ...] = ()
    visits: tuple[Visit, ...] = ()
    class_of: Mapping[str, str] = field(default_factory=dict)
    first_day: date | None = None
    sheets_from: date | None = None
    kept_since: date | None = None

    @property
    def about(self) -> About:
        """A duty of the school itself."""
        return About(f"school:{self.school_code}", self.school_code)

    def about_class(self, class_id: str) -> About:
        """A duty of a class: its teacher's, unless the rule says otherwise."""
        return About(
            f"class:{class_id}",
            self.school_code,
            class_id=class_id,
            owner_staff=self.classes.get(class_id),
        )

    def about_pupil(self, student_id: str) -> About:
        """A duty about one pupil: the class teacher's, unless its rule says otherwise."""
        class_id = self.class_of.get(student_id)
        return About(
            f"pupil:{student_id}",
            self.school_code,
            class_id=class_id,
            student_id=student_id,
            owner_staff=self.classes.get(class_id or ""),
        )

    def of_kind(self, kind: RecordKind) -> Iterator[SchoolRecord]:
        """Records of a kind."""
        return (record for record in self.records if record.kind is kind)
