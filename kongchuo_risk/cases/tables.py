"""Tables of the case database; they have no behaviour. Migrations make them, not this module."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _body() -> sa.Column[str]:
    """What of a row tells of a person, sealed; see ``cases/sealed.py``."""
    return sa.Column("body", sa.Text, nullable=False)


runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("model_version", sa.String, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("profile", sa.String, nullable=False),
    sa.Column("base_rate", sa.Text, nullable=False),
    sa.Column("synthetic", sa.Boolean, nullable=False),
    sa.Column("settings", sa.JSON, nullable=False),
    sa.Column("created_at", sa.String, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("is_current", sa.Boolean, nullable=False),
)
sa.Index(
    "uq_runs_current",
    runs.c.is_current,
    unique=True,
    sqlite_where=runs.c.is_current,
    postgresql_where=runs.c.is_current,
)

worklist = sa.Table(
    "worklist",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("student_id", sa.String, primary_key=True),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("class_id", sa.String, nullable=False),
    sa.Column("grade", sa.Integer, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("tier", sa.String, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("strengths", sa.JSON, nullable=False),
    sa.Column("watch", sa.JSON, nullable=False),
    sa.Column("contributions", sa.JSON, nullable=False),
    sa.Index(None, "run_id", "school_code", "rank"),
    sa.Index(None, "run_id", "class_id", "rank"),
    sa.Index(None, "run_id", "tier"),
)


def _item_columns() -> tuple[sa.Column[Any], ...]:
    """Fields of a :class:`~kongchuo_risk.domain.plan.PlanItem`, proposed or in a plan."""
    return (
        sa.Column("student_id", sa.String, nullable=False),
        sa.Column("measure", sa.String, nullable=False),
        sa.Column("label", sa.String, nullable=False),
        sa.Column("dimension", sa.String, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("owner_role", sa.String, nullable=False),
        sa.Column("owner_staff", sa.String),
        sa.Column("due", sa.Date, nullable=False),
        sa.Column("form", sa.String, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("dose", sa.Text, nullable=False),
        sa.Column("warning", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("start", sa.Date),
        sa.Column("review", sa.Date),
        sa.Column("rhythm", sa.Text, nullable=False),
        sa.Column("helpers", sa.JSON, nullable=False),
        sa.Column("checklist", sa.JSON, nullable=False),
        sa.Column("evidence", sa.String, nullable=False),
        sa.Column("entitled", sa.Boolean, nullable=False),
        sa.Column("restricted", sa.Boolean, nullable=False),
        sa.Column("priority", sa.Text, nullable=False),
        sa.Column("hours_per_week", sa.Float, nullable=False),
    )


plan_items = sa.Table(
    "plan_items",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False),
    *_item_columns(),
    sa.UniqueConstraint("run_id", "student_id", "measure"),
)

pairings = sa.Table(
    "pairings",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("student_id", sa.String, primary_key=True),
    sa.Column("staff_no", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("handover", sa.Text, nullable=False),
    sa.Index(None, "run_id", "staff_no"),
)

peer_pairs = sa.Table(
    "peer_pairs",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("student_id", sa.String, primary_key=True),
    sa.Column("helper_id", sa.String),
    sa.Column("subjects", sa.JSON, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.UniqueConstraint("run_id", "helper_id"),
)

planning_reports = sa.Table(
    "planning_reports",
    metadata,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("content", sa.JSON, nullable=False),
)

pupil_plans = sa.Table(
    "pupil_plans",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("term", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("goal", sa.Text, nullable=False),
    sa.Column("needs", sa.JSON, nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("end", sa.Date, nullable=False),
    sa.Column("reviews", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("run_id", sa.ForeignKey("runs.id")),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("student_id", "term", "version"),
    sa.Index(None, "school_code", "term"),
)

pupil_plan_items = sa.Table(
    "pupil_plan_items",
    metadata,
    sa.Column("plan_id", sa.ForeignKey("pupil_plans.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    *_item_columns(),
    sa.UniqueConstraint("plan_id", "measure"),
)

school_plans = sa.Table(
    "school_plans",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("term", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("tasks", sa.JSON, nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.UniqueConstraint("school_code", "term", "version"),
)

cap_limits = sa.Table(
    "cap_limits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("term", sa.String, nullable=False),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("cap", sa.String, nullable=False),
    sa.Column("amount", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index(None, "term", "school_code", "cap"),
)

assumed_effects = sa.Table(
    "assumed_effects",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("measure", sa.String, nullable=False, index=True),
    sa.Column("low", sa.Float, nullable=False),
    sa.Column("expected", sa.Float, nullable=False),
    sa.Column("high", sa.Float, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
)

assignment_rules = sa.Table(
    "assignment_rules",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("student_id", sa.String, nullable=False),
    sa.Column("staff_no", sa.String, nullable=False),
    sa.Column("other_student", sa.String, nullable=False),
    sa.Column("value", sa.String, nullable=False),
    sa.Column("first", sa.Date),
    sa.Column("last", sa.Date),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("withdrawn_by", sa.String),
    sa.Column("withdrawn_at", sa.String),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("term", sa.String, nullable=False),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Index(None, "school_code", "term"),
)

assigned_pupils = sa.Table(
    "assigned_pupils",
    metadata,
    sa.Column("assignment_id", sa.ForeignKey("assignments.id"), primary_key=True),
    sa.Column("student_id", sa.String, primary_key=True),
    sa.Column("staff_no", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("previous", sa.String, nullable=False),
    sa.Column("handover", sa.Text, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("measure", sa.String, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("sessions", sa.Integer),
    sa.Column("staff_no", sa.String),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.UniqueConstraint("student_id", "measure", "started_on"),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("class_id", sa.String, nullable=False),
    sa.Column("opened_on", sa.Date, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("owner_staff", sa.String),
    sa.Column("version", sa.Integer, nullable=False),
    _body(),
    sa.Index(None, "school_code", "status"),
)
sa.Index(
    "uq_cases_open",
    cases.c.student_id,
    unique=True,
    sqlite_where=cases.c.status != "销号",
    postgresql_where=cases.c.status != "销号",
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.ForeignKey("cases.id"), nullable=False),
    sa.Column("at", sa.String, nullable=False, index=True),
    sa.Column("from_status", sa.String),
    sa.Column("to_status", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    _body(),
    sa.Index(None, "case_id", "id"),
)

case_proposals = sa.Table(
    "case_proposals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("to_status", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    _body(),
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("case_id", sa.ForeignKey("cases.id"), index=True),
    sa.Column("at", sa.String, nullable=False, index=True),
    sa.Column("mode", sa.String, nullable=False),
    sa.Column("result", sa.String, nullable=False),
    sa.Column("number", sa.Integer),
    sa.Column("recorded_by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.String, nullable=False),
    sa.Column("reviewed_by", sa.String, nullable=False),
    sa.Column("reviewed_at", sa.String, nullable=False),
    sa.Column("replaced_by", sa.ForeignKey("visits.id")),
    _body(),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("case_id", sa.ForeignKey("cases.id"), index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("doc_no", sa.String, nullable=False, unique=True),
    sa.Column("issued_on", sa.Date, nullable=False, index=True),
    sa.Column("recorded_by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.String, nullable=False),
    _body(),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False, index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.String, nullable=False),
    _body(),
)

sheets = sa.Table(
    "sheets",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("class_id", sa.String, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("session", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("enrolled", sa.Integer, nullable=False),
    sa.Column("taken_by", sa.String, nullable=False),
    sa.Column("taken_at", sa.String, nullable=False),
    sa.Column("is_newest", sa.Boolean, nullable=False),
    _body(),
    sa.UniqueConstraint("class_id", "day", "session", "version"),
    sa.Index(None, "day", "school_code"),
)

observations = sa.Table(
    "observations",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.String, nullable=False),
    _body(),
)

suspicions = sa.Table(
    "suspicions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("class_id", sa.String, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("case_id", sa.ForeignKey("cases.id")),
    sa.Column("recorded_at", sa.String, nullable=False),
    _body(),
    sa.UniqueConstraint("student_id", "since"),
)

registration_requests = sa.Table(
    "registration_requests",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("student_id", sa.String, nullable=False, index=True),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("change_type", sa.String, nullable=False),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("state", sa.String, nullable=False, index=True),
    sa.Column("asked_by", sa.String, nullable=False),
    sa.Column("asked_at", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    _body(),
)

school_records = sa.Table(
    "school_records",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("class_id", sa.String),
    sa.Column("student_id", sa.String, index=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("recorded_by", sa.String, nullable=False),
    sa.Column("recorded_at", sa.String, nullable=False),
    sa.Column("replaced_by", sa.ForeignKey("school_records.id")),
    _body(),
    sa.Index(None, "school_code", "kind", "day"),
)

issued_documents = sa.Table(
    "issued_documents",
    metadata,
    sa.Column("doc_no", sa.String, primary_key=True),
    sa.Column("form", sa.String, nullable=False),
    sa.Column("school_code", sa.String, nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("signer", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.UniqueConstraint("school_code", "form", "year", "number"),
)

comparisons = sa.Table(
    "comparisons",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    _body(),
    sa.Index(None, "title"),
)

comparison_pairs = sa.Table(
    "comparison_pairs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("comparison_id", sa.ForeignKey("comparisons.id"), nullable=False),
    sa.Column("left_person", sa.String, nullable=False),
    sa.Column("right_person", sa.String, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("probability", sa.Float),
    sa.Column("decided_by", sa.String, nullable=False),
    sa.Column("decided_at", sa.String, nullable=False),
    _body(),
    sa.Index(None, "comparison_id", "state"),
    sa.Index(None, "left_person", "right_person"),
)

comparison_findings = sa.Table(
    "comparison_findings",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("comparison_id", sa.ForeignKey("comparisons.id"), nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("student_id", sa.String, index=True),
    _body(),
)

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False),
    sa.Column("student_id", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("at", sa.String, nullable=False),
    sa.Index(None, "student_id", "at"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.String, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("subject", sa.String, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("prev_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Index(None, "subject"),
)
