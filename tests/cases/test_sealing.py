"""Nothing that tells of a person stands in the database as it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.cases.sealed import seal
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.case import Case, CaseStatus
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.run import FeedbackKind
from kongchuo_risk.domain.school_record import (
    RecordKind,
    SchoolRecord,
)
from kongchuo_risk.errors import WorkspaceError
from tests.cases.builders import KEY, TERM, entry, pairing, plan, publish
from tests.conftest import ROOT
from tests.procedure.builders import MONDAY, at, visit

SECRET = "张某某家住东村三组"  # a text that must never stand in the database as it is


def opened(engine: Engine, pupil: str = "a", **changes: object) -> Case:
    with case_store(engine) as store:
        plain = Case(pupil, "S1", "C1", MONDAY, CaseStatus.SUSPECTED, owner_staff="T1")
        return store.cases.add(replace(plain, **changes), by="T1", note="上午未到校")


def numbered(case: Case) -> int:
    assert case.id is not None
    return case.id


def test_nothing_personal_stands_in_the_database_as_it_is(engine: Engine) -> None:
    case_id = numbered(opened(engine, place=SECRET))
    with case_store(engine) as store:
        store.visits.add(visit(at(0), case_id=case_id, id=None, talk=SECRET), by="T1")
        store.records.add(
            SchoolRecord(RecordKind.REMARK, "S1", MONDAY, "说明", {"情况": SECRET}), by="T1"
        )
    run_id = publish(engine, entry("a"))
    with case_store(engine) as store:
        store.feedback.add(run_id, "a", FeedbackKind.FALSE_ALARM, SECRET, by="T1")
        assert store.feedback.of_pupil("a")[0].reason == SECRET
        store.plans.add(plan(goal=SECRET, note=SECRET), by="T1")
        kept = store.plans.latest("a")
        assert kept is not None
        assert (kept.goal, kept.note) == (SECRET, SECRET)
        store.assignments.approve("S1", TERM, run_id, [pairing()], by="T1", note=SECRET)
        delivery = Delivery("a", "home_visit", MONDAY, note=SECRET)
        store.choices.deliver(delivery, by="T1")
        assert store.choices.delivered("a") == [delivery]
        rule = AssignmentRule(RuleKind.ABSENCE, staff_no="T1", why=SECRET)
        assert store.choices.add_rule(rule, by="T1").why == store.choices.rules()[0].why == SECRET
    with engine.connect() as connection:
        for table in sa.inspect(connection).get_table_names():
            rows = connection.exec_driver_sql(f'SELECT * FROM "{table}"').all()
            assert SECRET not in str(rows)
    if engine.dialect.name == "sqlite":
        folder = Path(str(engine.url.database)).parent
        assert not [f for f in folder.iterdir() if SECRET.encode() in f.read_bytes()]


def test_without_the_key_nothing_is_written_and_with_another_nothing_is_read(
    engine: Engine, url: str
) -> None:
    stored = opened(engine)
    other = create_engine(url, key=b"x" * 32)
    with case_reader(other) as store, pytest.raises(WorkspaceError, match="密钥不符"):
        store.cases.get(numbered(stored))
    other.dispose()
    bare = sa.create_engine(url)
    with bare.connect() as connection, pytest.raises(WorkspaceError, match="没有带密钥"):
        seal(connection, "x")
    bare.dispose()


def test_a_database_of_the_second_schema_is_sealed_on_the_way(empty_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    engine = create_engine(empty_url, key=KEY)
    config = Config()
    config.set_main_option("script_location", str(ROOT / "kongchuo_risk" / "cases" / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.exec_driver_sql(
            "INSERT INTO cases (id, student_id, school_code, class_id, opened_on, status,"
            " owner_staff, cause, destination, version) VALUES (1, 'a', 'S1', 'C1', '2025-09-08',"
            f" '劝返中', 'T1', '11', '{SECRET}', 2)"
        )
        for number, (before, after) in enumerate((("NULL", "'疑似'"), ("'疑似'", "'劝返中'")), 1):
            connection.exec_driver_sql(
                'INSERT INTO case_events (id, case_id, at, from_status, to_status, "by", note)'
                f" VALUES ({number}, 1, '2025-09-08T01:0{number}:00+00:00', {before}, {after},"
                f" 'T1', '{SECRET}')"
            )
    migrate(engine)
    with case_reader(engine) as store:
        case = store.cases.get(1)
        assert (case.cause, case.place, case.status) == ("11", SECRET, "劝返中")
        events = store.cases.events(1)
        assert [(e.to_status, e.case.status, e.note) for e in events] == [
            ("疑似", "疑似", SECRET), ("劝返中", "劝返中", SECRET),
        ]  # fmt: skip
    with engine.connect() as connection:
        for table in ("cases", "case_events"):
            rows = connection.exec_driver_sql(f"SELECT * FROM {table}").all()
            assert SECRET not in str(rows)
    engine.dispose()
