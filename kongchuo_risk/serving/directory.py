"""Names of schools, classes and staff as of a day, for pages that show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from kongchuo_risk.domain.records import Records


@dataclass(frozen=True)
class ClassCard:
    """What a page says of a class."""

    name: str
    homeroom: str
    """Name (or staff number) of the class teacher; empty when none is on record."""


@dataclass(frozen=True)
class Directory:
    """Code → Chinese name."""

    schools: Mapping[str, str]
    classes: Mapping[str, ClassCard]
    staff: Mapping[str, str]

    def school(self, code: str) -> str:
        """Name of a school; its code when it is not in the table."""
        return self.schools.get(code, code)

    def class_name(self, class_id: str) -> str:
        """Name of a class; its code when it is not in the table."""
        card = self.classes.get(class_id)
        return card.name if card else class_id

    def homeroom(self, class_id: str) -> str:
        """Name of the class teacher; empty when none is on record."""
        card = self.classes.get(class_id)
        return card.homeroom if card else ""

    def person(self, staff_no: str | None) -> str:
        """Name of a member of staff; the number when the name is sealed away."""
        return "" if staff_no is None else self.staff.get(staff_no, staff_no)


def build_directory(records: Records, staff_names: Mapping[str, str], as_of: date) -> Directory:
    """Directory of a day; the last term known by then gives a class its name and teacher."""
    known = records.known_by(as_of)
    schools = known["schools"]
    classes = known["classes"].sort_values("term", kind="stable")
    last = classes.drop_duplicates("class_id", keep="last")
    rows = zip(last["class_id"], last["class_name"], last["homeroom_staff"], strict=True)
    return Directory(
        schools=dict(zip(schools["school_code"], schools["school_name"], strict=True)),
        classes={
            class_id: ClassCard(
                name if isinstance(name, str) else class_id,
                staff_names.get(staff_no, staff_no) if isinstance(staff_no, str) else "",
            )
            for class_id, name, staff_no in rows
        },
        staff=staff_names,
    )


def by_class(worklist: pd.DataFrame) -> pd.DataFrame:
    """The list school by school and class by class, each class in the order of the list.

    >>> names = {"class_name": ["八年级(10)班", "八年级(2)班"], "class_id": ["a", "b"]}
    >>> same = {"school_code": "S", "grade": 8, "rank": [1, 2]}
    >>> by_class(pd.DataFrame(names | same))["class_name"].tolist()
    ['八年级(2)班', '八年级(10)班']
    """
    numbered = worklist.assign(number=worklist["class_name"].map(_class_number))
    keys = ["school_code", "grade", "number", "class_name", "class_id", "rank"]
    return numbered.sort_values(keys, kind="stable").drop(columns="number").reset_index(drop=True)


def _class_number(name: str) -> int:
    """The last number in a class's name: class 10 comes after class 2."""
    numbers = re.findall(r"\d+", name)
    return int(numbers[-1]) if numbers else 0
