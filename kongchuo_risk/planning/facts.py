"""What is known of everybody on a day that a measure or a key group may depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.policy import FactTest, Policy
from kongchuo_risk.contracts.policy_file import load_policy
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
DAYS_AWAY_LOOKED_AT = 60
"""How far back a run of unexcused school days is followed."""


@dataclass(frozen=True)
class Situation:
    """Facts and recent observation tags of one pupil; only facts that are known are there."""

    facts: Mapping[str, object] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True)
class CohortFacts:
    """Facts and recent observation tags of many pupils.

    Attributes
    ----------
    facts : DataFrame, index ``student_id``
        One column per fact that the policy uses; missing means not known.
    tags : DataFrame of bool, same index
        One column per observation tag that anybody has.
    """

    facts: pd.DataFrame
    tags: pd.DataFrame

    @classmethod
    def nobody(cls) -> CohortFacts:
        """Nobody, of whom nothing is known."""
        return cls(pd.DataFrame(), pd.DataFrame())

    def of(self, pupils: Iterable[str]) -> CohortFacts:
        """Rows of ``pupils`` in that order; of a pupil nobody knows, nothing is known."""
        wanted = pd.Index(list(pupils), dtype="object")
        tags = self.tags.reindex(wanted, fill_value=False)
        return CohortFacts(self.facts.reindex(wanted), tags.astype(bool))

    def situation(self, pupil: str) -> Situation:
        """What is known of one pupil."""
        if pupil not in self.facts.index:
            return Situation()
        row, tags = self.facts.loc[pupil], self.tags.loc[pupil]
        row = row.astype(object)
        known = {str(name): _plain(value) for name, value in row.items() if not pd.isna(value)}
        return Situation(known, frozenset(map(str, tags.index[tags.to_numpy(dtype=bool)])))


def _plain(value: object) -> object:
    """A number or truth value of Python's own in place of NumPy's."""
    return value.item() if isinstance(value, np.generic) else value


def as_cohort(situation: Situation, pupil: str) -> CohortFacts:
    """One pupil's situation as a cohort of one."""
    index = pd.Index([pupil], dtype="object")
    facts = {name: pd.Series([value], index=index) for name, value in situation.facts.items()}
    tags = dict.fromkeys(sorted(situation.tags), True)
    return CohortFacts(pd.DataFrame(facts, index=index), pd.DataFrame(tags, index=index))


def holds(test: FactTest, values: pd.Series | None, rows: int) -> np.ndarray:
    """Of whom a fact is known and passes its test.

    Parameters
    ----------
    test
        The test.
    values
        The fact of every pupil; ``None`` when nobody recorded it.
    rows
        Number of pupils.

    Returns
    -------
    bool array of shape (rows,)

    Examples
    --------
    >>> aided = FactTest(fact="aided", among=(False,), say="本学期没有资助记录")
    >>> holds(aided, pd.Series([False, True, None]), 3).tolist()
    [True, False, False]
    """
    if values is None:
        return np.full(rows, test.missing)
    known = values.notna().to_numpy()
    if test.missing:
        return ~known
    passed = known.copy()
    if test.among:
        passed &= values.isin(list(test.among)).fillna(False).to_numpy(dtype=bool)
    if test.at_least is not None or test.at_most is not None:
        number = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        passed &= number >= (-np.inf if test.at_least is None else test.at_least)
        passed &= number <= (np.inf if test.at_most is None else test.at_most)
    return passed


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
        member = np.zeros(len(students), dtype=bool)
        for test in group.any_fact:
            if test.fact in students:
                member |= holds(test, students[test.fact], len(students))
        for pupil in students.index[member]:
            named[str(pupil)] = (*named.get(str(pupil), ()), group.label)
    return named


def cohort_facts(records: Records, as_of: date, *, policy: Policy) -> CohortFacts:
    """Facts and tags of every pupil as known on ``as_of``.

    Parameters
    ----------
    records
        At least ``students``, ``aid``, ``attendance``, ``class_sheets``, ``observations`` and
        ``registration_changes``; rows known later than ``as_of`` are not looked at.
    as_of
        The day.
    policy
        Only facts that it uses are collected.
    """
    known = records.known_by(as_of)
    students = latest_by_student(known["students"], as_of)
    used = {test.fact for measure in policy.measures for test in measure.tests}
    used |= {test.fact for need in policy.needs for test in need.facts}
    facts = students[[name for name in students if name in used]]
    facts = facts.assign(**_derived_facts(known, students, as_of))
    facts.index = facts.index.astype("object")
    return CohortFacts(facts, _recent_tags(known["observations"], facts.index, as_of))


def _derived_facts(
    known: Records, students: pd.DataFrame, as_of: date
) -> dict[str, np.ndarray | pd.Series]:
    pupils = students.index
    changes = _within(known["registration_changes"], as_of, RETURN_DAYS)
    returned = changes.loc[changes["change_type"].eq(RESUMED), "student_id"]
    absences = _within(known["attendance"], as_of, UNEXCUSED_DAYS)
    unexcused = absences.loc[absences["kind"].isin(UNEXCUSED_KINDS), "student_id"].value_counts()
    aid = known["aid"]
    this_term = aid[aid["term"].eq(term_of(as_of))]
    return {
        "aided": pupils.isin(this_term["student_id"]),
        "aid_unpaid_days": _unpaid_days(this_term, as_of).reindex(pupils),
        "absent_run_days": _run_days(known, students, as_of),
        "returned": pupils.isin(returned),
        "unexcused_sessions_14d": unexcused.reindex(pupils, fill_value=0).to_numpy(),
    }


def _unpaid_days(aid: pd.DataFrame, as_of: date) -> pd.Series:
    """Days since the oldest application of the term that nobody paid yet, by pupil."""
    waiting = aid[aid["paid_on"].isna() | (aid["paid_on"] > pd.Timestamp(as_of))]
    applied = waiting.dropna(subset=["applied_on"]).groupby("student_id", observed=True)
    oldest: pd.Series = applied["applied_on"].min()
    waited: pd.Series = (pd.Timestamp(as_of) - oldest).dt.days.astype("float64")
    return waited


def _run_days(known: Records, students: pd.DataFrame, as_of: date) -> np.ndarray:
    """School days in a row, up to the class's last sheet, on which a pupil was away unexcused.

    Half a day counts as half. A day without a sheet neither breaks the run nor counts; a day on
    which the sheet says nothing of the pupil was a day at school.
    """
    absences = _within(known["attendance"], as_of, DAYS_AWAY_LOOKED_AT)
    unexcused = absences[absences["kind"].isin(UNEXCUSED_KINDS)]
    run = pd.Series(0.0, index=students.index)
    if unexcused.empty:
        return run.to_numpy()
    sheets = _within(known["class_sheets"], as_of, DAYS_AWAY_LOOKED_AT)
    taken = sheets[["class_id", "day", "session"]].drop_duplicates()
    away = unexcused[["student_id", "day", "session"]].drop_duplicates()
    classes = students.loc[students.index.isin(away["student_id"]), "class_id"]
    expected = classes.rename_axis("student_id").reset_index().merge(taken, on="class_id")
    seen = expected.merge(away, on=["student_id", "day", "session"], how="left", indicator=True)
    seen["away"] = seen["_merge"].eq("both")
    latest_first = seen.sort_values(
        ["student_id", "day", "session"], ascending=[True, False, False], kind="stable"
    )
    unbroken = latest_first.groupby("student_id", observed=True)["away"].cumprod()
    halves = unbroken.groupby(latest_first["student_id"], observed=True).sum()
    return halves.div(2).reindex(students.index, fill_value=0.0).to_numpy()


def _recent_tags(observations: pd.DataFrame, pupils: pd.Index, as_of: date) -> pd.DataFrame:
    recent = _within(observations, as_of, TAG_DAYS)
    columns = {
        str(tag): pupils.isin(recent.loc[recent["tag"].eq(tag), "student_id"])
        for tag in sorted(recent["tag"].dropna().astype("str").unique())
    }
    return pd.DataFrame(columns, index=pupils)


def _within(table: pd.DataFrame, as_of: date, days: int) -> pd.DataFrame:
    """Rows of the last ``days`` days up to and including ``as_of``."""
    first, last = pd.Timestamp(as_of - timedelta(days=days - 1)), pd.Timestamp(as_of)
    return table[table["day"].between(first, last)]
