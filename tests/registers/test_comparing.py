from __future__ import annotations

from datetime import date

import pytest

from kongchuo_risk.domain.match import Comparison, FindingKind, PairState, RosterKind
from kongchuo_risk.registers import (
    compare_dropouts_with_poverty,
    compare_household_with_roll,
    compare_with_roster,
    find_duplicates,
    people_found,
)
from tests.registers.builders import names, others, people, person

DAY = date(2025, 10, 8)
HOUSEHOLD = people(
    person(name="王甲子", number="n1"),
    person(name="张乙丑", number="n2", status="死亡"),
    person(name="刘丙寅", number="n3", birth="2019-08-31"),
    person(name="杨丁卯", number="n4", birth="2019-09-01"),
    person(name="黄戊辰", number="n5", birth="2010-08-31"),
    person(name="朱己巳", number="n6", birth="2010-09-01"),
    person(name="胡庚午", number="n7", birth=None),
    person(name="林辛未", number="n8", status="死亡"),
    person(name="何壬申", number="n9"),
    person(name="罗癸酉", number="n10"),
    *others(),
)
ROLL = people(
    person(name="王甲子", number="n1", pupil="p1", status="在读"),
    person(name="林辛未", number="n8", pupil="p8", status="在读"),
    person(name="何壬申", number="n9", pupil="p9", status="流失"),
    person(name="罗癸酉", number="n10", pupil="p10", status="休学"),
    *others(),
)


@pytest.fixture(scope="module")
def household() -> Comparison:
    return compare_household_with_roll(HOUSEHOLD, ROLL, day=DAY)


def test_every_row_of_the_household_register_is_counted_once(household: Comparison) -> None:
    assert household.counts == {
        "在学籍": 41, "死亡": 1, "应入学未入学": 1, "未到入学年龄": 1, "已过义务教育年龄": 1,
        "失学疑似": 1, "出生日期不明": 1, "状况不一致": 1, "辍学疑似": 1, "学籍状态：休学": 1,
    }  # fmt: skip
    assert household.left_rows == len(HOUSEHOLD) == sum(household.counts.values())


def test_findings_name_the_children_to_look_for(household: Comparison) -> None:
    assert names(household, FindingKind.NOT_ENROLLED) == ["刘丙寅"]
    assert names(household, FindingKind.NOT_ON_ROLL) == ["朱己巳"]
    assert names(household, FindingKind.NOT_AT_SCHOOL) == ["何壬申"]
    assert names(household, FindingKind.CONTRADICTION) == ["林辛未"]


def test_a_finding_says_what_is_known_and_names_both_rows(household: Comparison) -> None:
    [missing] = [f for f in household.findings if f.kind is FindingKind.NOT_ON_ROLL]
    assert missing.detail == "户籍名单中有（8 月 31 日满 14 岁），学籍中没有找到；请核实去向"
    [dead] = [f for f in household.findings if f.kind is FindingKind.CONTRADICTION]
    assert dead.detail == "户籍名单写“死亡”，学籍为“在读”；请核实"
    assert dead.other is not None
    assert dead.other.student_id == "p8"


def test_a_notice_that_nobody_followed_is_not_enrolled_whatever_the_age() -> None:
    sent = people(person(number="n1", birth="2018-05-05"), *others())
    found = compare_with_roster(RosterKind.NOTICES, sent, people(*others()), day=DAY)
    assert names(found, FindingKind.NOT_ENROLLED) == ["王甲子"]


def test_a_category_that_the_school_does_not_know_is_a_finding() -> None:
    roster = people(
        person(number="n1", category="孤儿"), person(number="n2", name="李乙丑", category="孤儿")
    )
    roll = people(
        person(number="n1", pupil="p1", category="留守"),
        person(number="n2", name="李乙丑", pupil="p2", category="留守、孤儿"),
    )
    found = compare_with_roster(RosterKind.CIVIL, roster, roll, day=DAY)
    assert names(found, FindingKind.UNTAGGED) == ["王甲子"]
    assert found.counts == {"在学籍": 2}


def test_a_pair_in_doubt_is_no_finding_until_somebody_decided() -> None:
    household = people(person(), *others())
    other = {"name": "王?子", "birth": "2014-07-03", "village": "西岭", "guardian": "李卯"}
    unsure = person(**other, pupil="p1")
    roll = people(unsure, *others())
    first = compare_household_with_roll(household, roll, day=DAY)
    assert first.counts["待复核"] == 1
    [pair] = first.queue
    for state, word in ((PairState.SAME, "在学籍"), (PairState.DIFFERENT, "失学疑似")):
        again = compare_household_with_roll(household, roll, day=DAY, decided={pair.key: state})
        assert again.counts.get("待复核", 0) == 0
        assert again.counts[word] == 1 + 40 * (word == "在学籍")


def test_dropouts_of_poor_households_are_found_by_number_or_name(household: Comparison) -> None:
    dropouts = people_found(household.findings, HOUSEHOLD)
    assert sorted(dropouts["name"]) == ["何壬申", "刘丙寅", "朱己巳"]
    poverty = people(
        person(name="何壬申", number="n9", category="脱贫户"),
        person(name="朱己巳", birth="2010-01-09", category="边缘易致贫户"),
        person(name="刘丙寅", number="n3", birth="2019-08-31", category="一般户"),
    )
    found = compare_dropouts_with_poverty(dropouts, poverty, day=DAY)
    assert sorted(names(found, FindingKind.POOR_AND_OUT)) == ["何壬申", "朱己巳"]
    assert found.counts == {"脱贫户辍学": 2, "不在脱贫户名单": 1}
    assert "户类型为脱贫户" in found.findings[1].detail


def test_one_number_twice_on_the_roll_is_a_finding_and_twins_are_not() -> None:
    roll = people(
        person(number="n1", pupil="p1"),
        person(number="n1", pupil="p2", name="王佳子"),
        person(number="n2", pupil="p3", name="李乙丑", guardian="李卯"),
        person(number="n3", pupil="p4", name="李丁酉", guardian="李卯"),
        person(pupil="p5", name="赵戊戌", village="西岭", guardian="赵亥"),
        person(number="n6", pupil="p6", name="赵戊戌", village="西岭", guardian="赵亥"),
        *others(),
    )
    found = find_duplicates(roll, day=DAY)
    assert found.counts == {"只有一条": 44, "重复学籍": 1, "待复核": 1}
    assert [(f.person.student_id, f.other and f.other.student_id) for f in found.findings] == [
        ("p1", "p2")
    ]
    assert [(pair.left.student_id, pair.right.student_id) for pair in found.queue] == [("p5", "p6")]
