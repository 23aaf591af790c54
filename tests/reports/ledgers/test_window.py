from datetime import date

from hypothesis import given, settings

from kongchuo_risk.procedure.periods import period_of
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.material import Material
from kongchuo_risk.reports.ledgers.reconciliation import reconcile
from kongchuo_risk.reports.ledgers.roll import Rolls
from kongchuo_risk.reports.ledgers.window import Window
from tests.reports.ledgers.builders import (
    COUNTY,
    OCTOBER,
    ROLLS,
    autumn,
    case_walks,
    county_records,
    junior_pupil,
    primary_pupil,
)


def names(pupils):
    return sorted(pupil for _, pupil in pupils)


def test_a_month_counts_who_entered_left_and_stayed():
    window = Window.over(autumn(), OCTOBER)
    stocks = [
        [names(getattr(stock, part)) for part in ("opening", "entered", "left", "closing")]
        for stock in (window.suspected, window.dropout)
    ]
    assert stocks == [
        [["j1"], ["j2", "j3"], ["j1", "j2"], ["j3"]],
        [[], ["j1", "j8"], [], ["j1", "j8"]],
    ]
    assert names(window.returned) == ["j2"]


def test_a_report_before_the_end_of_the_period_counts_up_to_its_day():
    window = Window.over(autumn(), OCTOBER, day=date(2025, 10, 15))
    assert names(window.suspected.closing) == ["j2"]
    assert names(window.returned) == []


@settings(max_examples=15, deadline=None)
@given(case_walks())
def test_what_was_there_and_what_came_less_what_went_is_what_is_left(walks):
    material = Material(ROLLS, CaseHistory(walks))
    months = [Window.over(material, period_of(date(2025, month, 1), "month")) for month in (10, 11)]
    for window in months:
        for stock in (window.suspected, window.dropout):
            assert (stock.opening | stock.entered) - stock.left == stock.closing
            assert not stock.opening & stock.entered
            assert stock.left <= stock.opening | stock.entered
    assert months[0].suspected.closing == months[1].suspected.opening


def window_of(*rows, changes=(), month=10):
    records = county_records(*rows, registration_changes=list(changes))
    return Window.over(Material(Rolls(records)), period_of(date(2025, month, 1), "month"))


def change(pupil, code, **more):
    return {"student_id": pupil, "change_type": code, "day": date(2025, 10, 10), **more}


def test_a_roll_that_adds_up_has_no_differences():
    changes = [
        change("p6", "21", to_school="外县小学", approval_no="3号"), change("n1", "22"),
    ]  # fmt: skip
    check = reconcile(
        window_of(primary_pupil("n1", known_on=date(2025, 10, 12)), changes=changes), COUNTY
    )
    primary = check.balance.set_index("学校").loc["S1"]
    assert primary[["期初在籍", "转入", "转学", "应有", "期末在籍", "差异"]].tolist() == [
        6,
        1,
        1,
        6,
        6,
        0,
    ]
    assert check.is_clean


def test_a_pupil_who_appears_without_papers_is_a_difference_and_is_named():
    check = reconcile(window_of(primary_pupil("n1", known_on=date(2025, 10, 12))), COUNTY)
    assert check.balance["差异"].tolist() == [1, 0]
    assert check.faults[["student_id", "类别"]].to_numpy().tolist() == [["n1", "数字"]]


def test_a_leaver_needs_a_destination_and_an_approval():
    check = reconcile(window_of(changes=[change("p6", "21")]), COUNTY)
    assert check.faults[["student_id", "类别", "问题"]].to_numpy().tolist() == [
        ["p6", "去向", "转出没有写明转入学校"],
        ["p6", "手续", "没有审批日期或审批文号"],
    ]


def test_a_suspension_needs_an_approval_and_stays_on_the_roll():
    check = reconcile(window_of(changes=[change("j2", "11")]), COUNTY)
    assert check.faults[["student_id", "类别"]].to_numpy().tolist() == [["j2", "手续"]]
    assert not check.balance["差异"].any()


def test_a_move_between_two_schools_of_the_county_is_out_of_one_and_into_the_other():
    moved = primary_pupil("p6", school_code="S3", class_id="Q1", known_on=date(2025, 10, 12))
    changes = [change("p6", "21", approval_no="3号"), change("p6", "22", day=date(2025, 10, 12))]
    check = reconcile(window_of(moved, changes=changes), COUNTY)
    assert check.balance.set_index("学校")[["转入", "转学"]].to_numpy().tolist() == [
        [0, 1], [0, 0], [1, 0],
    ]  # fmt: skip
    assert check.is_clean


def test_going_up_to_junior_high_school_is_leaving_one_and_entering_the_other():
    up = junior_pupil("p6", grade=7, class_id="J7", known_on=date(2025, 10, 12))
    window = window_of(up)
    assert window.moves.went["how"].to_dict() == {"p6": "毕业"}
    assert window.moves.came["how"].to_dict() == {"p6": "新生"}
