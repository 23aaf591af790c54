"""今日待办: everything that is due or late, by whom, for one school, class or person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pandas as pd

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.clock import day_of, end_of, shown
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.procedure import CaseFacts, case_tasks, school_tasks
from kongchuo_risk.serving.casework.duties import pupil_tasks, school_facts
from kongchuo_risk.serving.casework.people import in_charge
from kongchuo_risk.serving.casework.room import Room, facts_of
from kongchuo_risk.serving.tables_book import Sheet, workbook

AHEAD = timedelta(days=7)
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
    def parts(self) -> dict[str, tuple[Task, ...]]:
        """The three parts by the words that people read."""
        return {"逾期": self.late, "今天到期": self.today, "一周内": self.soon}

    def only(self, wanted: Callable[[Task], bool]) -> TaskList:
        """Those tasks of the list that are asked for."""
        return TaskList(*(tuple(filter(wanted, tasks)) for tasks in self.parts.values()))

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
        school = school_code or self._school_of(class_id, staff_no)
        found = [
            task
            for task in self.everything(school)
            if task.is_open
            and class_id in (None, task.class_id)
            and staff_no in (None, task.owner_staff)
            and role in (None, task.owner_role)
        ]
        return arranged(found, self._room.moment)

    def everything(self, school_code: str | None = None) -> list[Task]:
        """Every task, done ones too, by the moment at which it is due."""
        setting = self._room.setting()
        with case_reader(self._room.engine) as store:
            # A closed case's lateness is told by the reports, not by the list of the day.
            cases = facts_of(store, store.cases.open_in(school_code))
            schools = list(school_facts(store, self._room, school_code))
            tasks = pupil_tasks(store, self._room, school_code)
        tasks += [task for facts in cases for task in case_tasks(facts, setting)]
        tasks += [task for facts in schools for task in school_tasks(facts, setting)]
        return sorted(self._with_holders(tasks), key=lambda task: (task.due, task.key))

    def places(self) -> pd.DataFrame:
        """Classes on today's roll with their schools, codes and names."""
        roll = self._room.roll()
        rows = [
            (code, roll.directory.school(code), class_id, roll.directory.class_name(class_id))
            for code, classes in roll.classes_by_school.items()
            for class_id in classes
        ]
        columns = ["school_code", "school_name", "class_id", "class_name"]
        return pd.DataFrame(rows, columns=columns)

    def people(self, tasks: Iterable[Task]) -> dict[str, str]:
        """Staff number → name of everybody who has a task, by name."""
        directory = self._room.roll().directory
        numbers = {task.owner_staff for task in tasks if task.owner_staff}
        names = {number: directory.person(number) for number in numbers}
        return dict(sorted(names.items(), key=lambda pair: pair[::-1]))

    def by_school(self, found: TaskList) -> pd.DataFrame:
        """How many tasks wait in each school, by part; where most are late comes first."""
        parts = {
            "逾期": found.late, "上报校长": found.raised, "今天到期": found.today,
            "一周内": found.soon,
        }  # fmt: skip
        counts = {
            name: Counter(task.school_code for task in tasks) for name, tasks in parts.items()
        }
        name = self._room.roll().directory.school
        schools = {task.school_code for task in found.all}
        rows = [
            {"学校": name(code)} | {part: counted[code] for part, counted in counts.items()}
            for code in sorted(schools, key=lambda code: (-counts["逾期"][code], code))
        ]
        return pd.DataFrame(rows, columns=["学校", *parts])

    def workbook(self, found: TaskList) -> bytes:
        """The list to print: a sheet each for what is late, due today, and due within a week."""
        with case_store(self._room.engine) as store:
            store.note(self._room.by, "导出待办", "待办表", tasks=len(found.all))
        return workbook(
            [
                Sheet(title, self.table(tasks), f"{title}：{len(tasks)} 项")
                for title, tasks in found.parts.items()
            ]
        )

    def case_tasks(self, facts: CaseFacts) -> list[Task]:
        """Every deadline of one case."""
        return self._with_holders(case_tasks(facts, self._room.setting()))

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

    def _with_holders(self, tasks: Iterable[Task]) -> list[Task]:
        roll = self._room.roll()
        return [_held_by(task, in_charge(roll, task)) for task in tasks]

    def _school_of(self, class_id: str | None, staff_no: str | None) -> str | None:
        """The one school that a class or a member of staff belongs to: no other is looked at."""
        roll = self._room.roll()
        if class_id is not None:
            return roll.school_of_class.get(class_id)
        if staff_no is not None and staff_no in roll.staff.index:
            return str(roll.staff.loc[staff_no, "school_code"])
        return None


def _held_by(task: Task, staff_no: str | None) -> Task:
    return task if task.owner_staff == staff_no else replace(task, owner_staff=staff_no)


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
