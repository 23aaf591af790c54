"""Names, guardians and addresses put into a ledger, for those who may see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True, slots=True)
class Person:
    """What a ledger prints of one child; unknown parts are empty."""

    name: str = ""
    guardian: str = ""
    address: str = ""
    phone: str = ""
    id_last4: str = ""


def with_names(
    ledger: pd.DataFrame,
    person_of: Callable[[str], Person | None] | Mapping[str, Person],
    *,
    schools: Mapping[str, str] | None = None,
    classes: Mapping[str, str] | None = None,
    staff: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """``ledger`` with 序号, 姓名, 监护人, 家庭住址, 联系电话, 证件号后四位 in place of pseudonyms.

    Parameters
    ----------
    ledger
        With the column ``student_id``.
    person_of
        Looks a child up; ``None`` for one who is not in the key file. Who may see names is decided,
        and written down, by the caller.
    schools, classes, staff
        Codes → names; codes without a name stay.

    Examples
    --------
    >>> ledger = pd.DataFrame({"student_id": ["a"], "学校": ["S1"], "状态": ["疑似"]})
    >>> named = with_names(ledger, {"a": Person("学生甲")}, schools={"S1": "第一小学"})
    >>> named.iloc[0, 1:3].tolist()
    ['学生甲', '第一小学']
    """
    look_up = person_of.get if isinstance(person_of, Mapping) else person_of
    people = [look_up(str(pupil)) or Person() for pupil in ledger["student_id"]]
    names: dict[str, Mapping[str, str]] = {
        "学校": schools or {}, "班级": classes or {}, "包案教师": staff or {},
    }  # fmt: skip
    rest = ledger.drop(columns="student_id")
    for column in set(names) & set(rest):
        rest[column] = rest[column].map(lambda code, known=names[column]: known.get(code, code))
    rest.insert(0, "序号", range(1, len(rest) + 1))
    rest.insert(1, "姓名", [person.name for person in people])
    return rest.assign(
        监护人=[person.guardian for person in people],
        家庭住址=[person.address for person in people],
        联系电话=[person.phone for person in people],
        证件号后四位=[person.id_last4 for person in people],
    )
