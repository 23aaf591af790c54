"""Plans in the database: every version kept, no change lost, and what people decided for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

import kongchuo_risk.cases
from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.domain.assignment import AssignmentRule, PeerPair, RuleKind
from kongchuo_risk.domain.choices import AssumedEffect, CapLimit, Delivery
from kongchuo_risk.domain.plan import (
    ItemState,
    PlanState,
    SchoolPlan,
    SchoolTask,
)
from kongchuo_risk.errors import PlanError
from tests.cases.builders import (
    DAY,
    KEY,
    TERM,
    database,
    entry,
    item,
    pairing,
    plan,
    publish,
)


def task(**changes: Any) -> SchoolTask:
    values: dict[str, Any] = {
        "item": "publicity", "label": "宣传月", "dimension": "依法", "owner_role": "校长",
        "owner_staff": "T9", "due": date(2025, 9, 30), "checklist": ("广播", "家长会"),
        "form": "宣传记录", "sources": ("规则112「…」",),
    }  # fmt: skip
    return SchoolTask(**values | changes)


def test_a_plan_comes_back_as_it_was_stored(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        stored = store.plans.add(plan(), by="甲")
    assert (stored.version, stored.by) == (1, "甲")
    with case_reader(engine) as store:
        assert store.plans.latest("a") == stored
        assert replace(stored, version=0, by="", at="") == plan()


def test_every_version_stays_and_the_newest_is_the_plan(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        first = store.plans.add(plan(), by="甲")
        store.plans.add(first.without("home_visit", why="已转交村委会"), by="乙")
    with case_reader(engine) as store:
        versions = store.plans.history("a", TERM)
        newest = store.plans.latest("a", TERM)
    assert [len(version.items) for version in versions] == [2, 1]
    assert newest == versions[1]
    assert versions[1].note == "删去：家访（已转交村委会）"


def test_of_two_who_change_a_plan_at_once_the_second_is_told(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        first = store.plans.add(plan(), by="甲")
        store.plans.add(first.edited(goal="每天准时到校"), by="乙")
    with pytest.raises(PlanError, match="已被他人修改"), case_store(engine) as store:
        store.plans.add(first.edited(goal="不迟到"), by="丙")


def test_plans_of_a_school_are_the_newest_versions_in_a_state(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        approved = store.plans.add(plan("a"), by="甲").approved()
        store.plans.add(approved, by="校长")
        store.plans.add(plan("b"), by="甲")
        store.plans.add(plan("c", school_code="S2"), by="甲")
    with case_reader(engine) as store:
        everybody = store.plans.of_school("S1", TERM)
        signed = store.plans.of_school("S1", TERM, states=[PlanState.APPROVED])
    assert [found.student_id for found in everybody] == ["a", "b"]
    assert [(found.student_id, found.version) for found in signed] == [("a", 2)]


def test_a_right_cannot_be_deleted_from_a_plan() -> None:
    with pytest.raises(PlanError, match="依法应当提供"):
        plan().without("aid", why="家长没来申请")


def test_a_right_cannot_be_made_a_matter_of_choice() -> None:
    with pytest.raises(PlanError, match="不能改为可选"):
        plan().with_change("aid", state=ItemState.OPTIONAL)


def test_a_measure_is_deleted_only_with_a_reason() -> None:
    with pytest.raises(PlanError, match="请写明理由"):
        plan().without("home_visit", why=" ")


def test_a_plan_is_approved_only_when_somebody_answers_for_every_item() -> None:
    nobody = plan(items=(item(owner_staff=None),))
    with pytest.raises(PlanError, match="家访"):
        nobody.approved()
    assert nobody.with_change("home_visit", owner_staff="T1").approved().state == "已批准"


def test_approval_leaves_what_nobody_took_up_behind() -> None:
    offered = plan().with_item(item(measure="seating", label="座位", state=ItemState.OPTIONAL))
    assert [kept.measure for kept in offered.approved().items] == ["home_visit", "aid"]


def test_a_change_makes_an_approved_plan_a_draft_again() -> None:
    changed = plan().approved().with_change("home_visit", due=date(2025, 11, 1))
    assert changed.state is PlanState.DRAFT
    assert changed.note == "修改：家访"


def test_a_measure_is_in_a_plan_once() -> None:
    with pytest.raises(PlanError, match="已在计划中"):
        plan().with_item(item())


def test_a_school_plan_comes_back_with_what_was_done(tmp_path: Path) -> None:
    engine = database(tmp_path)
    drafted = SchoolPlan("S1", TERM, (task(),), {"在校学生": 300})
    with case_store(engine) as store:
        first = store.plans.add_school(drafted, by="系统草拟")
        done = replace(first, tasks=(task(done_on=date(2025, 9, 29)),), state=PlanState.APPROVED)
        stored = store.plans.add_school(done, by="校长")
    with case_reader(engine) as store:
        assert store.plans.latest_school("S1", TERM) == stored
    assert stored.version == 2
    with pytest.raises(PlanError, match="已被他人修改"), case_store(engine) as store:
        store.plans.add_school(first, by="丙")


def test_the_newest_limit_and_assumption_count(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        for amount in (20.0, 12.0):
            store.choices.set_limit(TERM, CapLimit("S1", "interest_places", amount), by="校长")
        store.choices.assume(AssumedEffect("tutoring", 0.0, 0.1, 0.2, "本县试点"), by="分析员")
    with case_reader(engine) as store:
        assert store.choices.limits(TERM) == {("S1", "interest_places"): 12.0}
        assert store.choices.limits("2025-2026-2") == {}
        assert store.choices.effects()["tutoring"].expected == 0.1


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        (AssumedEffect("tutoring", 0.3, 0.1, 0.2, "…"), "低 ≤ 中 ≤ 高"),
        (AssumedEffect("tutoring", 0.0, 0.1, 1.2, "…"), "≤ 1"),
        (AssumedEffect("tutoring", 0.0, 0.1, 0.2), "写明依据"),
    ],
)
def test_an_assumption_out_of_bounds_is_refused(
    tmp_path: Path, effect: AssumedEffect, told: str
) -> None:
    with pytest.raises(PlanError, match=told), case_store(database(tmp_path)) as store:
        store.choices.assume(effect, by="分析员")


def test_a_withdrawn_wish_no_longer_counts_and_stays_on_record(tmp_path: Path) -> None:
    engine = database(tmp_path)
    veto = AssignmentRule(RuleKind.VETO, "a", "T1", first=DAY, why="家长提出")
    with case_store(engine) as store:
        kept = store.choices.add_rule(veto, by="班主任")
        assert store.choices.rules() == (kept,)
        assert kept.id is not None
        store.choices.withdraw_rule(kept.id, by="校长")
        assert store.choices.rules() == ()
        with pytest.raises(PlanError, match="没有编号"):
            store.choices.withdraw_rule(kept.id, by="校长")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM assignment_rules")) == 1


def test_a_wish_needs_a_reason(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="请写明理由"), case_store(database(tmp_path)) as store:
        store.choices.add_rule(AssignmentRule(RuleKind.VETO, "a", "T1"), by="班主任")


def test_the_newest_approved_assignment_of_every_school_counts(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(engine, entry("a"))
    with case_store(engine) as store:
        book = store.assignments
        book.approve("S1", TERM, run_id, [pairing("a", "T1"), pairing("b", "T1")], by="校长")
        book.approve("S2", TERM, run_id, [pairing("x", "T7")], by="校长")
        book.approve("S1", TERM, run_id, [pairing("a", "T2")], by="校长")
        with pytest.raises(PlanError, match="没有可批准"):
            book.approve("S1", TERM, run_id, [], by="校长")
    with case_reader(engine) as store:
        current = store.assignments.current()
    assert {pupil: pair.staff_no for pupil, pair in current.items()} == {"a": "T2", "x": "T7"}


def test_items_of_the_mentor_follow_a_new_assignment(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(engine, entry("a"))
    own = item(measure="mentor_pairing", owner_role="包保教师", owner_staff="T1")
    with case_store(engine) as store:
        store.runs.replan(run_id, plan=[item(), own], paired=[pairing("a", "T1")])
        store.runs.reassign(run_id, [pairing("a", "T2")])
        owners = {i.measure: i.owner_staff for i in store.runs.plan(run_id, ["a"])["a"]}
    assert owners == {"home_visit": "T1", "mentor_pairing": "T2"}


def test_a_delivery_said_again_replaces_its_dose(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        store.choices.deliver(Delivery("a", "tutoring", DAY, sessions=2), by="T1")
        store.choices.deliver(Delivery("a", "tutoring", DAY, sessions=6), by="T1")
        store.choices.deliver(Delivery("b", "aid", DAY), by="T1")
        assert [found.sessions for found in store.choices.delivered()] == [6, None]
        assert [found.measure for found in store.choices.delivered("b")] == ["aid"]


@pytest.mark.parametrize(
    "delivery",
    [Delivery("a", "aid", DAY, ended_on=date(2025, 1, 1)), Delivery("a", "aid", DAY, sessions=0)],
)
def test_an_impossible_delivery_is_refused(tmp_path: Path, delivery: Delivery) -> None:
    with pytest.raises(PlanError), case_store(database(tmp_path)) as store:
        store.choices.deliver(delivery, by="T1")


def test_reports_and_peers_of_a_run_are_replaced(tmp_path: Path) -> None:
    engine = database(tmp_path)
    run_id = publish(engine, entry("a"))
    pairs = [PeerPair("a", "b", ("maths",), "自愿"), PeerPair("c", "", (), "没有同学自愿")]
    with case_store(engine) as store:
        assert store.runs.report(run_id, "名额") == {}
        for gap in (0.5, 0.0):
            store.runs.keep_report(run_id, "名额", {"gap": gap})
            store.runs.pair_peers(run_id, pairs)
        assert store.runs.report(run_id, "名额") == {"gap": 0.0}
        assert store.runs.peers(run_id) == pairs


def test_everything_decided_is_in_the_audit_log(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        store.plans.add(plan(), by="甲")
        store.choices.set_limit(TERM, CapLimit("", "hardship_fund", 9000.0), by="中心校")
        store.choices.deliver(Delivery("a", "aid", DAY), by="T1")
        actions = [(row.actor, row.action, row.subject) for row in store.audit_rows()]
        assert store.verify_audit().is_whole
    assert actions == [
        ("甲", "保存计划", "a"), ("中心校", "设置名额", "全县"), ("T1", "登记落实", "a"),
    ]  # fmt: skip


def test_a_database_of_the_first_schema_is_upgraded_with_its_rows(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}", key=KEY)
    config = Config()
    migrations = Path(kongchuo_risk.cases.__file__).parent / "migrations"
    config.set_main_option("script_location", str(migrations))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _write_old_run(connection)
    migrate(engine)
    with case_reader(engine) as store:
        old = store.runs.plan(1, ["a"])["a"][0]
        assert (old.label, old.state, old.helpers) == ("家访", ItemState.DRAFTED, ())
        assert store.runs.pairings(1, ["a"])["a"].handover == ""


def _write_old_run(connection: sa.Connection) -> None:
    for statement in (
        "INSERT INTO runs VALUES (1, '2025-10-15', 'blend', '', '…', '国家2024', '', 0, '{}', "
        "'2025-10-15T00:00:00', 0, 1)",
        "INSERT INTO plan_items VALUES (1, 1, 'a', 'home_visit', '家访', '责任', '…', '班主任', "
        "'T1', '2025-10-22', '家访记录', '[]', '', '')",
        "INSERT INTO pairings VALUES (1, 'a', 'T1', '包保教师', '…')",
    ):
        connection.exec_driver_sql(statement)
