"""计划参数.xlsx: what is written can be read back, and what is wrong is named cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.assignment import RuleKind
from kongchuo_risk.domain.choices import COUNTY, AssumedEffect, CapLimit, PlanningChoices
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.serving.choices_book import (
    CAPS,
    EFFECTS,
    WISHES,
    FilledChoices,
    choices_workbook,
    read_choices,
)
from kongchuo_risk.serving.tables_book import Sheet, read_rows, workbook

EFFECTS_NOW = {"tutoring": (0.0, 0.1, 0.3, "假设")}
PUPILS = {"G1": "a", "G2": "b"}
WISH_COLUMNS = ("类别", "学籍号", "工号", "另一学生学籍号", "要求", "开始", "结束", "理由")


def _written(tmp_path: Path) -> Path:
    supply = pd.DataFrame({"school_code": ["S1"], "cap": ["interest_places"], "supply": [60.0]})
    choices = PlanningChoices(limits={("S1", "interest_places"): 30.0})
    book = choices_workbook(load_policy(), supply, {"S1": "合成小学"}, choices, EFFECTS_NOW)
    path = tmp_path / "计划参数.xlsx"
    path.write_bytes(book)
    return path


def _filled(tmp_path: Path, sheet: str, columns: Sequence[str], *rows: Sequence[Any]) -> Path:
    path = tmp_path / "填好.xlsx"
    table = pd.DataFrame([list(row) for row in rows], columns=list(columns))
    path.write_bytes(workbook([Sheet(sheet, table, "说明")]))
    return path


def _read(path: Path) -> FilledChoices:
    return read_choices(
        path,
        load_policy(),
        schools=["S1"],
        effects=EFFECTS_NOW,
        limits={("S1", "interest_places"): 30.0},
        pupil_of=PUPILS.get,
        staff=["T1"],
    )


def _wishes(tmp_path: Path, *rows: Sequence[Any]) -> FilledChoices:
    return _read(_filled(tmp_path, WISHES, WISH_COLUMNS, *rows))


def test_a_workbook_that_nobody_changed_changes_nothing(tmp_path: Path) -> None:
    found = _read(_written(tmp_path))
    assert found == FilledChoices()


def test_the_workbook_shows_the_default_beside_what_the_school_set(tmp_path: Path) -> None:
    rows = list(read_rows(_written(tmp_path), CAPS, ("名额编号", "默认", "本学期")))
    first = rows[0]
    assert (first.text("学校"), first.text("名额"), first.text("默认"), first.text("本学期")) == (
        "合成小学", "兴趣班名额", "60", "30",
    )  # fmt: skip
    assert rows[-1].text("学校") == "全县"


def test_changed_caps_are_read_for_a_school_and_for_the_county(tmp_path: Path) -> None:
    columns = ("学校标识码", "名额编号", "本学期", "说明")
    path = _filled(
        tmp_path,
        CAPS,
        columns,
        ("S1", "interest_places", 24, "一个班"),
        ("", "hardship_fund", 9000, ""),
    )
    assert _read(path).limits == [
        CapLimit("S1", "interest_places", 24.0, "一个班"),
        CapLimit(COUNTY, "hardship_fund", 9000.0),
    ]


@pytest.mark.parametrize(
    ("row", "column", "advice"),
    [
        (("S9", "interest_places", 3, ""), "学校标识码", "没有这所学校"),
        (("S1", "swimming", 3, ""), "名额编号", "interest_places"),
        (("S1", "interest_places", "很多", ""), "本学期", "0 或正数"),
        (("S1", "interest_places", -1, ""), "本学期", "0 或正数"),
    ],
)
def test_a_wrong_cap_is_named_and_the_good_row_kept(
    tmp_path: Path, row: tuple[Any, ...], column: str, advice: str
) -> None:
    columns = ("学校标识码", "名额编号", "本学期", "说明")
    found = _read(_filled(tmp_path, CAPS, columns, row, ("S1", "hardship_fund", 500, "")))
    assert [limit.cap for limit in found.limits] == ["hardship_fund"]
    [problem] = found.problems
    # The note stands in row 1 and the titles in row 2.
    assert (problem.sheet, problem.row, problem.column) == (CAPS, 3, column)
    assert advice in problem.advice


def test_a_changed_assumption_needs_a_new_reason(tmp_path: Path) -> None:
    columns = ("措施编号", "措施", "低", "中", "高", "依据")
    kept = _read(_filled(tmp_path, EFFECTS, columns, ("tutoring", "", 0, 0.2, 0.3, "本县试点")))
    assert kept.effects == [AssumedEffect("tutoring", 0.0, 0.2, 0.3, "本县试点")]
    refused = _read(_filled(tmp_path, EFFECTS, columns, ("tutoring", "", 0, 0.2, 0.3, "假设")))
    assert refused.effects == []
    assert "新的依据" in refused.problems[0].advice


@pytest.mark.parametrize("shares", [(0.3, 0.2, 0.4), (0, 0.2, 1.5), (0, "", 0.3)])
def test_an_assumption_out_of_order_or_bounds_is_named(
    tmp_path: Path, shares: tuple[Any, ...]
) -> None:
    columns = ("措施编号", "措施", "低", "中", "高", "依据")
    found = _read(_filled(tmp_path, EFFECTS, columns, ("tutoring", "", *shares, "本县试点")))
    assert found.effects == []
    assert "低 ≤ 中 ≤ 高" in found.problems[0].advice


def test_wishes_of_every_kind_are_read(tmp_path: Path) -> None:
    found = _wishes(
        tmp_path,
        ("指定", "G1", "T1", "", "", "", "", "校长安排"),
        ("请假", "", "T1", "", "", "2026-03-01", "2026年6月30日", "产假"),
        ("要求性别", "G1", "", "", "女", "", "", "家长提出"),
        ("不宜结对", "G1", "", "G2", "", "", "", "有矛盾"),
    )
    assert found.problems == []
    assert [rule.kind for rule in found.rules] == [
        RuleKind.FIX, RuleKind.ABSENCE, RuleKind.ASK_SEX, RuleKind.RIVAL,
    ]  # fmt: skip
    absence = found.rules[1]
    assert (absence.staff_no, absence.first, absence.last) == (
        "T1", date(2026, 3, 1), date(2026, 6, 30),
    )  # fmt: skip
    assert (found.rules[3].student_id, found.rules[3].other_student) == ("a", "b")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (("喜欢", "G1", "", "", "", "", "", "…"), "类别"),
        (("指定", "G1", "", "", "", "", "", "…"), "工号"),
        (("指定", "G1", "T9", "", "", "", "", "…"), "工号"),
        (("回避", "G8", "T1", "", "", "", "", "…"), "学籍号"),
        (("请假", "", "T1", "", "", "三月", "", "…"), "开始"),
        (("指定", "G1", "T1", "", "", "", "", ""), "理由"),
    ],
)
def test_a_wish_that_cannot_be_read_is_named(
    tmp_path: Path, row: tuple[Any, ...], column: str
) -> None:
    found = _wishes(tmp_path, row)
    assert found.rules == []
    assert [problem.column for problem in found.problems] == [column]


def test_a_pupils_number_is_not_repeated_in_a_message(tmp_path: Path) -> None:
    [problem] = _wishes(tmp_path, ("回避", "G8", "T1", "", "", "", "", "…")).problems
    assert problem.value == "（略）"


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "计划参数.xlsx"
    path.write_text("甲", encoding="utf-8")
    with pytest.raises(ImportRefusedError, match="不是有效的 Excel"):
        _read(path)


def test_a_sheet_whose_titles_were_changed_is_refused(tmp_path: Path) -> None:
    path = _filled(tmp_path, CAPS, ("学校", "数量"), ("S1", 3))
    with pytest.raises(ImportRefusedError, match="缺少列"):
        _read(path)


def test_a_cell_that_begins_like_a_formula_stays_text(tmp_path: Path) -> None:
    path = _filled(tmp_path, "表", ("内容",), ("=1+1",))
    [row] = read_rows(path, "表", ("内容",))
    assert row.text("内容") == "=1+1"
