"""Publishing a scored day."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kongchuo_risk.cases import case_reader, open_case_database
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.serving.scoring import publish
from kongchuo_risk.workspace import create_workspace
from tests.serving.school import DAY, REASON, entry


def _published(folder: Path, contributions: pd.DataFrame | None):
    """Contributions of pupil a as they are read back."""
    workspace = create_workspace(folder / "w")
    run_id = publish(
        workspace,
        [entry("a", Tier.RED, 1)],
        contributions,
        [],
        [],
        as_of=DAY,
        model="blend",
        verdict="…",
        profile="国家2024",
        settings={"seed": 7},
        by="测试",
    )
    with case_reader(open_case_database(workspace)) as store:
        row = store.runs.row(run_id, "a")
        assert row is not None
        assert [(r.actor, r.action) for r in store.audit_rows()] == [("测试", "发布名单")]
    return [(part.group, part.text, part.contribution) for part in row.contributions]


def test_contributions_of_every_group_are_kept(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "student_id": ["a", "a", "b"],
            "group": ["出勤", "同伴", "出勤"],
            "text": [REASON.text, "", "…"],
            "contribution": [1.5, -0.02, 0.1],
        }
    )
    assert _published(tmp_path, table) == [("出勤", REASON.text, 1.5), ("同伴", "", -0.02)]


def test_without_a_table_reasons_and_strengths_stand_for_the_contributions(tmp_path: Path) -> None:
    groups = [group for group, _, _ in _published(tmp_path, None)]
    assert groups == ["出勤", "学业"]
