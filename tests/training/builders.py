"""Small synthetic matrices with a known truth, and a catalogue that fits them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import Feature, FeatureCatalogue
from kongchuo_risk.contracts.scorecards import Band, Card, Item, PointsLine, Scorecards
from kongchuo_risk.domain.matrix import FeatureMatrix

TERMS = ("2023-2024-1", "2023-2024-2", "2024-2025-1", "2024-2025-2")
FIRST_DAYS = ("2023-10-16", "2024-04-15", "2024-10-14", "2025-04-14")
HORIZON_ENDS = ("2024-03-08", "2024-09-13", "2025-03-07", "2025-09-12")


def catalogue() -> FeatureCatalogue:
    """Five features of three groups, a flag and a category among them."""

    def feature(id_: str, group: str, phrase: str, **more: object) -> Feature:
        fields = {"id": id_, "label": id_, "group": group, "table": "students", "phrase": phrase}
        return Feature.model_validate(fields | more)

    return FeatureCatalogue(
        features=(
            feature(
                "absences", "出勤", "缺勤 {value:.0f} 个半天（{class_mean:.1f}）",
                direction=1, strength="近四周没有缺勤", strength_if={"at_most": 0},
            ),
            feature(
                "marks", "学业", "成绩 {value:.1f}（{class_mean:.1f}）",
                direction=-1, strength="成绩高于平均 {value:.1f}", strength_if={"at_least": 0.5},
            ),
            feature("aversion", "厌学与行为", "有厌学表现", kind="boolean", direction=1),
            feature(
                "boarding", "路途与寄宿", "就读方式：{label}", kind="category", codes="boarding",
                phrase_if={"codes": ["2"]},
            ),
            feature("noise", "变动", "噪声 {value:.1f}", actionable=False),
        )
    )  # fmt: skip


def scorecards() -> Scorecards:
    """A card of two items and one flag rule on the same features."""

    def item(feature: str, *bands: Band) -> Item:
        return Item(feature=feature, bands=bands, source=("tests",))

    card = Card(
        title="评分卡",
        description="",
        line=PointsLine(intercept=-4.0, per_point=0.1),
        items=(
            item("absences", Band(at_least=1, points=8), Band(at_least=3, points=20)),
            item("marks", Band(at_most=-1.0, points=12)),
            item("boarding", Band(codes=("2",), points=1)),
        ),
    )
    flags = Card(
        title="规则",
        description="",
        line=PointsLine(intercept=-4.0, per_point=1.5),
        items=(item("absences", Band(at_least=2, points=1)),),
    )
    return Scorecards(never_scored=("sex",), cards={"scorecard": card, "abc_rules": flags})


@dataclass
class County:
    """What a synthetic matrix is drawn from."""

    pupils: int = 600
    schools: int = 6
    terms: int = 4
    intercept: float = -3.0
    seed: int = 0
    missing: float = 0.1
    weights: dict[str, float] = field(
        default_factory=lambda: {"absences": 0.8, "marks": -0.8, "aversion": 1.0}
    )


def matrix(county: County | None = None) -> FeatureMatrix:
    """One row per pupil and term; outcomes are drawn from a logistic truth."""
    county = county or County()
    rng = np.random.default_rng(county.seed)
    rows = pd.concat([_rows(county, term) for term in range(county.terms)], ignore_index=True)
    X = _features(rng, len(rows), county.missing)
    score = county.intercept + sum(
        weight * X[name].fillna(0.0).astype("float64") for name, weight in county.weights.items()
    )
    y = (rng.random(len(rows)) < 1 / (1 + np.exp(-np.asarray(score)))).astype(float)
    return FeatureMatrix(X, rows, y)


def _rows(county: County, term: int) -> pd.DataFrame:
    pupil = np.arange(county.pupils)
    school = pupil % county.schools
    number = pupil // county.schools % 4
    return pd.DataFrame(
        {
            "student_id": [f"s{i:05d}" for i in pupil],
            "as_of": pd.Timestamp(FIRST_DAYS[term]),
            "term": TERMS[term],
            "school_code": [f"school{i}" for i in school],
            "class_id": [f"school{i}-class{j}" for i, j in zip(school, number, strict=True)],
            "grade": 7 + number % 3,
            "outcome_known_on": pd.Timestamp(HORIZON_ENDS[term]),
            "treated": False,
        }
    )


def _features(rng: np.random.Generator, n: int, missing: float) -> pd.DataFrame:
    X = pd.DataFrame(
        {
            "absences": rng.poisson(0.6, n).astype(float),
            "marks": rng.normal(size=n),
            "aversion": (rng.random(n) < 0.1).astype(float),
            "boarding": pd.Categorical(rng.choice(["1", "2"], n), categories=["1", "2"]),
            "noise": rng.normal(size=n),
        }
    )
    X.loc[rng.random(n) < missing, "marks"] = np.nan
    return X
