"""A real school through the whole main job: every row accounted for, every reason true."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.cases import case_reader, open_case_database
from kongchuo_risk.domain.risk import Reason, RiskEntry
from kongchuo_risk.explanation.reasons import degree
from kongchuo_risk.serving import runs
from kongchuo_risk.serving.importing import import_files
from kongchuo_risk.tables import load_identities
from kongchuo_risk.workspace import Workspace, create_workspace

DAY = date(2018, 12, 20)
"""A day in the term 2018-2019-1."""
LAST_EXAM = "000299"
"""期末总评 of 2017-2018-2: the last exam of everybody who was at the school before the summer."""


@pytest.fixture(scope="module")
def raw(real_data: Path) -> Path:
    return real_data / "ningbo"


@pytest.fixture(scope="module")
def ranked(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = create_workspace(tmp_path_factory.mktemp("ningbo"))
    report = import_files(workspace, [raw], adapter="ningbo")
    counts = {count.title: count for count in report.tables}
    events = counts["考勤异常"]
    assert events.read == 23_630
    assert events.landed + events.refused + events.duplicate == 23_630
    runs.score(workspace, as_of=DAY)
    return workspace


@pytest.fixture(scope="module")
def listed(ranked: Workspace) -> list[RiskEntry]:
    engine = open_case_database(ranked)
    with case_reader(engine) as store:
        run = store.runs.current()
        assert run is not None
        assert run.id is not None
        entries = store.runs.listed(run.id)
    engine.dispose()
    return entries


def test_the_scorecard_ranks_the_school_without_any_history(
    ranked: Workspace, listed: list[RiskEntry]
) -> None:
    assert len(listed) == 176, "a tenth of 1,765 pupils"
    assert [entry.rank for entry in listed] == list(range(1, 177))
    assert all(entry.reasons for entry in listed[:100])


def test_five_reasons_about_marks_are_true_of_the_raw_file(
    raw: Path, ranked: Workspace, listed: list[RiskEntry]
) -> None:
    marks = _standardised(raw)
    told = [
        (entry, reason)
        for entry, reason in _reasons(listed, "score_z")
        if _raw_number(ranked, entry) in marks.index
    ][:5]
    assert len(told) == 5
    for entry, reason in told:
        z = float(marks[_raw_number(ranked, entry)])
        assert z < 0
        assert reason.text == f"最近一次考试{degree(z)}低于本校同年级平均"


def test_who_is_called_over_age_was_born_too_early_for_the_grade(
    raw: Path, ranked: Workspace, listed: list[RiskEntry]
) -> None:
    roster = pd.read_csv(raw / "2_student_info.csv", dtype=str, encoding="utf-8-sig")
    born = roster.set_index("bf_StudentID")["bf_BornDate"].str[:4].astype(float)
    for entry, reason in _reasons(listed, "over_age"):
        # The usual pupil of grade g turns g + 5 by 31 August; with the year alone the youngest
        # birthday counts.
        years = DAY.year - 1 - born[_raw_number(ranked, entry)] - (entry.grade + 5)
        assert years >= 1
        assert reason.text == f"比本年级应有年龄大 {years:.0f} 岁"


def test_no_one_is_said_to_have_missed_school_who_was_only_noted_at_a_gate(
    listed: list[RiskEntry],
) -> None:
    assert not [reason for _, reason in _reasons(listed, "unexcused_20")]


def _reasons(listed: list[RiskEntry], feature: str) -> list[tuple[RiskEntry, Reason]]:
    return [
        (entry, reason) for entry in listed for reason in entry.reasons if reason.feature == feature
    ]


def _raw_number(workspace: Workspace, entry: RiskEntry) -> str:
    return load_identities(workspace, [entry.student_id])[entry.student_id]["student_key"]


def _standardised(raw: Path) -> pd.Series:
    """Standard score of everybody on the roster in the last exam, straight from the CSV."""
    totals = pd.read_csv(raw / "TotalScore_magicdict.csv", dtype=str, encoding="utf-8-sig")
    roster = pd.read_csv(raw / "2_student_info.csv", dtype=str, encoding="utf-8-sig")
    exam = totals[
        (totals["Number"] == LAST_EXAM) & totals["StudentId"].isin(roster["bf_StudentID"])
    ]
    share = exam["Score"].astype(float) / exam["FullScore"].astype(float)
    good = (exam["Score"].astype(float) >= 0) & (share <= 1)
    exam, share = exam[good], share[good]
    by_grade = share.groupby(exam["Grade"])
    z = (share - by_grade.transform("mean")) / by_grade.transform(lambda part: part.std(ddof=0))
    return z.set_axis(exam["StudentId"])
