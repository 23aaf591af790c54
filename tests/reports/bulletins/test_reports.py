import csv
from datetime import date

import pandas as pd
import pytest

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.procedure.periods import period_of
from kongchuo_risk.reports.bulletins.making import KINDS, make_report
from kongchuo_risk.reports.bulletins.pages import Printing, pages
from kongchuo_risk.reports.bulletins.policy_texts import load_policy_texts
from kongchuo_risk.reports.indicators.catalogue import load_indicators
from kongchuo_risk.reports.ledgers.material import Material, Scope
from kongchuo_risk.reports.ledgers.roll import Rolls
from kongchuo_risk.reports.ledgers.window import Window
from tests.reports.ledgers.builders import (
    COUNTY,
    JUNIOR,
    OCTOBER,
    PRIMARY,
    autumn,
    county_records,
)

MATERIAL = autumn(mentors={"p1": "T1"})
TARGETS = load_profile("普九").procedure.targets
MARK = load_indicators().small_cells.mark


def printed(scope=COUNTY, kind="month", day=date(2025, 10, 31), **how):
    window = Window.over(MATERIAL, period_of(day, kind), day=day)
    tables = pages(make_report(window, scope), Printing(TARGETS, **how))
    return {table.title: table for table in tables}


@pytest.fixture(scope="module")
def county():
    return printed()


def test_the_month_has_the_six_cells_of_the_national_statistics(county):
    six = county["六项数字"].table.set_index("学段")
    assert six.loc[["小学", "初中", "合计"]].to_numpy().tolist() == [
        [0, 0, 0],
        [2, 1, 1],
        [2, 1, 1],
    ]


def test_every_rate_has_its_numbers_interval_target_and_the_work_beside_it(county):
    rates = county["指标"].table.set_index(["指标", "学段"])
    row = rates.loc[("学年辍学率", "初中")]
    assert row[["分子", "分母", "数值", "目标", "是否达到"]].tolist() == [
        2,
        8,
        "25%",
        "不高于 3%",
        "未达到",
    ]
    assert row["95%区间"] == "7.15% 至 59.07%"
    assert row["同时看：做了什么"] == "走访 3，见到人 3，送达 1，按时办 0/0"


def test_the_formula_of_every_printed_rate_is_printed(county):
    assert set(county["指标"].table["指标"]) == set(county["公式"].table["指标"])


def test_poverty_is_printed_among_the_causes_even_when_it_is_none(county):
    causes = county["未到校原因"].table.set_index("主要原因")["合计"]
    assert causes.to_dict() == {"厌学": 1, "家庭贫困": 0, "未查明": 2}


def test_schools_stand_in_the_order_of_their_names_not_of_their_rates(county):
    assert county["分学校"].table["学校"].tolist() == ["S1", "S2", "合计"]
    assert "不是排名" in county["分学校"].note


@pytest.mark.parametrize("kind", list(KINDS))
def test_titles_of_sheets_are_unique_and_short_enough_for_excel(kind):
    window = Window.over(MATERIAL, period_of(date(2025, 10, 31), kind), day=date(2025, 10, 31))
    titles = [table.title for table in pages(make_report(window, COUNTY))]
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 31 and not set(title) & set("[]:*?/\\") for title in titles)


def test_a_report_that_leaves_the_school_names_nobody_and_hides_small_counts():
    tables = printed(leaving_school=True)
    assert not any(table.named for table in tables.values())
    six = tables["六项数字"].table.set_index("学段")
    assert six.loc["初中"].tolist() == [MARK, MARK, MARK]
    assert six.loc["小学"].tolist() == [0, 0, 0]
    rate = tables["指标"].table.set_index(["指标", "学段"]).loc[("学年辍学率", "初中")]
    assert rate[["分子", "数值", "95%区间", "是否达到"]].tolist() == [MARK, MARK, "", ""]
    assert "1 至 4 人" in tables["六项数字"].note


DAY = date(2025, 10, 14)


def test_a_class_has_its_own_daily_report():
    records = county_records(
        class_sheets=[
            {"class_id": "J1", "day": DAY, "session": "AM", "enrolled": 8},
            {"class_id": "J1", "day": DAY, "session": "PM", "enrolled": 8, "present": 7},
        ],
        attendance=[
            {"student_id": "j4", "day": DAY, "session": "AM", "kind": "sick"},
            {"student_id": "j5", "day": DAY, "session": "AM", "kind": "late"},
            {"student_id": "p1", "day": DAY, "session": "AM", "kind": "sick"},
        ],
    )  # fmt: skip
    window = Window.over(Material(Rolls(records)), period_of(DAY, "day"))
    scope = Scope("八（1）班", "班", ("S2",), "J1")
    tables = {table.title: table.table for table in pages(make_report(window, scope))}
    total = tables["到校情况"].set_index("学段").loc["合计"]
    # p1's class has no sheet: nobody knows who was there.
    assert total.to_dict() == {"应到": 16, "实到": 14, "缺席": 2, "病假": 1}


def test_the_period_and_the_day_stand_above(county):
    assert county["六项数字"].note.startswith("甲县控辍保学月报（2025年10月）。按 2025-10-31")
    early = printed(day=date(2025, 10, 15))
    assert "截至2025-10-15" in early["六项数字"].note


def test_a_school_sees_only_its_own(county):
    own = printed(PRIMARY)
    assert own["六项数字"].table.set_index("学段").loc["合计"].tolist() == [0, 0, 0]
    assert "J1" not in own["学生变动"].table["班级"].tolist()
    assert printed(JUNIOR)["核对问题"].table["student_id"].tolist() == ["j8"]


def test_rewards_and_sanctions_are_text_in_the_words_of_the_seeds():
    with (data_schema() / "rules.csv").open(encoding="utf-8-sig") as file:
        quotes = {row["no"]: row["quote"] for row in csv.DictReader(file)}
    texts = load_policy_texts().texts
    assert {text.rule: text.quote for text in texts} == {
        str(n): quotes[str(n)] for n in range(213, 223)
    }


def test_only_term_and_year_print_them_and_the_year_leaves_the_recommendation_to_people():
    year = printed(kind="year")
    assert "附录：奖惩条文" in year
    assert (year["评优推荐"].table["推荐对象"] == "").all()
    assert "附录：奖惩条文" not in printed()


def test_the_same_day_gives_the_same_tables_whatever_was_recorded_later():
    window = Window.over(MATERIAL, OCTOBER, day=date(2025, 10, 12))
    rows = Material(
        MATERIAL.rolls, MATERIAL.history.as_of(date(2025, 10, 12)), mentors={"p1": "T1"}
    )
    again = Window.over(rows, OCTOBER, day=date(2025, 10, 12))
    for one, other in zip(pages(make_report(window, COUNTY)), pages(make_report(again, COUNTY)),
                          strict=True):  # fmt: skip
        pd.testing.assert_frame_equal(one.table, other.table)
