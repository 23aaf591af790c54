"""厌学与行为: what teachers observed, what happened, how the pupil spoke at the last visit."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.features.known import View, translated

RECENT_DAYS = 60
YEAR_DAYS = 365
RISK_TAGS = (
    "aversion", "intends_to_leave", "work_intent", "low_mood", "gaming", "bullied",
    "early_marriage", "family_event", "bad_company", "runaway", "peer_left", "parent_wants_out",
)  # fmt: skip
"""Observations that speak of risk; the others are strengths."""
_RECENT_TAGS = (
    "aversion", "intends_to_leave", "work_intent", "low_mood", "gaming", "bad_company", "bullied",
    "improved",
)  # fmt: skip
_YEAR_TAGS = (
    "aversion", "intends_to_leave", "work_intent", "runaway", "early_marriage", "parent_wants_out",
    "family_event", "peer_left", "interest",
)  # fmt: skip


def observation_features(view: View) -> dict[str, np.ndarray]:
    """Columns about observations (苗头) of every pupil, each of shape (n,).

    Where the workspace has no observation at all nothing can be known, and all are NaN.
    """
    seen = view.table("observations", "tag", "level")
    age = view.day - seen["happened"].to_numpy()
    tag, row = seen["tag"].astype("str").to_numpy(), seen["row"].to_numpy()
    columns = {
        f"{name}_60d": view.count(row[(tag == name) & (age < RECENT_DAYS)]) for name in _RECENT_TAGS
    }
    columns |= {
        f"{name}_year": view.count(row[(tag == name) & (age < YEAR_DAYS)]) for name in _YEAR_TAGS
    }
    risky = np.isin(tag, RISK_TAGS)
    recent = risky & (age < RECENT_DAYS)
    columns["worst_sign_60d"] = _worst_level(view, seen[recent])
    kept = view.keeps("observations")
    columns = {name: np.where(kept, value, np.nan) for name, value in columns.items()}
    return columns | {"days_since_sign": _days_since(view, row[risky], age[risky])}


def behaviour_features(view: View) -> dict[str, np.ndarray]:
    """Columns about recorded behaviour, each of shape (n,); NaN where none is kept."""
    done = view.table("behaviour", "behaviour", "level")
    age, row = view.day - done["happened"].to_numpy(), done["row"].to_numpy()
    kind = done["behaviour"].astype("str").to_numpy()
    in_year = age < YEAR_DAYS
    columns = {
        "behaviour_60d": view.count(row[age < RECENT_DAYS]),
        "behaviour_year": view.count(row[in_year]),
        "truancy_year": view.count(row[in_year & (kind == "truancy")]),
        "fights_year": view.count(row[in_year & np.isin(kind, ["fight", "bullying"])]),
        "worst_behaviour_year": _worst_level(view, done[in_year]),
    }
    kept = view.keeps("behaviour")
    return {name: np.where(kept, value, np.nan) for name, value in columns.items()}


def visit_features(view: View) -> dict[str, np.ndarray]:
    """What visits of the last year showed, each of shape (n,); NaN for pupils not visited."""
    visits = view.table("visits", "attitude")
    recent = visits[view.day - visits["happened"] < YEAR_DAYS]
    visited = view.count(recent["row"]) > 0
    unwilling = recent["attitude"].isin(["hesitant", "unwilling"])
    willing = recent["attitude"].isin(["willing"])
    return {
        name: np.where(visited, view.count(recent.loc[chosen, "row"]), np.nan)
        for name, chosen in (
            ("unwilling_at_visit_year", unwilling),
            ("willing_at_visit_year", willing),
        )
    }


def _worst_level(view: View, rows: pd.DataFrame) -> np.ndarray:
    """Highest level (1–3) of each pupil's rows, 0 for none; a row without level counts as 1."""
    level = translated(rows["level"], {"1": 1.0, "2": 2.0, "3": 3.0}, 1.0)
    worst = np.zeros(len(view))
    np.maximum.at(worst, rows["row"].to_numpy(), level)
    return worst


def _days_since(view: View, row: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Days since the newest of each pupil's rows, NaN for none."""
    newest = np.full(len(view), np.inf)
    np.minimum.at(newest, row, age)
    return np.where(np.isfinite(newest), newest, np.nan)
