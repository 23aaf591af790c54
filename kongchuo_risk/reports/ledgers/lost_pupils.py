"""流失学生登记表: who, why, where, and the 三知 check (seed rules 132–134)."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import pandas as pd

from kongchuo_risk.domain.case import Destination
from kongchuo_risk.reports.ledgers.away import dropout_ledger, suspected_ledger
from kongchuo_risk.reports.ledgers.material import Scope, Snapshot
from kongchuo_risk.reports.ledgers.names import Person

LOST_COLUMNS = (
    "student_id", "学校", "班级", "学段", "姓名", "流失原因", "监护人", "家庭住址", "去向",
    "流失日期", "劝返次数", "知名", "知人", "知情", "缺少",
)  # fmt: skip
_KNOWN = {True: "是", False: "否"}


def lost_pupils(
    snapshot: Snapshot, scope: Scope, person_of: Callable[[str], Person | None]
) -> pd.DataFrame:
    """流失学生登记表 of everybody who stays away, with what is still missing.

    知名 is to know the name; 知人 the guardian and the address, so that somebody can be met;
    知情 the cause and the destination.

    Returns
    -------
    DataFrame
        :data:`LOST_COLUMNS`; ``缺少`` names what must still be found out.
    """
    parts = [dropout_ledger(snapshot, scope), suspected_ledger(snapshot, scope)]
    rows = [_entry(row, person_of) for part in parts for row in part.to_dict("records")]
    return pd.DataFrame(rows, columns=list(LOST_COLUMNS))


def _entry(
    row: dict[Hashable, object], person_of: Callable[[str], Person | None]
) -> dict[str, object]:
    person = person_of(str(row["student_id"])) or Person()
    said = {
        "姓名": person.name,
        "流失原因": _text(row["原因"]),
        "监护人": person.guardian,
        "家庭住址": person.address,
        "去向": _text(row["去向"]),
    }
    missing = [name for name, value in said.items() if not value or value in _UNCLEAR]
    same = {name: row[name] for name in ("student_id", "学校", "班级", "学段")}
    return {
        **same,
        **said,
        "流失日期": row["缺勤起始"],
        "劝返次数": row["走访次数"],
        "知名": _KNOWN["姓名" not in missing],
        "知人": _KNOWN["监护人" not in missing and "家庭住址" not in missing],
        "知情": _KNOWN["流失原因" not in missing and "去向" not in missing],
        "缺少": "、".join(missing),
    }


_UNCLEAR = {str(Destination.UNKNOWN), "不明"}
"""Said, and yet not known."""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
