from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.ingestion.cells import (
    BadCellError,
    CodeReader,
    read_flag,
    read_integer,
    read_number,
)
from kongchuo_risk.ingestion.dates import (
    day_advice,
    parse_day,
    parse_grade,
    parse_moment,
    parse_month,
    parse_term_words,
)
from kongchuo_risk.ingestion.identifiers import (
    BadIdentifierError,
    check_digit,
    mask,
    read_id_number,
    read_student_key,
)

STUDENTS = load_schema().tables["students"].by_name
CODES = load_schema().codes


@pytest.mark.parametrize(
    "cell",
    ["2023年9月1日", "20230901", "2023-9-1", "2023/9/1", "2023.9.1", "2023-09-01 00:00:00",
     "２０２３年９月１日", "2023。9。1", "2023年9月1日（星期五）", "2023-9-1 周五",
     20230901, 20230901.0, 45170, 45170.0, "45170", date(2023, 9, 1), datetime(2023, 9, 1, 8)],  # noqa: DTZ001
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(cell: object) -> None:
    assert parse_day(cell) == date(2023, 9, 1)


@pytest.mark.parametrize("cell", ["2023-02-30", "23-9-1", "九月", "20231301", 7, "1890-01-01"])
def test_a_day_that_does_not_exist_is_not_read(cell: object) -> None:
    assert parse_day(cell) is None


@pytest.mark.parametrize(
    ("cell", "advice"),
    [("9月1日", "没有年份"), ("9.1", "没有年份"), ("23.9.1", "四位数"), ("2023-9-31", "没有这一天"),
     ("开学那天", "应为日期")],
)  # fmt: skip
def test_a_day_that_cannot_be_read_is_told_what_it_lacks(cell: str, advice: str) -> None:
    assert advice in day_advice(cell)


@given(st.dates(date(1950, 1, 1), date(2100, 12, 31)))
def test_every_day_survives_every_spelling(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    spellings = [f"{day:%Y%m%d}", day.isoformat(), f"{day.year}年{day.month}月{day.day}日", serial]
    assert {parse_day(spelling) for spelling in spellings} == {day}


def test_the_time_of_day_is_kept() -> None:
    assert parse_moment("2018/1/27 12:21:32") == datetime(2018, 1, 27, 12, 21, 32)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("words", "code"),
    [("2025-2026-1", "2025-2026-1"), ("2025-2026学年第一学期", "2025-2026-1"),
     ("2025-2026学年度第二学期", "2025-2026-2"), ("2025学年第一学期", "2025-2026-1"),
     ("2025年秋季学期", "2025-2026-1"), ("2026年春季", "2025-2026-2"), ("2025-2027-1", None),
     ("2025-2026(上)", "2025-2026-1"), ("第一学期", None)],
)  # fmt: skip
def test_terms_are_read_as_schools_write_them(words: str, code: str | None) -> None:
    assert parse_term_words(words) == code


@pytest.mark.parametrize(
    ("words", "grade"),
    [("七年级", 7), ("初一", 7), ("初三", 9), ("高二", 11), ("7", 7), (7.0, 7), ("七", 7),
     ("小学三年级", 3), ("七年级(2)班", 7), ("十二", 12), ("13", None), ("大班", None)],
)  # fmt: skip
def test_grades_are_read_as_schools_write_them(words: object, grade: int | None) -> None:
    assert parse_grade(words) == grade


def test_months_are_read_from_months_and_days() -> None:
    assert [parse_month(cell) for cell in ("2023年9月", "2023-09", 202309, "2023-09-15")] == [
        "202309"
    ] * 4


def test_flags_are_read_in_every_usual_form() -> None:
    assert all(read_flag(cell) for cell in ("是", "√", "有", "Ｙ", 1, 1.0, "1"))
    assert not any(read_flag(cell) for cell in ("否", "×", "无", "N", 0, "0"))
    with pytest.raises(BadCellError, match="是 或 否"):
        read_flag("也许")


def test_numbers_are_read_with_their_units() -> None:
    distance = STUDENTS["school_distance_km"]
    cells = ("2.5km", "３公里", "800米", 4)
    assert [read_number(cell, distance) for cell in cells] == [2.5, 3.0, 0.8, 4.0]
    with pytest.raises(BadCellError, match="里程"):
        read_number("3里程", distance)
    with pytest.raises(BadCellError, match="负数"):
        read_number("-3", distance)
    with pytest.raises(BadCellError, match="整数"):
        read_integer("1.5", STUDENTS["siblings"])


def test_codes_are_read_from_labels_aliases_and_flags() -> None:
    left_behind = CodeReader.of(CODES["left_behind"])
    assert [left_behind.read(cell) for cell in ("双亲留守", "否", "√", 2.0)] == ["2", "0", "2", "2"]
    assert CodeReader.of(CODES["change_type"]).read("2") == "02"
    assert CodeReader.of(CODES["change_type"]).read("转学（转出）") == "21"
    with pytest.raises(BadCellError, match="走读、住校"):
        CodeReader.of(CODES["boarding"]).read("飞")


def test_several_codes_are_kept_once_each_and_open_lists_keep_new_words() -> None:
    roles = CodeReader.of(CODES["staff_role"])
    assert roles.read_many("班主任、科任，班主任") == "homeroom、subject"
    assert roles.read_many("校医") == "校医"


@pytest.mark.parametrize(
    "cell", [3.4012320120501e17, "3.4E+17", "3.40123E+17", 340123201205010000, "340123201205010000"]
)
def test_a_number_that_excel_damaged_is_refused_with_the_cure(cell: object) -> None:
    with pytest.raises(BadIdentifierError, match="文本"):
        read_student_key(cell)


def test_a_citizen_number_needs_its_check_digit_and_a_birthday() -> None:
    # The example number of GB 11643-1999.
    assert read_id_number("11010519491231002x") == "11010519491231002X"
    with pytest.raises(BadIdentifierError, match="校验位"):
        read_id_number("110105194912310021")
    with pytest.raises(BadIdentifierError, match="出生日期"):
        read_id_number("110105194913310021")
    with pytest.raises(BadIdentifierError, match="15 位"):
        read_id_number("110105491231002")


@pytest.mark.parametrize(
    ("cell", "advice"),
    [("11010519491231002", "17 位"), ("G1101051949123100X", "19 位，这里是 18 位")],
)
def test_a_number_of_the_wrong_length_is_refused(cell: str, advice: str) -> None:
    with pytest.raises(BadIdentifierError, match=advice):
        read_student_key(cell)


def test_a_word_is_no_document() -> None:
    assert [read_id_number(cell) for cell in ("无", "暂无", "没有")] == [None] * 3


def test_other_documents_and_local_numbers_pass() -> None:
    assert read_id_number("H12345678") == "H12345678"
    assert [read_student_key(cell) for cell in ("'14454", 14454.0, "14454.0")] == ["14454"] * 3


@given(st.from_regex(r"[1-9][0-9]{5}19[0-9]{2}0[1-9]1[0-9][0-9]{2}[1-9]", fullmatch=True))
def test_one_wrong_digit_is_always_noticed(first_17: str) -> None:
    wrong = first_17[:16] + str((int(first_17[16]) % 9) + 1)
    assert (check_digit(first_17) == check_digit(wrong)) == (first_17 == wrong)


def test_identities_are_masked_in_reports() -> None:
    assert mask("G340123201205010018") == "G34****18"
    assert mask("张三") == "张*"
