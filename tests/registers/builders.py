"""Person frames; a test names only what it is about. Names are surnames with cycle characters."""

from __future__ import annotations

from typing import Any

import pandas as pd

from kongchuo_risk.domain.match import PERSON_COLUMNS, Comparison, FindingKind

CHILD = {
    "name": "王甲子", "sex": "男", "birth": "2014-03-07", "village": "东河", "guardian": "王丙寅",
}  # fmt: skip


def person(**facts: Any) -> dict[str, Any]:
    """One row; ``number`` stands for the citizen number, ``pupil`` for a pupil's pseudonym."""
    row = {**CHILD, **facts}
    number, pupil = row.pop("number", None), row.pop("pupil", None)
    own = "-".join(str(row[name]) for name in CHILD)
    return {
        "person": pupil or number or own, "student_id": pupil, "id_hash": number,
        "id_last4": number and number[-4:], **row,
    }  # fmt: skip


def people(*rows: dict[str, Any]) -> pd.DataFrame:
    """A person frame of :func:`person` rows."""
    return pd.DataFrame(list(rows), columns=list(PERSON_COLUMNS)).astype("str")


def others(count: int = 40) -> list[dict[str, Any]]:
    """Children who resemble nobody, so that a register has a usual size."""
    stems, branches = "乙丁己辛癸", "丑卯巳未酉亥"
    return [
        person(
            name=f"{'赵钱孙周吴郑冯陈'[at % 8]}{stems[at % 5]}{branches[at % 6]}",
            birth=f"20{11 + at % 9}-{at % 12 + 1:02}-{at % 27 + 2:02}",
            village=f"{'南北西'[at % 3]}{'山坪湾'[at // 3 % 3]}",
            guardian=f"{'赵钱孙周吴郑冯陈'[at % 8]}{branches[at % 6]}{stems[at // 2 % 5]}",
            number=f"other {at:04}",
        )
        for at in range(count)
    ]


def names(comparison: Comparison, kind: FindingKind) -> list[str]:
    """Who was found to be of a kind."""
    return [found.person.name for found in comparison.findings if found.kind is kind]
