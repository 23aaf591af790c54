from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.training.candidates import trainable
from kongchuo_risk.training.splits import (
    fold_windows,
    forward_folds,
    leave_school_out_folds,
    why_no_folds,
)
from tests.training.builders import FIRST_DAYS, TERMS, County, matrix


def test_every_outcome_learned_from_was_known_before_the_first_test_day():
    drawn = matrix()
    for fold in forward_folds(drawn):
        first = drawn.rows["as_of"].iloc[fold.test_positions].min()
        assert drawn.rows["outcome_known_on"].iloc[fold.train_positions].max() < first


def test_each_later_term_is_tested_once():
    drawn = matrix()
    folds = forward_folds(drawn)
    assert [fold.label for fold in folds] == list(TERMS[1:])
    tested = np.concatenate([fold.test_positions for fold in folds])
    assert len(np.unique(tested)) == len(tested) == 3 * 600


def test_a_horizon_that_reaches_into_the_test_term_leaves_its_term_out():
    drawn = matrix(County(terms=3))
    late = drawn.rows["term"] == TERMS[1]
    drawn.rows.loc[late, "outcome_known_on"] = pd.Timestamp(FIRST_DAYS[2])
    last = forward_folds(drawn)[-1]
    assert set(drawn.rows["term"].iloc[last.train_positions]) == {TERMS[0]}


def test_events_known_early_do_not_come_without_those_who_stayed():
    drawn = matrix(County(terms=3))
    second = (drawn.rows["term"] == TERMS[1]).to_numpy()
    stayed = second & (drawn.y == 0)
    # Events of the second term are known at once, those who stayed only after the third began.
    drawn.rows.loc[stayed, "outcome_known_on"] = pd.Timestamp(FIRST_DAYS[2])
    drawn.rows.loc[second & ~stayed, "outcome_known_on"] = pd.Timestamp(FIRST_DAYS[1])
    last = forward_folds(drawn)[-1]
    assert not second[last.train_positions].any()


def test_a_day_whose_horizon_is_open_is_not_learned_from():
    drawn = matrix()
    current = (drawn.rows["term"] == TERMS[3]).to_numpy()
    drawn.y[current & (drawn.y == 0)] = np.nan
    assert drawn.labelled[current].any()
    assert not trainable(drawn)[current].any()


def test_a_final_grade_whose_horizon_is_over_does_not_open_the_day_for_the_others():
    drawn = matrix()
    current = (drawn.rows["term"] == TERMS[3]).to_numpy()
    final = (drawn.rows["grade"] == 9).to_numpy()
    drawn.y[current & ~final & (drawn.y == 0)] = np.nan
    use = trainable(drawn)
    assert use[current & final].all()
    assert drawn.labelled[current & ~final].any()
    assert not use[current & ~final].any()


def test_a_school_whose_records_stop_early_does_not_teach_its_events_alone():
    drawn = matrix()
    silent = (drawn.rows["school_code"] == "school0").to_numpy()
    drawn.y[silent & (drawn.y == 0)] = np.nan
    assert not trainable(drawn)[silent].any()
    assert trainable(drawn)[~silent].all()


def test_a_day_of_which_one_grade_alone_is_over_is_not_tested():
    drawn = matrix()
    current = (drawn.rows["term"] == TERMS[3]).to_numpy()
    final = (drawn.rows["grade"] == 9).to_numpy()
    drawn.y[current & ~final & (drawn.y == 0)] = np.nan
    assert [fold.label for fold in forward_folds(drawn)] == list(TERMS[1:3])


def test_one_event_entered_years_later_is_left_out_alone():
    drawn = matrix(County(terms=3))
    first = (drawn.rows["term"] == TERMS[0]).to_numpy()
    late = int(np.flatnonzero(first & (drawn.y == 1))[0])
    drawn.rows.loc[late, "outcome_known_on"] = pd.Timestamp("2030-01-01")
    for fold in forward_folds(drawn):
        expected = set(np.flatnonzero(first)) - {late}
        assert expected <= set(fold.train_positions)
        assert late not in fold.train_positions


def test_one_term_cannot_be_validated_and_the_reason_is_told():
    drawn = matrix(County(terms=1))
    assert forward_folds(drawn) == []
    assert "1 个学期" in why_no_folds(drawn)
    assert "评分卡" in why_no_folds(drawn)


def test_a_rolling_window_learns_from_the_last_terms_alone():
    drawn = matrix()
    last = forward_folds(drawn, window="rolling", window_terms=1)[-1]
    assert set(drawn.rows["term"].iloc[last.train_positions]) == {TERMS[2]}


def test_unseen_schools_are_tested_on_later_terms_and_learned_from_nowhere():
    drawn = matrix()
    schools = drawn.rows["school_code"].to_numpy()
    by_time = {fold.label: fold for fold in forward_folds(drawn)}
    folds = leave_school_out_folds(drawn, n_splits=3)
    assert len(folds) == 3 * len(by_time)
    for fold in folds:
        forward = by_time[fold.label.split("，")[0]]
        assert set(fold.train_positions) < set(forward.train_positions)
        assert set(fold.test_positions) < set(forward.test_positions)
        assert set(schools[fold.test_positions]) == set(fold.schools)
        assert not set(schools[fold.train_positions]) & set(fold.schools)
    tested = np.concatenate([fold.test_positions for fold in folds])
    assert sorted(tested) == sorted(
        np.concatenate([fold.test_positions for fold in by_time.values()])
    )


def test_the_label_names_the_schools_left_out():
    drawn = matrix(County(schools=8))
    folds = leave_school_out_folds(drawn, n_splits=2)
    assert folds[0].label == f"{TERMS[1]}，未见过 {folds[0].schools[0]} 等 4 所"
    assert len({fold.label for fold in folds}) == len(folds)
    one_each = leave_school_out_folds(drawn, n_splits=None)
    assert one_each[0].label == f"{TERMS[1]}，未见过 school0"


def test_with_one_school_none_can_be_left_out():
    assert leave_school_out_folds(matrix(County(schools=1))) == []
    assert leave_school_out_folds(matrix(County(terms=1))) == []


def test_the_windows_say_what_was_learned_left_out_and_tested():
    drawn = matrix(County(terms=3))
    # The second term's outcomes come too late for the third: it lies in the gap.
    second = (drawn.rows["term"] == TERMS[1]).to_numpy()
    drawn.rows.loc[second, "outcome_known_on"] = pd.Timestamp(FIRST_DAYS[2])
    windows = fold_windows(forward_folds(drawn), drawn)
    assert list(windows.columns) == ["fold", "part", "start", "end", "rows", "events"]
    assert list(windows["part"]) == ["train", "gap", "test"] * 2
    last = windows[windows["fold"] == TERMS[2]].set_index("part")
    first_day, third_day = pd.Timestamp(FIRST_DAYS[0]), pd.Timestamp(FIRST_DAYS[2])
    one = pd.Timedelta(days=1)
    assert list(last["start"]) == [first_day, first_day + one, third_day]
    assert list(last["end"]) == [first_day, third_day - one, third_day]
    assert list(last["rows"]) == [600, 600, 600]
    assert list(last["events"]) == [drawn.y[drawn.rows["term"] == term].sum() for term in TERMS[:3]]


def test_without_folds_there_are_no_windows_but_their_columns():
    drawn = matrix(County(terms=1))
    windows = fold_windows(forward_folds(drawn), drawn)
    assert windows.empty
    assert windows["start"].dtype.kind == "M"
