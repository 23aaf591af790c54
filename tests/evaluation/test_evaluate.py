from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation import ModelFacts, evaluate, model_card
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES
from kongchuo_risk.evaluation.gate import Gain, judge

SCHOOLS, PUPILS, DAYS = 8, 50, 2


def world() -> tuple[FeatureMatrix, np.ndarray]:
    """A matrix whose true risk is known: 8 schools of 50 pupils on two days of two terms."""
    rng = np.random.default_rng(4)
    n = SCHOOLS * PUPILS * DAYS
    risk = rng.beta(0.5, 6.0, n)
    rows = pd.DataFrame(
        {
            "student_id": [f"s{i % (n // DAYS)}" for i in range(n)],
            "as_of": pd.to_datetime(np.repeat(["2024-10-15", "2025-04-15"], n // DAYS)),
            "term": np.repeat(["2024-2025-1", "2024-2025-2"], n // DAYS),
            "school_code": np.tile(np.repeat([f"k{i}" for i in range(SCHOOLS)], PUPILS), DAYS),
            "class_id": "c",
            "grade": 8,
            "event_on": pd.Timestamp("2025-09-15"),
            "outcome_known_on": pd.Timestamp("2025-09-15"),
            "treated": np.arange(n) % 4 == 0,
        }
    )
    y = (rng.random(n) < risk).astype(float)
    return FeatureMatrix(pd.DataFrame({"x": risk}), rows, y), logit(np.clip(risk, 1e-4, 1 - 1e-4))


def scores(**by_model: np.ndarray) -> pd.DataFrame:
    matrix, _ = world()
    return pd.DataFrame({"fold": matrix.rows["term"], **by_model})


@pytest.fixture(scope="module")
def evaluation():
    matrix, truth = world()
    noise = np.random.default_rng(0).normal(size=(3, len(matrix)))
    given = scores(scorecard=noise[0], abc_rules=noise[1], school_only=noise[2], blend=truth)
    split = given[["fold", "blend"]].iloc[::3]
    return evaluate(given, matrix, capacity=0.1, champion="blend", random_split=split)


def test_the_true_risk_is_admitted_with_the_gain_in_a_sentence(evaluation):
    assert evaluation.verdict.admitted
    assert evaluation.verdict.ranks == "blend"
    assert "融合模型" in evaluation.verdict.text
    assert "准予启用" in evaluation.verdict.text


def test_the_gain_is_the_difference_of_pupils_found_per_list_day(evaluation):
    events = evaluation.events
    found = {m: evaluation.value(m, "recall_at_k") * events / DAYS for m in ("blend", "scorecard")}
    gain = round(found["blend"] - found["scorecard"])
    assert f"多找出 {gain} 名" in evaluation.verdict.text


def test_every_model_and_the_random_one_have_every_metric(evaluation):
    table = evaluation.metrics.pivot_table(
        index="model", columns="metric", values="value", dropna=False
    )  # fmt: skip
    assert set(table.index) == {"scorecard", "abc_rules", "school_only", "blend", "random"}
    assert set(table.columns) == set(METRIC_TITLES)


def test_a_random_list_of_a_tenth_finds_a_tenth(evaluation):
    assert evaluation.value("random", "recall_at_k") == pytest.approx(0.1)
    assert evaluation.value("random", "lift_at_k") == pytest.approx(1.0)


def test_the_true_risk_is_calibrated(evaluation):
    assert evaluation.value("blend", "calibration_slope") == pytest.approx(1.0, abs=0.25)
    low, high = evaluation.metrics.query(
        "model == 'blend' and metric == 'calibration_intercept'"
    )[["low", "high"]].iloc[0]  # fmt: skip
    assert low < 0 < high


def test_figures_of_the_data_are_counted(evaluation):
    assert (evaluation.rows, evaluation.lists) == (SCHOOLS * PUPILS * DAYS, DAYS)
    assert evaluation.listed == SCHOOLS * PUPILS / 10
    assert evaluation.resampled == "学校"
    assert 0 < evaluation.treated_false_alarms < 0.5


def test_each_fold_has_its_own_figures(evaluation):
    recall = evaluation.by_fold.query("metric == 'recall_at_k' and model == 'random'")
    assert recall["value"].tolist() == pytest.approx([0.1, 0.1])


def test_a_model_no_better_than_the_scorecard_is_refused():
    matrix, truth = world()
    given = scores(scorecard=truth, abc_rules=-truth, school_only=-truth, blend=truth)
    verdict = evaluate(given, matrix, capacity=0.1, champion="blend").verdict
    assert (verdict.ranks, verdict.admitted) == ("scorecard", False)
    assert "名单由评分卡排序" in verdict.text


def test_a_model_with_wrong_probabilities_is_refused_although_it_ranks_well():
    matrix, truth = world()
    noise = np.random.default_rng(0).normal(size=len(matrix))
    given = scores(scorecard=noise, abc_rules=noise, school_only=noise, blend=3 * truth)
    verdict = evaluate(given, matrix, capacity=0.1, champion="blend").verdict
    assert not verdict.admitted
    assert "校准斜率" in verdict.text


def test_without_scores_the_note_is_the_verdict():
    matrix, _ = world()
    nothing = evaluate(
        pd.DataFrame(columns=["fold"]), matrix, capacity=0.1, champion="blend", note="历史太短。"
    )
    assert nothing.verdict.text == "历史太短。"
    assert nothing.verdict.ranks == "scorecard"


def test_a_loss_is_told_as_a_loss():
    verdict = judge(
        "blend", [Gain("scorecard", -3.2, -6.1, -1.0)], slope=1, expected_to_observed=1, terms=2
    )
    assert "比评分卡少找出 3 名（95% 区间 1.0–6）" in verdict.text
    assert "不予启用" in verdict.text


def card(evaluation, **more: object) -> str:
    weights = pd.DataFrame(
        {"label": ["近四周无故缺勤"], "group": ["出勤"], "mean_abs_contribution": [0.42]}
    )
    day = date(2025, 9, 1)
    return model_card(ModelFacts("blend", day, "结果", "数据", weights, **more), evaluation)


def test_the_card_says_what_a_reviewer_asks(evaluation):
    text = card(evaluation, versions={"lightgbm": "4"}, fingerprint="abc")
    for part in (
        evaluation.verdict.text, "用途与禁区", "评分卡", "随机抽取", "每 1000 条", "个名额",
        "随机拆分", "近四周无故缺勤", "已接受帮扶", "lightgbm 4", "abc", "2025-09-01",
    ):  # fmt: skip
        assert part in text, part
    assert "因为" not in text
    assert "合成数据" not in text


def test_the_card_of_synthetic_records_says_so_first(evaluation):
    assert "合成数据" in card(evaluation, synthetic=True).split("##")[0]
