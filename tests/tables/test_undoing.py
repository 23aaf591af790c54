from pathlib import Path

import pytest

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.tables import load_records, undo_batch
from kongchuo_risk.tables.manifest import list_batches
from kongchuo_risk.workspace import Workspace
from tests.ingestion.builders import (
    G1,
    G2,
    ROSTER,
    attendance,
    import_at,
    workbook,
    workspace_with_roster,
)

MORNING, OTHER = [G1, "2025-09-02", "上午", "旷课"], [G2, "2025-09-03", "上午", "旷课"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_with_roster(tmp_path)


def stored(workspace: Workspace) -> int:
    return len(load_records(workspace, ["attendance"])["attendance"])


def test_a_roster_that_later_batches_point_to_stays_until_they_are_gone(
    workspace: Workspace, tmp_path: Path
) -> None:
    roster = list_batches(workspace)[0].id
    later = import_at(workspace, attendance(tmp_path / "a.csv", MORNING)).batch_id
    assert later is not None
    with pytest.raises(WorkspaceError, match=rf"{later} 还要用它登记的学生.*先撤销"):
        undo_batch(workspace, roster)
    assert [batch.id for batch in list_batches(workspace)] == [roster, later]
    undo_batch(workspace, later)
    undo_batch(workspace, roster)
    assert list_batches(workspace) == []


def test_what_another_batch_holds_too_does_not_hold_up_an_undo(
    workspace: Workspace, tmp_path: Path
) -> None:
    moved = [ROSTER["学生"][0], *([*row[:5], "2025-10-01"] for row in ROSTER["学生"][1:])]
    again = import_at(workspace, workbook(tmp_path / "再报.xlsx", {"学生": moved})).batch_id
    import_at(workspace, attendance(tmp_path / "a.csv", MORNING))
    assert again is not None
    undo_batch(workspace, again)
    assert stored(workspace) == 1


def test_rows_that_lay_in_an_undone_batch_come_back_when_their_file_is_imported_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    september = import_at(workspace, attendance(tmp_path / "九月.csv", MORNING)).batch_id
    both = attendance(tmp_path / "九月十月.csv", MORNING, OTHER)
    import_at(workspace, both)
    assert import_at(workspace, both).skipped_files == ["九月十月.csv"]
    assert september is not None
    undone = undo_batch(workspace, september)
    assert undone.incomplete == ("九月十月.csv",)
    assert "再导入一次：九月十月.csv" in undone.message
    assert stored(workspace) == 1
    assert import_at(workspace, both).landed == 1
    assert stored(workspace) == 2
