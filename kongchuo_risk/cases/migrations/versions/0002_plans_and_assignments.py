"""Plans that people approve, their caps and assumptions, assignments, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Extend proposals and pairings, then make the new tables."""
    _extend_plan_items()
    _extend_pairings()
    _make_peer_pairs()
    _make_planning_reports()
    _make_pupil_plans()
    _make_school_plans()
    _make_choices()
    _make_assignments()
    _make_deliveries()


def _new_item_columns() -> tuple[sa.Column[object], ...]:
    # The defaults fill the rows that are there already; the program always names every column.
    return (
        sa.Column("state", sa.String(), nullable=False, server_default="拟定"),
        sa.Column("start", sa.Date()),
        sa.Column("review", sa.Date()),
        sa.Column("rhythm", sa.Text(), nullable=False, server_default=""),
        sa.Column("helpers", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("checklist", sa.JSON(), nullable=False, server_default="[]"),
        sa.Column("evidence", sa.String(), nullable=False, server_default=""),
        sa.Column("entitled", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("restricted", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("priority", sa.Text(), nullable=False, server_default=""),
        sa.Column("hours_per_week", sa.Float(), nullable=False, server_default="0"),
    )


def _extend_plan_items() -> None:
    for column in _new_item_columns():
        op.add_column("plan_items", column)


def _extend_pairings() -> None:
    op.add_column("pairings", sa.Column("previous", sa.String(), nullable=False, server_default=""))
    op.add_column("pairings", sa.Column("handover", sa.Text(), nullable=False, server_default=""))


def _make_peer_pairs() -> None:
    op.create_table(
        "peer_pairs",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("helper_id", sa.String()),
        sa.Column("subjects", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_peer_pairs_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "student_id", name="pk_peer_pairs"),
        sa.UniqueConstraint("run_id", "helper_id", name="uq_peer_pairs_run_id_helper_id"),
    )


def _make_planning_reports() -> None:
    op.create_table(
        "planning_reports",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_planning_reports_run_id_runs"),
        sa.PrimaryKeyConstraint("run_id", "kind", name="pk_planning_reports"),
    )


def _make_pupil_plans() -> None:
    op.create_table(
        "pupil_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("goal", sa.Text(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("reviews", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer()),
        *_signed(),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_pupil_plans_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_pupil_plans"),
        sa.UniqueConstraint(
            "student_id", "term", "version", name="uq_pupil_plans_student_id_term_version"
        ),
    )
    op.create_index("ix_pupil_plans_school_code_term", "pupil_plans", ["school_code", "term"])
    texts = ("student_id", "measure", "label", "dimension", "owner_role", "form")
    op.create_table(
        "pupil_plan_items",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("owner_staff", sa.String()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("dose", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        *_new_item_columns(),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["pupil_plans.id"], name="fk_pupil_plan_items_plan_id_pupil_plans"
        ),
        sa.PrimaryKeyConstraint("plan_id", "position", name="pk_pupil_plan_items"),
        sa.UniqueConstraint("plan_id", "measure", name="uq_pupil_plan_items_plan_id_measure"),
    )


def _make_school_plans() -> None:
    op.create_table(
        "school_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tasks", sa.JSON(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        *_signed(),
        sa.PrimaryKeyConstraint("id", name="pk_school_plans"),
        sa.UniqueConstraint(
            "school_code", "term", "version", name="uq_school_plans_school_code_term_version"
        ),
    )


def _make_choices() -> None:
    op.create_table(
        "cap_limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("cap", sa.String(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=False),
        *_reasoned(),
        sa.PrimaryKeyConstraint("id", name="pk_cap_limits"),
    )
    op.create_index(
        "ix_cap_limits_term_school_code_cap", "cap_limits", ["term", "school_code", "cap"]
    )
    op.create_table(
        "assumed_effects",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        *_reasoned(),
        sa.PrimaryKeyConstraint("id", name="pk_assumed_effects"),
    )
    op.create_index("ix_assumed_effects_measure", "assumed_effects", ["measure"])
    texts = ("kind", "student_id", "staff_no", "other_student", "value")
    op.create_table(
        "assignment_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("first", sa.Date()),
        sa.Column("last", sa.Date()),
        *_reasoned(),
        sa.Column("withdrawn_by", sa.String()),
        sa.Column("withdrawn_at", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_assignment_rules"),
    )


def _make_assignments() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_code", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        *_signed(),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_assignments_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_assignments"),
    )
    op.create_index("ix_assignments_school_code_term", "assignments", ["school_code", "term"])
    op.create_table(
        "assigned_pupils",
        sa.Column("assignment_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("staff_no", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("handover", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["assignments.id"],
            name="fk_assigned_pupils_assignment_id_assignments",
        ),
        sa.PrimaryKeyConstraint("assignment_id", "student_id", name="pk_assigned_pupils"),
    )


def _make_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("sessions", sa.Integer()),
        sa.Column("staff_no", sa.String()),
        *_signed(),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint(
            "student_id",
            "measure",
            "started_on",
            name="uq_deliveries_student_id_measure_started_on",
        ),
    )
    op.create_index("ix_deliveries_student_id", "deliveries", ["student_id"])


def _signed() -> tuple[sa.Column[object], ...]:
    """Who did it, when, and a note."""
    return (
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
    )


def _reasoned() -> tuple[sa.Column[object], ...]:
    """Why, who, when."""
    return (
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
    )
