from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from kongchuo_risk.domain.match import PERSON_COLUMNS, RosterKind
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.identifiers import check_digit
from kongchuo_risk.ingestion.roster_words import load_roster_contract
from kongchuo_risk.ingestion.rosters import Roster, read_roster
from kongchuo_risk.tables import Pseudonyms
from tests.ingestion.builders import csv_file, workbook

TODAY = date(2025, 10, 8)
PSEUDONYMS = Pseudonyms(b"k" * 32)
BODY = "99000120120501001"
NUMBER = BODY + check_digit(BODY)
"""In a region that does not exist."""
HEADER = ["序号", "姓名", "公民身份号码", "性别", "出生日期", "户籍地址", "户主姓名", "人员状态"]


def read(path: Path, kind: RosterKind = RosterKind.HOUSEHOLD) -> Roster:
    return read_roster(path, kind, PSEUDONYMS, today=TODAY)


def household(folder: Path, *rows: list[object]) -> Roster:
    title = ["某派出所适龄儿童名册"]
    return read(workbook(folder / "户籍.xlsx", {"名册": [title, HEADER, *rows]}))


def test_a_row_becomes_a_person_with_a_hashed_number(tmp_path: Path) -> None:
    row = [1, "王甲子", NUMBER, "男性", "2012年5月1日", "甲镇东河村三组", "王丙寅", "正常"]
    people = household(tmp_path, row).people
    assert tuple(people.columns) == PERSON_COLUMNS
    assert people.drop(columns="person").iloc[0].dropna().to_dict() == {
        "name": "王甲子", "sex": "男", "birth": "2012-05-01", "village": "甲镇东河村三组",
        "guardian": "王丙寅", "id_hash": PSEUDONYMS.student_id(NUMBER), "id_last4": NUMBER[-4:],
        "status": "正常", "place": "户籍.xlsx 名册 第 3 行",
    }  # fmt: skip


def test_a_number_that_excel_damaged_is_reported_and_the_child_is_compared(tmp_path: Path) -> None:
    roster = household(tmp_path, [1, "王甲子", 3.4e17, "男", 41030, "东河", "王丙寅", ""])
    assert roster.people[["name", "birth"]].to_numpy().tolist() == [["王甲子", "2012-05-01"]]
    assert roster.people["id_hash"].isna().all()
    [problem] = roster.problems
    assert (problem.file, problem.row, problem.column) == ("户籍.xlsx", 3, "身份证件号")
    assert "被 Excel 变成了数字" in problem.advice
    assert problem.advice.endswith("这一行按没有这一项比对")


def test_rows_are_read_refused_or_repeated(tmp_path: Path) -> None:
    roster = household(
        tmp_path,
        [1, "王甲子", NUMBER, "男", "", "东河", "", ""],
        [2, "", "", "女", "2014-03", "东河", "", ""],
        [3, "王甲子", NUMBER, "男", "", "东河", "", ""],
        [4, "李乙丑", "", "女", "2014-03", "东河", "", "死亡注销"],
        ["合计", "4 人", "", "", "", "", "", ""],
    )
    assert (roster.read, roster.refused, roster.repeated) == (4, 1, 1)
    assert roster.people["birth"].tolist() == ["2012-05-01", "2014-03"]
    assert roster.people["status"].dropna().tolist() == ["死亡"]
    assert [problem.row for problem in roster.problems] == [4, 5]
    assert roster.headline.endswith("可比对 2 人，重复 1 行，退回 1 行，问题 2 处")


def test_a_birth_date_against_the_number_is_reported_and_the_number_counts(
    tmp_path: Path,
) -> None:
    roster = household(tmp_path, [1, "王甲子", NUMBER, "男", "2012-01-05", "", "", ""])
    assert roster.people["birth"].tolist() == ["2012-05-01"]
    assert "不一致" in roster.problems[0].advice


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_the_export_against_falling_back_into_poverty(tmp_path: Path, encoding: str) -> None:
    header = ["姓名", "与户主关系", "户类型", "在校生状况", "失学或辍学原因", "证件号码"]
    path = csv_file(
        tmp_path / "防返贫.csv",
        [header, ["王甲子", "长子", "脱贫享受政策户", "", "厌学", ""],
         ["李乙丑", "次女", "边缘户", "小学", "否", ""]],
        encoding=encoding,
    )  # fmt: skip
    people = read(path, RosterKind.POVERTY).people
    assert people["category"].tolist() == ["脱贫户", "边缘易致贫户"]
    assert people["status"].tolist() == ["失学", "小学"]


def test_a_disability_card_holds_the_citizen_number(tmp_path: Path) -> None:
    rows = [["残疾人姓名", "残疾人证号"], ["王甲子", f"{NUMBER}52"]]
    people = read(workbook(tmp_path / "残联.xlsx", {"Sheet1": rows}), RosterKind.DISABLED).people
    assert people["id_hash"].tolist() == [PSEUDONYMS.student_id(NUMBER)]
    assert people["category"].tolist() == ["残疾"]


def test_a_file_without_names_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", {"Sheet1": [["编号", "村"], ["1", "东河"]]})
    with pytest.raises(ImportRefusedError, match="没有找到“姓名”列"):
        read(path)


def test_every_kind_of_roster_has_its_words() -> None:
    assert set(load_roster_contract().words.kinds) == set(RosterKind)
