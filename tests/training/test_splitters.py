from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score

from kongchuo_risk.training.splits import LeaveSchoolOut, TermForwardSplit

TERMS = ["2023-1", "2023-2", "2024-1", "2024-2", "2025-1"]


def test_whole_terms_lie_between_when_only_terms_are_given():
    splitter = TermForwardSplit(gap=2)
    pairs = [(train.tolist(), test.tolist()) for train, test in splitter.split(TERMS, None, TERMS)]
    assert pairs == [([0], [3]), ([0, 1], [4])]


def test_a_rolling_window_forgets_older_terms():
    splitter = TermForwardSplit(window="rolling", window_terms=2)
    trains = [train.tolist() for train, _ in splitter.split(TERMS, None, TERMS)]
    assert trains == [[0], [0, 1], [1, 2]]


def test_n_splits_tests_the_last_terms():
    tests = [test.tolist() for _, test in TermForwardSplit(2).split(TERMS, None, TERMS)]
    assert tests == [[3], [4]]


def test_ordered_categories_keep_their_own_order():
    term = pd.Categorical(["spring", "autumn"], categories=["spring", "autumn"], ordered=True)
    ((train, test),) = TermForwardSplit(gap=0).split([0, 0], None, term)
    assert (train.tolist(), test.tolist()) == ([0], [1])


def test_rows_without_an_outcome_are_on_neither_side():
    y = [0, np.nan, 1, 0, np.nan]
    for splitter, groups in ((TermForwardSplit(), TERMS), (LeaveSchoolOut(2), TERMS)):
        used = np.concatenate([np.concatenate(pair) for pair in splitter.split(y, y, groups)])
        assert not {1, 4} & set(used.tolist())


def test_days_decide_when_the_frame_tells_them():
    # The second term's outcomes come to light on the very day on which the third is tested.
    rows = frame(["2023-1", "2023-2", "2024-1"], ["2023-10-01", "2024-04-01", "2024-10-01"])
    rows["outcome_known_on"] = pd.to_datetime(["2024-03-01", "2024-10-01", "2025-03-01"])
    trains = [train.tolist() for train, _ in TermForwardSplit().split(rows, [0, 0, 0], rows)]
    assert trains == [[0], [0]]
    further = [test.tolist() for _, test in TermForwardSplit(gap=1).split(rows, [0, 0, 0], rows)]
    assert further == [[2]]


def test_terms_of_a_frame_follow_their_days_not_their_names():
    rows = frame(["B autumn", "A spring"], ["2023-10-01", "2024-10-01"])
    rows["outcome_known_on"] = pd.to_datetime(["2024-03-01", "2025-03-01"])
    ((train, test),) = TermForwardSplit().split(rows, [0, 0], rows)
    assert (train.tolist(), test.tolist()) == ([0], [1])


def test_each_school_is_left_out_once_by_default():
    schools = ["b", "a", "b", "c"]
    tests = [test.tolist() for _, test in LeaveSchoolOut().split(schools, None, schools)]
    assert tests == [[1], [0, 2], [3]]


def test_parts_are_balanced_by_pupils_and_events():
    # Schools of 40, 30, 20 and 10 pupils: 40 + 10 against 30 + 20.
    schools = np.repeat(["a", "b", "c", "d"], [40, 30, 20, 10])
    sizes = [len(test) for _, test in LeaveSchoolOut(2).split(schools, None, schools)]
    assert sizes == [50, 50]
    # With all events in the two middle schools, these two are parted.
    y = np.isin(schools, ["b", "c"]).astype(int)
    tested = [set(schools[test]) for _, test in LeaveSchoolOut(2).split(schools, y, schools)]
    assert not any({"b", "c"} <= part for part in tested)


def test_a_pupil_counts_once_however_many_days_a_school_has():
    rows = pd.DataFrame(
        {
            "school_code": ["a"] * 8 + ["b"] * 3 + ["c"] * 2,
            "student_id": ["a1"] * 8 + ["b1", "b2", "b3", "c1", "c2"],
        }
    )
    # Pupils: a 1, b 3, c 2. The largest stands alone.
    tested = [
        set(rows["school_code"].iloc[test]) for _, test in LeaveSchoolOut(2).split(rows, None, rows)
    ]
    assert tested == [{"b"}, {"a", "c"}]


@pytest.mark.parametrize(
    ("splitter", "message"),
    [
        (TermForwardSplit(window="sliding"), "expanding"),
        (TermForwardSplit(window="rolling"), "window_terms"),
        (TermForwardSplit(window_terms=2), "window_terms"),
        (TermForwardSplit(gap=-1), "gap"),
        (TermForwardSplit(0), "n_splits"),
        (TermForwardSplit(9), "3 terms can be tested"),
        (TermForwardSplit(gap=5), "nothing to test"),
        (LeaveSchoolOut(1), "n_splits"),
        (LeaveSchoolOut(True), "n_splits"),
        (LeaveSchoolOut(6), "5 schools"),
    ],
)
def test_misuse_is_told_when_the_splitter_is_used(splitter, message):
    with pytest.raises(ValueError, match=message):
        list(splitter.split(TERMS, None, TERMS))


@pytest.mark.parametrize("splitter", [TermForwardSplit(), LeaveSchoolOut()])
@pytest.mark.parametrize(
    ("groups", "message"),
    [
        (None, "should not be None"),
        (["a"], "inconsistent numbers"),
        (["a", None], "missing"),
        (pd.DataFrame({"x": [1, 2]}), "frame without"),
        (["a", "a"], "nothing to test|one school only"),
    ],
)
def test_groups_that_cannot_be_used_are_refused(splitter, groups, message):
    with pytest.raises(ValueError, match=message):
        list(splitter.split([0, 0], None, groups))


def test_a_frame_needs_days_for_every_row():
    rows = frame(["2023-1", "2023-2"], ["2023-10-01", None])
    with pytest.raises(ValueError, match="as_of"):
        list(TermForwardSplit().split(rows, None, rows))


def test_the_splitters_behave_like_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(100, 2)), np.arange(100) % 2
    terms = np.repeat(TERMS, 20)
    splitter = TermForwardSplit(window="rolling", window_terms=1)
    assert repr(splitter) == (
        "TermForwardSplit(gap=None, n_splits=None, window='rolling', window_terms=1)"
    )
    assert repr(LeaveSchoolOut(3)) == "LeaveSchoolOut(n_splits=3)"
    assert splitter.get_n_splits(X, y, terms) == 3
    assert TermForwardSplit(2).get_n_splits() == 2
    assert len(cross_val_score(LogisticRegression(), X, y, groups=terms, cv=splitter)) == 3
    search = clone(GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=splitter))
    assert search.fit(X, y, groups=terms).n_splits_ == 3
    assert repr(search.cv) == repr(splitter)
    assert splitter.get_metadata_routing().split.requests == {"groups": True}


def test_a_frame_of_rows_serves_as_groups_in_cross_validation():
    terms = np.repeat(TERMS, 20)
    starts = np.repeat(pd.date_range("2023-10-01", periods=5, freq="183D"), 20)
    rows = pd.DataFrame(
        {"term": terms, "as_of": starts, "outcome_known_on": starts + pd.Timedelta(days=150)}
    )
    X, y = np.arange(100.0).reshape(-1, 1), np.arange(100) % 2
    assert len(cross_val_score(LogisticRegression(), X, y, groups=rows, cv=TermForwardSplit())) == 4


def frame(terms: list[str], days: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"term": terms, "as_of": pd.to_datetime(days), "outcome_known_on": pd.NaT})


@st.composite
def histories(draw) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of up to five terms of two days each, outcomes known sooner or later or not yet."""
    count = draw(st.integers(2, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    term, second = rng.integers(0, 5, count), rng.integers(0, 2, count)
    day = pd.Timestamp("2023-09-01") + pd.to_timedelta(182 * term + 60 * second, unit="D")
    known_on = day + pd.to_timedelta(rng.integers(0, 400, count), unit="D")
    rows = pd.DataFrame(
        {
            "student_id": rng.integers(0, 20, count).astype(str),
            "school_code": rng.integers(0, 6, count).astype(str),
            "term": np.array(TERMS)[term],
            "as_of": day,
            "outcome_known_on": known_on.where(rng.random(count) < 0.9),
        }
    )
    y = np.where(rng.random(count) < 0.85, rng.random(count) < 0.3, np.nan)
    return rows, y


def folds_of(splitter, y, groups) -> list[tuple[np.ndarray, np.ndarray]]:
    try:
        return list(splitter.split(y, y, groups))
    except ValueError:
        return []


forward = st.builds(
    lambda terms, gap: TermForwardSplit(
        window="expanding" if terms is None else "rolling", window_terms=terms, gap=gap
    ),
    st.none() | st.integers(1, 3),
    st.none() | st.integers(0, 2),
)


@settings(deadline=None)
@given(histories(), forward, st.booleans())
def test_nothing_is_learned_from_the_tested_term_or_a_later_one(history, splitter, by_days):
    rows, y = history
    terms = rows["term"].to_numpy()
    for train, test in folds_of(splitter, y, rows if by_days else terms):
        assert len(set(terms[test])) == 1
        assert terms[train].max() < terms[test].min()
        assert np.isfinite(y[train]).all()
        assert np.isfinite(y[test]).all()


@settings(deadline=None)
@given(histories(), forward)
def test_no_outcome_is_learned_that_came_to_light_on_the_first_test_day_or_later(history, splitter):
    rows, y = history
    for train, test in folds_of(splitter, y, rows):
        first = rows["as_of"].iloc[test].min()
        assert rows["outcome_known_on"].iloc[train].max() < first
        # Nor is anything of a day some of whose calm rows were still open.
        days = rows["as_of"].isin(rows["as_of"].iloc[train])
        assert not (days & (y == 0) & (rows["outcome_known_on"] >= first)).any()


@settings(deadline=None)
@given(histories(), st.none() | st.integers(2, 4), st.booleans())
def test_no_school_is_on_both_sides_and_every_school_is_left_out_once(history, parts, as_frame):
    rows, y = history
    schools = rows["school_code"].to_numpy()
    tested = []
    for train, test in folds_of(LeaveSchoolOut(parts), y, rows if as_frame else schools):
        assert not set(schools[train]) & set(schools[test])
        tested += test.tolist()
    assert not tested or sorted(tested) == np.flatnonzero(np.isfinite(y)).tolist()


@settings(deadline=None)
@given(
    histories(), forward | st.builds(LeaveSchoolOut, st.none() | st.integers(2, 3)), st.randoms()
)
def test_the_order_of_the_rows_changes_nothing(history, splitter, random):
    rows, y = history
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = folds_of(splitter, y[order], rows.iloc[order])
    back = [(sorted(order[i] for i in train), sorted(order[i] for i in test))
            for train, test in shuffled]  # fmt: skip
    assert back == [(list(train), list(test)) for train, test in folds_of(splitter, y, rows)]
