from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.contracts.conditions import Condition
from kongchuo_risk.contracts.features import Feature, FeatureCatalogue
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import Contributions
from kongchuo_risk.explanation import explain, grouped_contributions
from kongchuo_risk.explanation.grouping import feature_weights
from kongchuo_risk.explanation.sides import may_be_reason
from tests.training.builders import catalogue

FEATURES = ("absences", "marks", "aversion", "boarding", "noise")


@dataclass(frozen=True)
class FixedModel:
    """A model whose contributions are written down."""

    values: dict[str, list[float]]
    name: str = "fixed"

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(self.values)

    def contributions(self, matrix: FeatureMatrix) -> Contributions:
        rows = matrix.rows["position"].to_numpy()
        return Contributions(np.array(list(self.values.values())).T[rows], -3.0, self.features)

    def log_odds(self, matrix: FeatureMatrix) -> np.ndarray:
        parts = self.contributions(matrix)
        return parts.base + parts.values.sum(axis=1)


def class_of_three(**columns: list[object]) -> FeatureMatrix:
    given = {
        "absences": [6.0, 0.0, 0.0],
        "marks": [-1.5, 1.0, np.nan],
        "aversion": [1.0, 0.0, 0.0],
        "boarding": pd.Categorical(["2", "1", None]),
        "noise": [0.0, 1.0, 2.0],
    }
    rows = pd.DataFrame(
        {
            "student_id": ["a", "b", "c"], "as_of": pd.Timestamp("2025-10-01"),
            "term": "2025-2026-1", "school_code": "k", "class_id": "k-1", "grade": 8,
            "position": [0, 1, 2],
        }
    )  # fmt: skip
    return FeatureMatrix(pd.DataFrame(given | columns), rows)


def told(model: FixedModel, matrix: FeatureMatrix, **more: object):
    return explain(model, matrix, catalogue(), schema=load_schema(), **more)


def raised(**by_feature: list[float]) -> FixedModel:
    return FixedModel({name: by_feature.get(name, [0.0, 0.0, 0.0]) for name in FEATURES})


def test_a_reason_has_the_pupils_number_and_the_class_mean():
    first = told(raised(absences=[1.2, -0.1, -0.1]), class_of_three())[0]
    assert [reason.text for reason in first.reasons] == ["缺勤 6 个半天（本班平均 2.0）"]
    assert (first.reasons[0].group, first.reasons[0].contribution) == ("出勤", 1.2)


def test_the_heaviest_groups_come_first_and_no_more_than_asked():
    model = raised(absences=[0.4, 0, 0], marks=[0.9, 0, 0], aversion=[0.6, 0, 0])
    groups = [reason.group for reason in told(model, class_of_three(), top=2)[0].reasons]
    assert groups == ["学业", "厌学与行为"]


def test_a_value_on_the_safe_side_is_never_a_reason():
    model = raised(absences=[0.0, 0.9, 0.9], marks=[0.0, 0.9, 0.0], aversion=[0.0, 0.9, 0.9])
    _, second, third = told(model, class_of_three())
    assert second.reasons == third.reasons == ()


def test_a_missing_value_is_no_reason_and_no_strength():
    pupil = told(raised(marks=[0, 0, 0.9]), class_of_three())[2]
    assert pupil.reasons == ()
    assert [good.feature for good in pupil.strengths] == ["absences"]


def test_a_good_fact_is_told_even_if_the_model_gives_it_no_weight():
    first, second, _ = told(raised(absences=[0.9, 0.0, 0.0]), class_of_three())
    assert first.strengths == ()
    assert [good.text for good in second.strengths] == ["成绩高于平均 1.0", "近四周没有缺勤"]


def test_the_strength_that_fewest_share_comes_first():
    nobody_else = class_of_three(absences=[6.0, 0.0, 5.0], marks=[0.8, 0.8, 0.8])
    assert [good.feature for good in told(raised(), nobody_else)[1].strengths] == [
        "absences", "marks",
    ]  # fmt: skip
    everybody = class_of_three(absences=[0.0, 0.0, 0.0], marks=[-1.0, 0.8, -1.0])
    assert [good.feature for good in told(raised(), everybody)[1].strengths] == [
        "marks", "absences",
    ]  # fmt: skip


def test_no_more_strengths_are_told_than_asked_and_one_of_each_group():
    features = [
        feature.model_copy(update={"group": "学业"}) if feature.id == "absences" else feature
        for feature in catalogue().features
    ]
    alike = FeatureCatalogue(features=tuple(features))
    day = class_of_three()
    second = explain(raised(), day, alike, schema=load_schema())[1]
    assert [good.feature for good in second.strengths] == ["marks"]
    assert len(told(raised(), day, strengths=1)[1].strengths) == 1


def test_a_strength_is_told_only_of_values_that_its_condition_names():
    matrix = class_of_three(marks=[0.49, 0.5, -3.0])
    told_of = [[good.feature for good in pupil.strengths] for pupil in told(raised(), matrix)]
    assert told_of == [[], ["marks", "absences"], ["absences"]]


def test_a_phrase_that_names_the_class_is_not_told_of_who_stands_better_than_the_class():
    matrix = class_of_three(absences=[6.0, 1.0, 1.0])
    pupils = told(raised(absences=[0.5, 0.5, 0.5]), matrix)
    assert [bool(pupil.reasons) for pupil in pupils] == [True, False, False]


def test_who_is_alone_in_a_class_still_has_reasons():
    alone = class_of_three().take(np.array([0]))
    assert told(raised(absences=[0.5, 0, 0]), alone)[0].reasons[0].text == (
        "缺勤 6 个半天（本班平均 6.0）"
    )


def test_a_class_without_absences_is_told_in_words_and_not_as_zero():
    rows = pd.concat([class_of_three().rows] * 20, ignore_index=True)
    absences = np.zeros(60)
    absences[0] = 1.0
    X = pd.concat([class_of_three().X] * 20, ignore_index=True).assign(absences=absences)
    first = told(raised(absences=[0.5, 0, 0]), FeatureMatrix(X, rows))[0]
    assert first.reasons[0].text == "缺勤 1 个半天（本班其他同学几乎没有）"


def test_categories_are_told_by_their_label_and_only_those_that_the_catalogue_names():
    first, second, third = told(raised(boarding=[0.4, 0.4, 0.4]), class_of_three())
    assert first.reasons[0].text == "就读方式：住校"
    assert second.reasons == third.reasons == ()


def test_a_category_that_means_none_is_no_reason():
    poverty = Feature(
        id="poverty",
        label="困难",
        group="经济",
        table="students",
        kind="category",
        phrase="{label}",
    )
    values = pd.Series(pd.Categorical(["none", "dibao", None]))
    assert may_be_reason(poverty, values).tolist() == [False, True, False]


def test_who_has_no_striking_reason_is_given_the_heaviest_one_that_is_true():
    bounded = [
        feature.model_copy(update={"phrase_if": Condition(at_least=7)})
        if feature.id == "absences"
        else feature
        for feature in catalogue().features
    ]
    strict = FeatureCatalogue(features=tuple(bounded))
    model = raised(absences=[0.9, 0, 0], marks=[0.4, 0, 0])
    day = class_of_three()
    with_marks = explain(model, day, strict, schema=load_schema())[0]
    assert [reason.feature for reason in with_marks.reasons] == ["marks"]
    alone = explain(raised(absences=[0.9, 0, 0]), day, strict, schema=load_schema())[0]
    assert [reason.text for reason in alone.reasons] == ["缺勤 6 个半天（本班平均 2.0）"]


def test_whether_a_reason_can_be_acted_on_comes_from_the_catalogue():
    model = raised(noise=[0.0, 0.1, 0.6], aversion=[0.5, 0, 0])
    first, _, third = told(model, class_of_three())
    assert first.reasons[0].actionable
    assert not third.reasons[0].actionable


def test_a_trifle_is_not_told():
    assert told(raised(absences=[0.04, 0, 0]), class_of_three())[0].reasons == ()


def test_groups_add_up_to_the_log_odds():
    model = raised(absences=[1.2, -0.2, 0.1], marks=[0.3, -0.5, 0.2])
    matrix = class_of_three()
    sums = grouped_contributions(model, matrix, catalogue())
    assert sums.index.tolist() == ["a", "b", "c"]
    assert -3.0 + sums.sum(axis=1).to_numpy() == pytest.approx(model.log_odds(matrix))
    assert told(model, matrix)[0].groups == pytest.approx(dict(sums.loc["a"]))


def test_explaining_one_pupil_tells_the_same_as_explaining_all():
    model, matrix = raised(absences=[1.2, 0, 0], boarding=[0.2, -0.2, 0]), class_of_three()
    alone = told(model, matrix, only=np.array([True, False, False]))
    assert alone == told(model, matrix)[:1]


def test_weights_are_mean_absolute_contributions_heaviest_first():
    table = feature_weights(raised(absences=[3.0, -3.0, 0]), class_of_three(), catalogue())
    assert table.iloc[0].to_dict() == {
        "feature": "absences", "label": "absences", "group": "出勤", "mean_abs_contribution": 2.0,
    }  # fmt: skip
