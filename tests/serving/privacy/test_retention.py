"""Deletion: what is due goes everywhere, open cases stay, and a crash only delays it."""

from __future__ import annotations

import shutil
from datetime import date
from os import utime
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from docx import Document

from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.errors import CaseError
from kongchuo_risk.reports.privacy_values import Deletion
from kongchuo_risk.serving.privacy import retention
from kongchuo_risk.serving.privacy.retention import (
    DONE,
    ERASED,
    SUBJECT,
    apply_retention,
    due_for_deletion,
)
from kongchuo_risk.tables import load_identities, load_records
from kongchuo_risk.tables.reading import read_sealed
from kongchuo_risk.workspace import Workspace, open_workspace
from tests.serving.privacy.builders import (
    GRADUATE,
    HELD,
    LEFT_ON,
    PRESENT,
    TODAY,
    add_case,
    in_database,
)

WHY = {"by": "校长甲", "reason": "保存期已满"}


class Deleted(NamedTuple):
    workspace: Workspace
    deletion: Deletion
    certificate: Path


def kinds(workspace: Workspace, today: date = TODAY) -> set[tuple[str, str, bool]]:
    due = due_for_deletion(workspace, today)
    return set(zip(due["student_id"], due["kind"], due["held"].ne(""), strict=True))


@pytest.fixture(scope="module")
def deleted(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Deleted:
    """The same school after a run; the tests of it only look."""
    folder = tmp_path_factory.mktemp("deleted") / "工作区"
    workspace = open_workspace(Path(shutil.copytree(made, folder)))
    (workspace.backups / "备份-旧.zip").write_bytes(b"")
    return Deleted(workspace, *apply_retention(workspace, TODAY, **WHY))


def test_graduates_go_after_three_years_and_old_screens_after_one(untouched: Workspace) -> None:
    assert kinds(untouched) == {
        (GRADUATE, "everything", False),
        (HELD, "everything", True),
        (HELD, "learning", True),
        (PRESENT, "psych", False),
    }


def test_a_period_ends_on_its_day_and_not_before(untouched: Workspace) -> None:
    assert (GRADUATE, "everything", False) in kinds(untouched, date(2025, 7, 1))
    assert (GRADUATE, "everything", False) not in kinds(untouched, date(2025, 6, 30))
    assert (GRADUATE, "learning", False) in kinds(untouched, date(2023, 7, 1))


def test_the_list_says_since_when_and_why(untouched: Workspace) -> None:
    due = due_for_deletion(untouched, TODAY).set_index(["student_id", "kind"])
    row = due.loc[(GRADUATE, "everything")]
    assert row["since"] == pd.Timestamp(LEFT_ON)
    assert (row["why"], row["rule"][-4:]) == ("毕业", "离校满3年"[-4:])
    assert due.loc[(HELD, "everything"), "held"] == "有未结案件"


def test_deleting_takes_the_graduate_out_of_every_table(deleted: Deleted) -> None:
    workspace = deleted.workspace
    records = load_records(workspace)
    for name in ("students", "registration_changes", "attendance"):
        assert GRADUATE not in set(records[name]["student_id"].astype("str"))
    assert set(load_identities(workspace)) == {HELD, PRESENT}
    assert {pupil for _, _, pupil in read_sealed(workspace, "aliases")} == {HELD, PRESENT}
    assert len(records["psych_screen"]) == 1
    assert len(records["attendance"]) == 2


def test_deleting_takes_the_graduate_out_of_the_database(deleted: Deleted) -> None:
    workspace = deleted.workspace
    with in_database(workspace) as store:
        assert store.cases.of_pupil(GRADUATE) == []
        assert store.visits.of_pupil(GRADUATE) == []
        assert len(store.cases.of_pupil(HELD)) == 1
        [sheet] = store.sheets.of_day(date(2022, 3, 1))
    assert [absence.student_id for absence in sheet.absences] == ["已删除", PRESENT]
    assert (sheet.absences[0].note, sheet.absent) == ("", 2)


def test_the_log_keeps_who_deleted_and_stays_whole(deleted: Deleted) -> None:
    workspace = deleted.workspace
    with in_database(workspace) as store:
        rows = [row for row in store.audit_rows(GRADUATE) if row.action == ERASED]
        [run] = [row for row in store.audit_rows(SUBJECT) if row.action == DONE]
        assert store.verify_audit().is_whole
    assert [row.actor for row in rows] == ["校长甲"]
    assert run.detail["reason"] == "保存期已满"


def test_the_certificate_counts_and_names_nobody(deleted: Deleted) -> None:
    _, deletion, path = deleted
    assert deletion.rows["走访"] == 1
    assert deletion.rows["身份信息"] == 1
    assert deletion.held == 2
    paper = Document(str(path))
    said = "\n".join(cell.text for t in paper.tables for row in t.rows for cell in row.cells)
    assert "备份-旧.zip" in said
    assert "学生甲" not in said
    assert GRADUATE not in said


def test_nobody_deletes_without_a_name_and_a_reason(workspace: Workspace) -> None:
    with pytest.raises(CaseError, match="由谁批准"):
        apply_retention(workspace, TODAY, by="校长甲", reason=" ")


def test_a_run_that_was_killed_half_way_is_finished_by_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(retention, "erase_rows", killed)
        with pytest.raises(KeyboardInterrupt):
            apply_retention(workspace, TODAY, **WHY)
    assert GRADUATE in load_identities(workspace)
    apply_retention(workspace, TODAY, **WHY)
    assert GRADUATE not in load_identities(workspace)
    assert {pupil for pupil, _, held in kinds(workspace) if not held} == set()


def test_a_pupil_whose_case_was_opened_again_is_kept(workspace: Workspace) -> None:
    with in_database(workspace) as store:
        add_case(store, GRADUATE, closed=False)
    apply_retention(workspace, TODAY, **WHY)
    assert GRADUATE in load_identities(workspace)


def test_what_was_deleted_cannot_be_read_from_the_file_s_free_pages(workspace: Workspace) -> None:
    note = "这条备注删除以后不能再读到"
    with in_database(workspace) as store:
        store.choices.deliver(
            Delivery(GRADUATE, "home_visit", date(2022, 3, 1), note=note), by="班主任甲"
        )
    apply_retention(workspace, TODAY, **WHY)
    parts = (workspace.database, Path(f"{workspace.database}-wal"))
    assert not any(note.encode() in path.read_bytes() for path in parts if path.exists())


def test_papers_of_the_graduate_and_old_files_go(workspace: Workspace) -> None:
    own = workspace.reports / "示例中学" / "九年级1班" / "学生甲_grad_一生一案.docx"
    old, drift = workspace.reports / "名单.xlsx", workspace.reports / "drift-2022-01-01.csv"
    kept = workspace.reports / "privacy" / "评估.docx"
    for path in (own, old, drift, kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    for path in (old, drift, kept):
        utime(path, (0, 0))
    deletion, _ = apply_retention(workspace, TODAY, **WHY)
    assert deletion.files == 2
    assert [path.exists() for path in (own, old, drift, kept)] == [False, False, True, True]


def test_reasons_that_were_withheld_lose_the_pupil(workspace: Workspace) -> None:
    path = workspace.reports / "withheld-2022-01-01.csv"
    path.write_text(f"student_id,group\n{GRADUATE},出勤\n{PRESENT},出勤\n", encoding="utf-8")
    apply_retention(workspace, TODAY, **WHY)
    assert path.read_text(encoding="utf-8") == f"student_id,group\n{PRESENT},出勤\n"


def test_running_it_twice_finds_nothing_more(deleted: Deleted) -> None:
    again, _ = apply_retention(deleted.workspace, TODAY, **WHY)
    assert (dict(again.rows), dict(again.pupils)) == ({}, {})
