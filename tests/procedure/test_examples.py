"""The worked cases of data_schema/examples: they hold for whoever edits the procedure."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import pytest

from kongchuo_risk.contracts.procedure import DEADLINES
from kongchuo_risk.contracts.profiles import load_profile
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.case import CaseStatus
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.task import Task
from kongchuo_risk.procedure import (
    Setting,
    case_tasks,
    class_tasks,
    may_move,
    pupil_duties,
    school_tasks,
    suspicions_of,
)
from tests.procedure.examples import (
    CALENDAR,
    DeadlineExample,
    Expected,
    MoveExample,
    PupilExample,
    SchoolExample,
    SheetExample,
    case_facts,
    class_sheet,
    load_examples,
    school_facts,
    told,
)

EXAMPLES = load_examples()


def _named(examples: Iterable[object]) -> object:
    return pytest.mark.parametrize("example", examples, ids=lambda example: example.name)


def _setting(example: Expected) -> Setting:
    return Setting(load_profile(example.profile).procedure, CALENDAR, example.now)


def _hold(example: Expected, tasks: Iterable[Task]) -> None:
    found = told(tasks)
    for kind, expected in example.expect.items():
        assert expected in found.get(kind, []), (kind, found.get(kind))
    assert not found.keys() & set(example.never)


@_named(EXAMPLES.deadlines)
def test_deadline_of_a_case(example: DeadlineExample) -> None:
    _hold(example, case_tasks(case_facts(example.given), _setting(example)))


@_named(EXAMPLES.moves)
def test_move_of_a_case(example: MoveExample) -> None:
    verdict = may_move(
        case_facts(example.given),
        example.to,
        actor=Actor("某人", frozenset({example.by})),
        procedure=load_profile(example.profile).procedure,
        moment=example.now,
        note=example.note,
        evidence=example.evidence,
    )
    assert verdict.missing == example.expect
    assert example.second in (frozenset(), verdict.second)


@_named(EXAMPLES.sheets)
def test_sheets_and_suspicions(example: SheetExample) -> None:
    rules = load_profile(example.profile).procedure.detection
    found = suspicions_of([class_sheet(sheet) for sheet in example.sheets], rules=rules)
    assert {each.student_id: each.sessions for each in found} == example.expect
    assert all(bool(each.held) is example.held for each in found)


@_named(EXAMPLES.school)
def test_duty_of_a_school(example: SchoolExample) -> None:
    _hold(example, school_tasks(school_facts(example), _setting(example)))


@_named(EXAMPLES.pupils)
def test_duty_towards_a_pupil(example: PupilExample) -> None:
    pupil = example.pupil
    asked, paid = (*pupil.aid, None, None)[:2]
    duties = pupil_duties(
        pd.DataFrame({"student_id": ["甲"], "school_code": "S1", "class_id": "C1",
                      "enrol_month": pupil.enrolled, "registered": pupil.registered}),
        aid=pd.DataFrame({"student_id": ["甲"], "applied_on": [asked], "paid_on": [paid]}).astype(
            {"applied_on": "datetime64[s]", "paid_on": "datetime64[s]"}
        ),
        visits=pd.DataFrame({"student_id": ["甲"], "day": [pd.Timestamp(pupil.visited)]}),
        procedure=load_profile(example.profile).procedure,
        today=day_of(example.now),
        calendar=CALENDAR,
    )  # fmt: skip
    _hold(example, class_tasks(duties))


def test_every_deadline_has_a_case_that_shows_it() -> None:
    shown = {
        kind
        for example in (*EXAMPLES.deadlines, *EXAMPLES.school, *EXAMPLES.pupils)
        for kind in example.expect
    }
    assert set(DEADLINES) - shown == set()


def test_every_status_has_a_case_that_leads_to_it() -> None:
    reached = {example.to for example in EXAMPLES.moves if not example.expect}
    assert reached == set(CaseStatus) - {CaseStatus.EARLY_SIGN}


def test_a_case_that_is_named_twice_is_none() -> None:
    names = [example.name for example in EXAMPLES.all]
    assert len(set(names)) == len(names)
