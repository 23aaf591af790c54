from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings

from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.bulletins.adding_up import add_up
from kongchuo_risk.reports.bulletins.counting import count_window
from kongchuo_risk.reports.bulletins.making import make_report
from kongchuo_risk.reports.bulletins.pages import Printing, pages
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.material import Material
from kongchuo_risk.reports.ledgers.window import Window
from tests.reports.ledgers.builders import (
    COUNTY,
    JUNIOR,
    OCTOBER,
    PRIMARY,
    ROLLS,
    autumn,
    case_walks,
)


def reports(material, *scopes, period=OCTOBER):
    window = Window.over(material, period)
    counts = count_window(window)
    return [make_report(window, scope, counts=counts) for scope in scopes]


@settings(max_examples=4, deadline=None)
@given(case_walks())
def test_the_schools_reports_add_up_to_the_countys(walks):
    material = Material(ROLLS, CaseHistory(walks), mentors={"p1": "T1"})
    county, *schools = reports(material, COUNTY, PRIMARY, JUNIOR)
    summed = add_up(schools, "甲县", "县")
    pd.testing.assert_frame_equal(summed.counts, county.counts)
    for one, other in zip(pages(summed), pages(county), strict=True):
        assert (one.title, one.note) == (other.title, other.note)


def test_lists_of_pupils_are_joined_and_stop_at_the_county():
    county, *schools = reports(autumn(), COUNTY, PRIMARY, JUNIOR)
    summed = add_up(schools, "甲县", "县")
    own = {table.title: len(table.table) for table in county.lists}
    assert {table.title: len(table.table) for table in summed.lists} == own
    assert add_up([summed], "丙市", "市").lists == ()


def test_counties_are_the_places_of_a_city_and_cities_of_a_province():
    (county,) = reports(autumn(), COUNTY)
    other = replace(county, area="乙县", place="乙县")
    city = add_up([county, other], "丙市", "市")
    assert sorted(set(city.counts["place"])) == ["乙县", "甲县"]
    province = add_up([city], "丁省", "省")
    assert set(province.counts["place"]) == {"丙市"}
    table = {t.title: t.table for t in pages(city)}["分县"].set_index("县")
    assert table.loc[["甲县", "乙县", "合计"], "辍学"].tolist() == [2, 2, 4]


def test_hidden_counts_cannot_be_computed_from_the_total_of_two_schools():
    (county,) = reports(autumn(), COUNTY)
    big = county.counts.assign(count=county.counts["count"] * 10, place="S9")
    both = replace(county, counts=pd.concat([county.counts, big], ignore_index=True))
    table = {t.title: t.table for t in pages(both, Printing(leaving_school=True))}["分学校"]
    gone = table.set_index("学校")["辍学"]
    assert gone["S2"] == "＊"  # 2; the 20 of S9 and the total of 22 would tell it
    assert gone["S9"] == "＊"
    assert gone["合计"] == 22


@pytest.mark.parametrize(
    ("changes", "level", "said"),
    [
        ({"day": date(2025, 10, 30)}, "县", "同一期间"),
        ({}, "班", "不能汇总成班级报表"),
        ({"place": "S1"}, "县", "两份报表：S1"),
    ],
)
def test_reports_that_do_not_belong_together_are_not_added(changes, level, said):
    first, second = reports(autumn(), PRIMARY, JUNIOR)
    with pytest.raises(ContractError, match=said):
        add_up([first, replace(second, **changes)], "甲县", level)


def test_nothing_adds_up_to_nothing():
    with pytest.raises(ContractError, match="没有可以汇总的报表"):
        add_up([], "甲县", "县")
