"""The members of the blend: what each makes of gaps, new categories, directions and cohorts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk import DropoutRiskClassifier
from kongchuo_risk.training.additive import fit_additive
from kongchuo_risk.training.member import FitContext
from kongchuo_risk.training.members import MEMBERS, drawn, thinned
from kongchuo_risk.training.stand_ins import learn_stand_ins
from kongchuo_risk.training.target_means import TargetMeans


def table(rows: int = 600, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """A number that matters, one that does not, a category, and the outcome."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(
        {
            "absences": rng.poisson(2.0, rows).astype(float),
            "noise": rng.normal(size=rows),
            "place": pd.Categorical(rng.choice(["a", "b", "c"], rows)),
        }
    )
    log_odds = 0.8 * X["absences"] - 2.5 + (X["place"] == "a")
    return X, (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)


def context(columns: int, **changes: object) -> FitContext:
    plain = {"categorical": (), "monotone": (0,) * columns, "seed": 0, "threads": 1}
    return FitContext(**{**plain, **changes})


@pytest.mark.parametrize("member", MEMBERS)
def test_contributions_of_each_member_alone_add_up(member: str) -> None:
    X, y = table()
    X.loc[::7, "absences"] = np.nan
    model = DropoutRiskClassifier(members=[member], trees=40).fit(X, y)
    values, base = model.contributions(X)
    assert values.shape == X.shape
    assert np.allclose(base + values.sum(axis=1), model.decision_function(X), atol=1e-9)


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize("direction", [1, -1])
def test_a_direction_is_kept_by_every_member(member: str, direction: int) -> None:
    X, y = table()
    # Rows that contradict the direction, so that an unconstrained fit would bend.
    y[X["absences"] == 3] = 0
    y[X["absences"] == 1] = 1
    model = DropoutRiskClassifier(members=[member], trees=60, monotone={"absences": direction})
    grid = X.iloc[:1].loc[np.zeros(9, dtype=int)].assign(absences=np.arange(9.0))
    risk = model.fit(X, y).decision_function(grid)
    assert (direction * np.diff(risk) >= -1e-9).all()


def test_without_a_direction_the_same_data_do_bend() -> None:
    X, y = table()
    y[X["absences"] >= 3] = 0
    grid = X.iloc[:1].loc[np.zeros(9, dtype=int)].assign(absences=np.arange(9.0))
    for member in MEMBERS:
        model = DropoutRiskClassifier(members=[member], trees=60).fit(X, y)
        assert (np.diff(model.decision_function(grid)) < 0).any(), member


def test_the_additive_member_bends_where_the_truth_does() -> None:
    x = np.linspace(-3, 3, 4000)
    rng = np.random.default_rng(0)
    truth = np.where(x > 0, 2 * x, 0.0) - 2
    y = (rng.random(len(x)) < 1 / (1 + np.exp(-truth))).astype(float)
    member = fit_additive(x[:, None], y, context(1))
    left, middle, right = member.log_odds(np.array([[-2.0], [0.0], [2.0]]))
    assert abs(middle - left) < 1.0 < 2.5 < right - middle


def test_target_means_are_shrunk_by_hand() -> None:
    # Prior 20 rows at the rate 0.4: "0" has 3 events in 4 rows, "1" has 1 in 6.
    codes = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1], dtype=float)
    y = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0], dtype=float)
    means, _ = TargetMeans.learn(codes[:, None], y, [0], seed=0)
    odds = np.exp(means.tables[0])
    share = odds / (1 + odds)
    assert np.allclose(share, [(3 + 8) / 24, (1 + 8) / 26, 8 / 20])


def test_a_row_does_not_see_its_own_outcome_in_its_target_mean() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 300, 600).astype(float)[:, None]
    y = (rng.random(600) < 0.5).astype(float)
    _, told = TargetMeans.learn(codes, y, [0], seed=0)
    assert abs(np.corrcoef(told[:, 0], y)[0, 1]) < 0.15


def test_a_new_category_and_a_new_gap_say_nothing() -> None:
    X, y = table(2000)
    model = DropoutRiskClassifier(trees=60).fit(X, y)
    known = X.iloc[:50]
    new = known.assign(place=pd.Categorical(["z"] * 50), absences=np.nan)
    values, _ = model.contributions(new)
    swing = np.ptp(model.contributions(X)[0], axis=0)
    # The category: no more than what tells the least remarkable ones apart.
    assert np.abs(values[:, 2]).max() < 0.35 * swing[2]
    middle = known.assign(place=pd.Categorical(["z"] * 50), absences=X["absences"].median())
    assert np.allclose(model.decision_function(new), model.decision_function(middle))


def test_stand_ins_leave_gaps_alone_from_which_something_can_be_learned() -> None:
    encoded = np.array([[1.0, np.nan, 0.0], [3.0, 2.0, 1.0], [5.0, 2.0, 2.0]])
    middle = learn_stand_ins(encoded, np.array([0.0, 1.0, 0.0]), [2])
    assert middle[0] == 3.0
    assert np.isnan(middle[1])
    assert middle[2] in {0.0, 2.0}


@given(st.integers(1, 40), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_thinning_keeps_every_event_and_corrects_the_odds(ratio: int, seed: int) -> None:
    y = np.repeat([1.0, 0.0], [20, 700])
    kept, shift = thinned(y, ratio, seed)
    calm = min(20 * ratio, 700)
    assert y[kept].sum() == 20
    assert len(kept) == 20 + calm
    assert np.isclose(shift, np.log(calm / 700))


@pytest.mark.parametrize(
    ("events", "calm", "kept_events", "kept_calm"),
    [(10, 990, 10, 90), (500, 500, 50, 50), (990, 10, 90, 10)],
)
def test_a_draw_takes_half_events_where_it_can_and_corrects_the_odds(
    events: int, calm: int, kept_events: int, kept_calm: int
) -> None:
    y = np.repeat([1.0, 0.0], [events, calm])
    kept, shift = drawn(y, 100, seed=0)
    assert (y[kept].sum(), len(kept)) == (kept_events, 100)
    assert np.isclose(shift, np.log(kept_calm / calm) - np.log(kept_events / events))
    assert (np.diff(kept) > 0).all()


def test_ranks_within_a_cohort_survive_a_shift_of_the_year() -> None:
    X, y = table(3000, seed=1)
    later, outcome = table(3000, seed=2)
    # The same pupils, but a year in which everybody is recorded ten absences more.
    later = later.assign(absences=later["absences"] + 10, year="2")
    plain = DropoutRiskClassifier(trees=60).fit(X, y)
    ranked = DropoutRiskClassifier(trees=60, cohort="year").fit(X.assign(year="1"), y)
    values, base = ranked.contributions(later)
    assert np.allclose(base + values.sum(axis=1), ranked.decision_function(later))
    assert np.allclose(values[:, -1], 0.0)
    shift = plain.decision_function(later.drop(columns="year")).mean()
    assert ranked.decision_function(later).mean() < shift
    order = np.argsort(later["absences"].to_numpy(), kind="stable")
    risk = ranked.decision_function(later)[order]
    assert risk[-500:].mean() > risk[:500].mean() + 0.5
    assert 0 < outcome.mean() < 1


def test_a_cohort_that_is_no_column_is_refused() -> None:
    X, y = table(60)
    with pytest.raises(ValueError, match="'year' is not in X"):
        DropoutRiskClassifier(cohort="year").fit(X, y)


@pytest.mark.parametrize(("rows", "rate"), [(300, 0.5), (300, 0.05), (20_000, 0.005)])
def test_probabilities_are_about_right_from_few_rows_and_for_rare_events(
    rows: int, rate: float
) -> None:
    rng = np.random.default_rng(3)
    X = pd.DataFrame(rng.normal(size=(rows, 6)), columns=list("abcdef"))
    log_odds = X["a"] + np.log(rate / (1 - rate))
    y = (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
    test = pd.DataFrame(rng.normal(size=(20_000, 6)), columns=list("abcdef"))
    truth = 1 / (1 + np.exp(-(test["a"] + np.log(rate / (1 - rate)))))
    risk = DropoutRiskClassifier().fit(X, y).predict_proba(test)[:, 1]
    assert 0.7 < risk.mean() / truth.mean() < 1.4
    assert np.corrcoef(np.log(risk), test["a"])[0, 1] > 0.55


def test_threads_change_nothing() -> None:
    X, y = table()
    one, two = (
        DropoutRiskClassifier(trees=30, n_jobs=jobs).fit(X, y).decision_function(X)
        for jobs in (1, 2)
    )
    assert np.array_equal(one, two)
