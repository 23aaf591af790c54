"""All checks in their order, run over the records of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from kongchuo_risk.contracts.tables import Schema
from kongchuo_risk.domain.records import Records
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.validation import daily, people
from kongchuo_risk.validation.findings import CheckRule, Finding, Measured, load_rules
from kongchuo_risk.validation.view import View

Check = Callable[[View, Mapping[str, float]], Measured | None]
BLOCKING: Mapping[str, Check] = {
    "no_students": people.check_no_students,
    "no_calendar": daily.check_no_calendar,
}
"""Without these nothing else can be looked at."""
CHECKS: Mapping[str, Check] = {
    **BLOCKING,
    "no_roster_this_term": people.check_no_roster_this_term,
    "stale_records": daily.check_stale_records,
    "missing_sheets": daily.check_missing_sheets,
    "counts_disagree": daily.check_counts_disagree,
    "no_absence_recorded": daily.check_no_absence_recorded,
    "off_calendar": daily.check_off_calendar,
    "mass_absence": daily.check_mass_absence,
    "scores_missing": daily.check_scores_missing,
    "vanished": people.check_vanished,
    "without_class": people.check_without_class,
    "without_homeroom": people.check_without_homeroom,
    "large_class": people.check_large_class,
    "impossible_age": people.check_impossible_age,
    "missing_fields": people.check_missing_fields,
    "duplicate_pupils": people.check_duplicate_pupils,
    "without_guardian": people.check_without_guardian,
    "one_member": people.check_one_member,
    "without_capacity": people.check_without_capacity,
}
"""Code of ``quality.yaml`` → check."""
_ORDER = {"error": 0, "warning": 1, "info": 2}


def check_quality(
    records: Records, schema: Schema, *, as_of: date, data_schema: Path | None = None
) -> list[Finding]:
    """What is worth knowing about the records as of a day, most serious first.

    Parameters
    ----------
    records
        All contract tables; only what was known by ``as_of`` is looked at.
    schema
        Names the tables that must be there.
    as_of
        The day of the list.
    data_schema
        A folder with another ``quality.yaml``.

    Returns
    -------
    list of Finding
        Empty when nothing is wrong. When pupils or the calendar are missing, only that is said.
    """
    missing = [name for name in schema.tables if name not in records]
    if missing:
        raise ValueError(f"records lack the tables {missing}")
    view = View(records.known_by(as_of), as_of)
    rules = load_rules(data_schema)
    blocking = _run(BLOCKING, rules, view)
    if blocking:
        return blocking
    return sorted(_run(CHECKS, rules, view), key=lambda finding: _ORDER[finding.severity])


def require_ready(findings: Sequence[Finding]) -> None:
    """Stop when the data is not fit for use.

    Raises
    ------
    NotReadyError
        Names every error and what to do.
    """
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        lines = [f"{item.title}：{item.explanation}{item.advice}" for item in errors]
        raise NotReadyError("数据还不能用：\n  " + "\n  ".join(lines))


def _run(checks: Mapping[str, Check], rules: Mapping[str, CheckRule], view: View) -> list[Finding]:
    found = ((code, rules[code], check) for code, check in checks.items())
    return [
        rule.finding(code, measured)
        for code, rule, check in found
        if (measured := check(view, rule.limits)) is not None
    ]
