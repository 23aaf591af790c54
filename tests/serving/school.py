"""A workspace with one tiny school in real files; the people in it are invented and called so."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.serving.scoring import publish
from kongchuo_risk.tables.manifest import IDENTITIES, writing
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.tables.writing import BatchWriter
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.builders import students, table
from tests.cases.builders import item

DAY = date(2025, 10, 15)
REASON = Reason("出勤", "unexcused_20d", "近四周无故缺勤 2 个半天（本班平均 0.2）", 1.5, True)
STRENGTH = Reason("学业", "marks", "数学成绩高于年级平均", -0.4, True)
TERM = "2025-2026-1"


def school_tables() -> dict[str, pd.DataFrame]:
    """Pupils a and b in C1, c in C2 of school S1; d is on leave."""
    return {
        "schools": table(
            "schools",
            [{"school_code": "S1", "school_name": "示例中学", "school_type": "junior",
              "known_on": date(2000, 1, 1)}],
        ),
        "classes": table(
            "classes",
            [
                {"term": TERM, "class_id": "C1", "school_code": "S1", "grade": 8,
                 "class_name": "八年级1班", "homeroom_staff": "T1"},
                {"term": TERM, "class_id": "C2", "school_code": "S1", "grade": 7,
                 "class_name": "七年级1班", "homeroom_staff": None},
            ],
        ),
        "staff": table(
            "staff",
            [{"staff_no": "T1", "school_code": "S1", "roles": "homeroom",
              "known_on": date(2000, 1, 1)}],
        ),
        "students": students(
            {"student_id": "a", "sex": "2", "ethnicity": "…", "judicial": True, "village": "…",
             "left_behind": "2", "disability_type": "0", "school_distance_km": 6.5,
             "parent_ill": True, "orphan": False},
            {"student_id": "b"},
            {"student_id": "c", "class_id": "C2", "grade": 7},
            {"student_id": "d", "status": "02"},
        ),
        "attendance": table(
            "attendance",
            [
                {"day": date(2025, 10, 14), "session": "PM"},
                {"day": date(2025, 10, 14), "session": "AM"},
                {"day": date(2025, 9, 9), "kind": "uniform"},
                {"day": date(2025, 10, 10), "kind": "sick", "known_on": date(2025, 10, 20)},
                {"student_id": "b", "day": date(2025, 10, 14), "kind": "late"},
            ],
        ),
        "exams": table("exams", [{"day": date(2025, 10, 9), "term": TERM, "exam_type": "midterm"}]),
        "scores": table(
            "scores",
            [
                {"score": 60.0, "full_score": 120.0, "known_on": date(2025, 10, 12)},
                {"student_id": "b", "score": 90.0, "full_score": 120.0,
                 "known_on": date(2025, 10, 12)},
                {"subject": "chinese", "absent": True, "known_on": date(2025, 10, 12)},
            ],
        ),
        "registration_changes": table(
            "registration_changes",
            [{"day": date(2025, 3, 1), "change_type": "22", "reason": "随父母搬家"}],
        ),
        "aid": table(
            "aid",
            [{"term": TERM, "item": "meals", "amount": 400.0, "applied_on": date(2025, 9, 5)}],
        ),
        "observations": table(
            "observations", [{"day": date(2025, 10, 8), "tag": "aversion", "level": "2"}]
        ),
        "visits": table(
            "visits",
            [{"day": date(2025, 9, 20), "met_student": True, "met_guardian": True,
              "result": "routine"}],
        ),
        "measures_delivered": table(
            "measures_delivered",
            [{"started_on": date(2025, 9, 22), "measure": "家访", "sessions": 1}],
        ),
    }  # fmt: skip


def make_workspace(folder: Path) -> Workspace:
    """The school in Parquet files, with sealed names."""
    workspace = create_workspace(folder)
    contracts, sealer = load_schema().tables, Sealer(workspace.key)
    with writing(workspace):
        writer = BatchWriter(workspace, "B1")
        for name, rows in school_tables().items():
            writer.append(contracts[name], rows)
        people = [
            ("student", "a", "甲一"),
            ("student", "b", "=甲二"),
            ("staff", "T1", "示例教师甲"),
        ]
        writer.append_sealed(
            IDENTITIES,
            [
                (owner, number, sealer.seal(json.dumps({"name": name})))
                for owner, number, name in people
            ],
        )
        writer.commit([], imported_at="2025-10-15T08:00:00", adapter=None, report=None)
    return workspace


def entry(student_id: str, tier: Tier, rank: int, *, class_id: str = "C1") -> RiskEntry:
    """An entry; only listed pupils have reasons."""
    listed = tier is not Tier.NONE
    reasons, strengths = ((REASON,), (STRENGTH,)) if listed else ((), ())
    watch = ("留守",) if student_id == "a" else ()
    grade = 8 if class_id == "C1" else 7
    return RiskEntry(
        student_id, "S1", class_id, grade, DAY, rank, tier, 0.1, reasons, strengths, watch
    )


def publish_list(workspace: Workspace, *entries: RiskEntry, **changes: object) -> int:
    """Publish these entries, or the usual list: a red, b yellow, c not listed."""
    chosen = entries or (
        entry("a", Tier.RED, 1),
        entry("b", Tier.YELLOW, 2),
        entry("c", Tier.NONE, 3, class_id="C2"),
    )
    head = {
        "as_of": DAY,
        "model": "融合模型",
        "verdict": "融合模型优于各条规则，由它排序。",
        "profile": "国家2024",
        "base_rate": "过去 5 个学期每 1000 名学生中 4.1 名疑似辍学（n=94/22,900）",
        "synthetic": True,
    }
    return publish(
        workspace,
        chosen,
        None,
        [item("a")],
        [Pairing(e.student_id, "T1", "包保教师", "班主任") for e in chosen],
        **(head | changes),
    )
