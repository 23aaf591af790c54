"""Allotment under caps: hand-worked cases."""

from __future__ import annotations

import pandas as pd
import pytest

from kongchuo_risk.contracts.policy import Cap, Effect, Supply, Uses
from kongchuo_risk.domain.allotment import Allotment, LeftOut
from kongchuo_risk.planning.allotment import Candidate, allot, recall_lost, supplies
from kongchuo_risk.planning.allotment.bundles import MOST
from tests.builders import table

CLUB = Uses(cap="club")
HOURS = Uses(cap="hours", amount=0.5)
VISIT = Uses(cap="visits")
USES = {
    "club": (CLUB,),
    "talk": (HOURS,),
    "both": (CLUB, HOURS),
    "visit": (VISIT,),
    "fund": (Uses(cap="fund", amount=500),),
}


def _cap(name: str, **changes: object) -> Cap:
    filled = {"label": name, "unit": "个", "per": "学期", "supply": Supply(), "source": "假设"}
    return Cap(**{"id": name, **filled, **changes})


CAPS = [_cap("club"), _cap("hours"), _cap("fund"), _cap("visits", per="周", spills=True)]


def _effect(expected: float, low: float = -1, high: float = 1) -> Effect:
    return Effect(low=low, expected=expected, high=high, basis="假设")


EFFECTS = {
    "club": _effect(0.1, 0.0, 0.2),
    "talk": _effect(0.2, 0.1, 0.3),
    "both": _effect(0.3),
    "visit": _effect(0.1),
    "fund": _effect(0.1, 0.0, 0.1),
}


def _asks(
    pupil: str,
    measure: str = "club",
    risk: float = 0.1,
    *,
    priority: int = 1,
    order: int = 1,
    school: str = "S1",
) -> Candidate:
    return Candidate(pupil, school, measure, risk, priority, order)


def _supply(school: str = "S1", **amounts: float) -> pd.DataFrame:
    rows = [(school, cap, amount) for cap, amount in amounts.items()]
    return pd.DataFrame(rows, columns=["school_code", "cap", "supply"])


def _allot(candidates: list[Candidate], **amounts: float) -> Allotment:
    return allot(candidates, USES, EFFECTS, CAPS, _supply(**amounts))


def _worth(found: Allotment, cap: str, school: str = "S1") -> pd.Series:
    rows = found.worth[(found.worth["cap"] == cap) & (found.worth["school_code"] == school)]
    return rows.iloc[0]


def test_one_place_goes_where_it_keeps_most_and_another_is_worth_the_next_best() -> None:
    found = _allot([_asks("a", risk=0.1), _asks("b", risk=0.4), _asks("c", risk=0.3)], club=1)
    assert found.chosen == {("b", "club")}
    assert set(found.left_out) == {
        LeftOut("a", "S1", "club", "club", 1.0),
        LeftOut("c", "S1", "club", "club", 1.0),
    }
    # 0.4 × (0, 0.1, 0.2) pupils; one more place keeps 0.3 × (0, 0.1, 0.2).
    benefit = found.benefit
    assert (benefit.low, benefit.expected, benefit.high) == pytest.approx((0, 0.04, 0.08))
    club = _worth(found, "club")
    assert club[["one_more", "low", "high"]].tolist() == pytest.approx([0.03, 0, 0.06])
    assert club[["supply", "used", "asked", "left_out"]].tolist() == [1, 1, 3, 2]
    assert found.gap < 1e-5


def test_a_second_measure_of_the_same_pupil_counts_for_less() -> None:
    # Both for a: 0.5 × (1 − 0.9 × 0.8) = 0.14. Talk for a, club for b: 0.1 + 0.045 = 0.145.
    asks = [_asks("a", "club", 0.5), _asks("a", "talk", 0.5), _asks("b", "club", 0.45)]
    found = _allot(asks, club=1, hours=0.5)
    assert found.chosen == {("a", "talk"), ("b", "club")}
    assert found.benefit.expected == pytest.approx(0.145)


def test_a_measure_that_uses_two_caps_needs_both() -> None:
    asks = [_asks("a", "both", 0.5), _asks("b", "club", 0.4), _asks("c", "talk", 0.4)]
    found = _allot(asks, club=1, hours=0.5)
    # Both to a keeps 0.15; club and talk to b and c keep 0.04 + 0.08.
    assert found.chosen == {("a", "both")}
    assert {left.student_id: left.cap for left in found.left_out} == {"b": "club", "c": "hours"}


def test_of_two_caps_that_bind_the_scarcer_one_is_named() -> None:
    asks = [_asks("a", "both", 0.1), _asks("b", "club", 0.4), _asks("c", "talk", 0.4),
            _asks("d", "talk", 0.4)]  # fmt: skip
    # Asked: 2 places of which there is 1; 1.5 hours of which there is 1.
    assert {left.cap for left in _allot(asks, club=1, hours=1).left_out} == {"club"}


def test_whom_a_law_names_comes_first_at_whatever_risk() -> None:
    asks = [_asks("a", risk=0.9), _asks("b", risk=0.0, priority=0)]
    assert _allot(asks, club=1).chosen == {("b", "club")}


def test_a_pupil_may_stand_in_two_classes() -> None:
    asks = [_asks("a", "club", 0.2, priority=0), _asks("a", "talk", 0.2), _asks("b", "talk", 0.19)]
    # After the club a keeps 0.9 × 0.2 = 0.18 of risk: less than b's.
    assert _allot(asks, club=1, hours=0.5).chosen == {("a", "club"), ("b", "talk")}


def test_between_equals_the_place_on_the_list_decides() -> None:
    asks = [_asks(f"p{order}", order=order) for order in (3, 1, 4, 2)]
    assert _allot(asks, club=2).chosen == {("p1", "club"), ("p2", "club")}


def test_without_supply_everybody_is_left_out() -> None:
    found = allot([_asks("a"), _asks("b", "talk")], USES, EFFECTS, CAPS, _supply(club=0))
    assert not found.chosen
    assert {(left.cap, left.supply) for left in found.left_out} == {("club", 0), ("hours", 0)}
    assert found.gap == 0


def test_money_is_tried_in_the_least_amount_that_helps_somebody() -> None:
    found = _allot([_asks("a", "fund", 0.4), _asks("b", "fund", 0.3)], fund=700)
    fund = _worth(found, "fund")
    assert fund[["step", "used"]].tolist() == [500, 500]
    assert fund["one_more"] == pytest.approx(0.03)


def test_what_is_expected_to_do_harm_is_never_given() -> None:
    harmful = {**EFFECTS, "club": _effect(-0.01, -0.2, 0.1)}
    found = allot([_asks("a")], USES, harmful, CAPS, _supply(club=5))
    assert not found.chosen
    assert not found.left_out


def test_enough_for_everybody_needs_no_choice_and_one_more_is_worth_nothing() -> None:
    found = _allot([_asks("a"), _asks("b")], club=2)
    assert len(found.chosen) == 2
    assert _worth(found, "club")[["one_more", "method"]].tolist() == [0, "够用"]


def test_more_measures_than_are_combined_still_fill_the_places() -> None:
    names = [f"club{number}" for number in range(MOST + 2)]
    uses, effects = dict.fromkeys(names, (CLUB,)), dict.fromkeys(names, EFFECTS["club"])
    asks = [_asks(pupil, name, 0.5) for pupil in "ab" for name in names]
    found = allot(asks, uses, effects, CAPS, _supply(club=2 * MOST + 1))
    assert len(found.chosen) == 2 * MOST + 1


def test_nobody_asks() -> None:
    found = _allot([], club=2)
    assert (found.chosen, found.left_out, found.gap) == (frozenset(), (), 0.0)
    assert found.worth.empty


def test_visits_spill_into_later_weeks_the_most_urgent_first() -> None:
    asks = [
        _asks("late", "visit", 0.1, order=4),
        _asks("law", "visit", 0.0, priority=0, order=3),
        _asks("tied", "visit", 0.2, order=2),
        _asks("first", "visit", 0.2, order=1),
    ]
    found = _allot(asks, visits=2)
    assert {pupil: week for (pupil, _), week in found.weeks.items()} == {
        "law": 0, "first": 0, "tied": 1, "late": 1,
    }  # fmt: skip
    assert not found.left_out
    assert _worth(found, "visits")[["used", "asked", "one_more"]].tolist() == [2, 4, 0]


def test_without_any_visits_nobody_waits_in_vain() -> None:
    found = _allot([_asks("a", "visit", 0.2), _asks("b", "visit", 0.1)], visits=0)
    assert not found.weeks
    assert {left.cap for left in found.left_out} == {"visits"}
    # One visit a week serves both in the end.
    assert _worth(found, "visits")["one_more"] == pytest.approx(0.03)


def test_the_ceiling_of_the_county_ties_schools_together() -> None:
    asks = [_asks("a", "fund", 0.4), _asks("b", "fund", 0.3), _asks("c", "fund", 0.2, school="S2")]
    supply = pd.concat([_supply(fund=1000), _supply("S2", fund=500)])
    found = allot(asks, USES, EFFECTS, CAPS, supply, {"fund": 1000})
    assert found.chosen == {("a", "fund"), ("b", "fund")}
    assert found.left_out == (LeftOut("c", "S2", "fund", "fund", 1000.0, county=True),)
    assert _worth(found, "fund", "全县")["one_more"] == pytest.approx(0.02)
    assert _worth(found, "fund", "S2")["one_more"] == 0


def test_a_ceiling_that_does_not_bind_changes_nothing() -> None:
    asks = [_asks("a", "fund", 0.4), _asks("b", "fund", 0.3)]
    found = allot(asks, USES, EFFECTS, CAPS, _supply(fund=500), {"fund": 500})
    assert _worth(found, "fund", "全县")["one_more"] == 0
    assert _worth(found, "fund")["one_more"] == pytest.approx(0.03)


def test_how_much_hangs_on_the_guess_is_told() -> None:
    effects = {"club": _effect(0.1, 0.0, 0.9), "both": _effect(0.2, 0.1, 0.2)}
    asks = [_asks("a", "club"), _asks("b", "both")]
    found = allot(asks, USES, effects, CAPS, _supply(club=1, hours=1))
    assert found.chosen == {("b", "both")}
    assert found.sensitivity.values.tolist() == [["全部取低值", 1, 0, 0], ["全部取高值", 1, 1, 1]]


@pytest.mark.parametrize(
    ("asks", "said"),
    [
        ([_asks("a", risk=float("nan"))], "a risk is missing"),
        ([_asks("a", risk=1.2)], "a risk is missing or not between"),
        ([_asks("a"), _asks("a")], "twice"),
        ([_asks("a"), _asks("a", "talk", 0.2)], "two risks"),
        ([_asks("a", "unknown")], "what unknown uses"),
    ],
)
def test_what_cannot_be_meant_is_refused(asks: list[Candidate], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _allot(asks, club=1)


def test_a_missing_supply_is_refused() -> None:
    with pytest.raises(ValueError, match="supply"):
        _allot([_asks("a")], club=float("nan"))


def test_a_table_of_candidates_is_read_in_any_order() -> None:
    asks = [_asks("a", risk=0.1), _asks("b", risk=0.4, order=2), _asks("c", risk=0.3, order=3)]
    rows = [(a.student_id, a.school_code, a.measure, a.risk, a.priority, a.order) for a in asks]
    columns = ["student_id", "school_code", "measure", "risk", "priority", "order"]
    turned = pd.DataFrame(rows[::-1], columns=columns)
    found = allot(turned, USES, EFFECTS, CAPS, _supply(club=2))
    assert found.chosen == _allot(asks, club=2).chosen == {("b", "club"), ("c", "club")}


def test_supply_of_a_school_by_hand() -> None:
    staff = table("staff", [
        {"staff_no": "T1", "school_code": "S1", "roles": "counsellor、subject",
         "hours_per_week": 6.0},
        {"staff_no": "T2", "school_code": "S1", "roles": "counsellor"},
        {"staff_no": "T3", "school_code": "S1", "roles": "subject", "hours_per_week": 10.0},
        {"staff_no": "T4", "school_code": "S2", "roles": "subject", "hours_per_week": 4.0},
    ])  # fmt: skip
    caps = [
        _cap("talks", supply=Supply(roles=("counsellor",), per_person=8, share_of_hours=0.5)),
        _cap("clubs", supply=Supply(per_school=10, per_pupil=0.1)),
    ]
    found = supplies(caps, staff, {"S1": 300, "S2": 50}, {("S2", "talks"): 3})
    # Two counsellors at 8, and half of the six hours that are recorded of them.
    assert found.values.tolist() == [
        ["S1", "talks", 19.0], ["S1", "clubs", 40.0], ["S2", "talks", 3.0], ["S2", "clubs", 15.0],
    ]  # fmt: skip


def test_recall_lost_counts_who_left_and_had_not_got_all_they_asked_for() -> None:
    asks = [_asks("a", risk=0.4), _asks("b", risk=0.3), _asks("c", risk=0.2), _asks("d", risk=0.1)]
    found = _allot(asks, club=2)
    lost = recall_lost(found, asks, {"a": True, "c": True, "d": True, "b": False, "z": True})
    assert (lost.served, lost.left_school) == (1, 3)
    assert lost.lost == pytest.approx(2 / 3)
    assert recall_lost(found, asks, {}).lost is None
