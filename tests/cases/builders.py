"""Values for the case database; a test names only what it is about."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.engine import Engine

from kongchuo_risk.cases import publish_run
from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.cases.runs import Contribution
from kongchuo_risk.domain.case import Case, CaseStatus
from kongchuo_risk.domain.plan import Need, Pairing, PlanItem, PlanKind, PupilPlan
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.domain.run import Run

DAY = date(2025, 10, 15)
KEY = b"k" * 32
TERM = "2025-2026-1"


def database(folder: Path) -> Engine:
    """A migrated SQLite file."""
    file = folder / "kongchuo.db"
    if not file.exists():
        file.write_bytes(_migrated())
    return create_engine(f"sqlite:///{file}", key=KEY)


@cache
def _migrated() -> bytes:
    """An empty database: migrating takes longer than most tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "kongchuo.db"
        engine = create_engine(f"sqlite:///{file}", key=KEY)
        migrate(engine)
        engine.dispose()
        return file.read_bytes()


def reason(text: str = "近四周无故缺勤 6 个半天", contribution: float = 1.5) -> Reason:
    return Reason("出勤", "unexcused_20d", text, contribution, True)


def entry(student_id: str = "a", **changes: Any) -> RiskEntry:
    values: dict[str, Any] = {
        "school_code": "S1",
        "class_id": "C1",
        "grade": 8,
        "as_of": DAY,
        "rank": 1,
        "tier": Tier.RED,
        "probability": 0.25,
        "reasons": (reason(),),
        "strengths": (),
        "watch": ("留守",),
    }
    return RiskEntry(student_id=student_id, **values | changes)


def run(**changes: Any) -> Run:
    values: dict[str, Any] = {
        "as_of": DAY,
        "model": "blend",
        "verdict": "融合模型优于各条规则，由它排序。",
        "profile": "国家2024",
        "settings": {"seed": 7},
    }
    return Run(**values | changes)


def item(student_id: str = "a", measure: str = "home_visit", **changes: Any) -> PlanItem:
    values: dict[str, Any] = {
        "label": "家访",
        "dimension": "责任",
        "why": "近四周无故缺勤 6 个半天",
        "owner_role": "班主任",
        "owner_staff": "T1",
        "due": date(2025, 10, 22),
        "form": "家访记录",
        "sources": ("规则64「…」",),
    }
    return PlanItem(student_id=student_id, measure=measure, **values | changes)


def pairing(student_id: str = "a", staff_no: str = "T1") -> Pairing:
    return Pairing(student_id, staff_no, "包保教师", "班主任")


def plan(student_id: str = "a", **changes: Any) -> PupilPlan:
    values: dict[str, Any] = {
        "school_code": "S1",
        "term": TERM,
        "kind": PlanKind.GENERAL,
        "goal": "每天到校",
        "needs": (Need("家庭情况", ("留守",)),),
        "items": (item(student_id), item(student_id, "aid", label="资助", entitled=True)),
        "start": DAY,
        "end": date(2026, 1, 30),
        "reviews": (date(2025, 11, 14), date(2026, 1, 13)),
    }
    return PupilPlan(student_id=student_id, **values | changes)


def publish(engine: Engine, *entries: RiskEntry, **changes: Any) -> int:
    """Publish a run of these entries, each with a plan item and a mentor."""
    return publish_run(
        engine,
        run(**changes),
        entries,
        contributions={e.student_id: [Contribution("出勤", "…", 1.5)] for e in entries},
        plan=[item(e.student_id) for e in entries],
        pairings=[pairing(e.student_id) for e in entries],
        by="测试",
    )


def case(student_id: str = "a", status: CaseStatus = CaseStatus.SUSPECTED) -> Case:
    return Case(student_id, "S1", "C1", DAY, status, owner_staff="T1")
