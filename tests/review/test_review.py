from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.review import judge_reasons, review_training
from kongchuo_risk.review.ablation import ablate, ablation_findings
from kongchuo_risk.review.comparing import averaged, in_words
from kongchuo_risk.review.learning import Learning, learning_curve, one_more_term
from kongchuo_risk.review.sensitive import price_of_sensitive_inputs
from kongchuo_risk.review.trials import Trials
from kongchuo_risk.review.unseen import SEEN, unseen_schools
from kongchuo_risk.settings import Settings, TrainingSettings
from kongchuo_risk.training.candidates import train_candidates
from kongchuo_risk.training.forward import TrainingInputs
from tests.training.builders import County, catalogue, matrix, scorecards

FAST = Settings(training=TrainingSettings(bootstrap=100))
ONE_CAUSE = {"absences": 1.5}


def inputs_of(drawn: FeatureMatrix) -> TrainingInputs:
    rows = drawn.rows.assign(event_on=pd.NaT)
    return TrainingInputs(FeatureMatrix(drawn.X, rows, drawn.y), catalogue(), scorecards(), FAST)


def trials_of(drawn: FeatureMatrix) -> Trials:
    return Trials.of(inputs_of(drawn), 0.1, "logistic")


def price_of(trials: Trials) -> tuple[pd.DataFrame, list[str]]:
    return price_of_sensitive_inputs(trials, trials.scores("all"))


def with_audit_columns(drawn: FeatureMatrix) -> FeatureMatrix:
    sex = np.random.default_rng(4).choice(["1", "2"], len(drawn))
    rows = drawn.rows.assign(sex=sex, boarding=drawn.X["boarding"].astype("str"))
    return FeatureMatrix(drawn.X, rows, drawn.y)


@pytest.fixture(scope="module")
def one_cause() -> pd.DataFrame:
    trials = trials_of(matrix(County(weights=ONE_CAUSE, intercept=-3.5)))
    return ablate(trials, trials.scores("all"))


def change_of(table: pd.DataFrame, group: str, choice: str) -> pd.Series:
    chosen = (table["group"] == group) & (table["choice"] == choice)
    return table[chosen & (table["metric"] == "recall_at_k")].iloc[0]


def test_leaving_out_the_only_cause_hurts_and_the_interval_says_so(one_cause):
    without = change_of(one_cause, "出勤", "去掉")
    assert without["change"] < -0.2
    assert without["high"] < 0


def test_leaving_out_noise_hurts_nobody(one_cause):
    without = change_of(one_cause, "变动", "去掉")
    assert abs(without["change"]) < 0.05
    assert without["low"] <= 0 <= without["high"]


def test_the_only_cause_alone_is_as_good_as_everything_and_noise_alone_is_worthless(one_cause):
    assert change_of(one_cause, "出勤", "只用")["change"] > -0.05
    assert change_of(one_cause, "变动", "只用")["high"] < 0


def test_every_group_is_left_out_once_and_tried_alone_once(one_cause):
    assert len(one_cause) == 5 * 2 * 2
    assert not one_cause.duplicated(["group", "choice", "metric"]).any()


def test_the_findings_name_the_group_that_matters(one_cause):
    worst, idle = ablation_findings(one_cause)
    assert "去掉“出勤”损失最大" in worst
    assert "变动" in idle
    assert "出勤" not in idle


def crowded(drawn: FeatureMatrix, columns: int = 40) -> TrainingInputs:
    """The causes hidden among columns of noise, so that it takes many rows to find them."""
    names = [f"noise_{i}" for i in range(columns)]
    values = np.random.default_rng(9).normal(size=(len(drawn), columns))
    X = pd.concat([drawn.X, pd.DataFrame(values, columns=names)], axis=1)
    noise = catalogue().by_id["noise"]
    more = [noise.model_copy(update={"id": name}) for name in names]
    inputs = inputs_of(FeatureMatrix(X, drawn.rows, drawn.y))
    return replace(inputs, catalogue=FeatureCatalogue(features=(*catalogue().features, *more)))


def test_the_more_there_is_to_learn_from_the_better_the_ranking():
    inputs = crowded(matrix(County(pupils=400, schools=8, seed=1)))
    learning = learning_curve(Trials.of(inputs, 0.1, "logistic"))
    curve = learning.table[learning.table["metric"] == "average_precision"]
    for axis, sizes in (("terms", [1, 2, 3]), ("schools", [2, 4, 6, 8])):
        part = curve[curve["axis"] == axis]
        assert part["size"].tolist() == sizes
        assert part["value"].iloc[-1] > part["value"].iloc[0]
    assert ((curve["low"] <= curve["value"]) & (curve["value"] <= curve["high"])).all()


def learning_of(**by_size: list[float]) -> Learning:
    figures = {
        int(size[1:]): {"recall_at_k": np.array(values), "average_precision": np.array(values)}
        for size, values in by_size.items()
    }
    return Learning(pd.DataFrame(), figures)


def test_a_saturating_curve_is_followed_one_term_further():
    # 0.8 - 0.4 / n at 1, 2, 3, 4 terms; the fifth adds 0.4 / 4 - 0.4 / 5 = 0.02.
    values = {f"n{n}": [0.8 - 0.4 / n] * 3 for n in (1, 2, 3, 4)}
    step = one_more_term(learning_of(**values))
    assert step.change == pytest.approx(0.02)
    assert (step.low, step.high) == (pytest.approx(0.02), pytest.approx(0.02))
    assert "数据不足" not in step.text


def test_with_few_sizes_the_last_step_is_taken_to_repeat_itself():
    step = one_more_term(learning_of(n1=[0.30, 0.2, 0.3], n2=[0.40, 0.1, 0.5]))
    assert step.change == pytest.approx(0.10)
    assert (step.low < 0, step.high > 0) == (True, True)
    assert "数据不足，还说不准" in step.text


def test_one_size_foretells_nothing():
    step = one_more_term(learning_of(n1=[0.3, 0.2, 0.3]))
    assert np.isnan(step.change)
    assert "数据不足" in step.text


def test_draws_are_averaged_and_their_resamples_kept():
    drawn = [{m: np.array([v, v - 1, v + 1]) for m in ("recall_at_k", "average_precision")}
             for v in (1.0, 3.0)]  # fmt: skip
    assert averaged(drawn)["recall_at_k"].tolist() == [2.0, 0.0, 2.0, 2.0, 4.0]


def test_a_metric_without_percent_is_told_as_it_is():
    told = in_words("average_precision", 0.01234, -0.001, 0.02)
    assert told == "+0.012（95% 区间 −0.001 至 +0.020）"


def test_the_price_is_that_of_the_choice_not_taken_today():
    drawn = with_audit_columns(matrix(County(weights=ONE_CAUSE)))
    table, findings = price_of(trials_of(drawn))
    assert table[["input", "choice"]].drop_duplicates().values.tolist() == [
        ["性别", "放入模型"], ["就读方式", "只作审计"],
    ]  # fmt: skip
    assert set(table["metric"]) == {"recall_at_k", "miss_gap"}
    assert [finding.split("：")[0] for finding in findings] == [
        "敏感输入“性别”（现在只作审计）", "敏感输入“就读方式”（现在放入模型）",
    ]  # fmt: skip


def test_letting_an_audited_input_in_that_decides_the_outcome_finds_more_pupils():
    drawn = with_audit_columns(matrix(County(intercept=-4.5, weights={})))
    rng = np.random.default_rng(5)
    risk = np.where(drawn.rows["sex"] == "1", 0.2, 0.01)
    decided = FeatureMatrix(drawn.X, drawn.rows, (rng.random(len(drawn)) < risk).astype(float))
    table, _ = price_of(trials_of(decided))
    sex = table[(table["input"] == "性别") & (table["metric"] == "recall_at_k")].iloc[0]
    assert sex["low"] > 0


def test_an_audited_input_is_let_into_the_trial_only():
    drawn = with_audit_columns(matrix(County(weights=ONE_CAUSE)))
    trials = trials_of(drawn)
    price_of(trials)
    assert "sex" not in drawn.X
    assert "sex" not in trials.features
    assert "sex" in trials.inputs.settings.features.audit_only


def unseen_of(drawn: FeatureMatrix) -> tuple[pd.DataFrame, list[str]]:
    trials = trials_of(drawn)
    return unseen_schools(trials, trials.scores("all"))


def beside(table: pd.DataFrame, other: str, metric: str) -> pd.Series:
    return table[(table["compared_with"] == other) & (table["metric"] == metric)].iloc[0]


def test_what_holds_in_every_school_holds_in_one_never_seen():
    table, (told,) = unseen_of(matrix(County(pupils=1200)))
    for metric in ("recall_at_k", "average_precision"):
        row = beside(table, SEEN, metric)
        assert abs(row["change"]) < 0.05
        assert row["low"] <= 0 <= row["high"]
    card = beside(table, "评分卡", "recall_at_k")
    assert card["change"] > 0
    assert card["value"] == beside(table, SEEN, "recall_at_k")["value"]
    assert told.startswith("没见过的学校：名额内找出比例 ")
    assert "比评分卡 +" in told


def test_what_was_learned_of_single_schools_is_lost_in_others():
    drawn = matrix(County(pupils=1800, schools=12, weights={}))
    # Half of the schools lose many, and a column names the school.
    school = drawn.rows["school_code"]
    risk = np.where(school.str.removeprefix("school").astype(int) < 6, 0.3, 0.01)
    y = (np.random.default_rng(3).random(len(drawn)) < risk).astype(float)
    X = drawn.X.assign(boarding=pd.Categorical(school))
    table, _ = unseen_of(FeatureMatrix(X, drawn.rows, y))
    row = beside(table, SEEN, "average_precision")
    assert row["change"] < -0.1
    assert row["high"] < 0


def test_with_one_school_none_can_be_left_out():
    table, findings = unseen_of(matrix(County(schools=1)))
    assert table.empty
    assert not findings


def test_trials_learn_from_the_window_of_the_settings():
    training = TrainingSettings(bootstrap=100, window="rolling", window_terms=1)
    rolling = replace(inputs_of(matrix()), settings=Settings(training=training))
    folds = Trials.of(rolling, 0.1, "logistic").folds
    terms = [rolling.matrix.rows["term"].iloc[fold.train_positions].nunique() for fold in folds]
    assert len(terms) > 1
    assert set(terms) == {1}


def test_a_review_has_every_table_and_counts_its_fits_rightly():
    steps: list[tuple[int, int | None, str]] = []
    review = review_training(
        inputs_of(with_audit_columns(matrix(County(pupils=400)))),
        capacity=0.1,
        candidate="logistic",
        progress=lambda *step: steps.append(step),
    )
    columns = {name: tuple(table.columns) for name, table in review.tables.items()}
    assert columns == {
        "ablation": ("group", "choice", "metric", "change", "low", "high"),
        "learning": ("axis", "size", "metric", "value", "low", "high"),
        "sensitive": ("input", "choice", "metric", "change", "low", "high"),
        "unseen": ("compared_with", "metric", "value", "change", "low", "high"),
    }
    done, total, _ = steps[-1]
    assert done + 1 == total == len(steps)
    assert [step[0] for step in steps] == list(range(len(steps)))
    assert any("约剩" in label for _, _, label in steps)
    assert all(finding.endswith("。") for finding in review.findings)


def test_a_history_of_one_term_cannot_be_reviewed():
    with pytest.raises(NotReadyError, match="历史太短"):
        review_training(inputs_of(matrix(County(terms=1))), capacity=0.1)


def test_reasons_are_judged_for_the_pupils_on_the_list_of_the_last_day():
    inputs = inputs_of(matrix(County(pupils=400)))
    model = train_candidates(
        ["logistic"], inputs.matrix, catalogue=inputs.catalogue, settings=inputs.settings,
        scorecard=inputs.scorecard,
    )["logistic"]  # fmt: skip
    quality = judge_reasons(inputs, model, capacity=0.1, refits=3)
    assert quality.noise is not None
    assert quality.by_group["told"].sum() >= 20
    again = judge_reasons(inputs, model, capacity=0.1, refits=3)
    assert again.sentences == quality.sentences
