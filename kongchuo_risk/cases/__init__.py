"""The record of what was found and done: runs, plans, cases, feedback, audit."""

from kongchuo_risk.cases.audit import AuditReport, AuditRow
from kongchuo_risk.cases.engine import open_case_database
from kongchuo_risk.cases.feedback import Feedback
from kongchuo_risk.cases.runs import Contribution, ListRow
from kongchuo_risk.cases.store import CaseStore, case_reader, case_store, publish_run

__all__ = [
    "AuditReport",
    "AuditRow",
    "CaseStore",
    "Contribution",
    "Feedback",
    "ListRow",
    "case_reader",
    "case_store",
    "open_case_database",
    "publish_run",
]
