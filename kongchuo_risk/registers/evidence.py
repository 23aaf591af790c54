"""Pairs and persons as a reviewer sees them: both rows, field by field, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import Evidence, Pair, Person
from kongchuo_risk.registers.linking import Links
from kongchuo_risk.registers.model import FIELDS, Field

_SHOWN = (
    "name", "sex", "birth", "village", "guardian", "id_last4", "status", "category", "place",
)  # fmt: skip


def persons(people: pd.DataFrame, source: str) -> list[Person]:
    """Rows of a person frame as values; what is missing is empty."""
    shown = people[["person", *_SHOWN]].astype(object)
    plain = shown.where(shown.notna(), "").to_dict("records")
    pupils = people["student_id"].astype(object)
    student_ids = pupils.where(pupils.notna(), None)
    return [
        Person(source=source, student_id=student_id, **{str(k): str(v) for k, v in row.items()})
        for student_id, row in zip(student_ids, plain, strict=True)
    ]


def review_queue(links: Links, *, left: str, right: str, rows: np.ndarray) -> tuple[Pair, ...]:
    """Pairs that a person has to decide, the least certain first, rivals beside each other.

    Parameters
    ----------
    links
        Of the two registers.
    left, right
        Names of the registers.
    rows
        Mask of the rows of the left register on which something depends: a child that is looked
        for anyway, or by nobody, is not worth a reviewer's time.
    """
    waiting = links.waiting[rows[links.waiting["left"].to_numpy(dtype=int)]]
    doubt = waiting["probability"].sub(0.5).abs()
    first = doubt.groupby(waiting["left"]).transform("min")
    order = waiting.assign(first=first, doubt=doubt).sort_values(
        ["first", "left", "doubt", "right"], ignore_index=True
    )
    lefts = persons(links.left.iloc[order["left"]], left)
    rights = persons(links.right.iloc[order["right"]], right)
    pairs = zip(lefts, rights, order.to_dict("records"), strict=True)
    return tuple(_pair(one, other, row) for one, other, row in pairs)


def _pair(left: Person, right: Person, row: dict[Any, Any]) -> Pair:
    evidence = tuple(_evidence(left, right, row))
    probability = round(float(row["probability"]), 4)
    return Pair(left, right, probability, evidence, str(row["reason"]))


def _evidence(left: Person, right: Person, row: dict[Any, Any]) -> Iterator[Evidence]:
    for field in FIELDS:
        words = field.words(int(row[f"gamma_{field.name}"]))
        weight = round(float(row[f"weight_{field.name}"]), 1)
        yield Evidence(field.title, _cell(left, field), _cell(right, field), words, weight)


def _cell(person: Person, field: Field) -> str:
    text = str(getattr(person, field.shown))
    return f"尾号 {text}" if field.shown == "id_last4" and text else text
