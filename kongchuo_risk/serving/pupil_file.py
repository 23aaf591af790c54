"""一生一档: one pupil's list entry, plan and records put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import pandas as pd

from kongchuo_risk.cases import Contribution, ListRow
from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.plan import Pairing, PlanItem
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.serving import pupil_records
from kongchuo_risk.serving.day import DayView
from kongchuo_risk.serving.views import PupilFile


def build_pupil_file(
    day: DayView,
    student_id: str,
    row: ListRow | None,
    plan: Sequence[PlanItem],
    pairing: Pairing | None,
    schema: Schema,
    entered: pd.DataFrame,
) -> PupilFile:
    """Everything a teacher may see of one pupil as of the day of the list.

    Parameters
    ----------
    day
        The run, its names and its records.
    student_id
        The pupil.
    row, plan, pairing
        What was published; all empty for a pupil who was not scored (休学, 送教上门 …).
    schema
        Titles and code lists.
    entered
        Further lines of the timeline: what was recorded at the desk, up to now.

    Raises
    ------
    NotFoundError
        When the workspace knows no such pupil on that day.
    """
    as_of = day.run.as_of
    own = pupil_records.of_pupil(day.records, student_id, as_of)
    entry = row.entry if row is not None else _unscored(own, student_id, day)
    seen = pupil_records.attendance_days(own, schema)
    sat = pupil_records.marks(own, day.records, schema)
    return PupilFile(
        student_id=student_id,
        name=day.names([student_id])[student_id],
        school_name=day.directory.school(entry.school_code),
        class_name=day.directory.class_name(entry.class_id),
        grade=entry.grade,
        tier=entry.tier,
        rank=entry.rank if entry.tier is not Tier.NONE else None,
        mentor=day.mentor_name(pairing),
        watch=entry.watch,
        reasons=entry.reasons,
        strengths=entry.strengths,
        plan=tuple(_with_name(item, day) for item in plan),
        facts=pupil_records.pupil_facts(own, as_of, schema),
        contributions=_contribution_table(row.contributions if row is not None else ()),
        timeline=_whole_timeline(pupil_records.timeline(own, seen, sat, schema), entered),
        attendance=seen,
        marks=sat,
    )


def _whole_timeline(imported: pd.DataFrame, entered: pd.DataFrame) -> pd.DataFrame:
    if entered.empty:
        return imported
    alike = entered.astype(imported.dtypes.to_dict())
    return pupil_records.newest_first(pd.concat([imported, alike], ignore_index=True))


def _unscored(own: Records, student_id: str, day: DayView) -> RiskEntry:
    latest = latest_by_student(own["students"], day.run.as_of)
    if latest.empty:
        raise NotFoundError(f"没有编号为 {student_id} 的学生。")
    last = latest.iloc[0]
    return RiskEntry(
        student_id=student_id,
        school_code=str(last["school_code"]),
        class_id=str(last["class_id"]),
        grade=int(last["grade"]),
        as_of=day.run.as_of,
        rank=0,
        tier=Tier.NONE,
        probability=float("nan"),
        reasons=(),
        strengths=(),
    )


def _with_name(item: PlanItem, day: DayView) -> PlanItem:
    """The item with the owner's name in place of the staff number."""
    return replace(item, owner_staff=day.directory.person(item.owner_staff) or None)


def _contribution_table(contributions: Sequence[Contribution]) -> pd.DataFrame:
    table = pd.DataFrame(
        [asdict(part) for part in contributions], columns=["group", "text", "contribution"]
    )
    heaviest = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[heaviest].reset_index(drop=True)
