"""Figures by group: worked by hand, against fairlearn, and with small groups kept out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logit

from kongchuo_risk.contracts.gates import Gate, Number, load_gate
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation import Fairness, evaluate, fairness_audit

SCHOOLS, CLASSES, PUPILS = 8, 4, 30


def gate(*columns: str, pupils: float = 1, events: float = 1, gap: float = 0.2) -> Gate:
    """The packaged gate with other sizes, on the attributes ``columns`` (all by default)."""
    attributes = load_gate().fairness.attributes
    fairness = load_gate().fairness.model_copy(
        update={
            "min_pupils": Number(value=pupils, why="x"),
            "min_event_pupils": Number(value=events, why="x"),
            "miss_rate_gap": Number(value=gap, why="x"),
            "attributes": tuple(a for a in attributes if a.column in columns or not columns),
        }
    )
    return load_gate().model_copy(update={"fairness": fairness})


def matrix_of(y: np.ndarray, **columns: object) -> FeatureMatrix:
    n = len(y)
    rows = pd.DataFrame(
        {
            "student_id": [f"s{i}" for i in range(n)],
            "as_of": pd.Timestamp("2025-04-15"),
            "term": "2024-2025-2",
            "school_code": "k",
            "class_id": "c",
            "grade": 8,
            "event_on": pd.Timestamp("2025-09-15"),
        }
    ).assign(**columns)
    return FeatureMatrix(pd.DataFrame({"x": np.zeros(n)}), rows, y)


def audit(
    matrix: FeatureMatrix, risk: np.ndarray, *, places: float = 0.1, rules: Gate | None = None
) -> Fairness:
    scores = pd.DataFrame({"fold": "t", "blend": logit(risk)})
    return fairness_audit(
        scores, matrix, "blend", capacity=places, gate=rules or gate(), bootstrap=200, seed=0
    )


def figure(found: Fairness, group: str, metric: str, column: str = "value") -> float:
    table = found.table
    row = table[(table["group"] == group) & (table["metric"] == metric)]
    return float(row[column].iloc[0])


def county(seed: int, **columns: object) -> tuple[FeatureMatrix, np.ndarray]:
    """Eight schools of four classes; who has an event follows the risk."""
    rng = np.random.default_rng(seed)
    n = SCHOOLS * CLASSES * PUPILS
    risk = rng.beta(0.5, 5.0, n).clip(1e-3, 1 - 1e-3)
    y = (rng.random(n) < risk).astype(float)
    place = {
        "school_code": np.repeat([f"k{i}" for i in range(SCHOOLS)], CLASSES * PUPILS),
        "class_id": np.repeat([f"c{i}" for i in range(SCHOOLS * CLASSES)], PUPILS),
    }
    return matrix_of(y, **place, **columns), risk


def test_figures_worked_by_hand() -> None:
    # Three places go to .8 and .75 (boys with an event) and .7 (a girl without).
    y = np.array([1.0, 1, 0, 0, 0, 0, 1, 1])
    risk = np.array([0.8, 0.75, 0.1, 0.1, 0.7, 0.2, 0.3, 0.25])
    found = audit(matrix_of(y, sex=["1"] * 4 + ["2"] * 4), risk, places=3 / 8)
    by_hand = {
        "miss_rate": (0.0, 1.0),
        "precision_at_k": (1.0, 0.0),
        "listed_share": (0.5, 0.25),
        "expected_to_observed": (1.75 / 2, 1.45 / 2),
        "brier": (0.1225 / 4, 1.5825 / 4),
    }
    for metric, (boys, girls) in by_hand.items():
        assert figure(found, "男", metric) == pytest.approx(boys), metric
        assert figure(found, "女", metric) == pytest.approx(girls), metric
        assert figure(found, "女", metric, "rest") == pytest.approx(boys), metric
        assert figure(found, "女", metric, "gap") == pytest.approx(girls - boys), metric
        spread = found.spread.set_index(["column", "metric"]).loc[("sex", metric)]
        assert spread["difference"] == pytest.approx(abs(girls - boys)), metric
    assert found.worst_gap == 1.0
    assert found.sentences["sex"].startswith("性别：“女”漏报率最高，100%，其余学生 0%")


def test_miss_rates_are_those_of_fairlearn_on_single_rows() -> None:
    matrix, risk = county(1, sex=np.tile(["1", "2", "2"], SCHOOLS * CLASSES * PUPILS // 3))
    found = audit(matrix, risk, places=0.1)
    order = pd.Series(-risk).groupby(matrix.rows["school_code"]).rank(method="first")
    listed = (order <= CLASSES * PUPILS / 10).astype(int)
    frame = MetricFrame(
        metrics=false_negative_rate, y_true=matrix.y, y_pred=listed,
        sensitive_features=matrix.rows["sex"],
    )  # fmt: skip
    assert figure(found, "男", "miss_rate") == pytest.approx(frame.by_group["1"])
    assert figure(found, "女", "miss_rate") == pytest.approx(frame.by_group["2"])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), kinds=st.integers(1, 4))
def test_the_groups_recombine_to_the_whole(seed: int, kinds: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    y, risk = (rng.random(n) < 0.4).astype(float), rng.uniform(0.05, 0.95, n)
    kind = rng.choice(["1", "2", None, "8"][:kinds], n)
    found = audit(matrix_of(y, boarding=kind), risk, places=0.2, rules=gate("boarding", events=0))
    table = found.table.pivot(index="group", columns="metric", values="value")
    pupils = found.table.drop_duplicates("group").set_index("group")["pupils"]
    assert pupils.sum() == n
    assert (pupils * table["listed_share"]).sum() == pytest.approx(12)
    assert (pupils * table["brier"]).sum() == pytest.approx(((risk - y) ** 2).sum())
    events = found.table.drop_duplicates("group").set_index("group")["events"]
    assert events.sum() == y.sum()
    missed = (events * table["miss_rate"]).sum()
    top = np.sort(risk)[-12]
    assert missed == pytest.approx(y[risk < top].sum())


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_the_rows_changes_no_figure(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sex = rng.choice(["1", "2"], SCHOOLS * CLASSES * PUPILS)
    matrix, risk = county(seed, sex=sex)
    mixed = rng.permutation(len(matrix))
    rules = gate("sex", "school_code")
    one = audit(matrix, risk, rules=rules)
    two = audit(matrix.take(mixed), risk[mixed], rules=rules)
    figures = ["pupils", "events", "enough", "value", "rest", "gap"]
    # Schools come in the order of the rows, so the draws differ and with them the intervals.
    pd.testing.assert_frame_equal(one.table[figures], two.table[figures])


def test_a_group_that_is_too_small_has_no_figures_at_all() -> None:
    sex = np.where(np.arange(SCHOOLS * CLASSES * PUPILS) < 49, "2", "1")
    matrix, risk = county(2, sex=sex)
    found = audit(matrix, risk, rules=gate(pupils=50))
    girls = found.table[found.table["group"] == "女"]
    kept_out = ["value", "low", "high", "rest", "gap", "gap_low", "gap_high", "gap_chance"]
    assert girls[kept_out].isna().all(axis=None)
    assert not girls["enough"].any()
    # What the others have without them would tell it all the same.
    boys = found.table[found.table["group"] == "男"]
    assert boys["value"].notna().all()
    assert boys["rest"].isna().all()
    assert "数据不足" in found.sentences["sex"]


def test_pupils_of_whom_nothing_is_recorded_are_a_group_of_their_own() -> None:
    kind = np.tile(["0", "1", "2", None], SCHOOLS * CLASSES * PUPILS // 4)
    matrix, risk = county(3, left_behind=kind)
    found = audit(matrix, risk)
    groups = found.table[found.table["column"] == "left_behind"].drop_duplicates("group")
    assert groups["group"].tolist() == ["留守", "非留守", "未登记"]
    assert groups["pupils"].tolist() == [480, 240, 240]
    # Those who are recorded are compared among themselves.
    rest = figure(found, "留守", "listed_share", "rest")
    assert rest == pytest.approx(figure(found, "非留守", "listed_share"))


def test_one_school_has_an_interval_too() -> None:
    matrix, risk = county(4)
    found = audit(matrix, risk)
    assert figure(found, "k3", "miss_rate", "low") < figure(found, "k3", "miss_rate")
    assert figure(found, "k3", "miss_rate", "high") > figure(found, "k3", "miss_rate")


def test_a_group_that_the_model_overlooks_is_out_of_bounds_and_keeps_it_from_ranking() -> None:
    sex = np.tile(["1", "2"], SCHOOLS * CLASSES * PUPILS // 2)
    matrix, risk = county(5, sex=sex)
    blind = np.where(sex == "2", 0.02 * risk, risk)
    found = audit(matrix, blind, places=0.2)
    assert len(found.out_of_bounds) == 1
    assert "性别为“女”" in found.out_of_bounds[0]
    noise = np.random.default_rng(0).normal(size=(3, len(risk)))
    scores = pd.DataFrame(
        {"fold": "t", "scorecard": noise[0], "abc_rules": noise[1], "school_only": noise[2],
         "blend": logit(blind)}
    )  # fmt: skip
    verdict = evaluate(scores, matrix, capacity=0.2, champion="blend", gate=gate()).verdict
    assert not verdict.admitted
    failed = verdict.checks.loc[~verdict.checks["passed"], "check"].tolist()
    assert "各群体漏报率之差" in failed


def test_an_attribute_that_does_not_bind_is_only_reported() -> None:
    matrix, risk = county(6)
    overlooked = np.where(matrix.rows["school_code"] == "k1", 0.01 * risk, risk)
    found = audit(matrix, overlooked, places=0.1)
    assert figure(found, "k1", "expected_to_observed") < 0.1
    assert not found.out_of_bounds
    assert found.compared == 0


def test_a_fair_model_is_seldom_called_unfair() -> None:
    # Any gap beyond chance counts; at 5 % a model two of forty are expected.
    called, rules = 0, gate("sex", "boarding", "left_behind", "poverty_type", gap=0.001)
    for seed in range(40):
        rng = np.random.default_rng(100 + seed)
        n = SCHOOLS * CLASSES * PUPILS
        matrix, risk = county(
            seed, sex=rng.choice(["1", "2"], n), boarding=rng.choice(["1", "2"], n),
            left_behind=rng.choice(["0", "1"], n), poverty_type=rng.choice(["none", "dibao"], n),
        )  # fmt: skip
        called += bool(audit(matrix, risk, rules=rules).out_of_bounds)
    assert called <= 5


def test_an_attribute_that_the_rows_lack_is_left_out() -> None:
    matrix, risk = county(7)
    found = audit(matrix, risk, rules=gate("sex"))
    assert found.table.empty
    assert np.isnan(found.worst_gap)


def test_a_list_without_places_misses_everybody_and_has_no_precision() -> None:
    matrix, risk = county(8, sex=np.tile(["1", "2"], SCHOOLS * CLASSES * PUPILS // 2))
    scores = pd.DataFrame({"fold": "t", "blend": logit(risk)})
    found = fairness_audit(scores, matrix, "blend", capacity={}, gate=gate("sex"), bootstrap=50)
    assert figure(found, "女", "miss_rate") == 1.0
    assert np.isnan(figure(found, "女", "precision_at_k"))
    assert figure(found, "女", "listed_share") == 0.0
    assert not found.out_of_bounds
