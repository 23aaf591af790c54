"""OULAD as one table per day: enrolments still there, and what each had handed in by then."""

from __future__ import annotations

import pandas as pd

PRESENTATION = ["code_module", "code_presentation"]
ENROLMENT = [*PRESENTATION, "id_student"]
CATEGORIES = [
    "code_module", "half", "gender", "region", "highest_education", "imd_band", "age_band",
]  # fmt: skip
_NUMBERS = ["num_of_prev_attempts", "studied_credits", "disability", "date_registration"]
_SUBMITTED = [
    "submissions", "banked", "mean_score", "last_score", "earned_weight", "mean_lateness",
    "last_lateness", "late_share", "days_since_last", "missed_due", "missed_weight",
]  # fmt: skip
COLUMNS = [*CATEGORIES, *_NUMBERS, *_SUBMITTED]
"""What every model sees."""


def features_at(tables: dict[str, pd.DataFrame], day: int) -> pd.DataFrame:
    """Cohort of ``day`` with features known by then, ``year`` and ``withdrawn``."""
    cohort = _cohort(tables, day)
    return cohort.merge(_submissions(tables, cohort, day), on=ENROLMENT, how="left")


def _cohort(tables: dict[str, pd.DataFrame], day: int) -> pd.DataFrame:
    """Enrolments registered by ``day`` and still there; undated withdrawals are dropped."""
    cohort = tables["student"].merge(tables["student_registration"], on=ENROLMENT)
    withdrawn = cohort["final_result"] == "Withdrawn"
    gone = cohort["date_unregistration"]
    undated = withdrawn & gone.isna()
    cohort = cohort[(cohort["date_registration"] <= day) & ~(gone <= day) & ~undated]
    presentation = cohort["code_presentation"]
    return cohort.assign(
        withdrawn=withdrawn.astype(int),
        year=presentation.str[:4].astype(int),
        half=presentation.str[4:],
    )


def _submissions(tables: dict[str, pd.DataFrame], cohort: pd.DataFrame, day: int) -> pd.DataFrame:
    """What each enrolment had handed in by ``day``, and what was due and missing."""
    assessments = tables["assessment"]
    handed = tables["student_assessment"].merge(assessments, on="id_assessment")
    handed = handed[handed["date_submitted"] <= day].sort_values("date_submitted")
    handed = handed.assign(
        lateness=handed["date_submitted"] - handed["date"],
        earned=handed["score"] * handed["weight"] / 100,
        due=handed["date"] <= day,
    )
    by = handed.assign(late=handed["lateness"] > 0).groupby(ENROLMENT)
    own = handed[~handed["is_banked"]].groupby(ENROLMENT)
    due = assessments[assessments["date"] <= day].groupby(PRESENTATION)
    table = cohort[ENROLMENT].merge(
        pd.DataFrame({"due": due.size(), "due_weight": due["weight"].sum()}),
        left_on=PRESENTATION, right_index=True, how="left",
    ).set_index(ENROLMENT)  # fmt: skip
    met = handed[handed["due"]].groupby(ENROLMENT)
    table["submissions"] = by.size()
    table["banked"] = by["is_banked"].sum()
    table["mean_score"], table["last_score"] = by["score"].mean(), by["score"].last()
    table["earned_weight"] = by["earned"].sum()
    table["mean_lateness"], table["last_lateness"] = own["lateness"].mean(), own["lateness"].last()
    table["late_share"] = by["late"].mean()
    table["days_since_last"] = day - by["date_submitted"].max()
    table["missed_due"] = table["due"].fillna(0) - met.size().reindex(table.index).fillna(0)
    table["missed_weight"] = table["due_weight"].fillna(0) - met["weight"].sum().reindex(
        table.index
    ).fillna(0)
    counts = ["submissions", "banked", "earned_weight"]
    table[counts] = table[counts].fillna(0)
    return table[_SUBMITTED].reset_index()
