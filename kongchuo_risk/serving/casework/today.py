"""今日待办: everything that is due or late, by whom, for one school, class or person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_reader
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.calendar import school_year_start
from kongchuo_risk.domain.clock import day_of, end_of, shown
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.procedure import (
    CaseFacts,
    SchoolFacts,
    case_tasks,
    class_tasks,
    pupil_duties,
    school_tasks,
)
from kongchuo_risk.serving.casework.room import Room, facts_of
from kongchuo_risk.tables import load_records

AHEAD = timedelta(days=7)
LOOK_BACK = timedelta(days=35)
COLUMNS = (
    "状态", "期限", "事项", "学生", "学校", "班级", "责任人", "责任岗位", "进展", "表单", "上报给",
    "依据",
)  # fmt: skip


@dataclass(frozen=True)
class TaskList:
    """Open tasks at a moment, late ones first."""

    late: tuple[Task, ...]
    today: tuple[Task, ...]
    soon: tuple[Task, ...]
    """Due within a week."""

    @property
    def all(self) -> tuple[Task, ...]:
        return (*self.late, *self.today, *self.soon)

    @property
    def raised(self) -> tuple[Task, ...]:
        """Late tasks that the principal is told of (seed rule 23)."""
        return tuple(task for task in self.late if task.raised_to is Role.PRINCIPAL)

    @property
    def headline(self) -> str:
        """One line for people."""
        raised = f"（其中 {len(self.raised)} 项上报校长）" if self.raised else ""
        soon = f"今天到期 {len(self.today)} 项，一周内 {len(self.soon)} 项"
        return f"逾期 {len(self.late)} 项{raised}，{soon}"


class TodayDesk:
    """What is to be done now."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def tasks(
        self,
        *,
        school_code: str | None = None,
        class_id: str | None = None,
        staff_no: str | None = None,
        role: Role | None = None,
    ) -> TaskList:
        """Open tasks, of a school, a class, a person or a role where given."""
        found = [
            task
            for task in self.everything(school_code)
            if task.is_open
            and class_id in (None, task.class_id)
            and staff_no in (None, task.owner_staff)
            and role in (None, task.owner_role)
        ]
        return arranged(found, self._room.setting().moment)

    def everything(self, school_code: str | None = None) -> list[Task]:
        """Every task, done ones too, by the moment at which it is due."""
        setting = self._room.setting()
        with case_reader(self._room.engine) as store:
            # A closed case's lateness is told by the reports, not by the list of the day.
            cases = facts_of(store, store.cases.open_in(school_code))
            schools = [self._school_facts(store, code) for code in self._schools(school_code)]
        tasks = [task for facts in cases for task in case_tasks(facts, setting)]
        tasks += [task for facts in schools for task in school_tasks(facts, setting)]
        tasks += self._pupil_tasks(school_code)
        return sorted(tasks, key=lambda task: (task.due, task.key))

    def case_tasks(self, facts: CaseFacts) -> list[Task]:
        """Every deadline of one case."""
        return case_tasks(facts, self._room.setting())

    def table(self, tasks: Iterable[Task]) -> pd.DataFrame:
        """Tasks as people read them, with names; columns :data:`COLUMNS`."""
        chosen = list(tasks)
        roll = self._room.roll()
        names = roll.names(task.student_id for task in chosen if task.student_id)
        rows = [
            (
                task.state, shown(task.due), task.title, names.get(task.student_id or "", ""),
                roll.directory.school(task.school_code),
                roll.directory.class_name(task.class_id) if task.class_id else "",
                roll.directory.person(task.owner_staff), task.owner_role, task.detail, task.form,
                task.raised_to or "", "、".join(map(_source, task.sources)),
            )
            for task in chosen
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS), dtype="object")

    def _schools(self, school_code: str | None) -> list[str]:
        known = sorted(self._room.roll().pupils["school_code"].unique())
        return [code for code in known if school_code in (None, code)]

    def _school_facts(self, store: CaseStore, school_code: str) -> SchoolFacts:
        roll, today = self._room.roll(), day_of(self._room.moment)
        start = school_year_start(today) - timedelta(days=31)
        own = roll.pupils[roll.pupils["school_code"].eq(school_code)]
        seen = store.observations.between(today - LOOK_BACK, today)
        visits = store.visits.between(today - LOOK_BACK, today)
        pupils = set(own.index)
        return SchoolFacts(
            school_code,
            classes=roll.classes_of(school_code),
            sheets=tuple(store.sheets.of_day(today, school_code)),
            records=tuple(store.records.of_school(school_code, first=start)),
            requests=tuple(store.registration.waiting(school_code)),
            observations=tuple(each for each in seen if each.student_id in pupils),
            suspicions=tuple(store.suspicions.open(school_code)),
            visits=tuple(visit for visit in visits if visit.student_id in pupils),
            class_of={each.student_id: str(own.loc[each.student_id, "class_id"])
                      for each in seen if each.student_id in pupils},
            first_day=roll.first_day,
        )  # fmt: skip

    def _pupil_tasks(self, school_code: str | None) -> Sequence[Task]:
        today, roll = day_of(self._room.moment), self._room.roll()
        records = load_records(self._room.workspace, ("aid", "visits"), as_of=today)
        with case_reader(self._room.engine) as store:
            made = store.visits.between(school_year_start(today), today)
        desk = pd.DataFrame(
            [(visit.student_id, pd.Timestamp(visit.day)) for visit in made],
            columns=["student_id", "day"],
        ).astype({"day": records["visits"]["day"].dtype})
        visits = pd.concat([records["visits"][["student_id", "day"]], desk], ignore_index=True)
        # A pupil on the national roster has a 学籍号: the key of the table is made of it.
        pupils = roll.pupils.reset_index().assign(registered=True)
        if school_code is not None:
            pupils = pupils[pupils["school_code"].eq(school_code)]
        duties = pupil_duties(
            pupils, aid=records["aid"], visits=visits, procedure=self._room.procedure, today=today
        )
        return class_tasks(duties)


def arranged(tasks: Iterable[Task], moment: datetime) -> TaskList:
    """Open tasks as late, due today, and due within a week of ``moment``; children come first."""
    today = day_of(moment)
    late, now, soon = [], [], []
    for task in sorted(tasks, key=lambda task: (task.student_id is None, task.due, task.key)):
        if task.state is TaskState.LATE:
            late.append(task)
        elif task.due <= end_of(today):
            now.append(task)
        elif task.due <= end_of(today + AHEAD):
            soon.append(task)
    return TaskList(tuple(late), tuple(now), tuple(soon))


def _source(source: str) -> str:
    """A source as people read it: a bare number is a rule of the seeds."""
    return f"规则{source}" if source.isdigit() else source
