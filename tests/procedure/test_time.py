"""What holds of deadlines however a case goes: time undoes nothing, a run twice adds nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import CaseStatus, Destination
from kongchuo_risk.domain.clock import start_of
from kongchuo_risk.domain.task import Task, TaskState
from kongchuo_risk.domain.visit import NoticeKind, StepKind
from kongchuo_risk.procedure import CaseFacts, case_tasks
from tests.procedure.builders import at, case, day, facts, moved, notice, setting, step, visit

DAYS = st.integers(0, 150)
LATE, DONE = TaskState.LATE, (TaskState.DONE, TaskState.DONE_LATE)


@st.composite
def lives(draw: st.DrawFn) -> CaseFacts:
    """A case with visits, papers and steps; the pupil may come back and may leave again."""
    away = case(destination=draw(st.sampled_from([None, *Destination])))
    events = []
    returned = draw(st.none() | st.integers(1, 70))
    if returned is not None:
        events.append(moved(CaseStatus.RETURNED, at(returned, 10), returned_on=day(returned)))
        again = draw(st.none() | st.integers(returned + 1, 140))
        if again is not None:
            events.append(moved(CaseStatus.SUSPECTED, at(again, 9), before=CaseStatus.RETURNED,
                                absent_since=day(again), returned_on=None))  # fmt: skip
    made = [
        visit(at(number, 15), draw(st.sampled_from([Role.HOMEROOM, Role.SUBJECT, Role.DEAN])),
              promise=day(number + 3), id=place)
        for place, number in enumerate(sorted(draw(st.lists(DAYS, max_size=7, unique=True))))
    ]  # fmt: skip
    papers = [
        notice(kind, number, deadline=number + 7, delivered=number)
        for kind, number in draw(st.lists(st.tuples(st.sampled_from(NoticeKind), DAYS), max_size=5))
    ]
    kinds = st.sampled_from([kind for kind in StepKind if kind is not StepKind.OTHER])
    taken = [
        step(kind, at(number, 16), at_school=True)
        for kind, number in draw(st.lists(st.tuples(kinds, DAYS), max_size=6))
    ]
    return facts(away, events=events, visits=made, notices=papers, steps=taken)


def known_at(life: CaseFacts, moment) -> CaseFacts:
    """What was known of a case at a moment."""
    events = tuple(event for event in life.events if event.at <= moment)
    return replace(
        life,
        case=events[-1].case,
        events=events,
        visits=tuple(made for made in life.visits if made.at <= moment),
        notices=tuple(paper for paper in life.notices if start_of(paper.issued_on) <= moment),
        steps=tuple(taken for taken in life.steps if taken.at <= moment),
    )


def tasks_at(life: CaseFacts, moment) -> dict[str, Task]:
    found = case_tasks(known_at(life, moment), setting(moment))
    by_key = {task.key: task for task in found}
    assert len(by_key) == len(found), "no two tasks have one name"
    return by_key


MOMENTS = st.integers(0, 24 * 160).map(lambda hours: at(0) + timedelta(hours=hours))


@given(lives(), MOMENTS, st.integers(0, 24 * 60))
def test_what_was_done_stays_done_and_what_was_late_is_never_early_again(life, moment, hours):
    before, after = tasks_at(life, moment), tasks_at(life, moment + timedelta(hours=hours))
    for key, task in before.items():
        if task.state in DONE:
            assert (after[key].state, after[key].done_at) == (task.state, task.done_at), key
        elif task.state is LATE and key in after:
            assert after[key].state is not TaskState.DUE, key
            assert after[key].state is not TaskState.DONE, key


@given(lives(), MOMENTS)
def test_a_second_run_repeats_nothing_and_the_order_of_the_records_does_not_matter(life, moment):
    turned = replace(life, visits=life.visits[::-1], notices=life.notices[::-1],
                     steps=life.steps[::-1])  # fmt: skip
    assert tasks_at(life, moment) == tasks_at(life, moment) == tasks_at(turned, moment)


@given(lives(), MOMENTS)
def test_whatever_is_late_is_past_its_moment_and_told_to_somebody_else(life, moment):
    for task in tasks_at(life, moment).values():
        assert (task.state is LATE) == (task.raised_to is not None)
        assert task.raised_to is not task.owner_role
        if task.state is LATE:
            assert task.due < moment
        if task.state in DONE:
            assert task.done_at is not None
            assert task.done_at <= moment
            assert (task.state is TaskState.DONE) == (task.done_at <= task.due)


@given(lives(), st.integers(0, 160))
def test_a_day_on_which_nobody_looked_loses_nothing(life, number):
    """A late duty of yesterday is there today, done, missed, or still late."""
    before, after = tasks_at(life, at(number, 23)), tasks_at(life, at(number + 1, 23))
    for key, task in before.items():
        if task.state is LATE and task.kind not in ("weekly_contact", "promise_check"):
            assert key in after, key
