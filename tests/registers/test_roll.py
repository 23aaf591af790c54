from __future__ import annotations

from datetime import date

from kongchuo_risk.ingestion.identifiers import check_digit
from kongchuo_risk.registers import roll_people
from kongchuo_risk.tables import Pseudonyms
from tests.builders import students

PSEUDONYMS = Pseudonyms(b"k" * 32)
DAY = date(2025, 10, 8)


def citizen(body: str) -> str:
    return body + check_digit(body)


NEW, OLD = citizen("99000120120501001"), citizen("99000120120501003")


def test_a_pupil_has_the_day_of_birth_from_the_number_and_the_old_number_apart() -> None:
    table = students(
        {"student_id": "a", "birth_date": date(2012, 5, 1), "village": "东河", "sex": "1",
         "orphan": True, "left_behind": "2", "poverty_type": "dibao", "status": "01"},
        {"student_id": "b", "birth_date": date(2013, 6, 1), "sex": "2"},
    )  # fmt: skip
    identities = {
        "a": {"name": "王甲子", "student_key": f"G{OLD}", "id_number": NEW,
              "guardian_1_name": "王丙寅"},
        "b": {"name": "李乙丑", "student_key": "J990001201306010018"},
    }  # fmt: skip
    first, second = roll_people(table, identities, PSEUDONYMS, day=DAY).to_dict("records")
    assert first == {
        "person": "a", "student_id": "a", "name": "王甲子", "guardian": "王丙寅", "sex": "男",
        "birth": "2012-05-01", "village": "东河", "id_hash": PSEUDONYMS.student_id(NEW),
        "old_id_hash": PSEUDONYMS.student_id(OLD), "id_last4": NEW[-4:], "status": "在读",
        "category": "孤儿、留守、低保", "place": first["place"],
    }  # fmt: skip
    assert (second["birth"], second["sex"], second["category"]) == ("2013-06", "女", "")


def test_only_the_version_of_the_day_counts() -> None:
    table = students(
        {"student_id": "a", "village": "东河", "known_on": date(2025, 9, 1)},
        {"student_id": "a", "village": "西岭", "known_on": date(2025, 9, 20)},
        {"student_id": "a", "village": "南山", "known_on": date(2025, 12, 1)},
    )
    assert roll_people(table, {}, PSEUDONYMS, day=DAY)["village"].tolist() == ["西岭"]
