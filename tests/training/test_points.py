from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.scorecards import Band, load_scorecards
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.errors import ModelError
from kongchuo_risk.training.points import points_model
from tests.training.builders import County, matrix, scorecards


def three_pupils() -> FeatureMatrix:
    drawn = matrix(County(pupils=3, schools=1, terms=1))
    X = pd.DataFrame(
        {
            "absences": [0.0, 1.0, 5.0],
            "marks": [0.0, np.nan, -1.0],
            "boarding": pd.Categorical([None, "1", "2"]),
        }
    )
    return FeatureMatrix(X, drawn.rows)


def test_points_are_those_of_the_highest_band_and_none_for_what_is_unknown():
    model = points_model("scorecard", scorecards().cards["scorecard"])
    assert model.points(three_pupils()).tolist() == [[0, 0, 0], [8, 0, 0], [20, 12, 1]]


def test_points_become_log_odds_by_the_documented_line():
    model = points_model("scorecard", scorecards().cards["scorecard"])
    # -4 + 0.1 × (0, 8, 33)
    assert model.log_odds(three_pupils()) == pytest.approx([-4.0, -3.2, -0.7])
    parts = model.contributions(three_pupils())
    assert parts.base + parts.values.sum(axis=1) == pytest.approx([-4.0, -3.2, -0.7])


def test_a_missing_column_stops_scoring_in_chinese():
    model = points_model("scorecard", scorecards().cards["scorecard"])
    rows = three_pupils()
    with pytest.raises(ModelError, match="marks"):
        model.log_odds(FeatureMatrix(rows.X.drop(columns="marks"), rows.rows))


def test_history_moves_the_line_but_never_the_ranking():
    drawn = matrix()
    documented = points_model("scorecard", scorecards().cards["scorecard"])
    fitted = points_model("scorecard", scorecards().cards["scorecard"], drawn)
    assert fitted.line != documented.line
    order = np.argsort(documented.log_odds(drawn), kind="stable")
    assert (np.diff(fitted.log_odds(drawn)[order]) >= 0).all()


def test_a_band_has_exactly_one_condition():
    with pytest.raises(ValidationError, match="只能写一个"):
        Band(at_least=1, at_most=2, points=1)
    with pytest.raises(ValidationError, match="只能写一个"):
        Band(points=1)


def test_every_feature_of_the_cards_is_in_the_catalogue():
    known = load_features().by_id
    used = {item.feature for card in load_scorecards().cards.values() for item in card.items}
    assert used - set(known) == set()


def test_the_codes_of_the_cards_exist():
    catalogue, schema = load_features().by_id, load_schema()
    for card in load_scorecards().cards.values():
        for item in card.items:
            codes = {code for band in item.bands for code in band.codes or ()}
            feature = catalogue[item.feature]
            assert bool(codes) == (feature.kind == "category")
            assert codes <= set(schema.codes[feature.codes].values if feature.codes else ())


def test_no_card_scores_what_must_only_be_audited():
    cards = load_scorecards()
    used = {item.feature for card in cards.cards.values() for item in card.items}
    never = ("sex", "ethnicity", "hukou", "religion", "disability", "judicial", "address")
    assert set(never) <= set(cards.never_scored)
    assert not [name for name in used if name.startswith(cards.never_scored)]


def test_the_bands_of_unexcused_absence_are_those_of_the_published_design():
    model = points_model("scorecard", load_scorecards().cards["scorecard"])
    rows = matrix(County(pupils=5, schools=1, terms=1)).rows
    unknown = {name: np.full(5, np.nan) for name in model.features}
    X = pd.DataFrame(unknown | {"unexcused_20": [0.0, 1.0, 2.0, 3.0, 6.0]})
    assert model.points(FeatureMatrix(X, rows)).sum(axis=1).tolist() == [0, 8, 14, 20, 25]
