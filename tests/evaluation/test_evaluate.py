from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation import (
    DriftBaseline,
    ModelFacts,
    ReviewParts,
    evaluate,
    model_card,
    price_of_input,
)
from kongchuo_risk.evaluation.card import metrics_table
from kongchuo_risk.evaluation.evaluation import METRIC_TITLES

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
            "sex": np.where(np.arange(n) % 2 == 0, "1", "2"),
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
    assert evaluation.resampled == "学校和校内班级"
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


def test_a_champion_that_was_not_trained_cannot_rank():
    matrix, truth = world()
    found = evaluate(scores(scorecard=truth), matrix, capacity=0.1, champion="blend")
    assert (found.verdict.ranks, found.verdict.admitted) == ("scorecard", False)
    assert found.fairness.table.empty


def test_the_last_champion_is_compared_on_the_rows_that_it_had_not_learned_from():
    matrix, truth = world()
    later = (matrix.rows["term"] == "2024-2025-2").to_numpy()
    noise = np.random.default_rng(0).normal(size=(3, len(matrix)))
    given = scores(
        scorecard=noise[0], abc_rules=noise[1], school_only=noise[2], blend=truth,
        last_champion=np.where(later, truth, np.nan),
    )  # fmt: skip
    found = evaluate(given, matrix, capacity=0.1, champion="blend", last_champion="lightgbm")
    check = found.verdict.checks.set_index("check").loc["不差于上一任模型"]
    assert check["value"].startswith("+0.0")
    assert found.verdict.admitted
    assert found.last_champion == "上一任模型（梯度提升树）"
    assert "上一任模型（梯度提升树）只在它没有学习过的日子上有成绩" in card(found)
    alone = evaluate(given[later], matrix, capacity=0.1, champion="blend")
    for metric in ("recall_at_k", "average_precision", "brier"):
        assert found.value("last_champion", metric) == pytest.approx(alone.value("blend", metric))


def test_a_last_champion_that_had_learned_from_every_row_is_no_champion_to_compare_with():
    matrix, truth = world()
    found = evaluate(
        scores(blend=truth, last_champion=np.full(len(truth), np.nan)),
        matrix, capacity=0.1, champion="blend", last_champion="blend",
    )  # fmt: skip
    check = found.verdict.checks.set_index("check").loc["不差于上一任模型"]
    assert check["passed"]
    assert check["text"] == "没有上一任模型可比"
    assert found.last_champion == ""
    assert "last_champion" not in set(found.metrics["model"])


def test_the_order_of_the_rows_changes_no_figure(evaluation):
    matrix, truth = world()
    noise = np.random.default_rng(0).normal(size=(3, len(matrix)))
    given = scores(scorecard=noise[0], abc_rules=noise[1], school_only=noise[2], blend=truth)
    mixed = given.sample(frac=1.0, random_state=1)
    again = evaluate(mixed, matrix, capacity=0.1, champion="blend")
    key = ["model", "metric"]
    one, two = (e.metrics.set_index(key)["value"].sort_index() for e in (evaluation, again))
    pd.testing.assert_series_equal(one, two, rtol=1e-6)


def test_schools_are_counted_by_their_share_of_the_events(evaluation):
    matrix, _ = world()
    events = pd.Series(matrix.y).groupby(matrix.rows["school_code"]).sum()
    assert evaluation.effective_schools == pytest.approx(events.sum() ** 2 / (events**2).sum())
    assert evaluation.effective_schools < SCHOOLS
    assert "区间可能偏窄" in evaluation.verdict.text


def test_an_input_that_changes_nothing_has_no_price():
    matrix, truth = world()
    rows = price_of_input(
        "sex", scores(blend=truth), scores(blend=truth), matrix, "blend", capacity=0.1,
        gate=load_gate(), bootstrap=100,
    )  # fmt: skip
    assert [row["choice"] for row in rows] == ["放入模型", "只作审计"]
    assert rows[1]["change"] == rows[1]["change_low"] == rows[1]["change_high"] == 0
    assert rows[1]["worst_gap_change"] == 0
    assert rows[0]["worst_group"].startswith("性别：")


def test_an_input_that_tells_everything_has_a_price():
    matrix, truth = world()
    noise = np.random.default_rng(3).normal(size=len(matrix))
    with_it, without = price_of_input(
        "sex", scores(blend=truth), scores(blend=noise), matrix, "blend", capacity=0.1,
        gate=load_gate(), bootstrap=100,
    )  # fmt: skip
    assert without["change"] == pytest.approx(without["recall_at_k"] - with_it["recall_at_k"])
    assert without["change_high"] < 0
    assert "−" in without["text"]


def card(evaluation, review: ReviewParts | None = None, **more: object) -> str:
    weights = pd.DataFrame(
        {"label": ["近四周无故缺勤"], "group": ["出勤"], "mean_abs_contribution": [0.42]}
    )
    day = date(2025, 9, 1)
    facts = ModelFacts("blend", day, "结果", "数据", weights, **more)
    return model_card(facts, evaluation, review)


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


def test_bounds_below_zero_are_told_apart_from_a_dash() -> None:
    rows = [
        ("blend", "brier_skill", 0.01, -0.02, 0.03), ("blend", "roc_auc", 0.8, 0.75, 0.85),
        ("random", "brier_skill", -0.0001, -0.002, 0.0),
    ]  # fmt: skip
    table = metrics_table(pd.DataFrame(rows, columns=["model", "metric", "value", "low", "high"]))
    assert table.loc["融合模型", "Brier 技巧分"] == "0.010（−0.020 至 0.030）"
    assert table.loc["融合模型", "ROC-AUC"] == "0.800（0.750–0.850）"
    assert table.loc["随机抽取", "Brier 技巧分"] == "0.000（−0.002 至 0.000）"


def test_the_card_names_the_model_that_its_checks_and_groups_are_about(evaluation):
    text = card(evaluation)
    assert "接受检验的是融合模型。" in text
    assert "看的是融合模型在检验学期的名单" in text


def test_the_card_shows_groups_and_gate_checks(evaluation):
    text = card(evaluation)
    for part in ("对各群体是否一样", "性别：", "| 性别 | 女 |", "启用条件", "校准斜率", "通过"):
        assert part in text, part


def test_the_card_has_a_section_for_each_review_that_is_handed_in(evaluation):
    matrix, truth = world()
    prices = price_of_input(
        "sex", scores(blend=truth), scores(blend=truth), matrix, "blend", capacity=0.1,
        gate=load_gate(), bootstrap=50,
    )  # fmt: skip
    review = ReviewParts(
        audition="- 甲规则遗憾 0.01",
        reason_quality=pd.DataFrame(
            {
                "group": ["出勤", "经济"],
                "told": [1234, 3],
                "stability": [0.92, 1.0],
                "faithful": [0.881, np.nan],
            }
        ),
        reason_text="多数理由稳定。",
        input_prices=pd.DataFrame(prices),
        drift=DriftBaseline.learn(matrix, truth, gate=load_gate()),
    )
    text = card(evaluation, review)
    titles = ("逐学期的选择", "理由的质量", "敏感信息放不放入模型的代价", "与今后数据的对照")
    for title in titles:
        assert f"## {title}" in text, title
        assert title not in card(evaluation)
    assert "| 理由组 | 说过几次 | 换一批数据仍会说 | 去掉后预测下降 |" in text
    assert "| 出勤 | 1,234 | 92% | 88% |" in text
    assert "| 经济 | 3 | 100% | — |" in text
