"""Duties towards every pupil at once."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.domain.task import TaskState
from kongchuo_risk.procedure import class_tasks, pupil_duties
from tests.procedure.builders import NATIONAL

TODAY = date(2025, 12, 1)


def pupils(**columns: object) -> pd.DataFrame:
    plain = {
        "student_id": ["a", "b"], "school_code": "S1", "class_id": "C1",
        "enrol_month": "202309", "registered": True,
    }  # fmt: skip
    return pd.DataFrame(plain | columns)


def aid(**columns: object) -> pd.DataFrame:
    plain = {"student_id": ["a"], "applied_on": [pd.Timestamp("2025-10-01")],
             "paid_on": [pd.NaT]}  # fmt: skip
    return pd.DataFrame(plain | columns).astype({"paid_on": "datetime64[s]"})


def visits(*pupils_and_days: tuple[str, str]) -> pd.DataFrame:
    table = pd.DataFrame(pupils_and_days, columns=["student_id", "day"])
    return table.astype({"day": "datetime64[s]"})


def duties(of: pd.DataFrame | None = None, paid: pd.DataFrame | None = None,
           seen: pd.DataFrame | None = None) -> pd.DataFrame:  # fmt: skip
    return pupil_duties(
        pupils() if of is None else of,
        aid=aid() if paid is None else paid,
        visits=visits(("a", "2025-09-20"), ("b", "2025-10-20")) if seen is None else seen,
        procedure=NATIONAL,
        today=TODAY,
    )


def test_aid_is_paid_within_thirty_days_of_the_application() -> None:
    (found,) = duties().to_dict("records")
    assert (found["kind"], found["student_id"]) == ("aid_payment", "a")
    assert (found["due"], found["late"]) == (pd.Timestamp("2025-10-31"), True)
    paid = aid(paid_on=[pd.Timestamp("2025-10-20")])
    assert duties(paid=paid).empty


def test_a_new_pupil_is_registered_within_two_months() -> None:
    new = pupils(enrol_month=["202509", "202309"], registered=[False, False])
    found = duties(of=new, paid=aid(student_id=["z"]))
    assert found[["kind", "student_id"]].to_numpy().tolist() == [["new_archive", "a"]]
    assert found["due"].iloc[0] == pd.Timestamp("2025-11-01")


def test_every_family_is_visited_once_a_school_year() -> None:
    found = duties(
        paid=aid(student_id=["z"]), seen=visits(("a", "2025-06-01"), ("b", "2025-09-03"))
    )
    assert found[["kind", "student_id", "late"]].to_numpy().tolist() == [
        ["routine_visit", "a", False]
    ]


def test_a_class_reads_one_line_and_not_forty() -> None:
    found = class_tasks(duties(seen=visits()))
    assert [(task.key, task.detail, task.state) for task in found] == [
        ("class:C1:aid_payment", "还有 1 名学生，其中逾期 1 名", TaskState.LATE),
        ("class:C1:routine_visit", "还有 2 名学生", TaskState.DUE),
    ]


def test_tables_without_rows_give_no_duty() -> None:
    nobody = pupils().head(0)
    assert duties(of=nobody, paid=aid().head(0), seen=visits()).empty
    assert class_tasks(duties(of=nobody)) == []
