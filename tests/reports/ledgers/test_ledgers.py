from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.domain.case import CaseStatus, Destination
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.reports.ledgers.away import dropout_ledger, suspected_ledger
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.lost_pupils import lost_pupils
from kongchuo_risk.reports.ledgers.material import Material, Unenrolled
from kongchuo_risk.reports.ledgers.names import Person, with_names
from kongchuo_risk.reports.ledgers.persuasion import persuasion_ledger, settled_ledger
from kongchuo_risk.reports.ledgers.roll import Rolls
from kongchuo_risk.reports.ledgers.school_age import school_age_ledger
from tests.reports.ledgers.builders import (
    COUNTY,
    JUNIOR,
    PRIMARY,
    ROLLS,
    SUSPECTED,
    autumn,
    case,
    case_walks,
    county_records,
    events,
    on,
    primary_pupil,
    visit,
)

LAST = date(2025, 10, 31)


def pupils(ledger):
    return ledger["student_id"].tolist()


def test_the_ledgers_of_a_day_hold_who_was_away_that_day():
    material = autumn()
    found = {
        day: (
            pupils(suspected_ledger(material.as_of(day), COUNTY)),
            pupils(dropout_ledger(material.as_of(day), COUNTY)),
        )
        for day in (date(2025, 9, 14), date(2025, 10, 5), date(2025, 10, 15), LAST)
    }
    assert list(found.values()) == [
        ([], []), (["j1"], []), (["j2"], ["j1"]), (["j3"], ["j1", "j8"]),
    ]  # fmt: skip


def test_each_row_says_since_when_what_was_done_and_what_is_known():
    row = dropout_ledger(autumn().as_of(LAST), COUNTY).iloc[0]
    assert row[["登记日期", "缺勤起始", "未到校天数", "走访次数", "最近走访"]].tolist() == [
        date(2025, 9, 15), date(2025, 9, 8), 53, 2, date(2025, 10, 9),
    ]  # fmt: skip
    assert (row["原因"], row["去向"], row["状态"]) == ("厌学", "外出务工", "劝返中")
    assert "2025-10-08送达" in row["文书"]


def test_a_restricted_cause_is_not_printed():
    gone = events(case("j4", 9, date(2025, 10, 20), cause="31"), (on(10, 20), SUSPECTED))
    ledger = suspected_ledger(autumn(*gone).as_of(LAST), COUNTY).set_index("student_id")
    assert ledger.at["j4", "原因"] == "限权查看"


def test_a_pupil_whom_only_the_roll_calls_gone_stands_there_without_a_case():
    ledger = dropout_ledger(autumn().as_of(LAST), COUNTY).set_index("student_id")
    assert ledger.at["j8", "状态"] == "未立案"


def test_a_school_sees_its_own_pupils():
    snapshot = autumn().as_of(LAST)
    assert pupils(dropout_ledger(snapshot, PRIMARY)) == []
    assert pupils(dropout_ledger(snapshot, JUNIOR)) == ["j1", "j8"]


def test_who_came_back_is_off_the_ledger_and_on_the_list_of_settled_cases():
    settled = settled_ledger(autumn().as_of(LAST), COUNTY, first=date(2025, 10, 1))
    assert settled[["student_id", "销出日期", "销出情况", "劝返次数"]].to_numpy().tolist() == [
        ["j2", date(2025, 10, 20), "已复学", 1]
    ]


def test_attempts_are_numbered_within_one_absence():
    again = events(case("p1", 4, date(2025, 10, 20)), (on(10, 20), SUSPECTED))
    material = autumn(
        *again, visits=[visit("p1", 4, on(9, 22, 15)), visit("p1", 4, on(10, 20, 15))]
    )
    ledger = persuasion_ledger(material.as_of(LAST), COUNTY)
    assert ledger[["student_id", "第几次"]].to_numpy().tolist() == [
        ["p1", 1], ["p1", 1], ["j1", 1], ["j1", 2], ["j2", 1],
    ]  # fmt: skip


def test_children_of_school_age_are_the_roll_and_those_on_none():
    children = (
        Unenrolled("x1", "S1", "小学", "户籍有、学籍无", date(2025, 10, 8), "东村"),
        Unenrolled("x2", "S1", "小学", "户籍有、学籍无", date(2025, 10, 8), settled_on=LAST),
    )
    ledger = school_age_ledger(autumn(unenrolled=children).as_of(LAST), COUNTY)
    where = ledger.set_index("student_id")["就读情况"]
    assert len(ledger) == 14  # p6 transferred away, x1 was found
    assert where[["p1", "j1", "j3", "j8", "x1"]].tolist() == [
        "在读", "辍学", "疑似辍学", "辍学", "未入学",
    ]  # fmt: skip


def test_key_groups_are_named_and_a_no_is_no_group():
    rows = county_records(
        primary_pupil("k1", orphan=True, left_behind="2", disability_type="0", poverty_type="none"),
        primary_pupil("k2", orphan=False, disability_type="5", poverty_type="dibao"),
    )
    ledger = school_age_ledger(Material(Rolls(rows)).as_of(LAST), PRIMARY).set_index("student_id")
    assert ledger.loc[["k1", "k2"], "重点类别"].tolist() == ["孤儿、留守", "残疾、家庭困难"]


def test_the_register_of_lost_pupils_says_what_is_still_not_known():
    people = {"j1": Person("学生甲", "监护人甲", "东村"), "j3": Person("学生乙")}
    table = lost_pupils(autumn().as_of(LAST), COUNTY, people.get).set_index("student_id")
    assert table.loc["j1", ["知名", "知人", "知情", "缺少"]].tolist() == ["是", "是", "是", ""]
    assert table.loc["j3", ["知名", "知人", "知情"]].tolist() == ["是", "否", "否"]
    assert table.at["j3", "缺少"] == "流失原因、监护人、家庭住址、去向"


def test_an_unknown_destination_is_not_a_destination():
    gone = events(
        case("j4", 9, date(2025, 10, 1), cause="11"), (on(10, 1), SUSPECTED),
        destination=Destination.UNKNOWN,
    )  # fmt: skip
    table = lost_pupils(autumn(*gone).as_of(LAST), COUNTY, {}.get).set_index("student_id")
    assert table.at["j4", "知情"] == "否"


def test_names_replace_pseudonyms_and_unknown_children_stay_blank():
    ledger = with_names(dropout_ledger(autumn().as_of(LAST), COUNTY), {"j1": Person("学生甲")})
    assert "student_id" not in ledger
    assert ledger[["序号", "姓名"]].to_numpy().tolist() == [[1, "学生甲"], [2, ""]]


@settings(max_examples=15, deadline=None)
@given(case_walks(), st.integers(0, 90))
def test_the_ledgers_of_a_day_stay_what_they_were(walks, days):
    day = date.fromordinal(date(2025, 9, 8).toordinal() + days)
    then = tuple(event for event in walks if day_of(event.at) <= day)
    later = visit("j1", 1, on(12, 20))
    now = Material(ROLLS, CaseHistory(walks, visits=(later, replace(later, student_id="p1"))))
    before = Material(ROLLS, CaseHistory(then))
    for ledger in (suspected_ledger, dropout_ledger, school_age_ledger, persuasion_ledger):
        assert ledger(now.as_of(day), COUNTY).equals(ledger(before.as_of(day), COUNTY))


@settings(max_examples=15, deadline=None)
@given(case_walks())
def test_a_pupil_is_on_one_ledger_at_most_and_only_while_away(walks):
    snapshot = Material(ROLLS, CaseHistory(walks)).as_of(date(2025, 11, 15))
    suspected, gone = suspected_ledger(snapshot, COUNTY), dropout_ledger(snapshot, COUNTY)
    both = [*pupils(suspected), *pupils(gone)]
    away = {of.student_id for of in snapshot.history.cases if of.is_away}
    assert len(both) == len(set(both))
    assert set(both) == away
    assert CaseStatus.RETURNED not in set(suspected["状态"])
