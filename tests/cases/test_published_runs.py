"""Published runs: what is stored comes back, and the current list changes as one."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from kongchuo_risk.cases import Contribution, case_reader, case_store
from kongchuo_risk.domain.risk import Tier
from tests.cases.builders import database, entry, item, pairing, publish, reason, run


def test_an_entry_comes_back_as_it_was_published(tmp_path: Path) -> None:
    engine = database(tmp_path)
    published = entry("a", strengths=(reason("数学进步", -0.4),))
    run_id = publish(engine, published)
    with case_reader(engine) as store:
        row = store.runs.row(run_id, "a")
        assert row is not None
        assert row.entry == published
        assert row.contributions == (Contribution("出勤", "…", 1.5),)
        assert store.runs.plan(run_id, ["a"]) == {"a": (item("a"),)}
        assert store.runs.pairings(run_id, ["a"]) == {"a": pairing("a")}


def test_the_newest_run_is_current_and_earlier_ones_stay(tmp_path: Path) -> None:
    engine = database(tmp_path)
    first = publish(engine, entry("a"))
    second = publish(engine, entry("b"), model="scorecard")
    with case_reader(engine) as store:
        current = store.runs.current()
        assert current is not None
        assert (current.id, current.model, current.settings) == (second, "scorecard", {"seed": 7})
        assert [stored.id for stored in store.runs.all()] == [second, first]
        assert store.runs.row(first, "a") is not None


def test_before_the_first_run_there_is_no_current_one(tmp_path: Path) -> None:
    with case_reader(database(tmp_path)) as store:
        assert store.runs.current() is None


def test_a_run_that_fails_half_way_leaves_the_last_list(tmp_path: Path) -> None:
    engine = database(tmp_path)
    first = publish(engine, entry("a"))
    with pytest.raises(sa.exc.IntegrityError):
        publish(engine, entry("b"), entry("b"))
    with case_reader(engine) as store:
        current = store.runs.current()
        assert current is not None
        assert current.id == first
        assert len(store.runs.all()) == 1
        assert store.verify_audit().rows == 1


def test_two_current_runs_cannot_be_stored(tmp_path: Path) -> None:
    engine = database(tmp_path)
    publish(engine, entry("a"))
    publish(engine, entry("a"))
    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        connection.execute(sa.text("UPDATE runs SET is_current = 1"))


def test_the_list_is_ordered_by_rank_and_filtered_by_class_and_tier(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(
        engine,
        entry("c", rank=3, tier=Tier.NONE),
        entry("b", rank=2, tier=Tier.YELLOW, class_id="C2"),
        entry("a", rank=1),
    )
    with case_reader(engine) as store:
        assert [e.student_id for e in store.runs.listed(run_id)] == ["a", "b"]
        assert [e.student_id for e in store.runs.listed(run_id, class_id="C2")] == ["b"]
        assert [e.student_id for e in store.runs.listed(run_id, tiers=Tier)] == ["a", "b", "c"]
        assert [e.student_id for e in store.runs.listed(run_id, tiers=[Tier.RED])] == ["a"]
        assert store.runs.listed(run_id, school_code="S2") == []


def test_counts_are_by_class_and_tier(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(
        engine, entry("a"), entry("b", rank=2, tier=Tier.NONE), entry("c", rank=3, tier=Tier.NONE)
    )
    with case_reader(engine) as store:
        assert sorted(store.runs.counts(run_id)) == [
            ("S1", "C1", 8, Tier.NONE, 2),
            ("S1", "C1", 8, Tier.RED, 1),
        ]


def test_replanning_replaces_plan_and_pairings_but_not_the_list(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(engine, entry("a"))
    with case_store(engine) as store:
        store.runs.replan(run_id, plan=[item("a", "aid")], paired=[pairing("a", "T2")])
    with case_reader(engine) as store:
        assert [i.measure for i in store.runs.plan(run_id, ["a"])["a"]] == ["aid"]
        assert store.runs.pairings(run_id, ["a"])["a"].staff_no == "T2"
        assert store.runs.row(run_id, "a") is not None
        current = store.runs.current()
        assert current is not None
        assert current.revision == run().revision + 1


def test_more_pupils_than_one_statement_takes_are_all_found(tmp_path: Path) -> None:
    engine = database(tmp_path)
    pupils = [f"p{n:05}" for n in range(5_003)]
    run_id = publish(engine, *[entry(p, rank=n) for n, p in enumerate(pupils, start=1)])
    with case_reader(engine) as store:
        assert len(store.runs.pairings(run_id, pupils)) == 5_003
        assert len(store.runs.plan(run_id, pupils)) == 5_003
