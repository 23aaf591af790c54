"""包保: who answers for whom in small and drawn schools."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning import assign_mentors, mentor_places
from kongchuo_risk.settings import CapacitySettings
from tests.builders import table

SETTINGS = CapacitySettings(pupils_per_mentor=2)
DAY = date(2026, 3, 2)


def _pair(pupils: pd.DataFrame, staff: pd.DataFrame, classes: pd.DataFrame) -> tuple[Pairing, ...]:
    return assign_mentors(pupils, staff, classes, SETTINGS, day=DAY).pairings


def _staff(*rows: tuple[str, str, int | None], school: str = "A") -> pd.DataFrame:
    return table(
        "staff",
        [
            {"staff_no": number, "school_code": school, "roles": roles, "mentor_capacity": places}
            for number, roles, places in rows
        ],
    )


def _classes(**homeroom: str | None) -> pd.DataFrame:
    return table(
        "classes",
        [
            {"term": "2025-2026-1", "class_id": class_id, "school_code": "A", "grade": 8,
             "homeroom_staff": teacher}
            for class_id, teacher in homeroom.items()
        ],
    )  # fmt: skip


def _pupils(*rows: tuple[str, str, Tier]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (pupil, "A", class_id, rank, tier)
            for rank, (pupil, class_id, tier) in enumerate(rows, start=1)
        ],
        columns=["student_id", "school_code", "class_id", "rank", "tier"],
    )


def _by_pupil(pairings) -> dict[str, tuple[str, str]]:
    return {pairing.student_id: (pairing.staff_no, pairing.kind) for pairing in pairings}


def test_the_class_teacher_comes_first_and_the_freest_colleague_next() -> None:
    staff = _staff(("T1", "homeroom", 1), ("T2", "subject", 2), ("T3", "subject", 3))
    pupils = _pupils(("a", "C1", Tier.RED), ("b", "C1", Tier.ORANGE), ("c", "C1", Tier.NONE))
    pairings = _pair(pupils, staff, _classes(C1="T1"))
    assert _by_pupil(pairings) == {
        "a": ("T1", "包保教师"),
        "b": ("T3", "包保教师"),
        "c": ("T1", "班主任"),
    }
    assert "名额已满" in pairings[1].why


def test_the_pupil_at_most_risk_gets_the_class_teacher() -> None:
    staff = _staff(("T1", "homeroom", 1), ("T2", "subject", 1))
    pupils = _pupils(("z", "C1", Tier.RED), ("a", "C1", Tier.YELLOW)).iloc[::-1]
    pairings = _pair(pupils, staff, _classes(C1="T1"))
    assert _by_pupil(pairings)["z"] == ("T1", "包保教师")
    assert [pairing.student_id for pairing in pairings] == ["a", "z"]


def test_colleagues_with_equal_places_take_turns_by_number() -> None:
    staff = _staff(("T1", "homeroom", 0), ("T3", "subject", 1), ("T2", "subject", 1))
    pupils = _pupils(("a", "C1", Tier.RED), ("b", "C1", Tier.RED))
    pairings = _pair(pupils, staff, _classes(C1="T1"))
    assert [pairing.staff_no for pairing in pairings] == ["T2", "T3"]


def test_when_all_places_are_taken_the_class_teacher_answers_and_it_is_said() -> None:
    pupils = _pupils(("a", "C1", Tier.RED), ("b", "C1", Tier.RED))
    pairings = _pair(pupils, _staff(("T1", "homeroom", 1)), _classes(C1="T1"))
    assert _by_pupil(pairings)["b"] == ("T1", "班主任")
    assert pairings[1].why == "本校包保名额已满，由班主任负责"


def test_a_class_without_a_teacher_is_the_principals() -> None:
    staff = _staff(("T1", "subject", 0), ("T9", "principal", None))
    pairings = _pair(_pupils(("a", "C1", Tier.NONE)), staff, _classes(C1=None))
    assert _by_pupil(pairings) == {"a": ("T9", "班主任")}


def test_the_teacher_of_the_last_term_counts() -> None:
    old = _classes(C1="T1")
    new = _classes(C1="T2").assign(term="2025-2026-2")
    staff = _staff(("T1", "homeroom", None), ("T2", "homeroom", None))
    pairings = _pair(_pupils(("a", "C1", Tier.NONE)), staff, pd.concat([new, old]))
    assert pairings[0].staff_no == "T2"


def test_nobody_of_another_school_is_asked() -> None:
    staff = pd.concat([_staff(("T1", "homeroom", 1)), _staff(("X1", "subject", 9), school="B")])
    pupils = _pupils(("a", "C1", Tier.RED), ("b", "C1", Tier.RED))
    pairings = _pair(pupils, staff, _classes(C1="T1"))
    assert {pairing.staff_no for pairing in pairings} == {"T1"}


def test_a_school_without_staff_leaves_its_pupils_out() -> None:
    pairings = _pair(_pupils(("a", "C1", Tier.RED)), _staff(), _classes(C1=None))
    assert pairings == ()


@st.composite
def _schools(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    places = draw(st.lists(st.one_of(st.none(), st.integers(0, 4)), min_size=1, max_size=6))
    roles = st.sampled_from(["homeroom", "subject", "principal", "support"])
    staff = _staff(*[(f"T{n}", draw(roles), places[n]) for n in range(len(places))])
    teachers = st.sampled_from([None, *staff["staff_no"]])
    classes = _classes(**{f"C{n}": draw(teachers) for n in range(3)})
    pupil = st.tuples(st.sampled_from(["C0", "C1", "C2", "C9"]), st.sampled_from(list(Tier)))
    drawn = draw(st.lists(pupil, min_size=1, max_size=25))
    pupils = _pupils(*[(f"p{n}", class_id, tier) for n, (class_id, tier) in enumerate(drawn)])
    return pupils, staff, classes


@settings(max_examples=50, deadline=None)
@given(_schools())
def test_everybody_has_one_adult_and_nobody_more_pupils_than_places(school) -> None:
    pupils, staff, classes = school
    pairings = _pair(pupils, staff, classes)
    assert [pairing.student_id for pairing in pairings] == pupils["student_id"].tolist()
    places = mentor_places(staff, SETTINGS)
    load = Counter(pairing.staff_no for pairing in pairings if pairing.kind == "包保教师")
    assert all(load[number] <= places[number] for number in load)


@settings(max_examples=50, deadline=None)
@given(_schools())
def test_no_place_stays_free_while_a_listed_pupil_has_no_mentor(school) -> None:
    """Without 红 pupils, of whom a mentor has at most two."""
    pupils, staff, classes = school
    pupils = pupils.assign(tier=pupils["tier"].replace(Tier.RED, Tier.ORANGE))
    pairings = _pair(pupils, staff, classes)
    mentored = sum(pairing.kind == "包保教师" for pairing in pairings)
    listed = int((pupils["tier"] != Tier.NONE).sum())
    assert mentored == min(listed, int(mentor_places(staff, SETTINGS).sum()))
