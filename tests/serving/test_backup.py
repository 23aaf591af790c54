"""A backup brings a whole workspace back, holds no key, and overwrites nothing."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.serving.backup import (
    back_up,
    check_against_backup,
    list_backups,
    read_backup,
    restore,
)
from kongchuo_risk.tables.manifest import Batch, Manifest, StoredFile, replace_manifest, writing
from kongchuo_risk.workspace import Workspace, create_workspace, open_workspace
from tests.cases.conftest import own_database, require_server

ROWS = "2025-2026-1/attendance/1.parquet"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with one batch, one model, a line in the audit log, and a file nobody names."""
    made = create_workspace(tmp_path / "学校")
    for name in (ROWS, "2025-2026-1/attendance/orphan.parquet"):
        (made.tables / name).parent.mkdir(parents=True, exist_ok=True)
        (made.tables / name).write_bytes(b"synthetic rows")
    file = StoredFile(table="attendance", path=ROWS, rows=1)
    batch = Batch(id="1", imported_at="2025-09-08T00:00:00+00:00", sources=(), files=(file,))
    replace_manifest(made, Manifest(batches=(batch,)))
    (made.models / "2025-001").mkdir()
    (made.models / "2025-001" / "model.txt").write_text("synthetic model", encoding="utf-8")
    noted(made, "S1")
    return made


def noted(workspace: Workspace, subject: str) -> None:
    engine = open_case_database(workspace)
    with case_store(engine) as store:
        store.note("甲", "查看", subject)
    engine.dispose()


def subjects(workspace: Workspace) -> list[str]:
    engine = open_case_database(workspace)
    with case_reader(engine) as store:
        found = [row.subject for row in store.audit_rows()]
    engine.dispose()
    return found


def changed(archive: Path, name: str, content: bytes | None) -> Path:
    """A copy of a backup in which one file is another, or gone."""
    copy = archive.with_name("changed.zip")
    with zipfile.ZipFile(archive) as old, zipfile.ZipFile(copy, "w") as new:
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
            elif content is not None:
                new.writestr(entry, content)
    return copy


def test_a_restored_workspace_is_the_one_that_was_backed_up(
    workspace: Workspace, tmp_path: Path
) -> None:
    made = back_up(workspace, by="甲")
    noted(workspace, "later")
    again = restore(made.path, tmp_path / "again")
    assert open_workspace(tmp_path / "again").key == workspace.key
    assert subjects(again) == ["S1"]
    assert (again.tables / ROWS).read_bytes() == b"synthetic rows"
    assert (again.models / "2025-001" / "model.txt").read_text("utf-8") == "synthetic model"
    assert again.config.read_bytes() == workspace.config.read_bytes()


def test_a_backup_holds_what_is_named_and_neither_key_nor_stray_file(workspace: Workspace) -> None:
    made = back_up(workspace, by="甲")
    assert set(made.contents.files) == {
        "kongchuo.db", "kongchuo.toml", "tables/manifest.json", f"tables/{ROWS}",
        "models/2025-001/model.txt",
    }  # fmt: skip
    assert workspace.key not in made.path.read_bytes()
    assert made.key_file.read_bytes() == workspace.key
    assert "密钥不在备份里" in str(made)


def test_the_backup_itself_is_written_down(workspace: Workspace) -> None:
    made = back_up(workspace, by="甲")
    assert subjects(workspace) == ["S1", made.path.name]
    assert read_backup(made.path).database.audit_rows == 1


def test_the_newest_backups_stay(workspace: Workspace) -> None:
    made = [back_up(workspace, by="甲", keep=2).path for _ in range(3)]
    assert list_backups(workspace) == [made[2], made[1]]
    with pytest.raises(WorkspaceError, match="至少要保留"):
        back_up(workspace, by="甲", keep=0)


def test_nothing_is_overwritten(workspace: Workspace) -> None:
    made = back_up(workspace, by="甲")
    with pytest.raises(WorkspaceError, match="不会覆盖"):
        restore(made.path, workspace.root)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (f"tables/{ROWS}", b"other rows", "已损坏：tables/"),
        ("kongchuo.toml", None, "已损坏：kongchuo.toml"),
        ("kongchuo.db", b"no database", "已损坏：kongchuo.db"),
        ("manifest.json", b"{}", "不是完整的备份文件"),
    ],
)
def test_a_damaged_backup_is_refused_and_leaves_nothing(
    workspace: Workspace, tmp_path: Path, name: str, content: bytes | None, told: str
) -> None:
    archive = changed(back_up(workspace, by="甲").path, name, content)
    with pytest.raises(WorkspaceError, match=told):
        restore(archive, tmp_path / "again")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["学校"]


def test_a_backup_cannot_write_outside_its_folder(workspace: Workspace, tmp_path: Path) -> None:
    made = back_up(workspace, by="甲")
    files = made.contents.files | {"../evil": "0"}
    contents = made.contents.model_copy(update={"files": files}).model_dump_json()
    archive = changed(made.path, "manifest.json", contents.encode())
    with zipfile.ZipFile(archive, "a") as added:
        added.writestr("../evil", "x")
    with pytest.raises(WorkspaceError, match=r"已损坏：\.\./evil"):
        restore(archive, tmp_path / "again")


def test_the_key_may_come_from_elsewhere_and_must_be_the_right_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    made = back_up(workspace, by="甲")
    usb = made.key_file.rename(tmp_path / "usb.key")
    with pytest.raises(WorkspaceError, match="没有找到密钥"):
        restore(made.path, tmp_path / "again")
    wrong = tmp_path / "wrong.key"
    wrong.write_bytes(b"x" * 32)
    with pytest.raises(WorkspaceError, match="不是这份备份的密钥"):
        restore(made.path, tmp_path / "again", key_file=wrong)
    assert restore(made.path, tmp_path / "again", key_file=usb).key == workspace.key


def test_rows_cut_from_the_audit_log_are_missed(workspace: Workspace) -> None:
    assert check_against_backup(workspace) == "还没有备份；运行 kongchuo backup"
    back_up(workspace, by="甲")
    noted(workspace, "later")
    assert check_against_backup(workspace).startswith("1 份")
    workspace.database.unlink()
    for rest in workspace.root.glob("kongchuo.db-*"):
        rest.unlink()
    noted(workspace, "S1")
    with pytest.raises(WorkspaceError, match="操作记录比"):
        check_against_backup(workspace)


def test_an_import_that_is_running_is_not_backed_up_half(workspace: Workspace) -> None:
    with writing(workspace), pytest.raises(WorkspaceError, match="另一个导入"):
        back_up(workspace, by="甲")
    assert list_backups(workspace) == []
    assert sorted(path.name for path in workspace.backups.iterdir()) == []


def test_a_file_that_the_tables_name_and_lack_stops_the_backup(workspace: Workspace) -> None:
    (workspace.tables / ROWS).unlink()
    with pytest.raises(WorkspaceError, match="不见了"):
        back_up(workspace, by="甲")
    assert list_backups(workspace) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_that_lies_elsewhere_goes_with_it_and_is_restored_elsewhere(
    workspace: Workspace, tmp_path: Path, kind: str
) -> None:
    for here, there in zip(databases(tmp_path, kind), databases(tmp_path, kind), strict=True):
        workspace.config.write_text(f'database_url = "{here}"\n', encoding="utf-8")
        made = back_up(workspace, by="甲")
        with pytest.raises(WorkspaceError, match="不会覆盖"):
            restore(made.path, tmp_path / "again")
        restore(made.path, tmp_path / "again", database_url=there)
        again = open_workspace(tmp_path / "again")
        assert sorted(path.name for path in again.root.iterdir()) == [
            "backups", "keys", "kongchuo.toml", "models", "reports", "tables",
        ]  # fmt: skip
        engine = open_case_database(again, there)
        with case_store(engine) as store:
            assert store.verify_audit().rows == made.database.audit_rows
        engine.dispose()


def databases(folder: Path, kind: str) -> Iterator[str]:
    """An empty database of a kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / uuid4().hex}.db"
    else:
        yield from own_database(require_server())
