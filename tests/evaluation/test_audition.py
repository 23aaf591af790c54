from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.evaluation.audition import (
    AUDITED,
    RANDOM_PICK,
    SELECTION_TITLES,
    SelectionBounds,
    audition,
    audition_section,
    audition_table,
    brought_forward,
)

NAMES = ("scorecard", "logistic", "blend")
TERMS = ("2023-2024-1", "2023-2024-2", "2024-2025-1", "2024-2025-2", "2025-2026-1")


def by_fold(*terms: tuple[float, ...], metric: str = "recall_at_k") -> pd.DataFrame:
    """Figures of the three candidates, a tuple per term."""
    rows = [
        (term, name, metric, value)
        for term, values in zip(TERMS, terms, strict=False)
        for name, value in zip(NAMES, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["fold", "model", "metric", "value"])


def heard(*terms: tuple[float, ...], champion: str = "blend", **more: object):
    given_ = {"candidates": NAMES, "champion": champion} | more
    metric = str(given_.get("metric", "recall_at_k"))
    return audition(by_fold(*terms, metric=metric), **given_)


# Worked by hand below: scorecard, logistic, blend in four terms.
FIGURES = ((0.5, 0.3, 0.2), (0.3, 0.5, 0.48), (0.4, 0.2, 0.6), (0.6, 0.5, 0.3))


def picks(result, rule: str) -> list[str]:
    return result.terms.loc[result.terms["rule"] == rule, "picked"].to_list()


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        # Best of term 1, of term 2, of term 3.
        ("best_last_term", ["scorecard", "logistic", "blend"]),
        # Averages .5/.3/.2, then .4/.4/.34 (a tie: the simpler), then .4/.333/.427.
        ("best_average", ["scorecard", "scorecard", "blend"]),
        # Weights 1/3 and 2/3: .367/.433/.387; then 1/7, 2/7, 4/7: .386/.3/.509.
        ("best_recent_weighted", ["scorecard", "logistic", "blend"]),
        # Less half the spread: .35/.35/.27; then .4-.041/.333-.062/.427-.084.
        ("steady_average", ["scorecard", "scorecard", "scorecard"]),
        # Within 5 % of the best: once each for all after two terms (.48 is near .5), then blend.
        ("most_often_near_best", ["scorecard", "scorecard", "blend"]),
    ],
)
def test_each_rule_picks_from_earlier_terms_alone(rule, expected):
    assert picks(heard(*FIGURES), rule) == expected


def test_regret_is_what_the_best_of_the_term_reached_beyond_the_pick():
    result = heard(*FIGURES)
    last = result.terms[result.terms["rule"] == "best_last_term"]
    # Picked .3 of .5, .2 of .6, .3 of .6.
    assert last["regret"].to_list() == pytest.approx([0.2, 0.4, 0.3])
    assert last["best"].to_list() == ["logistic", "blend", "scorecard"]
    row = result.summary.set_index("rule").loc["best_last_term"]
    assert row["mean_regret"] == pytest.approx(0.3)
    assert row["worst_regret"] == pytest.approx(0.4)
    assert (row["terms"], row["terms_best"], row["next_pick"]) == (3, 0, "scorecard")


def test_a_random_pick_costs_the_average_over_all_candidates():
    result = heard(*FIGURES)
    row = result.summary.set_index("rule").loc[RANDOM_PICK]
    # Means .4267, .4, .4667 below .5, .6, .6.
    assert row["mean_regret"] == pytest.approx((0.5 + 0.6 + 0.6 - 3.88 / 3) / 3)
    assert row["next_pick"] == ""


def test_a_rule_that_spares_regret_term_after_term_is_recommended():
    result = heard((0.6, 0.3, 0.2), (0.6, 0.3, 0.2), (0.7, 0.3, 0.3), (0.6, 0.3, 0.1))
    assert (result.rule, result.candidate) == ("best_last_term", "scorecard")
    assert "建议按“上一学期最好”选，下学期为评分卡" in result.text


def test_a_rule_that_was_lucky_once_does_not_replace_the_champion():
    # Spared .3, 0, 0 against the champion: mean .1, standard error .1.
    result = heard((0.6, 0.1, 0.3), (0.6, 0.1, 0.3), (0.5, 0.1, 0.5), (0.5, 0.1, 0.5))
    assert result.summary.set_index("rule").at["best_last_term", "mean_regret"] == 0
    assert (result.rule, result.candidate) == ("always:blend", "blend")
    assert "沿用设定的融合模型" in result.text
    assert "“一直用融合模型”平均比当学期最好的差 10.0 个百分点" in result.text


def test_with_fewer_than_three_terms_the_settings_decide():
    result = heard(*FIGURES[:3], champion="logistic")
    assert not result.judged
    assert result.candidate == "logistic"
    assert "只有 2 个学期" in result.text
    assert "沿用设定的逻辑回归" in result.text
    assert len(result.summary) == 5 + 3 + 1


def test_with_one_term_or_none_the_tables_are_empty_and_the_text_honest():
    for terms in (FIGURES[:1], ()):
        result = heard(*terms)
        assert result.terms.empty
        assert result.summary.empty
        assert audition_table(result).empty
        assert "只有 0 个学期" in result.text


def test_of_an_error_less_is_better():
    figures = ((0.1, 0.2, 0.3),) * 4
    result = heard(*figures, metric="brier")
    assert set(picks(result, "best_average")) == {"scorecard"}
    keep = result.summary.set_index("rule").loc["always:blend"]
    assert keep["mean_regret"] == pytest.approx(0.2)
    assert result.candidate == "scorecard"


def test_a_candidate_without_a_figure_in_some_term_is_named_and_left_out():
    figures = [*FIGURES[:3], (0.6, np.nan, 0.3)]
    result = heard(*figures)
    assert result.left_out == ("logistic",)
    assert "always:logistic" not in set(result.summary["rule"])
    assert result.judged


def test_a_term_in_which_nothing_could_be_measured_is_no_term():
    result = heard(*FIGURES[:2], (np.nan,) * 3, *FIGURES[2:])
    assert result.terms["term"].nunique() == 3
    assert result.left_out == ()


def test_a_metric_without_a_better_end_is_refused():
    with pytest.raises(ValueError, match="metric must be one of"):
        heard(*FIGURES, metric="calibration_slope")


def test_the_constants_of_the_rules_can_be_changed():
    far = heard(*FIGURES, bounds=SelectionBounds(near=0.1))
    assert picks(far, "most_often_near_best") == ["scorecard"] * 3


def test_the_table_for_the_card_is_chinese():
    table = audition_table(heard(*FIGURES))
    assert table.iloc[0].to_list() == ["上一学期最好", "3", "30.0", "40.0", "0", "评分卡"]
    assert table["选择规则"].iloc[-1] == "随机挑选"
    assert list(table["下学期会选"])[-1] == "—"
    assert "平均比最好差（百分点）" in table


def test_the_section_of_the_card_holds_text_and_table_and_who_was_left_out():
    whole = audition_section(heard(*FIGURES))
    assert "| 上一学期最好 | 3 | 30.0 |" in whole
    assert whole.startswith("回头检验 3 个学期")
    assert "没有参与" not in whole
    early = audition_section(heard((0.5, np.nan, 0.2), *FIGURES[1:3]))
    assert "没有参与：逻辑回归" in early
    assert "|" not in early


figures_drawn = st.lists(
    st.tuples(*[st.integers(0, 20).map(lambda n: n / 20)] * 3), min_size=1, max_size=5
)


@settings(deadline=None)
@given(figures_drawn, st.sampled_from(AUDITED))
def test_regret_is_never_negative_and_knowing_everything_would_cost_nothing(figures, metric):
    result = heard(*figures, metric=metric)
    assert (result.terms["regret"] >= 0).all()
    fixed = result.terms[result.terms["rule"].str.startswith("always:")]
    assert (fixed.groupby("term")["regret"].min() == 0).all()


@settings(deadline=None)
@given(figures_drawn, st.randoms())
def test_the_order_of_the_rows_changes_nothing(figures, random):
    rows = by_fold(*figures)
    order = list(range(len(rows)))
    random.shuffle(order)
    here = audition(rows, candidates=NAMES, champion="blend")
    there = audition(rows.iloc[order], candidates=NAMES, champion="blend")
    pd.testing.assert_frame_equal(here.summary, there.summary)
    assert here.text == there.text


@settings(deadline=None)
@given(figures_drawn)
def test_later_terms_do_not_change_earlier_picks(figures):
    whole, shorter = heard(*figures), heard(*figures[:-1])
    for rule in SELECTION_TITLES:
        assert picks(whole, rule)[: len(figures) - 2] == picks(shorter, rule)


def test_a_learner_that_the_terms_favour_goes_before_the_gate_and_the_verdict_says_so() -> None:
    blend = replace(heard(*FIGURES), candidate="blend")
    chosen, said = brought_forward(blend, "anchored", {"anchored", "blend"})
    assert chosen == "blend"
    assert said == "按以往学期的挑选结果，由融合模型代替设定的稳健融合模型接受检验。"


@pytest.mark.parametrize("candidate", ["anchored", "scorecard"])
def test_the_settings_champion_is_judged_when_it_or_a_mere_rule_is_favoured(candidate: str) -> None:
    found = replace(heard(*FIGURES), candidate=candidate)
    assert brought_forward(found, "anchored", {"anchored", "blend"}) == ("anchored", "")
