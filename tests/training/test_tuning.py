from __future__ import annotations

import sqlite3
import sys
import time
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from kongchuo_risk.errors import ModelError, NotReadyError, WorkspaceError
from kongchuo_risk.training.search_space import OF_LINES, OF_TREES, Span, searchable
from kongchuo_risk.training.splits import Fold
from kongchuo_risk.training.tuning import Budget, Tuning, clearly_worse, study_key, tune

PEAK = 0.7
SPAN = {"x": Span(0.0, 1.0)}
DEFAULT = {"x": 0.2}


def folds(count: int = 4) -> list[Fold]:
    nothing = np.empty(0, dtype=int)
    return [Fold(nothing, nothing, f"term {i}") for i in range(count)]


def hill(parameters, fold: Fold) -> pd.DataFrame:
    """Best at the peak, equally so in every term but for a shift that all settings share."""
    shift = int(fold.label[-1]) / 10
    return pd.DataFrame({"value": [shift - abs(parameters["x"] - PEAK)]})


def first(scores: pd.DataFrame) -> float:
    return float(scores["value"].iloc[0])


def found(folder, fit=hill, **more: object) -> Tuning:
    given = {
        "folds": folds(), "objective": first, "space": SPAN, "default": DEFAULT,
        "storage": folder / "tuning.db", "study": "a", "budget": Budget(7, 5.0), "seed": 3,
    }  # fmt: skip
    return tune(fit, **(given | more))


def test_the_defaults_are_tried_first_and_the_best_is_never_worse(tmp_path):
    tried = []

    def remembered(parameters, fold):
        tried.append(parameters["x"])
        return hill(parameters, fold)

    result = found(tmp_path, remembered)
    assert tried[:4] == [0.2] * 4
    assert result.default == DEFAULT
    # Shifts of .0, .1, .2, .3 less the distance of .5 from the peak.
    assert result.default_value == pytest.approx(0.15 - 0.5)
    assert abs(result.best["x"] - PEAK) < 0.2
    assert result.gain == pytest.approx(0.5 - abs(result.best["x"] - PEAK))
    assert result.tried == 7


def test_a_gain_that_every_term_shares_is_recommended(tmp_path):
    result = found(tmp_path)
    # The same gain in every term: no noise; and choosing on earlier terms finds it as well.
    assert result.noise == pytest.approx(0.0, abs=1e-12)
    assert result.forward_gain == pytest.approx(result.gain)
    assert result.recommended == result.best


def test_a_gain_of_one_lucky_term_is_not_recommended(tmp_path):
    def lucky(parameters, fold):
        bonus = 10 * parameters["x"] if fold.label == "term 3" else 0.0
        return pd.DataFrame({"value": [bonus]})

    result = found(tmp_path, lucky)
    assert result.gain > 0
    # Three gains of 0 and one of g: mean g/4, standard error g/4, noise g/2.
    assert result.noise == pytest.approx(2 * result.gain)
    assert result.recommended == DEFAULT


def test_what_was_best_before_must_do_better_on_the_next_term_too(tmp_path):
    def reversed_each_term(parameters, fold):
        sign = 1 if int(fold.label[-1]) % 2 else -1
        return pd.DataFrame({"value": [parameters["x"] * sign + parameters["x"] * 0.01]})

    result = found(tmp_path, reversed_each_term)
    assert result.forward_gain < result.gain + 1e-9
    assert not result.worthwhile


def test_nothing_better_than_the_defaults_leaves_the_defaults(tmp_path):
    result = found(tmp_path, default={"x": PEAK})
    assert result.gain == 0
    assert result.best == result.recommended == {"x": PEAK}


def test_with_a_single_term_the_defaults_stay(tmp_path):
    result = found(tmp_path, folds=folds(1))
    assert result.gain > 0
    assert result.noise == np.inf
    assert result.recommended == DEFAULT


def test_an_interrupted_search_ends_where_an_uninterrupted_one_does(tmp_path):
    enough = Budget(12, 5.0)  # Optuna's own proposals begin after ten random ones.
    whole = found(tmp_path, budget=enough)
    calls = 0

    def interrupted(parameters, fold):
        nonlocal calls
        calls += 1
        if calls in (2, 15, 30):
            raise KeyboardInterrupt
        return hill(parameters, fold)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            found(tmp_path, interrupted, storage=tmp_path / "again.db", budget=enough)
    resumed = found(tmp_path, interrupted, storage=tmp_path / "again.db", budget=enough)
    assert resumed.best == whole.best
    assert (resumed.tried, resumed.stopped_early) == (whole.tried, whole.stopped_early)
    pd.testing.assert_frame_equal(resumed.by_fold, whole.by_fold)


def test_a_finished_search_is_told_again_without_fitting_anything(tmp_path):
    once = found(tmp_path)

    def never(parameters, fold):
        raise AssertionError("fitted again")

    assert found(tmp_path, never).best == once.best
    more = found(tmp_path, budget=Budget(8, 5.0))
    assert more.tried == 8


def test_the_same_seed_finds_the_same_and_another_study_starts_anew(tmp_path):
    three = {"budget": Budget(3, 5.0)}
    here, there = found(tmp_path, **three), found(tmp_path, study="b", **three)
    assert here.best == there.best
    assert found(tmp_path, study="c", seed=4, **three).best != here.best


def test_parameters_in_use_are_tried_right_after_the_defaults(tmp_path):
    result = found(tmp_path, also_try=[DEFAULT, {"x": PEAK}], budget=Budget(2, 5.0))
    assert result.best == {"x": PEAK}


def test_out_of_time_the_defaults_are_still_tried_to_the_end(tmp_path):
    def slow(parameters, fold):
        time.sleep(0.02)
        return hill(parameters, fold)

    result = found(tmp_path, slow, budget=Budget(500, 0.0))
    assert result.tried == 1
    assert result.best == DEFAULT
    brief = found(tmp_path, slow, study="b", budget=Budget(500, 0.005))
    assert 1 <= brief.tried < 500


def test_a_clearly_worse_trial_is_given_up_after_two_terms(tmp_path):
    seen: dict[float, int] = {}

    def counted(parameters, fold):
        seen[parameters["x"]] = seen.get(parameters["x"], 0) + 1
        return hill(parameters, fold)

    result = found(tmp_path, counted, default={"x": PEAK})
    assert seen.pop(PEAK) == 4
    # Everything else is worse by the same amount in every term: two terms show it.
    assert set(seen.values()) == {2}
    assert result.stopped_early == 6


@pytest.mark.parametrize(
    ("values", "worse"),
    [
        ([0.1], False),
        # Shortfalls .1 and .09: mean .095, standard error .005.
        ([0.1, 0.12], True),
        # Shortfalls .1 and -.09: mean .005.
        ([0.1, 0.30], False),
        ([0.2, 0.21], False),
        ([0.3, 0.31], False),
    ],
)
def test_clearly_worse_means_beyond_the_noise(values, worse):
    assert clearly_worse(values, [0.2, 0.21, 0.3]) is worse


def test_an_undefined_value_is_an_error_and_not_a_trial(tmp_path):
    with pytest.raises(ValueError, match="term 0"):
        found(tmp_path, lambda parameters, fold: pd.DataFrame({"value": [np.nan]}))


def test_two_searches_at_once_are_refused(tmp_path):
    with FileLock(tmp_path / "tuning.lock"), pytest.raises(WorkspaceError, match="另一个"):
        found(tmp_path)


def test_a_file_of_another_optuna_is_named(tmp_path):
    found(tmp_path, budget=Budget(1, 5.0))
    with closing(sqlite3.connect(tmp_path / "tuning.db")) as database:
        database.execute("UPDATE alembic_version SET version_num = 'v0.9.0.a'")
        database.commit()
    with pytest.raises(WorkspaceError, match="另一个版本"):
        found(tmp_path)


def test_without_optuna_the_command_to_install_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(NotReadyError, match="pip install optuna"):
        found(tmp_path)


def test_a_search_needs_terms_parameters_and_defaults_within_their_range(tmp_path):
    with pytest.raises(NotReadyError, match="学期"):
        found(tmp_path, folds=[])
    with pytest.raises(ModelError, match="没有可搜索"):
        found(tmp_path, space={}, default={})
    with pytest.raises(ModelError, match=r"x=1\.5"):
        found(tmp_path, default={"x": 1.5})


def test_other_data_folds_or_metrics_make_another_study():
    keys = {study_key("f1", "ap"), study_key("f2", "ap"), study_key("f1", "auc")}
    assert len(keys) == 3
    assert study_key("f1", "ap") == study_key("f1", "ap")


def test_every_default_lies_in_its_range_and_belongs_to_the_candidate():
    space, default = searchable("blend")
    assert all(span.holds(default[name]) for name, span in space.items())
    assert set(searchable("logistic")[0]) == set(OF_LINES)
    assert set(searchable("lightgbm")[0]) == set(OF_TREES)
    assert searchable("scorecard") == ({}, {})
    assert set(space) == set(OF_TREES) | set(OF_LINES)
