"""OULAD: who withdraws, learned on 2013 and tested on 2014, at days 28, 56 and 112.

Protocol: enrolments registered by the day and not yet unregistered; withdrawals without a date are
dropped; the event is ``final_result == "Withdrawn"``. Figures published elsewhere that look higher
keep students who had already withdrawn, or count a fail as an event.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from kongchuo_risk import DropoutRiskClassifier
from kongchuo_risk.ingestion.adapters.oulad import read_oulad

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "oulad"
DAYS = (28, 56, 112)
BEST_ROW = {(28, False): 0.673, (28, True): 0.683, (56, False): 0.687, (112, False): 0.730}
"""Best ROC-AUC in the table that came with the data, by day and whether ranks were used."""
METRICS = {
    "roc_auc": roc_auc_score, "average_precision": average_precision_score,
    "brier": brier_score_loss,
}  # fmt: skip
"""Brier is an error: a ratio below 1 is in our favour."""
PRESENTATION = ["code_module", "code_presentation"]
ENROLMENT = [*PRESENTATION, "id_student"]
_CATEGORIES = [
    "code_module", "half", "gender", "region", "highest_education", "imd_band", "age_band",
]  # fmt: skip
_NUMBERS = ["num_of_prev_attempts", "studied_credits", "disability", "date_registration"]
_SUBMITTED = [
    "submissions", "banked", "mean_score", "last_score", "earned_weight", "mean_lateness",
    "last_lateness", "late_share", "days_since_last", "missed_due", "missed_weight",
]  # fmt: skip
_RANKED = ["date_registration", *_SUBMITTED]


def run(quick: bool) -> list[dict[str, Any]]:
    """Our classifier with its defaults beside default LightGBM and logistic regression."""
    if not FOLDER.is_dir():
        print(f"oulad: skipped, {FOLDER.name} is not beside the checkout", file=sys.stderr)
        return []
    tables = read_oulad(FOLDER)
    results: list[dict[str, Any]] = []
    for day in DAYS[:1] if quick else DAYS:
        table = features_at(tables, day)
        for ranks in (False, True):
            results += _one_day(table, day, ranks=ranks)
    return results


def features_at(tables: dict[str, pd.DataFrame], day: int) -> pd.DataFrame:
    """Cohort of ``day`` with features known by then, ``year`` and ``withdrawn``."""
    cohort = _cohort(tables, day)
    return _with_ranks(cohort.merge(_submissions(tables, cohort, day), on=ENROLMENT, how="left"))


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


def _with_ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Ranks inside the presentation: they survive a shift from one year to the next."""
    ranks = table.groupby(PRESENTATION)[_RANKED].rank(pct=True).add_suffix("_rank")
    return pd.concat([table, ranks], axis=1)


def _one_day(table: pd.DataFrame, day: int, *, ranks: bool) -> list[dict[str, Any]]:
    columns = [*_CATEGORIES, *_NUMBERS, *_SUBMITTED]
    columns += [f"{name}_rank" for name in _RANKED] if ranks else []
    X = table[columns].astype(dict.fromkeys(_CATEGORIES, "category") | {"disability": float})
    train, test = (table["year"] == 2013).to_numpy(), (table["year"] == 2014).to_numpy()
    y = table["withdrawn"].to_numpy()
    scores = {
        name: model.fit(X[train], y[train]).predict_proba(X[test])[:, 1]
        for name, model in _models().items()
    }
    label = f"oulad day {day}{' with ranks' if ranks else ''}"
    return _rows(label, scores, y[test], BEST_ROW.get((day, ranks)))


def _models() -> dict[str, Any]:
    logistic = make_pipeline(
        ColumnTransformer([
            ("codes", OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist"),
             make_column_selector(dtype_include="category")),
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()),
             make_column_selector(dtype_include="number")),
        ]),
        LogisticRegression(max_iter=2000),
    )  # fmt: skip
    return {
        "ours": DropoutRiskClassifier(),
        "lightgbm_default": lightgbm.LGBMClassifier(random_state=0, verbosity=-1, n_jobs=1),
        "logistic_regression": logistic,
    }


def _rows(
    label: str, scores: dict[str, np.ndarray], y: np.ndarray, best_row: float | None
) -> list[dict[str, Any]]:
    peak_mb = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    found = []
    for unit, metric in METRICS.items():
        ours = float(metric(y, scores["ours"]))
        theirs = {name: float(metric(y, p)) for name, p in scores.items() if name != "ours"}
        if unit == "roc_auc" and best_row is not None:
            theirs["best row of the data's table"] = best_row
        found += [
            {
                "name": f"{label} against {name}", "ours": round(ours, 4),
                "theirs": round(value, 4), "ratio": round(ours / value, 4), "unit": unit,
                "peak_mb": peak_mb, "rows": len(y),
            }
            for name, value in theirs.items()
        ]  # fmt: skip
    return found
