"""The end of the list as a threshold: pupils just on it against pupils just below it.

Regression discontinuity with ``rdrobust`` and its robust bias-corrected interval (Calonico,
Cattaneo & Titiunik 2014, Econometrica). The running variable is the log-odds minus the cut of the
pupil's own school and list, pooled over schools (Cattaneo, Keele, Titiunik & Vazquez-Bare 2016).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.domain.effect import Check, Design, Estimate, Evidence
from kongchuo_risk.effects.phased import CLEARLY, MIN_EVENTS

MIN_SIDE = 100
"""Rows on each side of the line: with fewer, a bandwidth cannot be chosen from the data."""
MIN_SCHOOLS = 5
"""Schools counted by their pupils near the line; fewer give no standard error between schools."""
Z_95 = 1.959963984540054


def margins(entries: pd.DataFrame) -> pd.DataFrame:
    """How far above or below the end of its school's list every pupil of a run lies.

    Parameters
    ----------
    entries : DataFrame
        ``school_code, listed`` (bool), ``log_odds`` of one published run; other columns are kept.

    Returns
    -------
    DataFrame
        The rows with ``margin``: above 0 on the list. Schools in which nobody or everybody is
        listed are left out, and pupils who have the very score at which the list was cut: of two
        equal scores one was listed by the order of the numbers.

    Examples
    --------
    >>> entries = pd.DataFrame({"school_code": "S", "listed": [True, False, False],
    ...                         "log_odds": [1.0, 0.0, -2.0]})
    >>> margins(entries)["margin"].tolist()
    [0.5, -0.5, -2.5]
    """
    by_school = entries["school_code"]
    last = entries["log_odds"].where(entries["listed"]).groupby(by_school).transform("min")
    next_one = entries["log_odds"].mask(entries["listed"]).groupby(by_school).transform("max")
    margin = entries["log_odds"] - (last + next_one) / 2
    kept = margin.notna() & ((margin > 0) == entries["listed"]) & (margin != 0)
    return entries.assign(margin=margin)[kept].reset_index(drop=True)


def estimate_threshold(rows: pd.DataFrame) -> Evidence | None:
    """The jump of the outcome at the end of the list.

    Parameters
    ----------
    rows : DataFrame
        One row per pupil and list: ``margin``, ``outcome`` (0, 1 or NaN for not known),
        ``delivered`` (bool: some help is recorded after the list), ``school_code``, ``grade``.

    Returns
    -------
    Evidence or None
        None when there is too little on either side of the line to choose a bandwidth, or no
        standard error between schools.
    """
    known = rows[rows["outcome"].notna()].sort_values("margin", kind="stable")
    sides = (known["margin"] > 0).value_counts()
    if len(sides) < 2 or sides.min() < MIN_SIDE or known["outcome"].nunique() < 2:
        return None
    found = _fit(known, "outcome")
    if not np.isfinite(found.Estimate.to_numpy(dtype=float)).all():
        return None
    width = float(found.bws.loc["h", "left"])
    near = known[known["margin"].abs() < width]
    schools = _effective(near["school_code"])
    reached = _share_reached(known, schools)
    events = int(near["outcome"].sum())
    return Evidence(
        design=Design.THRESHOLD,
        effect=_estimate(found, schools),
        per_treated=_per_treated(known, reached, schools),
        reached=reached.value if reached else 0.0,
        rows=len(near),
        events=events,
        units={
            "schools": int(near["school_code"].nunique()),
            "inside": int(found.N_h[1]),
            "outside": int(found.N_h[0]),
        },
        checks=(
            _enough_schools(schools),
            Check("人次", events >= MIN_EVENTS,
                  f"界线附近共有 {events:,} 人次发生（需 {MIN_EVENTS} 人次以上）"),
            _same_grades(known, schools),
            _no_heap(known["margin"].to_numpy()),
        ),
    )  # fmt: skip


def _fit(rows: pd.DataFrame, column: str, **options: Any) -> Any:
    school = pd.factorize(rows["school_code"])[0]
    y, x = rows[column].to_numpy(dtype=float), rows["margin"].to_numpy()
    return _jump(y, x, cluster=school, vce="cr3", **options)


def _jump(y: np.ndarray, x: np.ndarray, **options: Any) -> Any:
    from rdrobust import rdrobust  # loads for seconds; most commands never need it

    return rdrobust(y, x, c=0, **options)


def _estimate(found: Any, schools: float) -> Estimate:
    row = found.Estimate.iloc[0]
    bias = float(row["tau.us"] - row["tau.bc"])
    return Estimate(float(row["tau.us"]), float(row["se.rb"]), max(schools - 1, 1.0), bias)


def _effective(schools: pd.Series) -> float:
    """Schools counted by their pupils near the line (inverse Simpson index)."""
    size = schools.value_counts().to_numpy(dtype=float)
    return float(size.sum() ** 2 / (size**2).sum())


def _share_reached(rows: pd.DataFrame, schools: float) -> Estimate | None:
    """The jump in the share that was helped; None when nothing is recorded."""
    if rows["delivered"].nunique() < 2:
        return None
    return _estimate(_fit(rows, "delivered"), schools)


def _per_treated(rows: pd.DataFrame, reached: Estimate | None, schools: float) -> Estimate | None:
    if reached is None or reached.value - reached.bias < CLEARLY * reached.se:
        return None
    return _estimate(_fit(rows, "outcome", fuzzy=rows["delivered"].to_numpy(dtype=float)), schools)


def _enough_schools(schools: float) -> Check:
    return Check(
        "单位数",
        schools >= MIN_SCHOOLS,
        f"界线附近的学生按人数折合 {schools:.1f} 所学校（需 {MIN_SCHOOLS} 所以上）",
    )


def _same_grades(rows: pd.DataFrame, schools: float) -> Check:
    """What the list cannot have changed must not jump: here the grade."""
    if rows["grade"].nunique() < 2:
        return Check("界线两侧", True, "界线两侧年级相同")
    jump = _estimate(_fit(rows, "grade"), schools)
    low, high = jump.interval()
    told = f"年级在界线处的差别：区间 {low:+.2f} 至 {high:+.2f}"
    if jump.holds_zero():
        return Check("界线两侧", True, f"{told}，没有看出两侧学生本来就不同")
    return Check("界线两侧", False, f"{told}，两侧学生本来就不同")


def _no_heap(margin: np.ndarray) -> Check:
    """McCrary's (2008) test: no more pupils just above the line than below, beyond the slope."""
    width = 2 * margin.std() / np.sqrt(len(margin))
    first, last = np.floor(margin.min() / width), np.ceil(margin.max() / width)
    height = np.histogram(margin, np.arange(first, last + 1) * width)[0].astype(float)
    found = _jump(height, (np.arange(first, last) + 0.5) * width)
    z = float(found.z.loc["Robust"].iloc[0])
    told = f"名单边缘的人数分布（检验值 {z:+.1f}，绝对值应小于 2）"
    if abs(z) < Z_95:
        return Check("人为挪动", True, f"{told}：没有看出有人被挪上或挪下名单")
    return Check("人为挪动", False, f"{told}：界线一侧堆积，可能有人被挪动过")
