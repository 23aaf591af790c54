"""One unit of work on the case database: all of it is kept, or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy.engine import Connection, Engine

from kongchuo_risk.cases.assignments import AssignmentBook
from kongchuo_risk.cases.audit import (
    AuditReport,
    AuditRow,
    read_audit,
    verify_audit,
    write_audit,
)
from kongchuo_risk.cases.backup import DatabaseState, still_holds
from kongchuo_risk.cases.casework import CaseBook
from kongchuo_risk.cases.choices import ChoiceStore
from kongchuo_risk.cases.engine import reading, writing
from kongchuo_risk.cases.feedback import FeedbackStore
from kongchuo_risk.cases.matches import MatchBook
from kongchuo_risk.cases.notices import NoticeBook
from kongchuo_risk.cases.observations import ObservationBook, SuspicionBook
from kongchuo_risk.cases.plans import PlanBook
from kongchuo_risk.cases.proposals import ProposalBook
from kongchuo_risk.cases.records import DocumentBook, RecordBook
from kongchuo_risk.cases.registration import RegistrationBook
from kongchuo_risk.cases.runs import Contribution, RunStore
from kongchuo_risk.cases.sheets import SheetBook
from kongchuo_risk.cases.steps import StepBook
from kongchuo_risk.cases.visits import VisitBook
from kongchuo_risk.domain.plan import Pairing, PlanItem
from kongchuo_risk.domain.risk import RiskEntry
from kongchuo_risk.domain.run import Run


class CaseStore:
    """What the case database holds, as domain values.

    Attributes
    ----------
    runs, feedback, plans, choices, assignments
        Lists and plans.
    cases, proposals, visits, notices, steps
        Cases and what was done in them.
    sheets, observations, suspicions
        Attendance, and what was noticed.
    registration, records, documents
        The school's own books.
    matches
        What comparisons of registers found.

    All of them are parts of one transaction.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.runs = RunStore(connection)
        self.cases = CaseBook(connection)
        self.feedback = FeedbackStore(connection)
        self.plans = PlanBook(connection)
        self.choices = ChoiceStore(connection)
        self.assignments = AssignmentBook(connection)
        self.proposals = ProposalBook(connection)
        self.visits = VisitBook(connection)
        self.notices = NoticeBook(connection)
        self.steps = StepBook(connection)
        self.sheets = SheetBook(connection)
        self.observations = ObservationBook(connection)
        self.suspicions = SuspicionBook(connection)
        self.registration = RegistrationBook(connection)
        self.records = RecordBook(connection)
        self.documents = DocumentBook(connection)
        self.matches = MatchBook(connection)

    def note(self, actor: str, action: str, subject: str, **detail: object) -> None:
        """Append a row to the audit log."""
        write_audit(self._connection, actor=actor, action=action, subject=subject, **detail)

    def audit_rows(self, subject: str | None = None) -> list[AuditRow]:
        """The audit log, oldest first; of one subject when it is given."""
        return read_audit(self._connection, subject=subject)

    def verify_audit(self) -> AuditReport:
        """Whether the audit chain is whole."""
        return verify_audit(self._connection)

    def audit_holds(self, earlier: DatabaseState) -> bool:
        """Whether the log still holds every row that it held at a backup."""
        return verify_audit(self._connection).is_whole and still_holds(self._connection, earlier)


@contextmanager
def case_store(engine: Engine) -> Iterator[CaseStore]:
    """A unit of work that may write; an exception undoes all of it.

    Examples
    --------
    >>> from kongchuo_risk.cases.engine import create_engine, migrate
    >>> engine = create_engine("sqlite://", key=b"k" * 32)
    >>> migrate(engine)
    >>> with case_store(engine) as store:
    ...     store.note("甲", "查看学生档案", "S1")
    >>> with case_store(engine) as store:
    ...     store.verify_audit().rows
    1
    """
    with writing(engine) as connection:
        yield CaseStore(connection)


@contextmanager
def case_reader(engine: Engine) -> Iterator[CaseStore]:
    """A unit of work that only reads; it never waits for a writer."""
    with reading(engine) as connection:
        yield CaseStore(connection)


def publish_run(
    engine: Engine,
    run: Run,
    entries: Sequence[RiskEntry],
    *,
    contributions: Mapping[str, Sequence[Contribution]],
    plan: Iterable[PlanItem],
    pairings: Iterable[Pairing],
    by: str,
) -> int:
    """Replace the current list in one transaction; see :meth:`RunStore.publish`."""
    with case_store(engine) as store:
        run_id = store.runs.publish(
            run, entries, contributions=contributions, plan=plan, paired=pairings
        )
        store.note(by, "发布名单", f"名单{run_id}", model=run.model, pupils=len(entries))
    return run_id
