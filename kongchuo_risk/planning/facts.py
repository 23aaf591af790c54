"""What is known of a pupil on a day that a measure or a key group may depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.policy import FactTest, Policy, load_policy
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.records import Records, latest_by_student

TAG_DAYS = 120
"""An observation calls a measure for about one term."""
RETURN_DAYS = 365
"""A pupil counts as returned for one year after 复学."""
UNEXCUSED_DAYS = 14
UNEXCUSED_KINDS = ("unexcused", "not_reported")
RESUMED = "12"
"""Code of ``change_type`` for 复学."""


@dataclass(frozen=True)
class Situation:
    """Facts and recent observation tags of one pupil; only facts that are known are there."""

    facts: Mapping[str, object] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


def holds(test: FactTest, facts: Mapping[str, object]) -> bool:
    """Whether a fact is known and passes its test.

    >>> aided = FactTest(fact="aided", among=(False,), say="本学期没有资助记录")
    >>> holds(aided, {"aided": False}), holds(aided, {"aided": True}), holds(aided, {})
    (True, False, False)
    """
    value = facts.get(test.fact)
    if value is None or test.missing:
        return test.missing and value is None
    if test.among and value not in test.among:
        return False
    if test.at_least is None and test.at_most is None:
        return True
    return isinstance(value, (int, float)) and (
        (test.at_least is None or value >= test.at_least)
        and (test.at_most is None or value <= test.at_most)
    )


def watch_groups(
    students: pd.DataFrame, *, policy: Policy | None = None, restricted: bool = False
) -> dict[str, tuple[str, ...]]:
    """Statutory key groups of every pupil who is in one (教基厅函〔2024〕15号).

    Parameters
    ----------
    students
        Latest row of every pupil, index ``student_id``.
    policy
        Whose ``watch`` section counts; the packaged one by default.
    restricted
        Name the restricted groups (涉案) too; only for roles that may see them.

    Returns
    -------
    dict
        Pupil → names of the groups in the order of the policy.
    """
    named: dict[str, tuple[str, ...]] = {}
    for group in (policy or load_policy()).watch:
        if group.restricted and not restricted:
            continue
        for pupil in students.index[_any_holds(group.any_fact, students)]:
            named[str(pupil)] = (*named.get(str(pupil), ()), group.label)
    return named


def _any_holds(tests: Iterable[FactTest], students: pd.DataFrame) -> np.ndarray:
    found = np.zeros(len(students), dtype=bool)
    for test in tests:
        if test.fact in students:
            among = students[test.fact].isin(list(test.among))
            found |= among.fillna(False).to_numpy(dtype=bool)
    return found


def pupil_situations(
    records: Records, as_of: date, *, policy: Policy | None = None
) -> dict[str, Situation]:
    """Facts and tags of every pupil as known on ``as_of``.

    Parameters
    ----------
    records
        At least ``students``, ``aid``, ``attendance``, ``observations`` and
        ``registration_changes``; rows known later than ``as_of`` are not looked at.
    as_of
        The day.
    policy
        Only facts that it uses are collected.

    Returns
    -------
    dict
        Pupil → :class:`Situation`.
    """
    known = records.known_by(as_of)
    students = latest_by_student(known["students"], as_of)
    facts = _facts_in_use(students, policy or load_policy())
    facts = facts.join(_derived_facts(known, students.index, as_of))
    tags = _recent_tags(known["observations"], as_of)
    names, rows = [str(name) for name in facts], facts.astype(object).to_numpy()
    return {
        str(pupil): Situation(_known(names, row), tags.get(str(pupil), frozenset()))
        for pupil, row in zip(facts.index, rows, strict=True)
    }


def _facts_in_use(students: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    used = {test.fact for measure in policy.measures for test in measure.tests}
    return students[[name for name in students if name in used]]


def _known(names: list[str], row: np.ndarray) -> dict[str, object]:
    return {
        name: value for name, value in zip(names, row, strict=True) if value is not None
        and value is not pd.NA and value == value
    }  # fmt: skip


def _derived_facts(known: Records, pupils: pd.Index, as_of: date) -> pd.DataFrame:
    aided = known["aid"].loc[known["aid"]["term"].eq(term_of(as_of)), "student_id"]
    changes = _within(known["registration_changes"], as_of, RETURN_DAYS)
    returned = changes.loc[changes["change_type"].eq(RESUMED), "student_id"]
    absences = _within(known["attendance"], as_of, UNEXCUSED_DAYS)
    unexcused = absences.loc[absences["kind"].isin(UNEXCUSED_KINDS), "student_id"].value_counts()
    derived = {
        "aided": pupils.isin(aided),
        "returned": pupils.isin(returned),
        "unexcused_sessions_14d": unexcused.reindex(pupils, fill_value=0).to_numpy(),
    }
    return pd.DataFrame(derived, index=pupils)


def _recent_tags(observations: pd.DataFrame, as_of: date) -> dict[str, frozenset[str]]:
    recent = _within(observations, as_of, TAG_DAYS)
    grouped = recent.groupby("student_id", observed=True)["tag"].agg(frozenset)
    return {str(pupil): tags for pupil, tags in grouped.items()}


def _within(table: pd.DataFrame, as_of: date, days: int) -> pd.DataFrame:
    """Rows of the last ``days`` days up to and including ``as_of``."""
    first, last = pd.Timestamp(as_of - timedelta(days=days - 1)), pd.Timestamp(as_of)
    return table[table["day"].between(first, last)]
