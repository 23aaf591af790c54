"""The procedure: cases with history, visits, notices, sheets, records; what is personal is sealed.

The ``note`` of old case events, the cause and destination of old cases and what people wrote in
feedback and plans are sealed on the way. Rows of the old audit log, which cannot be changed, may
still hold notes of plans.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import canonical_json
from kongchuo_risk.cases.sealed import seal

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TEXTS = {
    "feedback": ("reason",),
    "pupil_plans": ("goal", "note"),
    "school_plans": ("note",),
    "assignments": ("note",),
    "assignment_rules": ("why",),
    "deliveries": ("note",),
}


def upgrade() -> None:
    """Seal what is there, then make the new tables."""
    _seal_case_events()
    _seal_cases()
    _seal_texts()
    _make_case_proposals()
    _make_visits()
    _make_notices()
    _make_steps()
    _make_sheets()
    _make_observations()
    _make_suspicions()
    _make_registration_requests()
    _make_school_records()
    _make_issued_documents()
    _make_comparisons()
    _make_comparison_pairs()
    _make_comparison_findings()
    _protect_audit_on_postgresql()


def _seal_cases() -> None:
    op.add_column("cases", sa.Column("body", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    for row in _rows(connection, "cases"):
        _update(connection, "cases", row["id"], "body", canonical_json(_case_body(row)))
    op.drop_column("cases", "cause")
    # Where a pupil was had been written freely; those words are kept as the place.
    op.drop_column("cases", "destination")
    op.create_index(
        "uq_cases_open",
        "cases",
        ["student_id"],
        unique=True,
        sqlite_where=sa.text("status != '销号'"),
        postgresql_where=sa.text("status != '销号'"),
    )


def _case_body(row: Any) -> dict[str, object]:
    return {
        "cause": row["cause"],
        "causes": [],
        "destination": None,
        "place": row["destination"] or "",
        "trigger": "他人报告",
        "absent_since": None,
        "absent_session": "AM",
        "returned_on": None,
        "closed_on": None,
    }


def _seal_case_events() -> None:
    op.add_column("case_events", sa.Column("body", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    cases = {row["id"]: row for row in _rows(connection, "cases")}
    for row in _rows(connection, "case_events"):
        body = {
            "note": row["note"],
            "evidence": [],
            "confirmed_by": "",
            "case": _snapshot(cases[row["case_id"]], row["to_status"]),
        }
        _update(connection, "case_events", row["id"], "body", canonical_json(body))
    op.drop_column("case_events", "note")
    op.drop_index("ix_case_events_case_id", "case_events")
    op.create_index("ix_case_events_at", "case_events", ["at"])
    op.create_index("ix_case_events_case_id_id", "case_events", ["case_id", "id"])


def _snapshot(case: Any, status: str) -> dict[str, object]:
    """The case as it may have been: of older cases only the moves were kept."""
    names = ("id", "student_id", "school_code", "class_id", "owner_staff", "version")
    known = {name: case[name] for name in names}
    return known | _case_body(case) | {"opened_on": str(case["opened_on"]), "status": status}


def _seal_texts() -> None:
    """What people wrote freely stays in its column, sealed."""
    connection = op.get_bind()
    for table, columns in _TEXTS.items():
        for row in _rows(connection, table):
            for column in columns:
                if row[column]:
                    _update(connection, table, row["id"], column, row[column])


def _rows(connection: Connection, table: str) -> list[Any]:
    return list(connection.execute(sa.text(f'SELECT * FROM "{table}"')).mappings())


def _update(connection: Connection, table: str, row_id: int, column: str, text: str) -> None:
    statement = sa.text(f'UPDATE "{table}" SET "{column}" = :sealed WHERE id = :id')
    connection.execute(statement, {"sealed": seal(connection, text), "id": row_id})


def _make_case_proposals() -> None:
    op.create_table(
        "case_proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("to_status", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_proposals_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_case_proposals"),
    )
    op.create_index("ix_case_proposals_case_id", "case_proposals", ["case_id"])
    op.create_index("ix_case_proposals_state", "case_proposals", ["state"])


def _make_visits() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer()),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.Column("reviewed_at", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.Integer()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_visits_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["visits.id"], name="fk_visits_replaced_by_visits"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index("ix_visits_at", "visits", ["at"])
    op.create_index("ix_visits_case_id", "visits", ["case_id"])
    op.create_index("ix_visits_student_id", "visits", ["student_id"])


def _make_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("doc_no", sa.String(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_notices_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("doc_no", name="uq_notices_doc_no"),
    )
    op.create_index("ix_notices_case_id", "notices", ["case_id"])
    op.create_index("ix_notices_issued_on", "notices", ["issued_on"])
    op.create_index("ix_notices_student_id", "notices", ["student_id"])


def _make_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_steps_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_steps"),
    )
    op.create_index("ix_steps_at", "steps", ["at"])
    op.create_index("ix_steps_case_id", "steps", ["case_id"])


def _make_sheets() -> None:
    op.create_table(
        "sheets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("class_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("taken_by", sa.String(), nullable=False),
        sa.Column("taken_at", sa.String(), nullable=False),
        sa.Column("is_newest", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sheets"),
        sa.UniqueConstraint(
            "class_id", "day", "session", "version", name="uq_sheets_class_id_day_session_version"
        ),
    )
    op.create_index("ix_sheets_day_school_code", "sheets", ["day", "school_code"])


def _make_observations() -> None:
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_observations"),
    )
    op.create_index("ix_observations_day", "observations", ["day"])
    op.create_index("ix_observations_student_id", "observations", ["student_id"])


def _make_suspicions() -> None:
    op.create_table(
        "suspicions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("class_id", sa.String(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("case_id", sa.Integer()),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_suspicions_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_suspicions"),
        sa.UniqueConstraint("student_id", "since", name="uq_suspicions_student_id_since"),
    )
    op.create_index("ix_suspicions_state", "suspicions", ["state"])


def _make_registration_requests() -> None:
    op.create_table(
        "registration_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("change_type", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registration_requests"),
    )
    op.create_index("ix_registration_requests_day", "registration_requests", ["day"])
    op.create_index("ix_registration_requests_state", "registration_requests", ["state"])
    op.create_index("ix_registration_requests_student_id", "registration_requests", ["student_id"])


def _make_school_records() -> None:
    op.create_table(
        "school_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("class_id", sa.String()),
        sa.Column("student_id", sa.String()),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.Column("replaced_by", sa.Integer()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replaced_by"],
            ["school_records.id"],
            name="fk_school_records_replaced_by_school_records",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_school_records"),
    )
    op.create_index(
        "ix_school_records_school_code_kind_day", "school_records", ["school_code", "kind", "day"]
    )
    op.create_index("ix_school_records_student_id", "school_records", ["student_id"])


def _make_issued_documents() -> None:
    op.create_table(
        "issued_documents",
        sa.Column("doc_no", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("signer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("doc_no", name="pk_issued_documents"),
        sa.UniqueConstraint(
            "school_code",
            "form",
            "year",
            "number",
            name="uq_issued_documents_school_code_form_year_number",
        ),
    )


def _make_comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comparisons"),
    )
    op.create_index("ix_comparisons_title", "comparisons", ["title"])


def _make_comparison_pairs() -> None:
    op.create_table(
        "comparison_pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("left_person", sa.String(), nullable=False),
        sa.Column("right_person", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("probability", sa.Float()),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["comparisons.id"],
            name="fk_comparison_pairs_comparison_id_comparisons",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comparison_pairs"),
    )
    op.create_index(
        "ix_comparison_pairs_comparison_id_state", "comparison_pairs", ["comparison_id", "state"]
    )
    op.create_index(
        "ix_comparison_pairs_left_person_right_person",
        "comparison_pairs",
        ["left_person", "right_person"],
    )


def _make_comparison_findings() -> None:
    op.create_table(
        "comparison_findings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comparison_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("student_id", sa.String()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comparison_id"],
            ["comparisons.id"],
            name="fk_comparison_findings_comparison_id_comparisons",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_comparison_findings"),
    )
    op.create_index(
        "ix_comparison_findings_comparison_id", "comparison_findings", ["comparison_id"]
    )
    op.create_index("ix_comparison_findings_student_id", "comparison_findings", ["student_id"])


def _protect_audit_on_postgresql() -> None:
    """What 0001 does on SQLite; the account could drop it, so grant it no more than it needs."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
