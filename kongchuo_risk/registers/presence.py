"""学籍 × 在校: who is on the roll and not at school (辍学疑似, 名在人不在)."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from kongchuo_risk.domain.attendance import ABSENT, UNEXPLAINED
from kongchuo_risk.domain.match import Comparison, FindingKind, Person, RegisterFinding, RosterKind
from kongchuo_risk.registers.evidence import persons, review_queue
from kongchuo_risk.registers.linking import Decisions, link
from kongchuo_risk.registers.sorting import AT_SCHOOL, REVIEW, ROLL, Joined, Sorted

SESSIONS = 10
"""Half-days, counted back from the last sheet of the class, in which a pupil must have been met."""
_SHEETS = "点名表"
_MOMENT = ["place", "day", "session"]


def compare_roll_with_headcount(
    roll: pd.DataFrame, headcount: pd.DataFrame, *, day: date, decided: Decisions | None = None
) -> Comparison:
    """The roll with a list of who was met at school, such as the check of a term's first day.

    Parameters
    ----------
    roll, headcount : DataFrame
        Person frames.
    day
        Day of the count.
    decided
        Decisions of earlier reviews.

    Returns
    -------
    Comparison
        Findings are 名在人不在 (on the roll, not met) and 人在名不在 (met, on no roll).
    """
    links = link(roll, headcount, decided=decided)
    rows = Joined.of(links, left=ROLL, right=RosterKind.HEADCOUNT)
    rows.mark(links.is_accepted(), "在校")
    _mark_not_expected(rows)
    concerned = rows.is_open
    rows.mark(links.is_waiting(), REVIEW)
    rows.mark(rows.is_open, FindingKind.NEVER_SEEN)
    absent = ["在学籍，清点名单中没有；请当天核实去向"] * len(links.left)
    taken = {*links.accepted["right"], *links.waiting["right"]}
    strangers = persons(links.right[~links.right.index.isin(taken)], rows.other)
    findings = [
        *rows.findings(FindingKind.NEVER_SEEN, absent),
        *(_unregistered(person) for person in strangers),
    ]
    queue = review_queue(links, left=ROLL, right=rows.other, rows=concerned)
    return rows.comparison("学籍比对在校", day, findings, queue)


def _unregistered(person: Person) -> RegisterFinding:
    detail = "在校，学籍中没有找到；请核实学籍"
    return RegisterFinding(FindingKind.UNREGISTERED, person, detail)


def _mark_not_expected(rows: Sorted) -> None:
    """Words for pupils who are on leave, elsewhere or gone by the roll itself."""
    status = rows.people["status"].fillna("").astype(object)
    rows.mark(~status.isin(AT_SCHOOL).to_numpy(), "学籍状态：" + status)


def compare_roll_with_attendance(
    roll: pd.DataFrame,
    attendance: pd.DataFrame,
    sheets: pd.DataFrame,
    *,
    day: date,
    sessions: int = SESSIONS,
) -> Comparison:
    """The roll with the class sheets: nobody has to write a list for it.

    A sheet without an exception for a pupil means that he or she was met. A session without a
    sheet is unknown and counts for nothing.

    Parameters
    ----------
    roll : DataFrame
        Person frame of the pupils; ``place`` is the class.
    attendance, sheets : DataFrame
        The tables ``attendance`` and ``class_sheets``, of this term: what came before says
        nothing of who is there now.
    day
        Last day that is looked at.
    sessions
        Half-days of the class in which a pupil must have been met once; with fewer sheets nothing
        is said.

    Returns
    -------
    Comparison
        辍学疑似: met before, absent in all of the last ``sessions`` and not always excused.
        名在人不在: absent from every sheet there is. 一直请假 is counted, not found.
    """
    rows = Sorted(roll.reset_index(drop=True), ROLL)
    _mark_not_expected(rows)
    seats = _seats(rows.people, attendance, _recent(sheets, day, sessions))
    rows.mark(seats["sheets"].lt(sessions).to_numpy(), "点名次数不足")
    rows.mark(seats["absent_lately"].lt(sessions).to_numpy(), "在校")
    rows.mark(seats["absent"].eq(seats["sheets"]).to_numpy(), FindingKind.NEVER_SEEN)
    rows.mark(seats["unexplained_lately"].gt(0).to_numpy(), FindingKind.NOT_AT_SCHOOL)
    rows.mark(rows.is_open, "一直请假")
    never = [f"在学籍，本学期 {taken} 次点名都不在；请当天核实去向" for taken in seats["sheets"]]
    lately = [f"最近 {sessions} 次点名都不在，其中 {n} 次无故" for n in seats["unexplained_lately"]]
    findings = [
        *rows.findings(FindingKind.NOT_AT_SCHOOL, lately),
        *rows.findings(FindingKind.NEVER_SEEN, never),
    ]
    return Comparison(
        title="学籍比对点名", left=ROLL, right=_SHEETS, day=day, left_rows=len(rows.people),
        right_rows=int(sheets["day"].le(pd.Timestamp(day)).sum()), counts=rows.counts(),
        findings=tuple(findings),
    )  # fmt: skip


def _recent(sheets: pd.DataFrame, day: date, sessions: int) -> pd.DataFrame:
    """Sheets up to a day, each session of a class once, and whether it is one of the last."""
    taken = sheets[sheets["day"].le(pd.Timestamp(day))].rename(columns={"class_id": "place"})
    moments = taken[_MOMENT].astype({"place": "object", "session": "object"})
    order = moments.drop_duplicates().sort_values(_MOMENT, ascending=[True, False, False])
    return order.assign(lately=order.groupby("place").cumcount().lt(sessions))


def _seats(roll: pd.DataFrame, attendance: pd.DataFrame, sheets: pd.DataFrame) -> pd.DataFrame:
    """Per pupil the sheets of the class, and absences from them: all, lately, unexplained."""
    seats = roll[["student_id", "place"]].astype("object").rename_axis("at").reset_index()
    gone = attendance[attendance["kind"].isin(ABSENT)].drop_duplicates(
        ["student_id", "day", "session"]
    )
    plain = gone[["student_id", "day", "session", "kind"]].astype(
        {"student_id": "object", "session": "object", "kind": "object"}
    )
    missed = seats.merge(plain, on="student_id").merge(sheets, on=_MOMENT)
    missed["unexplained"] = missed["lately"] & missed["kind"].isin(UNEXPLAINED)
    by_pupil = missed.groupby("at")
    counts = {
        "absent": by_pupil.size(),
        "absent_lately": by_pupil["lately"].sum(),
        "unexplained_lately": by_pupil["unexplained"].sum(),
    }
    taken = seats["place"].map(sheets.groupby("place").size()).fillna(0)
    numbers = pd.DataFrame(counts).reindex(seats["at"]).fillna(0)
    return numbers.assign(sheets=np.asarray(taken)).astype(int)
