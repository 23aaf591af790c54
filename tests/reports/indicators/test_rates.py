"""Every rate of the small county, worked out by hand."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from kongchuo_risk.contracts.procedure import Target
from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.school_record import RecordKind
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.procedure.periods import period_of
from kongchuo_risk.reports.indicators.catalogue import load_indicators
from kongchuo_risk.reports.indicators.figures import Figure, target_for
from kongchuo_risk.reports.indicators.measures import MEASURES
from kongchuo_risk.reports.indicators.work import work_done
from kongchuo_risk.reports.ledgers.history import CaseHistory
from kongchuo_risk.reports.ledgers.material import Material, Unenrolled
from kongchuo_risk.reports.ledgers.roll import Rolls
from kongchuo_risk.reports.ledgers.window import Window
from tests.reports.ledgers.builders import (
    OCTOBER,
    RETURNED,
    ROLLS,
    SUSPECTED,
    autumn,
    case,
    county_records,
    events,
    on,
    primary_pupil,
    school_record,
    visit,
)

CATALOGUE = load_indicators()
AUTUMN = period_of(date(2025, 10, 1), "term")


def rate(name, material, period=OCTOBER, **over):
    """n and N of all schools together."""
    counted = MEASURES[name](Window.over(material, period, **over), CATALOGUE.by_id[name])
    return None if counted is None else (int(counted["n"].sum()), int(counted["N"].sum()))


def county(*rows, history=None, **tables):
    return Material(Rolls(county_records(*rows, **tables)), history or CaseHistory())


@pytest.fixture(scope="module")
def material():
    return autumn(
        mentors={"p1": "T1", "j1": "T1", "j8": "T1"},
        unenrolled=(Unenrolled("x1", "S1", "小学", "户籍有、学籍无", date(2025, 10, 8)),),
    )


@pytest.mark.parametrize(
    ("name", "n_of_n"),
    [
        ("入学率", (13, 14)),  # 14 on the roll, p6 moved away, x1 on none
        ("巩固率", (11, 13)),  # of 14 without p6: j1 and j8 are gone
        ("学年辍学率", (2, 14)),  # j1 and j8
        ("流失率", (2, 14)),
        ("复学率", (1, 4)),  # j2, of j1, j2, j3, j8
        ("包保覆盖率", (2, 12)),  # j8 is not at school any more
        ("摸排覆盖率", (8, 13)),  # class J1 was checked one by one
        ("家访覆盖率", (2, 13)),  # j1 and j2
        ("应助尽助率", (0, 0)),
    ],
)
def test_a_rate_is_n_of_n(name, n_of_n, material):
    assert rate(name, material) == n_of_n


def test_every_indicator_has_a_function_and_every_function_an_indicator():
    assert list(MEASURES) == [indicator.id for indicator in CATALOGUE.indicators]


def test_every_target_of_a_profile_is_of_an_indicator():
    for name in ("国家2024", "永镇", "篇一", "篇四", "普九"):
        assert set(load_profile(name).procedure.targets) <= set(MEASURES)


def test_a_return_from_dropout_is_taken_off_the_yearly_rate():
    back = events(case("j1", 1, date(2025, 9, 8)), (on(9, 15), SUSPECTED), (on(10, 20), RETURNED))
    assert rate("学年辍学率", county(history=CaseHistory(tuple(back)))) == (0, 14)


def test_whom_the_roll_calls_gone_is_lost_even_without_a_case():
    gone = primary_pupil("p1", status="06", known_on=date(2025, 10, 9))
    assert rate("流失率", county(gone)) == (1, 14)


@pytest.mark.parametrize(
    ("again", "expected"), [(None, (1, 1)), (on(11, 10), (0, 1)), (on(11, 28), (1, 1))]
)
def test_a_return_lasts_when_no_absence_follows_for_eight_weeks(again, expected):
    moves = [(on(9, 22), SUSPECTED), (on(9, 29), RETURNED)]
    moves += [(again, SUSPECTED)] if again else []
    history = CaseHistory(tuple(events(case("p1", 4, date(2025, 9, 22)), *moves)))
    november = period_of(date(2025, 11, 1), "month")
    assert rate("留住率", county(history=history), november) == expected


def test_without_an_assignment_there_is_no_coverage():
    assert rate("包保覆盖率", Material(ROLLS)) is None


def test_letters_count_by_class_and_school_year():
    def signed(day):
        letter = school_record(RecordKind.LETTER, "S1", day, class_id="P1")
        return rate("责任书签订率", Material(ROLLS, CaseHistory(records=(letter,))), AUTUMN,
                    day=date(2025, 10, 31))  # fmt: skip

    assert signed(date(2025, 9, 10)) == (1, 2)
    assert signed(date(2025, 5, 10)) == (0, 2)


def test_a_record_of_a_village_screens_no_class():
    record = school_record(RecordKind.SCREENING, "S1", date(2025, 10, 8), village="东村")
    assert rate("摸排覆盖率", Material(ROLLS, CaseHistory(records=(record,)))) == (0, 14)


def aid(pupil, *items, term="2025-2026-1"):
    day = date(2025, 9, 10)
    return [{"student_id": pupil, "term": term, "item": item, "applied_on": day} for item in items]


def test_aid_reaches_those_who_are_owed_it():
    poor = [primary_pupil(name, poverty_type="dibao") for name in ("a1", "a2", "a3")]
    rows = [*aid("a1", "meals"), *aid("a2", "meals", term="2024-2025-2"), *aid("p1", "meals")]
    assert rate("应助尽助率", county(*poor, aid=rows)) == (1, 3)


def test_two_waivers_are_for_all_and_a_subsidy_for_those_in_need():
    poor = [primary_pupil(name, poverty_type="dibao") for name in ("a1", "a2")]
    both = ("fee_waiver", "textbook")
    rows = [
        *aid("a1", *both, "day_subsidy"),
        *aid("a2", *both),
        *aid("p1", *both),
        *aid("p2", "textbook"),
    ]
    material = county(*poor, aid=rows)
    assert rate("两免一补覆盖率", material, AUTUMN, day=date(2025, 10, 31)) == (2, 16)
    assert rate("三免一补覆盖率", material, AUTUMN, day=date(2025, 10, 31)) == (0, 16)
    assert rate("两免一补覆盖率", Material(ROLLS), AUTUMN, day=date(2025, 10, 31)) is None


def test_the_four_steps_of_disabled_children():
    rows = [primary_pupil(name, disability_type="5") for name in ("d1", "d2", "d3")]
    helped = [{"student_id": "d1", "measure": "x", "started_on": date(2025, 10, 1)}]
    away = events(case("d2", 7, date(2025, 9, 1)), (on(9, 1), SUSPECTED))
    found = replace(
        county(*rows, history=CaseHistory(tuple(away)), measures_delivered=helped),
        unenrolled=(
            Unenrolled("x1", "S1", "小学", "残联有、学籍无", date(2025, 10, 1), disabled=True),
        ),
    )
    names = ("残疾儿童建籍率", "残疾儿童入学率", "残疾儿童帮扶率", "残疾儿童留住率")
    assert [rate(name, found) for name in names] == [(3, 4), (2, 4), (1, 3), (2, 3)]


def test_nine_years_need_the_first_graders_of_nine_years_ago():
    assert rate("九年巩固率", Material(ROLLS)) is None
    entered = [
        primary_pupil(name, grade=1, known_on=date(2017, 9, 5)) for name in ("g1", "g2", "g3")
    ]
    grown = [primary_pupil(name, grade=9, known_on=date(2025, 9, 5)) for name in ("g1", "g2")]
    left = [{"student_id": "g1", "change_type": "70", "day": date(2026, 6, 20)}]
    material = county(*entered, *grown, registration_changes=left)
    year = period_of(date(2026, 6, 30), "year")
    assert rate("九年巩固率", material, year, day=date(2026, 6, 30)) == (1, 3)


def test_timeliness_counts_what_fell_due_in_the_period():
    def task(state, day):
        due = datetime(2025, 10, day, 18, tzinfo=CHINA)
        return Task(f"k{day}", "first_visit", "上户", "S2", due, Role.HOMEROOM, student_id="j1",
                    state=state)  # fmt: skip

    states = (TaskState.DONE, TaskState.DONE_LATE, TaskState.LATE, TaskState.MISSED, TaskState.DUE)
    tasks = tuple(task(state, day) for day, state in enumerate(states, start=1))
    material = Material(ROLLS, tasks=tasks)
    assert rate("走访及时率", material) == (1, 4)
    assert rate("报告及时率", material) is None


def test_classes_and_villages_are_told():
    records = (
        school_record(RecordKind.PUBLICITY, "S1", date(2025, 9, 8), class_id="P1", village="东村"),
        school_record(RecordKind.PUBLICITY, "S2", date(2025, 3, 8), class_id="J1"),
    )
    rows = Rolls(
        county_records(primary_pupil("v1", village="东村"), primary_pupil("v2", village="西村"))
    )
    material = Material(rows, CaseHistory(records=records))
    assert rate("宣传到班率", material) == (1, 2)
    assert rate("宣传到村率", material) == (1, 2)
    assert rate("宣传到村率", Material(ROLLS)) is None


def test_the_work_beside_the_rates_is_counted_where_the_pupil_is():
    visits = [visit("p1", 4, on(10, 3), met_student=False, met_guardian=False)]
    done = work_done(Window.over(autumn(visits=visits), OCTOBER))
    counts = done.set_index(["school_code", "item"])["count"].to_dict()
    assert counts == {
        ("S1", "走访"): 1, ("S1", "上门"): 1, ("S2", "走访"): 3, ("S2", "上门"): 3,
        ("S2", "见到人"): 3, ("S2", "文书"): 1, ("S2", "文书送达"): 1,
    }  # fmt: skip


def figure(n, of, target=None, **more):
    return Figure(CATALOGUE.by_id["巩固率"], "全部", n, of, target, **more)


def test_a_figure_without_pupils_has_no_value():
    assert figure(0, 0).value is figure(0, 0).interval is figure(0, 0).meets is None
    assert figure(None, 10, hidden=True).value is None


@pytest.mark.parametrize(
    ("target", "meets"),
    [(Target(at_least=0.9, source=("8",)), True), (Target(at_most=0.5, source=("9",)), False)],
)
def test_a_figure_is_held_to_its_target(target, meets):
    assert figure(9, 10, target).meets is meets


def test_a_stage_without_a_bound_of_its_own_has_that_of_all():
    targets = load_profile("篇四").procedure.targets
    assert target_for("流失率", "初中", targets).at_most == 0.01
