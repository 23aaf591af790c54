from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.adapters.oulad import presentation_starts, read_oulad
from kongchuo_risk.ingestion.mapping import FileMapping, LayoutMapping, apply_mapping, load_mapping
from kongchuo_risk.ingestion.problems import ImportReport
from kongchuo_risk.ingestion.sources import SourceFile, open_sheets
from kongchuo_risk.serving.importing import import_files
from kongchuo_risk.tables import Pseudonyms, load_records
from kongchuo_risk.workspace import Workspace, create_workspace
from tests.ingestion.builders import csv_file, import_at

NINGBO_DAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def ningbo(
    real_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Workspace, ImportReport, Path]:
    workspace = create_workspace(tmp_path_factory.mktemp("ningbo") / "ws")
    folder = real_data / "ningbo"
    report = import_at(workspace, folder, adapter="ningbo", today=NINGBO_DAY)
    return workspace, report, folder


def raw_csv(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / name, dtype="str", encoding="utf-8-sig")


def test_every_ningbo_pupil_is_in_the_roster(
    ningbo: tuple[Workspace, ImportReport, Path],
) -> None:
    workspace, _, folder = ningbo
    students = load_records(workspace, ["students"])["students"]
    keys = raw_csv(folder, "2_student_info.csv")["bf_StudentID"]
    expected = set(Pseudonyms(workspace.key).student_ids(keys))
    assert set(students["student_id"]) == expected
    assert len(expected) == 1765
    assert students["status"].value_counts().to_dict() == {"03": 25}
    assert set(students["grade"]) == {10, 11, 12}


def test_every_ningbo_event_is_in_the_table_or_in_the_report_with_a_reason(
    ningbo: tuple[Workspace, ImportReport, Path],
) -> None:
    workspace, report, folder = ningbo
    (count,) = [count for count in report.tables if count.table == "attendance"]
    assert count.read == 23_630
    assert (count.landed, count.duplicate, count.refused) == (7_076, 177, 16_377)
    reasons = [p for p in report.problems if p.file == "3_kaoqin.csv"]
    assert len(reasons) == 16_377
    assert {p.advice.split("；")[0] for p in reasons} == {"花名册中没有该学生"}
    events, roster = raw_csv(folder, "3_kaoqin.csv"), raw_csv(folder, "2_student_info.csv")
    strangers = ~events["bf_studentID"].isin(roster["bf_StudentID"])
    assert {p.row - 2 for p in reasons} == set(events.index[strangers])
    stored = load_records(workspace, ["attendance"])["attendance"]
    moments = pd.to_datetime(events.loc[~strangers, "DataDateTime"])
    assert stored["day"].min() == moments.min().normalize()
    assert stored["kind"].isin(["late"]).sum() > 0
    assert stored["kind"].notna().all()


def test_the_ningbo_files_imported_again_change_nothing(
    ningbo: tuple[Workspace, ImportReport, Path],
) -> None:
    workspace, _, folder = ningbo
    again = import_at(workspace, folder, adapter="ningbo", today=NINGBO_DAY)
    assert (again.batch_id, again.landed) == (None, 0)


def test_ningbo_needs_all_its_files(tmp_path: Path) -> None:
    csv_file(tmp_path / "3_kaoqin.csv", [["bf_studentID"], ["1"]])
    with pytest.raises(ImportRefusedError, match="2_student_info"):
        import_at(create_workspace(tmp_path / "ws"), tmp_path, adapter="ningbo")


def small_oulad(folder: Path) -> Path:
    """Two pupils of one presentation: one hands in late, one withdraws."""
    folder.mkdir()
    one = {"code_module": "AAA", "code_presentation": "2013J"}
    tables = {
        "course": [{**one, "module_presentation_length": 268}],
        "assessment": [{**one, "id_assessment": 7, "assessment_type": "TMA", "date": 19.0,
                        "weight": 10.0}],
        "student": [{**one, "id_student": i, "gender": "F", "disability": i == 2,
                     "num_of_prev_attempts": 0} for i in (1, 2)],
        "student_registration": [
            {**one, "id_student": 1, "date_registration": -10.0, "date_unregistration": None},
            {**one, "id_student": 2, "date_registration": -20.0, "date_unregistration": 12.0}],
        "student_assessment": [
            {"id_assessment": 7, "id_student": 1, "date_submitted": 25, "score": 60.0},
            {"id_assessment": 7, "id_student": 2, "date_submitted": 18, "score": 70.0}],
    }  # fmt: skip
    for name, rows in tables.items():
        pd.DataFrame(rows).to_parquet(folder / f"{name}.parquet")
    return folder


def test_oulad_days_become_dates_and_no_score_is_known_before_it_was_handed_in(
    tmp_path: Path,
) -> None:
    workspace = create_workspace(tmp_path / "ws")
    report = import_at(workspace, small_oulad(tmp_path / "oulad"), adapter="oulad")
    assert report.problems == []
    records = load_records(workspace)
    scores = records["scores"].set_index("score")["known_on"].dt.date
    assert scores.to_dict() == {70.0: date(2013, 10, 20), 60.0: date(2013, 10, 26)}
    assert records["registration_changes"]["day"].dt.date.tolist() == [date(2013, 10, 13)]
    known = sorted(records["students"]["known_on"].dt.date)
    assert known == [date(2013, 9, 11), date(2013, 9, 21)]


def test_every_oulad_enrolment_is_a_pupil(real_data: Path, tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "ws")
    report = import_at(workspace, real_data / "oulad", adapter="oulad")
    records = load_records(workspace, ["students", "scores", "registration_changes"])
    assert records["students"]["student_id"].nunique() == 32_593
    assert len(records["registration_changes"]) == 10_072
    assert len(records["scores"]) + report.refused == 173_912
    assert report.refused == 173


def test_oulad_names_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ImportRefusedError, match="student_registration"):
        read_oulad(tmp_path)
    assert presentation_starts(pd.Series(["2014B"])).iloc[0] == pd.Timestamp(2014, 2, 1)


def test_a_mapping_renames_completes_and_translates_columns(tmp_path: Path) -> None:
    rule = FileMapping(pattern="*.csv", table="attendance", columns={"编号": "student_key",
        "时间": "day", "情况": "kind"}, constants={"session": "全天"},
        values={"kind": {"K": "旷课"}})  # fmt: skip
    mapping = LayoutMapping(name="x", title="x", description="x", files=(rule,))
    path = csv_file(tmp_path / "a.csv", [["编号", "时间", "情况"], ["1", "2025-09-01", "K"]])
    sheets = open_sheets(SourceFile(path, "a.csv"), load_schema(), [].append)
    (sheet,) = apply_mapping(mapping, sheets)
    assert sheet.header == ("student_key", "day", "kind", "session")
    (chunk,) = sheet.chunks()
    assert [column.cell(0) for column in chunk.columns] == ["1", "2025-09-01", "旷课", "全天"]


def test_every_mapping_file_is_valid_and_an_unknown_one_lists_them() -> None:
    names = [path.stem for path in (data_schema() / "mappings").glob("*.yaml")]
    assert {load_mapping(name).name for name in names} == set(names)
    with pytest.raises(ImportRefusedError, match="ningbo"):
        load_mapping("没有")


def test_a_school_may_keep_its_mapping_in_a_file_of_its_own(tmp_path: Path) -> None:
    mapping = tmp_path / "考勤机.yaml"
    mapping.write_text(
        "name: 考勤机\ntitle: 考勤机导出\ndescription: 自己的格式\n"
        "files:\n- {pattern: 'schools.csv', table: schools, columns: {代号: school_code, "
        "名: school_name}, constants: {school_type: 小学}}\n",
        encoding="utf-8",
    )
    (tmp_path / "in").mkdir()
    rows = [["代号", "名"], ["9900010001", "合成小学"]]
    csv_file(tmp_path / "in" / "schools.csv", rows)
    workspace = create_workspace(tmp_path / "w")
    report = import_files(workspace, [tmp_path / "in"], adapter=str(mapping))
    assert report.landed == 1
    assert load_records(workspace)["schools"]["school_name"].tolist() == ["合成小学"]
