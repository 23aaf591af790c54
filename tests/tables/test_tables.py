from pathlib import Path

import frictionless
import numpy as np
import pandas as pd
import pytest

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.ingestion.keyindex import KeyIndex, row_hashes
from kongchuo_risk.tables import Pseudonyms, load_records, undo_batch
from kongchuo_risk.tables.columns import empty_table, pandas_dtypes
from kongchuo_risk.tables.manifest import read_manifest, sweep_orphans
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.tables.writing import BatchWriter
from kongchuo_risk.workspace import Workspace, create_workspace

SCHEMA = load_schema()
ATTENDANCE = SCHEMA.tables["attendance"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "ws")


def exceptions(*days: str) -> pd.DataFrame:
    frame = empty_table(ATTENDANCE).reindex(range(len(days)))
    values = {"student_id": "s1", "session": "AM", "kind": "late", "day": pd.to_datetime([*days])}
    return frame.assign(**values, known_on=pd.to_datetime([*days]))


def commit(workspace: Workspace, batch_id: str, rows: pd.DataFrame) -> None:
    writer = BatchWriter(workspace, batch_id)
    writer.append(ATTENDANCE, rows)
    writer.commit([], imported_at="2025-12-31T00:00:00+00:00", adapter=None, report=None)


@pytest.mark.parametrize("name", SCHEMA.tables)
def test_every_table_contract_is_a_valid_frictionless_schema(name: str) -> None:
    path = data_schema() / "tables" / f"{name}.yaml"
    schema = frictionless.Schema(str(path))
    assert schema.field_names == [field.name for field in SCHEMA.tables[name].fields]


@pytest.mark.parametrize("name", SCHEMA.tables)
def test_an_empty_workspace_has_every_table_with_its_types(workspace: Workspace, name: str) -> None:
    table = load_records(workspace)[name]
    assert tuple(table.columns) == SCHEMA.tables[name].stored_columns
    assert table.dtypes.astype("str").to_dict() == pandas_dtypes(SCHEMA.tables[name])


def test_rows_lie_in_the_folder_of_their_term_and_come_back_the_same(workspace: Workspace) -> None:
    rows = exceptions("2025-01-31", "2025-02-01", "2025-08-01")
    commit(workspace, "b1", rows)
    folders = {Path(file.path).parts[0] for file in read_manifest(workspace).files("attendance")}
    assert folders == {"2024-2025-1", "2024-2025-2", "2025-2026-1"}
    back = load_records(workspace, ["attendance"])["attendance"]
    pd.testing.assert_frame_equal(back, rows, check_categorical=False, check_dtype=False)
    assert back.dtypes.astype("str").to_dict() == pandas_dtypes(ATTENDANCE)


def test_files_that_no_batch_names_are_not_read_and_are_swept(workspace: Workspace) -> None:
    commit(workspace, "b1", exceptions("2025-09-01"))
    killed = BatchWriter(workspace, "b2")
    killed.append(ATTENDANCE, exceptions("2025-09-02"))
    killed.close()
    assert len(load_records(workspace, ["attendance"])["attendance"]) == 1
    assert [path.stem for path in sweep_orphans(workspace)] == ["b2"]
    assert len(load_records(workspace, ["attendance"])["attendance"]) == 1


def test_a_column_that_came_later_is_missing_in_older_batches(workspace: Workspace) -> None:
    kept = tuple(f for f in ATTENDANCE.fields if f.name not in ("reason", "minutes"))
    older = ATTENDANCE.model_copy(update={"fields": kept})
    writer = BatchWriter(workspace, "b1")
    writer.append(older, exceptions("2025-09-01"))
    writer.commit([], imported_at="2025-12-31T00:00:00+00:00", adapter=None, report=None)
    commit(workspace, "b2", exceptions("2025-09-02").assign(minutes=5, reason="illness"))
    back = load_records(workspace, ["attendance"])["attendance"]
    assert back["minutes"].isna().tolist() == [True, False]
    assert back.dtypes.astype("str").to_dict() == pandas_dtypes(ATTENDANCE)
    undo_batch(workspace, "b2")
    alone = load_records(workspace, ["attendance"])["attendance"]
    assert alone.dtypes.astype("str").to_dict() == pandas_dtypes(ATTENDANCE)


def test_an_undone_batch_is_gone_and_its_number_is_not_used_again(workspace: Workspace) -> None:
    commit(workspace, "b1", exceptions("2025-09-01"))
    commit(workspace, "b2", exceptions("2025-09-02"))
    undo_batch(workspace, "b1")
    days = load_records(workspace, ["attendance"])["attendance"]["day"]
    assert days.dt.day.tolist() == [2]
    assert read_manifest(workspace).next_number == 3


def test_a_damaged_manifest_is_said_to_be_damaged(workspace: Workspace) -> None:
    (workspace.tables / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="损坏"):
        load_records(workspace)


def test_another_key_gives_other_pseudonyms_and_opens_no_seal() -> None:
    ours, theirs = b"a" * 32, b"b" * 32
    assert Pseudonyms(ours).student_id("G1") != Pseudonyms(theirs).student_id("G1")
    assert Pseudonyms(ours).student_ids(["g1", "G1 "]) == [Pseudonyms(ours).student_id("G1")] * 2
    with pytest.raises(WorkspaceError, match="密钥"):
        Sealer(theirs).open(Sealer(ours).seal("秘密"))


def test_the_key_index_agrees_with_a_dictionary() -> None:
    rng = np.random.default_rng(3)
    index, oracle = KeyIndex(), {}
    for _ in range(40):
        keys = np.unique(rng.integers(0, 500, size=rng.integers(1, 60)).astype(np.uint64))
        values = rng.integers(0, 9, size=len(keys)).astype(np.uint64)
        index.add(keys, values)
        oracle.update(zip(keys.tolist(), values.tolist(), strict=True))
    found, values = index.find(np.arange(500, dtype=np.uint64))
    assert {key: int(values[key]) for key in np.flatnonzero(found)} == oracle


def test_a_row_hashes_the_same_in_every_dtype_and_missing_differs_from_zero() -> None:
    plain = pd.DataFrame({"n": [1, 0, 0], "t": ["a", "b", "b"]})
    other = pd.DataFrame({"n": pd.array([1, 0, None], dtype="Int64"), "t": pd.Categorical(
        ["a", "b", "b"])})  # fmt: skip
    ours, theirs = row_hashes(plain, ["n", "t"]), row_hashes(other, ["n", "t"])
    assert (ours == theirs).tolist() == [True, True, False]
