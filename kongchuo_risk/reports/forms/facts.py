"""What the forms about one pupil are filled with; whatever is not known stays empty on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from kongchuo_risk.contracts.causes import Cause, CauseList
from kongchuo_risk.domain.case import Case, CaseEvent, Destination
from kongchuo_risk.domain.plan import PupilPlan
from kongchuo_risk.domain.school_record import RegistrationRequest
from kongchuo_risk.domain.visit import Notice, Step, StepKind, Visit

RESTRICTED_STEPS = frozenset({StepKind.MANDATORY_REPORT, StepKind.LEGAL})
"""Steps that only safeguarding roles read of."""
RESTRICTED_DESTINATIONS = frozenset({Destination.MARRIED, Destination.IN_CUSTODY})
"""Places that tell what only safeguarding roles may know."""


@dataclass(frozen=True, slots=True)
class PupilCard:
    """A pupil in plain Chinese words; an empty text becomes a blank to be filled by hand."""

    name: str = ""
    sex: str = ""
    birth_month: str = ""
    """Such as ``2013年5月``."""
    school_name: str = ""
    class_name: str = ""
    teacher_name: str = ""
    teacher_phone: str = ""
    """Printed on letters to the family."""
    mentor_name: str = ""
    guardian_name: str = ""
    guardian_relation: str = ""
    guardian_phone: str = ""
    address: str = ""
    boarding: str = ""
    groups: tuple[str, ...] = ()
    """Labels of the groups that are looked after; never printed on what goes to a family."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A pupil and, where there is one, the case with all that was done.

    Examples
    --------
    >>> CaseFile().last_visit is None
    True
    """

    pupil: PupilCard = PupilCard()
    case: Case | None = None
    visits: tuple[Visit, ...] = ()
    notices: tuple[Notice, ...] = ()
    steps: tuple[Step, ...] = ()
    events: tuple[CaseEvent, ...] = ()
    causes: tuple[Cause, ...] = ()
    """The main cause first; see :func:`causes_of`."""
    owner_name: str = ""
    """Who answers for the case."""
    notice: Notice | None = None
    """The paper that is being issued: its number, signer, addressee and deadline."""
    visit: Visit | None = None
    """The visit that a visit sheet is of; without one it is the last."""
    day: date | None = None
    """Day of printing."""

    @property
    def contacts(self) -> tuple[Visit, ...]:
        """Visits in the order of time, without those that were corrected."""
        replaced = {visit.replaces for visit in self.visits} - {None}
        valid = (visit for visit in self.visits if visit.id not in replaced or visit.id is None)
        return tuple(sorted(valid, key=lambda visit: visit.at))

    @property
    def last_visit(self) -> Visit | None:
        return self.contacts[-1] if self.contacts else None

    @property
    def papers(self) -> tuple[Notice, ...]:
        """Papers issued so far, in the order of time."""
        return tuple(sorted(self.notices, key=lambda notice: (notice.issued_on, notice.doc_no)))

    def steps_of(self, *kinds: StepKind) -> tuple[Step, ...]:
        """Steps of these kinds, in the order of time."""
        chosen = (step for step in self.steps if step.kind in kinds)
        return tuple(sorted(chosen, key=lambda step: step.at))

    def cause_labels(self, *, restricted: bool) -> tuple[str, ...]:
        """Causes, the restricted ones only for those who may read them."""
        return tuple(cause.label for cause in self.causes if restricted or not cause.restricted)

    def whereabouts(self, *, restricted: bool) -> tuple[Destination | None, str]:
        """Where the pupil is, and where exactly, as far as the reader may know it."""
        if self.case is None:
            return None, ""
        hidden = self.case.destination in RESTRICTED_DESTINATIONS and not restricted
        return (None, "") if hidden else (self.case.destination, self.case.place)


def causes_of(case: Case, known: CauseList) -> tuple[Cause, ...]:
    """The causes that a case names, the main one first; unknown codes are left out.

    >>> from kongchuo_risk.contracts.causes import load_causes
    >>> case = Case("S1", "A", "C1", date(2025, 9, 1), cause="11", causes=("20",))
    >>> [cause.label for cause in causes_of(case, load_causes())]
    ['厌学', '家庭贫困']
    """
    codes: Sequence[str] = [code for code in (case.cause, *case.causes) if code]
    return tuple(known.by_code[code] for code in dict.fromkeys(codes) if code in known.by_code)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a file: when, what, and what else is to be said of it."""

    when: str = ""
    what: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that 一生一档 holds beside the case."""

    file: CaseFile = CaseFile()
    strengths: tuple[str, ...] = ()
    attendance: tuple[Entry, ...] = ()
    marks: tuple[Entry, ...] = ()
    """Results in the pupil's own course of time, without ranks."""
    moves: tuple[Entry, ...] = ()
    """Changes of registration."""
    aid: tuple[Entry, ...] = ()
    plans: tuple[Entry, ...] = ()
    is_poor: bool = False
    """Whether the family is known to be in difficulty; opens the section on aid."""


@dataclass(frozen=True, slots=True)
class Carer:
    """Somebody who looks after a child, or a parent who is away."""

    relation: str = ""
    name: str = ""
    phone: str = ""
    place: str = ""
    """Where he or she lives or works."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LeftBehindFile:
    """What the file of a 留守 child holds (rules 173, 174)."""

    file: CaseFile = CaseFile()
    kind: str = ""
    """A label of ``left_behind``, such as 双亲留守."""
    away: tuple[Carer, ...] = ()
    """Parents who work elsewhere."""
    carer: Carer = Carer()
    """The entrusted carer (未成年人保护法 22)."""
    entrusted_in_writing: bool | None = None
    contacts: tuple[Entry, ...] = ()
    """Talks between the child and the parents: when, how, how the child was."""
    done: tuple[str, ...] = ()
    """Items of 五个一 that are already in place, as they are written in ``checklists.yaml``."""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A pupil with the plan that help is given by."""

    file: CaseFile = CaseFile()
    plan: PupilPlan | None = None
    strengths: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Staff number → name."""


@dataclass(frozen=True, slots=True)
class ChangeFile:
    """A pupil with an application for a change of registration."""

    file: CaseFile = CaseFile()
    request: RegistrationRequest | None = None
