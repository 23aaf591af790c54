"""The estimate of a phased start: by hand, against statsmodels, and where one slope goes wrong."""

from __future__ import annotations

import warnings

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings

from kongchuo_risk.effects.imputation import Cells, jackknife, number_cells, weights


def cells(
    rows: list[tuple[str, int, float, float]], starts: dict[str, int]
) -> tuple[pd.DataFrame, Cells]:
    """(unit, period, pupils, outcome) of one stratum, every unit a cluster of its own."""
    table = pd.DataFrame(rows, columns=["unit", "period", "pupils", "outcome"])
    table = table.assign(cluster=table["unit"], stratum="")
    begun = table["period"] >= table["unit"].map(starts).fillna(np.inf)
    return table.assign(begun=begun), number_cells(table, begun.to_numpy(), ["outcome"])


def test_one_school_fell_by_six_points_and_the_other_by_one_so_the_effect_is_five() -> None:
    rows = [("A", 1, 100, 0.10), ("A", 2, 100, 0.04), ("B", 1, 50, 0.08), ("B", 2, 50, 0.07)]
    _, two = cells(rows, {"A": 2})
    weight = weights(two)
    assert weight is not None
    assert weight @ two.values[:, 0] == pytest.approx(-0.05)
    assert weight.tolist() == pytest.approx([-1, 1, 1, -1])


def test_a_school_that_had_begun_before_the_records_has_no_weight() -> None:
    rows = [(unit, period, 10.0, 0.1) for unit in "ABC" for period in (1, 2)]
    _, three = cells(rows, {"A": 2, "C": 1})
    weight = weights(three)
    assert weight is not None
    assert weight[4:].tolist() == [0, 0]


def test_without_anybody_who_has_not_begun_there_is_nothing_to_compare() -> None:
    rows = [(unit, period, 10.0, 0.1) for unit in "AB" for period in (1, 2)]
    assert weights(cells(rows, {"A": 2, "B": 2})[1]) is None
    assert jackknife(cells(rows, {"A": 2, "B": 2})[1]) is None


def test_an_effect_that_grows_is_averaged_rightly_where_one_coefficient_is_not() -> None:
    """A begins in 2, B in 4, C never; the effect is 1 point in the first term and grows by 1."""
    starts = {"A": 2, "B": 4}
    rows = [
        (unit, t, 10.0, 0.2 - 0.01 * max(t - starts.get(unit, 9) + 1, 0) + 0.003 * t)
        for unit in "ABC"
        for t in range(1, 6)
    ]
    table, staggered = cells(rows, starts)
    weight = weights(staggered)
    assert weight is not None
    # A: 1, 2, 3, 4 points; B: 1, 2 points.
    assert weight @ staggered.values[:, 0] == pytest.approx(-0.13 / 6)
    one = smf.ols("outcome ~ I(begun * 1.0) + C(unit) + C(period)", table).fit()
    assert abs(one.params["I(begun * 1.0)"] + 0.13 / 6) > 0.003


@st.composite
def staggered(draw: st.DrawFn) -> tuple[list[tuple[str, int, float, float]], dict[str, int]]:
    units = "ABCDEF"
    share = st.floats(0, 1)
    rows = [
        (unit, period, float(draw(st.integers(1, 60))), draw(share))
        for unit in units
        for period in range(1, 6)
        if draw(st.integers(0, 5))
    ]
    starts = {unit: draw(st.integers(2, 6)) for unit in units[:4]}
    return rows, {unit: start for unit, start in starts.items() if start < 6}


@settings(max_examples=20, deadline=None)
@given(staggered())
def test_it_is_what_statsmodels_predicts_of_the_cells_that_began(
    drawn: tuple[list[tuple[str, int, float, float]], dict[str, int]],
) -> None:
    table, numbered = cells(*drawn)
    weight = weights(numbered)
    if weight is None:
        return
    calm, target = table[~table["begun"]], table[numbered.comparable]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Parts that are not tied together are not identified.
        fit = smf.wls("outcome ~ C(unit) + C(period)", calm, weights=calm["pupils"]).fit()
    effect = np.average(target["outcome"] - fit.predict(target), weights=target["pupils"])
    assert weight @ numbered.values[:, 0] == pytest.approx(effect, abs=1e-8)


def test_the_standard_error_is_that_of_leaving_one_school_out() -> None:
    """Two begin (−3, −1), two do not (0, 0): leaving each out gives −1, −3, −2, −2."""
    before_after = {"A": (9.0, 6.0), "B": (5.0, 4.0), "C": (7.0, 7.0), "D": (2.0, 2.0)}
    rows = [(unit, t, 1.0, pair[t - 1]) for unit, pair in before_after.items() for t in (1, 2)]
    found = jackknife(cells(rows, {"A": 2, "B": 2})[1])
    assert found is not None
    assert found.value[0] == pytest.approx(-2)
    assert sorted(found.without[:, 0].tolist()) == pytest.approx([-3, -2, -2, -1])
    assert found.of(0).se == pytest.approx(np.sqrt(3 / 4 * 2))
    # Two schools on the smaller side.
    assert found.df == 1
