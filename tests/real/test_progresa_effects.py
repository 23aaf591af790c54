"""PROGRESA, randomised by village: the phased-start estimate against a clustered regression.

Villages drawn by lot got the transfer from 1998 on, the others after the survey ended. The outcome
is the enrolment of poor children: in 1998 and 1999, after 1997 in which nobody had it.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from kongchuo_risk.domain.effect import Estimate, Verdict
from kongchuo_risk.effects import estimate_phased, judge

FIRST_YEAR = 1998


@pytest.fixture(scope="module")
def poor(real_data: Path) -> pd.DataFrame:
    """Poor children with known enrolment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnicodeWarning)  # One label is not UTF-8.
        survey = pd.read_stata(real_data / "progresa" / "progresa.dta")
    survey = survey[(survey["pov_HH"] == "poor") & survey["enroll_child"].notna()]
    return pd.DataFrame(
        {
            "child": survey["iid"],
            "village": survey["villid"],
            "year": survey["year"].astype("int64"),
            # The label of 0 was lost; 1 is written out.
            "enrolled": (survey["enroll_child"] == "si").astype(float),
            "assigned": (survey["D_assig"] == "Participating").astype(float),
        }
    )


def test_the_effect_on_next_years_enrolment_is_that_of_the_clustered_regression(
    poor: pd.DataFrame,
) -> None:
    """Same sign, and within one point of the regression of the very same comparison."""
    found = _phased(poor[poor["year"] <= FIRST_YEAR])
    slope, se = _interaction(poor[poor["year"] <= FIRST_YEAR])
    assert found.value > 0
    assert slope > 0
    assert abs(found.value - slope) < 0.01
    assert found.se == pytest.approx(se, rel=0.1)
    low, high = found.interval()
    assert low < slope < high


def test_both_years_agree_and_so_does_the_plain_difference_of_the_lot(poor: pd.DataFrame) -> None:
    found, (slope, se) = _phased(poor), _interaction(poor)
    assert abs(found.value - slope) < 0.01
    assert found.se == pytest.approx(se, rel=0.1)
    later, later_se = _difference(poor[poor["year"] >= FIRST_YEAR])
    assert abs(found.value - later) < later_se


def test_who_was_enrolled_in_1997_agrees_as_well(poor: pd.DataFrame) -> None:
    before = poor[(poor["year"] == FIRST_YEAR - 1) & (poor["enrolled"] == 1)]["child"]
    again = poor[(poor["year"] == FIRST_YEAR) & poor["child"].isin(before)]
    slope, se = _difference(again)
    assert slope > 0
    assert abs(_phased(poor[poor["year"] <= FIRST_YEAR]).value - slope) < se


def test_before_the_transfer_there_was_nothing(poor: pd.DataFrame) -> None:
    slope, se = _difference(poor[poor["year"] < FIRST_YEAR])
    assert abs(slope) < 1.96 * se


def test_a_lot_that_nobody_drew_shows_nothing(poor: pd.DataFrame) -> None:
    """Villages without the transfer, half of them said to have begun: 95 % hold zero."""
    control = poor[poor["assigned"] == 0]
    villages = np.sort(control["village"].unique())
    held = 0
    for seed in range(10):
        chosen = np.random.default_rng(seed).permutation(villages)[: len(villages) // 2]
        dealt = control.assign(assigned=control["village"].isin(chosen).astype(float))
        held += _phased(dealt[dealt["year"] <= FIRST_YEAR]).holds_zero()
    assert held >= 8


def test_the_verdict_is_that_it_works_only_because_a_lot_was_drawn(poor: pd.DataFrame) -> None:
    """One year before the start shows no earlier trend: without the lot nothing could be said."""
    panel, starts = _panel(poor)
    by_lot = judge("现金转移", estimate_phased(panel, starts, by_lot=True), good="up", unit="村")
    assert by_lot.verdict is Verdict.HELPS
    chosen = judge("现金转移", estimate_phased(panel, starts), good="up", unit="村")
    assert chosen.verdict is Verdict.UNKNOWN
    assert "开始前的学期太少" in chosen.why


def _panel(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    begun = (rows["assigned"] == 1) & (rows["year"] >= FIRST_YEAR)
    panel = pd.DataFrame(
        {"unit": rows["village"], "cluster": rows["village"], "stratum": "", "period": rows["year"],
         "outcome": rows["enrolled"], "delivered": begun}
    )  # fmt: skip
    assigned = rows.groupby("village")["assigned"].first()
    start = assigned.map({1.0: float(FIRST_YEAR), 0.0: np.nan})
    return panel, pd.DataFrame({"start": start, "stop": np.nan})


def _phased(rows: pd.DataFrame) -> Estimate:
    found = estimate_phased(*_panel(rows), by_lot=True)
    assert found is not None
    return found.effect


def _interaction(rows: pd.DataFrame) -> tuple[float, float]:
    """Assigned after the start beside assigned and year, errors clustered by village."""
    after = rows.assign(after=rows["assigned"] * (rows["year"] >= FIRST_YEAR))
    return _clustered("enrolled ~ after + assigned + C(year)", after, "after")


def _difference(rows: pd.DataFrame) -> tuple[float, float]:
    formula = "enrolled ~ assigned" + (" + C(year)" if rows["year"].nunique() > 1 else "")
    return _clustered(formula, rows, "assigned")


def _clustered(formula: str, rows: pd.DataFrame, term: str) -> tuple[float, float]:
    fit = smf.ols(formula, rows).fit(cov_type="cluster", cov_kwds={"groups": rows["village"]})
    return float(fit.params[term]), float(fit.bse[term])
