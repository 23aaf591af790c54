"""Erasing rows: exactly those, in one commit, and not to come back."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kongchuo_risk.tables import erasing, load_identities, load_records
from kongchuo_risk.tables.erasing import Erasure, erase_rows
from kongchuo_risk.tables.manifest import read_manifest, sweep_orphans
from kongchuo_risk.workspace import Workspace
from tests.ingestion.builders import G1, G2, attendance, import_at, workspace_with_roster

DAYS = ([G1, "2025-09-02", "上午", "旷课"], [G2, "2025-09-03", "上午", "旷课"])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = workspace_with_roster(tmp_path)
    import_at(made, attendance(tmp_path / "a.csv", *DAYS))
    return made


def absent(workspace: Workspace) -> dict[str, date]:
    rows = load_records(workspace, ["attendance"])["attendance"]
    return dict(zip(rows["student_id"].astype("str"), rows["day"].dt.date, strict=True))


def first(workspace: Workspace) -> str:
    """The pupil who was absent on 2 September."""
    return next(pupil for pupil, day in absent(workspace).items() if day.day == 2)


def files(workspace: Workspace) -> set[str]:
    return {path.name for path in workspace.tables.rglob("*.parquet")}


def test_a_pupil_goes_from_every_table_and_the_others_stay(workspace: Workspace) -> None:
    pupil, before = first(workspace), load_identities(workspace)
    gone = erase_rows(workspace, Erasure(whole=frozenset({pupil})))
    assert (gone["students"], gone["attendance"], gone["identities"]) == (1, 1, 1)
    assert pupil not in absent(workspace)
    left = load_identities(workspace)
    assert left == {owner: facts for owner, facts in before.items() if owner != pupil}


def test_one_table_may_go_before_the_others(workspace: Workspace) -> None:
    pupil = first(workspace)
    erase_rows(workspace, Erasure(pupils={"attendance": frozenset({pupil})}))
    assert pupil in load_identities(workspace)
    assert pupil not in absent(workspace)


def test_rows_up_to_a_day_go_but_none_of_who_is_spared(workspace: Workspace) -> None:
    pupil = first(workspace)
    older = Erasure(before={"attendance": date(2025, 9, 2)}, spared=frozenset({pupil}))
    assert erase_rows(workspace, older) == {}
    assert erase_rows(workspace, Erasure(before=older.before)) == {"attendance": 1}
    assert list(absent(workspace).values()) == [date(2025, 9, 3)]


def test_the_files_it_was_in_are_gone_from_the_disk(workspace: Workspace) -> None:
    before = files(workspace)
    erase_rows(workspace, Erasure(whole=frozenset({first(workspace)})))
    kept = {file.path for batch in read_manifest(workspace).batches for file in batch.files}
    assert files(workspace) == {Path(path).name for path in kept}
    assert files(workspace) != before


def test_importing_the_same_file_again_brings_nothing_back(
    workspace: Workspace, tmp_path: Path
) -> None:
    pupil = first(workspace)
    erase_rows(workspace, Erasure(whole=frozenset({pupil})))
    assert import_at(workspace, tmp_path / "a.csv").batch_id is None
    assert pupil not in absent(workspace)


def test_a_crash_before_the_commit_leaves_the_old_tables_whole(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    pupil, before = first(workspace), absent(workspace)
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "replace_manifest", killed)
        with pytest.raises(KeyboardInterrupt):
            erase_rows(workspace, Erasure(whole=frozenset({pupil})))
    assert absent(workspace) == before
    assert erase_rows(workspace, Erasure(whole=frozenset({pupil})))["attendance"] == 1
    assert sweep_orphans(workspace) == []
