"""The analyst's verbs over what the demo made: list, plans, model, checks."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk import pipeline
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation.drift_baseline import SCORE
from kongchuo_risk.explanation.noise import ReasonNoise
from kongchuo_risk.pipeline import Companions
from kongchuo_risk.planning import capacity_by_school
from kongchuo_risk.serving import model_shelf, planning, runs
from kongchuo_risk.serving.model_pages import save_withheld
from kongchuo_risk.serving.services import Services
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import Workspace, create_workspace, open_workspace

DAY = date(2026, 4, 30)


@pytest.fixture
def own_copy(demo_workspace: Workspace, tmp_path: Path) -> Workspace:
    """A copy that a test may write to."""
    shutil.copytree(demo_workspace.root, tmp_path / "copy")
    return open_workspace(tmp_path / "copy")


def test_the_list_of_every_school_has_the_length_of_its_staff(demo_workspace: Workspace) -> None:
    records = load_records(demo_workspace)
    schools = Services(demo_workspace).schools().set_index("school_code")
    cohort = records["students"].drop_duplicates("student_id", keep="last")
    places = capacity_by_school(records["staff"], cohort, demo_workspace.settings().capacity)
    assert schools["listed"].sum() > 0
    assert (schools["listed"] <= places.reindex(schools.index)).all()
    assert (schools["listed"] <= schools["pupils"] * 0.1).all()


def test_everybody_on_the_list_has_a_mentor_reasons_and_measures(
    demo_workspace: Workspace,
) -> None:
    listed = Services(demo_workspace).worklist()
    assert (listed["mentor"] != "").all()
    assert listed["measures"].map(len).min() >= 1
    assert listed["reasons"].map(len).mean() >= 1


def test_a_school_with_too_little_history_is_ranked_by_the_scorecard_and_told_so(
    demo_workspace: Workspace,
) -> None:
    shelved = model_shelf.current(demo_workspace)
    assert shelved.name == "scorecard"
    assert "评分卡" in shelved.verdict
    assert "评分卡" in Services(demo_workspace).overview().verdict


def test_the_training_is_in_the_workspaces_own_mlflow(demo_workspace: Workspace) -> None:
    run_id = model_shelf.current(demo_workspace).run_id
    with closing(sqlite3.connect(demo_workspace.mlflow_database)) as connection:
        found = connection.execute(
            "SELECT count(*) FROM runs WHERE run_uuid = ?", (run_id,)
        ).fetchone()
    assert found == (1,)


def test_scoring_the_same_day_again_gives_the_same_list(own_copy: Workspace) -> None:
    before = Services(own_copy).worklist()[["student_id", "rank", "tier"]]
    runs.score(own_copy, as_of=DAY)
    after = Services(own_copy).worklist()[["student_id", "rank", "tier"]]
    pd.testing.assert_frame_equal(before, after)


def test_a_list_of_an_earlier_day_knows_nothing_of_later_records(own_copy: Workspace) -> None:
    result = runs.score(own_copy, as_of=date(2025, 11, 28))
    services = Services(own_copy)
    assert result.values["as_of"] == services.overview().as_of == date(2025, 11, 28)
    first = services.worklist()["student_id"].iloc[0]
    assert services.pupil(first).timeline["day"].max() <= pd.Timestamp(2025, 11, 28)


def test_a_plan_without_a_list_says_what_to_do_first(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="kongchuo score"):
        planning.plan(create_workspace(tmp_path))


def test_a_list_without_data_says_what_to_do_first(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="kongchuo import"):
        runs.score(create_workspace(tmp_path))


def test_evaluate_before_training_says_what_to_do_first(tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="kongchuo train"):
        runs.evaluate(create_workspace(tmp_path))


def test_planning_again_replaces_the_proposals_and_is_in_the_audit_log(
    own_copy: Workspace,
) -> None:
    before = Services(own_copy).worklist()["measures"].tolist()
    planning.plan(own_copy)
    services = Services(own_copy)
    assert services.worklist()["measures"].tolist() == before
    assert (services.worklist()["tier"] != Tier.NONE).all()


def test_the_checks_of_the_data_find_nothing_that_stops_the_demo(
    demo_workspace: Workspace,
) -> None:
    result = runs.validate(demo_workspace)
    assert result.ready
    assert "数据检查（截至 2026-04-30）" in result.text


def test_the_day_is_compared_with_scores_of_the_same_model(demo_workspace: Workspace) -> None:
    baseline = model_shelf.current(demo_workspace).companions(demo_workspace).baseline
    assert baseline is not None
    scores = baseline.shapes[SCORE]
    assert scores.counts.sum() == sum(day.rows for day in baseline.days)
    assert not scores.missing.any()


def test_reasons_within_their_noise_go_to_the_analyst_alone(own_copy: Workspace) -> None:
    records, settings = load_records(own_copy, history=True), own_copy.settings()
    model = model_shelf.current(own_copy).load(own_copy)
    loud = Companions(noise=ReasonNoise({}, elsewhere=100.0))
    plain, unsure = (
        pipeline.score_cohort(records, model, DAY, settings, kept=kept)
        for kept in (Companions(), loud)
    )
    told = [reason.text for entry in plain.entries for reason in entry.reasons if reason.feature]
    assert plain.withheld is None
    assert unsure.withheld is not None
    assert sorted(unsure.withheld["text"]) == sorted(told)
    assert not any(reason.feature for entry in unsure.entries for reason in entry.reasons)
    kept_in = save_withheld(own_copy, DAY, unsure.withheld)
    assert kept_in.name == "withheld-2026-04-30.csv"
    assert pd.read_csv(kept_in)["text"].tolist() == unsure.withheld["text"].tolist()
