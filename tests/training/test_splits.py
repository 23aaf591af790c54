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


def test_one_term_cannot_be_validated_and_the_reason_is_told():
    drawn = matrix(County(terms=1))
    assert forward_folds(drawn) == []
    assert "1 个学期" in why_no_folds(drawn)
    assert "评分卡" in why_no_folds(drawn)
