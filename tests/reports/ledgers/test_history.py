from dataclasses import replace
from datetime import date

import pytest

from kongchuo_risk.domain.case import CaseStatus
from kongchuo_risk.reports.ledgers.history import CaseHistory
from tests.reports.ledgers.builders import (
    PERSUADING,
    RETURNED,
    SUSPECTED,
    case,
    events,
    notice,
    on,
    visit,
)


def history(*moves, **entries):
    return CaseHistory(
        tuple(events(case("j1", 1, date(2025, 10, 1)), *moves)),
        **{name: tuple(value) for name, value in entries.items()},
    )


def test_a_case_is_what_it_was_on_the_day():
    of = history((on(10, 1), SUSPECTED), (on(10, 3), PERSUADING), (on(10, 9), RETURNED))
    assert [case.status for case in of.as_of(date(2025, 10, 8)).cases] == [PERSUADING]
    assert of.as_of(date(2025, 9, 30)).cases == ()


def test_a_visit_that_was_recorded_later_was_not_known_on_its_own_day():
    late = visit("j1", 1, on(10, 2), recorded_at=on(10, 20).isoformat())
    of = history((on(10, 1), SUSPECTED), visits=[late])
    assert of.as_of(date(2025, 10, 19)).visits == ()
    assert of.as_of(date(2025, 10, 20)).visits == (late,)


def test_the_past_shows_the_record_as_it_stood_before_it_was_corrected():
    old = visit("j1", 1, on(10, 2), id=1)
    new = replace(old, id=2, replaces=1, talk="更正", recorded_at=on(10, 8).isoformat())
    of = history((on(10, 1), SUSPECTED), visits=[new, old])
    assert of.as_of(date(2025, 10, 7)).visits == (old,)
    assert of.as_of(date(2025, 10, 8)).visits == (new,)


def test_a_notice_counts_as_delivered_from_the_day_of_delivery():
    of = history(
        (on(10, 1), SUSPECTED), notices=[notice("j1", 1, date(2025, 10, 7), date(2025, 10, 9))]
    )
    assert [paper.is_delivered for paper in of.as_of(date(2025, 10, 8)).notices] == [False]
    assert [paper.is_delivered for paper in of.as_of(date(2025, 10, 9)).notices] == [True]


def test_a_relapse_is_an_absence_of_its_own():
    of = history(
        (on(10, 1), SUSPECTED), (on(10, 9), RETURNED), (on(10, 9, 18), CaseStatus.FOLLOW_UP),
        (on(11, 3), SUSPECTED),
    )  # fmt: skip
    found = [(spell.began, spell.since, spell.ended, spell.ended_as) for spell in of.spells]
    first = date(2025, 10, 1)
    assert found == [
        (first, first, date(2025, 10, 9), RETURNED),
        (date(2025, 11, 3), date(2025, 11, 3), None, None),
    ]


@pytest.mark.parametrize(
    ("back", "expected"),
    [
        (None, date(2025, 10, 29)),
        (date(2025, 10, 29), None),
        (date(2025, 10, 30), date(2025, 10, 29)),
    ],
)
def test_an_absence_becomes_dropout_after_28_days_unless_it_ended_before(back, expected):
    moves = [(on(10, 2), SUSPECTED)]
    moves += [(on(back.month, back.day), RETURNED)] if back else []
    (spell,) = history(*moves).spells
    assert spell.dropout_on(28) == expected
