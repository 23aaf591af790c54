"""Erasing a pupil from the database, on both engines: all of the pupil, nothing of the others."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.cases import tables as t
from kongchuo_risk.cases.erasure import GONE, erasing, looking
from kongchuo_risk.cases.holdings import PARTS, TITLES, pupil_holdings, volumes
from kongchuo_risk.domain.assignment import PeerPair
from kongchuo_risk.domain.match import Comparison, FindingKind, Pair, Person, RegisterFinding
from kongchuo_risk.domain.run import FeedbackKind
from tests.cases.builders import DAY, case, entry, publish

OLD = DAY - timedelta(days=400)


def two_lists(engine: Engine) -> tuple[int, int]:
    """An old list and the current one, both with a and b; a has helped b."""
    old = publish(engine, entry("a", as_of=OLD), entry("b", as_of=OLD, rank=2), as_of=OLD)
    new = publish(engine, entry("a"), entry("b", rank=2))
    with case_store(engine) as store:
        store.feedback.add(old, "a", FeedbackKind.FALSE_ALARM, "已回校", by="甲")
        store.runs.pair_peers(new, [PeerPair("b", "a", ("math",), "同桌")])
        store.runs.keep_report(new, "包保", {"changes": [{"student_id": "a", "note": "家远"}]})
    return old, new


def test_every_part_of_a_pupil_is_found_and_then_gone(engine: Engine) -> None:
    two_lists(engine)
    with case_store(engine) as store:
        stored = store.cases.add(case("a"), by="甲")
        assert stored.id is not None
    held = pupil_holdings(engine, "a")
    assert {"worklist", "plan_items", "pairings", "feedback", "cases", "case_events"} <= set(held)
    assert [row["reason"] for row in held["feedback"]] == ["已回校"]
    with erasing(engine) as eraser:
        gone = eraser.erase_whole({"a"})
    assert gone["cases"] == 1
    assert pupil_holdings(engine, "a") == {}
    assert {"worklist", "plan_items", "pairings"} <= set(pupil_holdings(engine, "b"))


def test_the_pair_and_the_report_of_others_stay_without_the_pupil(engine: Engine) -> None:
    _, new = two_lists(engine)
    with erasing(engine) as eraser:
        eraser.erase_whole({"a"})
    with case_reader(engine) as store:
        assert [(pair.student_id, pair.helper) for pair in store.runs.peers(new)] == [("b", "")]
        assert store.runs.report(new, "包保") == {"changes": [{"student_id": GONE, "note": ""}]}


def test_old_lists_go_by_age_but_never_the_current_one(engine: Engine) -> None:
    old, new = two_lists(engine)
    with erasing(engine) as eraser:
        assert eraser.oldest("lists", DAY) == {"a": OLD, "b": OLD}
        eraser.erase_before("lists", DAY, spared={"b"})
    with case_reader(engine) as store:
        assert store.runs.row(old, "a") is None
        assert store.runs.row(old, "b") is not None
        assert store.runs.row(new, "a") is not None
        assert len(store.runs.all()) == 2


def test_an_open_case_and_a_waiting_suspicion_hold_a_pupil(engine: Engine) -> None:
    with case_store(engine) as store:
        store.cases.add(case("a"), by="甲")
    with looking(engine) as eraser:
        assert eraser.held() == {"a": "有未结案件"}


def compare(engine: Engine, day: date, student_id: str = "a") -> None:
    """A comparison with one pair and one finding about a pupil."""
    person = Person("学籍", f"k-{student_id}", "学生甲", student_id=student_id)
    pair = Pair(Person("户籍", "k2", "学生甲"), person, 0.6, (), "同名")
    finding = RegisterFinding(FindingKind.NOT_AT_SCHOOL, person, "近四周没有到校记录")
    found = Comparison("户籍比对学籍", "户籍", "学籍", day, 1, 1, {}, (finding,), (pair,))
    with case_store(engine) as store:
        store.matches.add(found, by="甲")


def test_old_comparisons_go_whole(engine: Engine) -> None:
    compare(engine, OLD)
    compare(engine, DAY)
    with erasing(engine) as eraser:
        gone = eraser.erase_before("comparisons", OLD, spared=set())
    assert gone == {"comparisons": 1, "comparison_pairs": 1, "comparison_findings": 1}
    with looking(engine) as eraser:
        assert eraser.oldest("comparisons", DAY) == {"": DAY}


def test_pairs_that_may_be_the_pupil_go_with_the_pupil(engine: Engine) -> None:
    compare(engine, DAY)
    compare(engine, DAY, "b")
    with erasing(engine) as eraser:
        gone = eraser.erase_whole({"a"})
    assert (gone["comparison_pairs"], gone["comparison_findings"]) == (1, 1)
    assert set(pupil_holdings(engine, "b")) == {"comparison_pairs", "comparison_findings"}


def test_an_error_half_way_keeps_everything(engine: Engine) -> None:
    two_lists(engine)
    with suppress(KeyError), erasing(engine) as eraser:
        eraser.erase_whole({"a"})
        raise KeyError
    assert "worklist" in pupil_holdings(engine, "a")


def test_every_table_that_names_a_pupil_belongs_to_a_part() -> None:
    named = {table for table in t.metadata.tables.values() if "student_id" in table.c}
    assert named <= {table for part in PARTS.values() for table in part.rows}
    sealed = {table for table in t.metadata.tables.values() if "body" in table.c}
    known = {table for part in PARTS.values() for table in part.tables}
    assert sealed - known == {t.comparisons}
    assert {table.name for table in known} <= set(TITLES)


def test_volumes_count_without_naming_anybody(engine: Engine) -> None:
    two_lists(engine)
    assert volumes(engine)["名单"] == 4


def test_pupils_are_named_in_chunks(engine: Engine) -> None:
    many = {f"p{number}" for number in range(1_000)}
    with erasing(engine) as eraser:
        assert eraser.erase_whole(many) == {}
    with looking(engine) as eraser:
        assert eraser.named("cases", many) == set()


def test_an_audit_row_of_the_deletion_fits_the_chain(engine: Engine) -> None:
    with erasing(engine) as eraser:
        eraser.note("校长甲", "删除个人信息", "a", reason="…")
    with case_reader(engine) as store:
        assert store.verify_audit().is_whole
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(t.audit)) == 1
