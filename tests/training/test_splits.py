from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.training.candidates import trainable
from kongchuo_risk.training.splits import forward_folds, why_no_folds
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
