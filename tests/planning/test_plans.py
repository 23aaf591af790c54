"""Plans of many pupils at once: scarce places, waiting, weeks, and what people set beforehand."""

from __future__ import annotations

from datetime import date

from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.choices import COUNTY, AssumedEffect, PlanningChoices
from kongchuo_risk.domain.plan import ItemState
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.planning import Drafts, draft_plans
from kongchuo_risk.planning.plans import assumed_effects
from tests.builders import records, students, table

DAY = date(2025, 10, 15)
AVERSION = Reason("厌学与行为", "aversion_60d", "近 60 天厌学 2 次", 1.0, True)
ABSENCE = Reason("出勤", "unexcused_20d", "近四周无故缺勤 4 个半天", 1.0, True)
CLUB = "interest_places"


def _entry(pupil: str, rank: int, *reasons: Reason, school: str = "S1") -> RiskEntry:
    return RiskEntry(
        pupil, school, "C1", 8, DAY, rank, Tier.RED, 0.5 - 0.1 * rank, reasons or (AVERSION,), ()
    )


def _drafts(*entries: RiskEntry, limits=None, effects=None, **facts) -> Drafts:
    rows = [
        {"student_id": entry.student_id, "school_code": entry.school_code}
        | facts.get(entry.student_id, {})
        for entry in entries
    ]
    staff = table("staff", [{"staff_no": "T1", "school_code": "S1", "roles": "homeroom"}])
    choices = PlanningChoices(limits=limits or {}, effects=effects or {})
    known = records(students=students(*rows), staff=staff)
    return draft_plans(entries, (), known, policy=load_policy(), choices=choices)


def _states(drafts: Drafts, measure: str) -> dict[str, ItemState]:
    return {item.student_id: item.state for item in drafts.items if item.measure == measure}


def test_a_school_without_limits_of_its_own_has_the_places_of_the_policy() -> None:
    drafts = _drafts(_entry("a", 1))
    assert _states(drafts, "interest_class") == {"a": ItemState.DRAFTED}
    assert ("a", "interest_class") in drafts.allotment.chosen


def test_the_last_place_goes_where_it_is_expected_to_keep_most() -> None:
    drafts = _drafts(_entry("a", 1), _entry("b", 2), limits={("S1", CLUB): 1})
    assert _states(drafts, "interest_class") == {"a": ItemState.DRAFTED, "b": ItemState.WAITING}
    [waiting] = [i for i in drafts.items if i.state is ItemState.WAITING]
    assert waiting.warning == "本校兴趣班名额只有 1 名，已排满，列为候补"


def test_whom_a_law_puts_first_comes_before_whoever_is_at_more_risk() -> None:
    pair = (_entry("a", 1), _entry("b", 2))
    drafts = _drafts(*pair, limits={("S1", CLUB): 1}, b={"orphan": True})
    assert _states(drafts, "interest_class") == {"a": ItemState.WAITING, "b": ItemState.DRAFTED}
    orphan = next(i for i in drafts.items if (i.student_id, i.measure) == ("b", "interest_class"))
    assert orphan.priority == "孤儿、事实无人抚养"


def test_a_county_ceiling_holds_over_all_schools() -> None:
    entries = (_entry("a", 1), _entry("b", 2, school="S2"))
    drafts = _drafts(*entries, limits={(COUNTY, CLUB): 1})
    assert sorted(_states(drafts, "interest_class").values()) == ["候补", "拟定"]


def test_visits_that_find_no_room_this_week_are_put_off_not_denied() -> None:
    entries = [_entry(pupil, rank, ABSENCE) for rank, pupil in enumerate("abc", start=1)]
    drafts = _drafts(*entries, limits={("S1", "visits_per_week"): 1})
    due = {i.student_id: i.due for i in drafts.items if i.measure == "home_visit"}
    assert due == {"a": date(2025, 10, 22), "b": date(2025, 10, 29), "c": date(2025, 11, 5)}
    late = next(i for i in drafts.items if i.measure == "home_visit" and i.student_id == "c")
    assert late.state is ItemState.DRAFTED
    assert late.warning == "本周排满，顺延 2 周"


def test_an_assumption_that_people_set_replaces_the_policys() -> None:
    edited = AssumedEffect("tutoring", 0.0, 0.33, 0.5, "本县试点")
    effects = assumed_effects(load_policy(), PlanningChoices(effects={"tutoring": edited}))
    assert (effects["tutoring"].expected, effects["tutoring"].basis) == (0.33, "本县试点")
    assert effects["home_visit"] == load_policy().by_id["home_visit"].effect


def test_optional_measures_ask_for_no_places() -> None:
    drafts = _drafts(_entry("a", 1))
    optional = {i.measure for i in drafts.items if i.state is ItemState.OPTIONAL}
    assert optional
    assert not {measure for _, measure in drafts.allotment.chosen} & optional
