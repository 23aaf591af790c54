"""Work that was done, counted beside the rates, and what of it was in time (rules 100, 102)."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.school_record import RecordKind
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.reports.indicators.catalogue import Indicator
from kongchuo_risk.reports.indicators.rows import PLACE, classes_of, counted
from kongchuo_risk.reports.ledgers.window import Window

_SETTLED = frozenset({TaskState.DONE, TaskState.DONE_LATE, TaskState.LATE, TaskState.MISSED})
ITEM = [*PLACE, "item"]


def timely(window: Window, indicator: Indicator) -> pd.DataFrame | None:
    """Tasks of some kinds that fell due in the period, and those done in time."""
    kinds = indicator.parameters["kinds"]
    assert isinstance(kinds, tuple)
    tasks = [task for task in due_tasks(window) if task.kind in kinds]
    if not tasks:
        return None
    rows = pd.DataFrame([place_of_task(task, window) for task in tasks], columns=PLACE)
    return counted(rows, pd.Series([task.state is TaskState.DONE for task in tasks]))


def due_tasks(window: Window) -> list[Task]:
    """Tasks that fell due in the period, whatever became of them."""
    return [
        task
        for task in window.material.tasks
        if task.state in _SETTLED and window.holds(day_of(task.due))
    ]


def work_done(window: Window) -> pd.DataFrame:
    """``school_code, class_id, stage, item, count`` of the kinds of work in ``indicators.yaml``."""
    rows = [
        *_visits(window), *_notices(window), *_measures(window), *_publicity(window),
        *_tasks(window),
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=ITEM)
    return table.groupby(ITEM, sort=True).size().rename("count").reset_index()


def place_of_pupil(student_id: str, window: Window, school: str = "") -> tuple[str, str, str]:
    """School, class and stage of a pupil; of one who is on no roll the school given."""
    roll = window.after.roll
    if student_id not in roll.index:
        return school, "", "未注明"
    row = roll.loc[student_id]
    return str(row["school_code"]), str(row["class_id"]), str(row["stage"])


def place_of_task(task: Task, window: Window) -> tuple[str, str, str]:
    """School, class and stage of whom a task is about."""
    if task.student_id is not None:
        return task.school_code, *place_of_pupil(task.student_id, window)[1:]
    classes = classes_of(window).set_index(["school_code", "class_id"])["stage"]
    class_id = task.class_id or ""
    return task.school_code, class_id, str(classes.get((task.school_code, class_id), "未注明"))


Row = tuple[str, str, str, str]


def _visits(window: Window) -> Iterator[Row]:
    for visit in window.after.history.visits:
        if not window.holds(visit.day):
            continue
        place = place_of_pupil(visit.student_id, window)
        yield *place, "走访"
        if visit.at_home:
            yield *place, "上门"
        if visit.met_somebody:
            yield *place, "见到人"
        if visit.has_leader:
            yield *place, "校领导参加"


def _notices(window: Window) -> Iterator[Row]:
    for notice in window.after.history.notices:
        if window.holds(notice.issued_on):
            place = place_of_pupil(notice.student_id, window)
            yield *place, "文书"
            if notice.is_delivered:
                yield *place, "文书送达"


def _measures(window: Window) -> Iterator[Row]:
    done = window.after.rows("measures_delivered")
    first, last = pd.Timestamp(window.period.first), pd.Timestamp(window.day)
    for student_id in done.loc[done["started_on"].between(first, last), "student_id"]:
        yield *place_of_pupil(str(student_id), window), "措施"


def _publicity(window: Window) -> Iterator[Row]:
    for record in window.after.history.records:
        told = record.kind in (RecordKind.PUBLICITY, RecordKind.MOBILISATION)
        if told and window.holds(record.day):
            yield record.school_code, record.class_id or "", "未注明", "宣传"


def _tasks(window: Window) -> Iterator[Row]:
    for task in due_tasks(window):
        place = place_of_task(task, window)
        yield *place, "应办"
        if task.state is TaskState.DONE:
            yield *place, "按时办"
