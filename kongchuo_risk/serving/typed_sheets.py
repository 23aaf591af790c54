"""Sheets that were filled on paper or in Excel, read back as records; good rows go on."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import TypeVar

from kongchuo_risk.domain.attendance import Observation
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import Attitude, Step, StepKind, Visit, VisitMode, VisitResult
from kongchuo_risk.errors import CaseError, ImportRefusedError
from kongchuo_risk.ingestion.problems import Problem
from kongchuo_risk.reports.forms.ledger_book import Ledger
from kongchuo_risk.reports.forms.school_facts import PupilLine
from kongchuo_risk.reports.forms.typed_forms import OBSERVED, PROGRESS, PUPIL, SIGNS, VISITS
from kongchuo_risk.serving.class_roster import Roster
from kongchuo_risk.serving.tables_book import Row, read_rows
from kongchuo_risk.serving.typed_cells import TypedRow

Record = TypeVar("Record", Visit, Step, Observation)
_GIVEN = {column.name for column in PUPIL} | {"序号"}
"""Columns that a printed sheet brings along: a row with nothing else was not filled."""
_NOON = time(12)
"""Hour of a step of which paper knows the day alone."""


def read_visit_sheet(
    path: Path,
    roster: Roster,
    *,
    cases: Mapping[str, int] | None = None,
    staff: Mapping[str, str] | None = None,
) -> tuple[list[Visit], list[Problem]]:
    """走访登记表: every contact, and the rows that cannot be read.

    Parameters
    ----------
    path
        The workbook.
    roster
        Pupils that may be named.
    cases
        Pupil → open case, to which the visit then belongs.
    staff
        Name → staff number, as far as names are unique.

    Raises
    ------
    ImportRefusedError
        When the file is no workbook, or has not this sheet with its columns.
    """

    def build(row: TypedRow, pupil: PupilLine | None) -> Visit | None:
        at, visitors = row.moment(), row.visitors("走访人", staff or {})
        mode = row.choice("方式", VisitMode, codes="visit_mode")
        result = row.choice("结果", VisitResult, codes="visit_result")
        attitude = row.choice("学生态度", Attitude, codes="attitude", needed=False)
        met_student, met_guardian = row.flag("见到学生"), row.flag("见到监护人")
        promise = row.day("承诺返校日")
        if row.problems or not (pupil and at and mode and result):
            return None
        visit = Visit(
            student_id=pupil.student_id, at=at, mode=mode, visitors=visitors, result=result,
            case_id=(cases or {}).get(pupil.student_id),
            met_student=bool(met_student), met_guardian=bool(met_guardian),
            guardian=row.text("监护人"), talk=row.text("谈话内容"), attitude=attitude,
            guardian_opinion=row.text("监护人意见"), difficulty=row.text("困难"),
            next_step=row.text("下一步"), promise=promise,
        )  # fmt: skip
        return _checked(row, visit)

    return _read(path, VISITS, roster, build, visit_key)


def _checked(row: TypedRow, visit: Visit) -> Visit | None:
    try:
        visit.check()
    except CaseError as error:
        row.refuse("整行", str(error))
        return None
    return visit


def read_sign_sheet(path: Path, roster: Roster) -> tuple[list[Observation], list[Problem]]:
    """苗头登记表; see :func:`read_visit_sheet`."""

    def build(row: TypedRow, pupil: PupilLine | None) -> Observation | None:
        day, tag = row.past_day(), row.code("苗头", "observation_tag")
        level = row.code("程度", "level3", needed=False)
        if row.problems or not (pupil and day and tag):
            return None
        return Observation(
            pupil.student_id, day, tag, row.text("登记人"),
            level=int(level) if level else None, note=row.text("情况"),
        )  # fmt: skip

    return _read(path, SIGNS, roster, build, observation_key)


def read_progress_sheet(
    path: Path, roster: Roster, *, cases: Mapping[str, int]
) -> tuple[list[Step], list[Problem]]:
    """劝返进展登记表: steps of open cases (pupil → case); see :func:`read_visit_sheet`."""

    def build(row: TypedRow, pupil: PupilLine | None) -> Step | None:
        at, kind = row.moment(), row.choice("事项", StepKind)
        case_id = _case_of(row, pupil, cases)
        if kind is StepKind.OBSERVED:
            row.refuse("事项", f"跟踪观察请填在《{OBSERVED.name}》里")
        if kind is StepKind.PAPER and not row.text("材料"):
            row.refuse("材料", "收到手续时请写材料名称")
        if row.problems or not (at and kind and case_id):
            return None
        return Step(case_id, kind, at, row.text("办理人"), row.text("情况"), row.text("材料"))

    return _read(path, PROGRESS, roster, build, step_key)


def read_watch_sheet(
    path: Path, roster: Roster, *, cases: Mapping[str, int]
) -> tuple[list[Step], list[Problem]]:
    """跟踪观察表: how returned pupils do (pupil → case); see :func:`read_visit_sheet`."""

    def build(row: TypedRow, pupil: PupilLine | None) -> Step | None:
        day, case_id = row.past_day(), _case_of(row, pupil, cases)
        attitude = row.choice("学生态度", Attitude, codes="attitude", needed=False)
        at_school = row.flag("正常到校")
        if not row.text("正常到校"):
            row.refuse("正常到校", "请写 是 或 否")
        if row.problems or not (day and case_id):
            return None
        return Step(
            case_id, StepKind.OBSERVED, datetime.combine(day, _NOON, tzinfo=CHINA),
            row.text("观察人"), row.text("学习和生活情况"), at_school=at_school, attitude=attitude,
        )  # fmt: skip

    return _read(path, OBSERVED, roster, build, step_key)


def _case_of(row: TypedRow, pupil: PupilLine | None, cases: Mapping[str, int]) -> int | None:
    found = cases.get(pupil.student_id) if pupil else None
    if pupil and found is None:
        row.refuse("姓名", "这名学生没有未销号的案件；走访请填走访登记表，苗头请填苗头登记表")
    return found


def visit_key(visit: Visit) -> Hashable:
    """What makes two rows the same visit: pupil, minute and mode."""
    return visit.student_id, visit.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), visit.mode


def observation_key(observation: Observation) -> Hashable:
    """What makes two rows the same observation: pupil, day and tag."""
    return observation.student_id, observation.day, observation.tag


def step_key(step: Step) -> Hashable:
    """What makes two rows the same step: case, kind, minute and paper."""
    return step.case_id, step.kind, step.at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), step.paper


def _read(
    path: Path,
    ledger: Ledger,
    roster: Roster,
    build: Callable[[TypedRow, PupilLine | None], Record | None],
    key: Callable[[Record], Hashable],
) -> tuple[list[Record], list[Problem]]:
    good: list[Record] = []
    problems: list[Problem] = []
    seen: dict[Hashable, int] = {}
    for filled in _filled_rows(path, ledger):
        row = TypedRow(filled, file=path.name, sheet=ledger.name)
        record = build(row, row.pupil(roster))
        if record is not None and key(record) in seen:
            row.refuse("整行", f"与第 {seen[key(record)]} 行是同一条记录，只取前一行")
        elif record is not None:
            seen[key(record)] = filled.number
            good.append(record)
        problems += row.problems
    return good, problems


def _filled_rows(path: Path, ledger: Ledger) -> Iterator[Row]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        names = CalamineWorkbook.from_path(path).sheet_names
    except (CalamineError, OSError) as error:
        raise ImportRefusedError(f"{path} 不是有效的 Excel 文件，或已损坏") from error
    if ledger.name not in names:
        found = "、".join(names)
        raise ImportRefusedError(f"{path} 里没有工作表“{ledger.name}”；有：{found}（表名不要改）")
    for row in read_rows(path, ledger.name, ledger.column_names):
        if any(name not in _GIVEN and row.text(name) for name in ledger.column_names):
            yield row
