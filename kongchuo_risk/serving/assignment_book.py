"""包保安排.xlsx: the headteacher's proposal on paper, with names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.assignment import Assignment, PeerPair
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.serving.directory import Directory, build_directory
from kongchuo_risk.serving.tables_book import Sheet, workbook
from kongchuo_risk.tables import load_identities, load_staff_names
from kongchuo_risk.workspace import Workspace

MENTOR_KIND = "包保教师"
_LOADS_NOTE = "课时按每周计；空着表示教职工表没有填。"
_HANDOVER_NOTE = "请当面交接，把学生情况和未完成的事项说清楚。"


@dataclass(frozen=True)
class _Names:
    """Pupils and adults as people call them."""

    directory: Directory
    pupils: Mapping[str, str]
    entries: Mapping[str, RiskEntry]
    schema: Schema

    def pupil(self, student_id: str) -> tuple[str, str, str]:
        """School, class and name."""
        entry = self.entries.get(student_id)
        name = self.pupils.get(student_id, student_id[:8])
        if entry is None:
            return "", "", name
        directory = self.directory
        return directory.school(entry.school_code), directory.class_name(entry.class_id), name


def assignment_workbook(
    workspace: Workspace,
    records: Records,
    entries: Sequence[RiskEntry],
    assignment: Assignment,
    peers: Iterable[PeerPair],
) -> bytes:
    """Names, loads, changes, hand-overs, 一帮一, what would help, and problems.

    Parameters
    ----------
    workspace
        Opens the names.
    records, entries
        The records and the list that the assignment was made from.
    assignment
        The proposal.
    peers
        一帮一 of the current plan.
    """
    names = _names(workspace, records, entries, assignment, peers)
    sheets = [
        Sheet("包保名册", _mentored(assignment.pairings, names), _coverage(assignment)),
        Sheet("教师负荷", _loads(assignment.loads, names), _LOADS_NOTE),
        Sheet("变动", _changes(assignment, names), "与上次批准的安排相比；没有变动的不列。"),
        Sheet("交接", _handovers(assignment, names), _HANDOVER_NOTE),
        Sheet("一帮一", _peers(peers, names), "帮助的同学须自愿并经家长同意，一人只帮一名。"),
        Sheet("包校包班", _guarantees(assignment, names)),
        Sheet("放宽建议与问题", _advice(assignment), "由校长决定；系统不会自行放宽。"),
    ]
    return workbook(sheets)


def _names(
    workspace: Workspace,
    records: Records,
    entries: Sequence[RiskEntry],
    assignment: Assignment,
    peers: Iterable[PeerPair],
) -> _Names:
    day = entries[0].as_of
    wanted = {pair.student_id for pair in assignment.pairings if pair.kind == MENTOR_KIND}
    wanted |= {change.student_id for change in assignment.changes}
    for pair in peers:
        wanted |= {pair.student_id, pair.helper} - {""}
    opened = load_identities(workspace, wanted)
    return _Names(
        build_directory(records, load_staff_names(workspace), day),
        {pupil: facts["name"] for pupil, facts in opened.items() if "name" in facts},
        {entry.student_id: entry for entry in entries},
        load_schema(workspace.settings().data_schema),
    )


def _coverage(assignment: Assignment) -> str:
    covered, pupils = assignment.coverage
    return (
        f"全校学生 {pupils} 名，有责任教师 {covered} 名。下表是名单上的学生；其余学生由班主任负责。"
    )


def _mentored(pairings: Iterable[Pairing], names: _Names) -> pd.DataFrame:
    listed = [
        pair
        for pair in pairings
        if pair.student_id in names.entries and names.entries[pair.student_id].tier is not Tier.NONE
    ]
    rows = [
        (
            *names.pupil(pair.student_id),
            str(names.entries[pair.student_id].tier),
            names.directory.person(pair.staff_no),
            pair.kind,
            pair.why,
        )
        for pair in listed
    ]
    columns = ["学校", "班级", "学生", "层级", "责任教师", "身份", "为什么"]
    return pd.DataFrame(rows, columns=columns).sort_values(["学校", "班级"], kind="stable")


def _loads(loads: pd.DataFrame, names: _Names) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "学校": [names.directory.school(code) for code in loads["school_code"]],
            "教师": [names.directory.person(number) for number in loads["staff_no"]],
            "包保名额": loads["places"],
            "包保学生": loads["pupils"],
            "每周可用课时": loads["hours_available"],
            "每周需要课时": loads["hours_needed"],
        }
    )


def _changes(assignment: Assignment, names: _Names) -> pd.DataFrame:
    rows = [
        (
            *names.pupil(change.student_id),
            str(change.kind),
            names.directory.person(change.was or None),
            names.directory.person(change.now or None),
            change.why,
        )
        for change in assignment.changes
        if change.was != change.now
    ]
    columns = ["学校", "班级", "学生", "变动", "原责任教师", "现责任教师", "原因"]
    return pd.DataFrame(rows, columns=columns)


def _handovers(assignment: Assignment, names: _Names) -> pd.DataFrame:
    rows = [
        (
            *names.pupil(handover.student_id),
            names.directory.person(handover.giver or None),
            names.directory.person(handover.taker or None),
            handover.first,
            handover.last,
            handover.text,
        )
        for handover in assignment.handovers
    ]
    columns = ["学校", "班级", "学生", "交出", "接手", "请假自", "请假至", "说明"]
    return pd.DataFrame(rows, columns=columns)


def _peers(peers: Iterable[PeerPair], names: _Names) -> pd.DataFrame:
    rows = [
        (
            *names.pupil(pair.student_id),
            names.pupil(pair.helper)[2] if pair.helper else "",
            "、".join(names.schema.label("subject", subject) for subject in pair.subjects),
            pair.why,
        )
        for pair in peers
    ]
    return pd.DataFrame(rows, columns=["学校", "班级", "学生", "帮助的同学", "科目", "说明"])


def _guarantees(assignment: Assignment, names: _Names) -> pd.DataFrame:
    rows = [
        (
            guarantee.level,
            names.directory.school(guarantee.school_code),
            names.directory.class_name(guarantee.class_id) if guarantee.class_id else "",
            names.directory.person(guarantee.staff_no),
            guarantee.pupils,
            guarantee.source,
        )
        for guarantee in assignment.guarantees
    ]
    return pd.DataFrame(rows, columns=["层级", "学校", "班级", "教职工", "学生数", "依据"])


def _advice(assignment: Assignment) -> pd.DataFrame:
    rows = [("放宽建议", part.text) for part in assignment.relaxations]
    rows += [("问题", problem) for problem in assignment.problems]
    return pd.DataFrame(rows, columns=["类别", "内容"])
