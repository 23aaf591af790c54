"""In-memory services made of the real views, for tests of pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import pandas as pd

from kongchuo_risk.domain.plan import PlanItem
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.errors import CaseError, NotReadyError
from kongchuo_risk.serving.model_pages import PAGE_TABLES
from kongchuo_risk.serving.views import WORKLIST_COLUMNS, ModelPage, Overview, PupilFile

AS_OF = date(2026, 3, 6)


def overview(**changes: Any) -> Overview:
    plain = Overview(
        as_of=AS_OF,
        profile="国家2024",
        model="融合模型",
        verdict="融合模型优于评分卡和各条规则，由它排序。",
        ranked_by="本名单由融合模型排序；在以往学期的检验中，它胜过评分卡。",
        pupils=2000,
        listed=3,
        base_rate="过去 5 学期每 1000 名学生中 4.1 名疑似辍学（n=94/22,900）",
        synthetic=True,
    )
    return replace(plain, **changes)


def listed(student_id: str, **changes: Any) -> dict[str, Any]:
    """A row of the list; what a test does not name is filled in."""
    row: dict[str, Any] = {
        "student_id": student_id,
        "name": "学生" + student_id,
        "school_code": "A",
        "school_name": "示例中学",
        "class_id": "A-801",
        "class_name": "八年级1班",
        "grade": 8,
        "tier": str(Tier.RED),
        "rank": 1,
        "reasons": ("近四周无故缺勤 6 个半天（本班平均 0.2）",),
        "strengths": ("近一学期数学成绩上升 12 个百分位",),
        "measures": ("家访（责任人：班主任，3 天内）",),
        "mentor": "示例教师甲",
        "watch": (),
        "last_contact": pd.NaT,
    }
    return row | changes


def worklist(*rows: dict[str, Any]) -> pd.DataFrame:
    table = pd.DataFrame(list(rows), columns=list(WORKLIST_COLUMNS))
    return table.astype({"last_contact": "datetime64[us]"})


def reason(text: str, *, group: str = "出勤", contribution: float = 1.0) -> Reason:
    return Reason(group, "absence", text, contribution, actionable=True)


def pupil_file(row: dict[str, Any], **changes: Any) -> PupilFile:
    file = PupilFile(
        student_id=row["student_id"],
        name=row["name"],
        school_name=row["school_name"],
        class_name=row["class_name"],
        grade=row["grade"],
        tier=Tier(row["tier"]),
        rank=row["rank"],
        mentor=row["mentor"],
        watch=row["watch"],
        reasons=tuple(reason(text) for text in row["reasons"]),
        strengths=tuple(reason(text, contribution=-0.4) for text in row["strengths"]),
        plan=(plan_item(row["student_id"]),),
        facts=(("就读方式", "住校"), ("主要照料人", "祖父母")),
        contributions=contributions(("出勤", 1.9), ("学业", 0.8), ("家庭监护", -0.4)),
        timeline=pd.DataFrame(
            {
                "day": pd.to_datetime(["2026-03-04", "2025-11-12"]),
                "kind": ["缺勤", "考试"],
                "text": ["上午无故缺勤", "期中考试各科平均 62 分"],
            }
        ),
        attendance=pd.DataFrame(
            {
                "day": pd.to_datetime(["2026-03-04", "2026-03-04", "2026-02-24"]),
                "session": ["AM", "PM", "AM"],
                "kind": ["无故缺勤", "无故缺勤", "病假"],
            }
        ),
        marks=pd.DataFrame(
            {
                "day": pd.to_datetime(["2025-11-12", "2025-11-12", "2026-01-15"]),
                "exam": ["期中", "期中", "期末"],
                "subject": ["语文", "数学", "语文"],
                "rate": [0.7, 0.5, 0.55],
                "grade_mean": [0.72, 0.64, 0.7],
            }
        ),
    )
    return replace(file, **changes)


def plan_item(student_id: str) -> PlanItem:
    return PlanItem(
        student_id=student_id,
        measure="home_visit",
        label="家访",
        dimension="责任",
        why="近四周无故缺勤 6 个半天",
        owner_role="班主任",
        owner_staff="示例教师甲",
        due=date(2026, 3, 9),
        form="家访记录",
        sources=("64", "94"),
    )


def contributions(*groups: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "group": [group for group, _ in groups],
            "text": [f"{group}的情况" for group, _ in groups],
            "contribution": [value for _, value in groups],
        }
    )


def model_page(*, tables: dict[str, pd.DataFrame] | None = None, **changes: Any) -> ModelPage:
    """A page with the tables that every model has; ``tables`` replace or add some."""
    page = ModelPage(
        name="融合模型",
        version="3",
        verdict="融合模型优于评分卡和各条规则，由它排序。",
        card="## 模型卡\n\n训练数据：合成数据。",
        tables=empty_tables() | usual_tables() | (tables or {}),
        history=pd.DataFrame(
            {"at": pd.to_datetime(["2026-03-05 08:00"]), "action": "训练", "model": "融合模型",
             "version": "20260306-blend-003", "by": "命令行", "because": ""}
        ).astype({"at": "datetime64[us]"}),
        tracking_command="mlflow server --backend-store-uri sqlite:///mlflow.db",
    )  # fmt: skip
    return replace(page, **changes)


def empty_tables() -> dict[str, pd.DataFrame]:
    return {name: pd.DataFrame(columns=list(columns)) for name, columns in PAGE_TABLES.items()}


def usual_tables() -> dict[str, pd.DataFrame]:
    rows = [
        ("scorecard", "recall_at_k", 0.41, 0.30, 0.52),
        ("scorecard", "roc_auc", 0.83, 0.79, 0.87),
        ("blend", "recall_at_k", 0.62, 0.51, 0.73),
        ("blend", "roc_auc", 0.91, 0.88, 0.94),
    ]
    return {
        "metrics": pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"]),
        "calibration": pd.DataFrame(
            {
                "bin": [0, 1, 2],
                "predicted": [0.001, 0.01, 0.12],
                "observed": [0.0, 0.012, 0.10],
                "n": [9000, 3000, 120],
            }
        ),
        "importance": pd.DataFrame(
            {
                "feature": ["absence_20d", "marks_rank"],
                "label": ["近 20 天无故缺勤", "成绩年级位次"],
                "group": ["出勤", "学业"],
                "mean_abs_contribution": [0.9, 0.4],
            }
        ),
    }


@dataclass
class MemoryServices:
    """The services' verbs over values; remembers what it was told."""

    rows: list[dict[str, Any]]
    files: dict[str, PupilFile] = field(default_factory=dict)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    head: Overview = field(default_factory=overview)
    model: ModelPage = field(default_factory=model_page)

    def overview(self) -> Overview:
        return self.head

    def worklist(self) -> pd.DataFrame:
        return worklist(*self.rows)

    def worklist_workbook(self, school_code: str | None = None) -> bytes:
        return b"xlsx"

    def pupil(self, student_id: str) -> PupilFile:
        if student_id in self.files:
            return self.files[student_id]
        found = [row for row in self.rows if row["student_id"] == student_id]
        if not found:
            raise NotReadyError(f"没有编号为 {student_id} 的学生。")
        return pupil_file(found[0])

    def model_page(self) -> ModelPage:
        return self.model

    def open_mlflow(self) -> str:
        return "http://127.0.0.1:5000"

    def record_feedback(self, student_id: str, *, verdict: str, note: str) -> None:
        if verdict != "已联系" and not note:
            raise CaseError("请写明理由")
        self.told.append((student_id, verdict, note))


def county() -> MemoryServices:
    """Three pupils in two schools."""
    return MemoryServices(
        [
            listed("S1", name="甲一", watch=("留守",)),
            listed("S2", name="甲二", rank=2, tier="橙", class_id="A-701", class_name="七年级1班"),
            listed("S3", name="乙一", school_code="B", school_name="示例小学", tier="黄", grade=5),
        ]
    )
