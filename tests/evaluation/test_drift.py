"""Drift: compared with the same time of earlier terms, with room for chance, and a stop."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.contracts.gates import Gate, load_gate
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.matrix import FeatureMatrix, concatenate
from kongchuo_risk.evaluation import DriftBaseline, check_drift, refusal
from kongchuo_risk.evaluation.drift import (
    LARGE,
    NOTICE,
    REFUSED,
    STABLE,
    Drift,
    psi,
    total_variation,
)

GATE: Gate = load_gate()
AUTUMNS = (date(2023, 10, 16), date(2024, 10, 14))
SPRINGS = (date(2024, 4, 15), date(2025, 4, 14))
TODAY = date(2025, 10, 15)
FEATURES = ("unexcused_20", "score_z", "boarding", "friends_left")


def day_of(
    day: date, seed: int, *, pupils: int = 600, classes: int = 20, rate: float = 0.02
) -> FeatureMatrix:
    """A day drawn from one distribution, whatever the day."""
    rng = np.random.default_rng(seed)
    grade = np.arange(pupils) % 3 + 7
    X = pd.DataFrame(
        {
            "unexcused_20": rng.poisson(0.3, pupils).astype(float),
            "score_z": rng.normal(size=pupils),
            "boarding": pd.Categorical(
                rng.choice(["1", "2"], pupils, p=[0.7, 0.3]), categories=["1", "2", "3"]
            ),
            "friends_left": np.where(grade == 9, rng.poisson(1.0, pupils), np.nan),
        }
    )
    X.loc[rng.random(pupils) < 0.1, "score_z"] = np.nan
    group = np.arange(pupils) % classes
    rows = pd.DataFrame(
        {
            "student_id": [f"s{i}" for i in range(pupils)],
            "as_of": pd.Timestamp(day),
            "term": term_of(day),
            "school_code": np.array([f"k{g % 6}" for g in group]),
            "class_id": np.array([f"c{g}" for g in group]),
            "grade": grade,
        }
    )
    return FeatureMatrix(X, rows, (rng.random(pupils) < rate).astype(float))


def baseline(*days: date, **more: float) -> DriftBaseline:
    parts = [day_of(day, 10 + place, **more) for place, day in enumerate(days)]
    matrix = concatenate(parts)
    return DriftBaseline.learn(matrix, matrix.X["unexcused_20"].to_numpy(), gate=GATE)


def checked(matrix: FeatureMatrix, learned: DriftBaseline | None = None) -> Drift:
    learned = learned or baseline(*AUTUMNS, *SPRINGS)
    return check_drift(learned, matrix, matrix.X["unexcused_20"].to_numpy(), GATE)


def test_psi_and_total_variation_worked_by_hand() -> None:
    # (.7 - .9) ln(.7/.9) + (.3 - .1) ln(.3/.1) = .0503 + .2197
    assert psi(np.array([90_000, 10_000]), np.array([70_000, 30_000])) == pytest.approx(
        0.2700, abs=1e-4
    )
    assert total_variation(np.array([90, 10]), np.array([7, 3])) == pytest.approx(0.2)


def test_a_day_like_those_before_is_stable() -> None:
    found = checked(day_of(TODAY, 1))
    assert set(found.verdicts.values()) == {STABLE}
    assert found.text.endswith("没有值得留意的变化。")
    assert not found.refused
    assert not found.message


def test_a_day_is_compared_with_the_same_weeks_of_the_same_half_year() -> None:
    assert checked(day_of(TODAY, 1)).compared_with == AUTUMNS
    assert checked(day_of(date(2026, 4, 20), 1)).compared_with == SPRINGS


def test_without_the_same_weeks_the_nearest_days_of_the_half_year_serve() -> None:
    late = (date(2024, 12, 30), date(2025, 1, 6))
    learned = baseline(date(2024, 10, 14), *late, *SPRINGS)
    found = checked(day_of(date(2025, 9, 3), 1), learned)
    assert found.compared_with == (date(2024, 10, 14), *late)
    only_spring = checked(day_of(TODAY, 1), baseline(*SPRINGS))
    assert only_spring.compared_with == SPRINGS


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        (lambda X: X.assign(score_z=X["score_z"] + 1.0), LARGE),
        (lambda X: X.assign(score_z=X["score_z"] * 100), LARGE),
        (lambda X: X.assign(score_z=X["score_z"].where(np.arange(len(X)) % 20 < 10)), LARGE),
        (lambda X: X.assign(score_z=X["score_z"].where(np.arange(len(X)) % 20 < 16)), NOTICE),
    ],
    ids=["shifted", "another unit", "half of the classes lost", "four classes of twenty lost"],
)
def test_a_changed_number_is_told(change: object, verdict: str) -> None:
    today = day_of(TODAY, 1)
    found = checked(FeatureMatrix(change(today.X), today.rows))
    assert found.verdicts["score_z"] == verdict
    assert f"{verdict}：最近一次考试" in found.text
    assert found.verdicts["boarding"] == STABLE


def test_a_category_that_training_never_saw_is_told() -> None:
    today = day_of(TODAY, 1)
    today.X["boarding"] = pd.Categorical(["3"] * 200 + ["1"] * 400, categories=["1", "2", "3"])
    row = checked(today).table.set_index(["feature", "kind"]).loc[("boarding", "类别")]
    assert row["statistic"] == "总变差"
    assert row["value"] > 0.3
    assert row["verdict"] == LARGE


def test_a_change_of_the_scores_alone_is_told() -> None:
    today = day_of(TODAY, 1)
    found = check_drift(baseline(*AUTUMNS), today, np.full(len(today), 9.0), GATE)
    assert found.verdicts["(score)"] == LARGE
    assert "风险分数" in found.text


def test_the_outcome_rate_of_the_last_term_is_held_against_the_terms_before() -> None:
    parts = [day_of(day, 3, pupils=6000) for day in AUTUMNS]
    parts.append(day_of(SPRINGS[1], 5, pupils=6000, rate=0.08))
    matrix = concatenate(parts)
    learned = DriftBaseline.learn(matrix, np.zeros(len(matrix)), gate=GATE)
    row = check_drift(learned, day_of(TODAY, 1), None, GATE).table.iloc[-1]
    assert (row["kind"], row["verdict"]) == ("结果发生率", LARGE)
    assert row["value"] == pytest.approx(4.0, rel=0.2)


def test_events_of_a_term_that_is_not_over_are_no_outcome_rate() -> None:
    matrix = concatenate([day_of(day, 3) for day in (*AUTUMNS, SPRINGS[1])])
    open_ = (matrix.rows["as_of"] == pd.Timestamp(SPRINGS[1])).to_numpy()
    y = np.where(open_ & (matrix.y == 0), np.nan, matrix.y)
    learned = DriftBaseline.learn(
        FeatureMatrix(matrix.X, matrix.rows, y), np.zeros(len(y)), gate=GATE
    )
    assert len(learned.label_rates()) == 2
    assert all(events / rows < 0.1 for rows, events in learned.label_rates())


def test_a_column_that_is_gone_stops_scoring_and_names_label_table_and_remedy() -> None:
    learned, today = baseline(*AUTUMNS), day_of(TODAY, 1)
    today.X["score_z"] = np.nan
    lost = FeatureMatrix(today.X.drop(columns="unexcused_20"), today.rows)
    found = check_drift(learned, lost, None, GATE)
    assert found.refused == ("unexcused_20", "score_z")
    assert {found.verdicts[name] for name in found.refused} == {REFUSED}
    assert found.message == refusal(learned, lost, GATE)
    for part in (
        "近四周无故缺勤",
        "“考勤异常”表",
        "最近一次考试",
        "“成绩”表",
        "请先导入",
        "停止排序",
    ):
        assert part in found.message, part
    assert "没有用任何数值代替" in found.message


def test_what_was_unknown_at_this_time_of_an_earlier_term_is_no_reason_to_stop() -> None:
    parts = [day_of(day, place) for place, day in enumerate((*AUTUMNS, *SPRINGS))]
    parts[0].X["score_z"] = np.nan
    matrix = concatenate(parts)
    learned = DriftBaseline.learn(matrix, np.zeros(len(matrix)), gate=GATE)
    for day, stops in ((TODAY, False), (date(2026, 4, 15), True)):
        today = day_of(day, 7)
        today.X["score_z"] = np.nan
        assert bool(refusal(learned, today, GATE)) == stops


def test_without_the_same_time_of_an_earlier_term_only_an_absent_column_stops_scoring() -> None:
    today = day_of(date(2025, 9, 3), 1)
    today.X["score_z"] = np.nan
    learned = baseline(*AUTUMNS)
    found = check_drift(learned, today, None, GATE)
    assert not found.refused
    assert found.verdicts["score_z"] == LARGE
    assert "没有往年同期可比" in found.text
    assert refusal(learned, FeatureMatrix(today.X.drop(columns="boarding"), today.rows), GATE)


def test_what_only_older_pupils_are_asked_is_not_missed_among_the_young() -> None:
    learned, today = baseline(*AUTUMNS), day_of(TODAY, 1)
    young = today.take((today.rows["grade"] == 7).to_numpy())
    assert young.X["friends_left"].isna().all()
    assert not refusal(learned, young, GATE)
    today.X["friends_left"] = np.nan
    assert "离校好友" in refusal(learned, today, GATE)


def test_features_that_the_model_does_not_need_are_not_watched() -> None:
    matrix = concatenate([day_of(day, 3) for day in AUTUMNS])
    learned = DriftBaseline.learn(
        matrix, np.zeros(len(matrix)), gate=GATE, features=["score_z", "boarding"]
    )
    assert learned.features == ("score_z", "boarding")
    today = day_of(TODAY, 1)
    assert not refusal(
        learned, FeatureMatrix(today.X.drop(columns="friends_left"), today.rows), GATE
    )


def test_the_baseline_comes_back_from_json_as_it_was() -> None:
    learned = baseline(*AUTUMNS, *SPRINGS)
    again = DriftBaseline.from_state(json.loads(json.dumps(learned.state())))
    today = day_of(TODAY, 4)
    today.X["score_z"] += 0.5
    pd.testing.assert_frame_equal(checked(today, learned).table, checked(today, again).table)
    with pytest.raises(ValueError, match="format"):
        DriftBaseline.from_state({**learned.state(), "format": 99})


def test_the_baseline_of_a_hundred_features_stays_small() -> None:
    days = [date(2020 + n // 2, 4 if n % 2 else 10, 15) for n in range(30)]
    matrix = concatenate([day_of(day, n, pupils=300) for n, day in enumerate(days)])
    wide = pd.concat(
        [matrix.X[["unexcused_20", "score_z"]].add_suffix(f"_{i}") for i in range(54)], axis=1
    )
    learned = DriftBaseline.learn(
        FeatureMatrix(wide, matrix.rows, matrix.y), np.zeros(len(matrix)), gate=GATE
    )
    assert len(learned.days) == 24
    assert len(json.dumps(learned.state(), separators=(",", ":"))) <= 200_000


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_the_pupils_changes_nothing(seed: int) -> None:
    today = day_of(TODAY, seed)
    mixed = today.take(np.random.default_rng(seed).permutation(len(today)))
    pd.testing.assert_frame_equal(checked(today).table, checked(mixed).table)


@pytest.mark.parametrize("pupils", [60, 300, 1500])
def test_unchanged_data_is_flagged_no_more_often_than_the_file_says(pupils: int) -> None:
    learned = baseline(*AUTUMNS, *SPRINGS, pupils=3000)
    flagged = sum(
        set(checked(day_of(TODAY, 500 + seed, pupils=pupils), learned).verdicts.values())
        != {STABLE}
        for seed in range(60)
    )
    # At 5 % a day six or fewer of sixty days are flagged with probability .97.
    assert flagged <= 6


def test_classes_that_differ_as_a_whole_are_given_more_room_than_single_pupils() -> None:
    learned = baseline(*AUTUMNS)
    today = day_of(TODAY, 1)
    by_class = pd.factorize(today.rows["class_id"])[0]
    today.X["score_z"] = np.random.default_rng(0).normal(size=20)[by_class]
    noise = checked(today, learned).table.set_index(["feature", "kind"])["noise"]
    usual = checked(day_of(TODAY, 1), learned).table.set_index(["feature", "kind"])["noise"]
    assert noise["score_z", "数值"] > 5 * usual["score_z", "数值"]
