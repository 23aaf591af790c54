"""Writers take turns: in order, never two at once, and none waits for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.cases import engine as engines
from kongchuo_risk.cases.turns import Turns, turns_of
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import Case, CaseStatus
from kongchuo_risk.domain.clock import now
from kongchuo_risk.domain.visit import Visit, VisitMode, Visitor, VisitResult
from kongchuo_risk.errors import CaseError, WorkspaceError
from tests.cases.builders import DAY, case, database

WRITERS = 8


@contextmanager
def held(turns: Turns) -> Iterator[None]:
    """Somebody else has the turn."""
    got, leave = Event(), Event()

    def hold() -> None:
        with turns.taken(timeout_s=1):
            got.set()
            leave.wait()

    holder = Thread(target=hold)
    holder.start()
    got.wait()
    try:
        yield
    finally:
        leave.set()
        holder.join()


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, order, threads = Turns(), [], []

    def take(number: int) -> None:
        with turns.taken(timeout_s=5):
            order.append(number)

    with held(turns):
        for number in range(WRITERS):
            threads.append(Thread(target=take, args=(number,)))
            threads[-1].start()
            while len(turns._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(WRITERS))


def test_who_waited_too_long_is_told_and_holds_nobody_up() -> None:
    turns = Turns()
    with (
        held(turns),
        pytest.raises(WorkspaceError, match="案件库正忙"),
        turns.taken(timeout_s=0.01),
    ):
        pass
    with turns.taken(timeout_s=0.01):
        pass


def test_an_error_hands_the_turn_on() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns.taken(timeout_s=1):
        raise KeyError
    with turns.taken(timeout_s=0.01):
        pass


def test_engines_on_one_database_share_its_turns() -> None:
    first = turns_of("one")
    assert turns_of("one") is first
    assert turns_of("other") is not first


def test_a_file_that_another_process_holds_is_waited_for_and_then_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, other = database(tmp_path), database(tmp_path)
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_S", 0.05)
    with other.begin(), pytest.raises(WorkspaceError, match="案件库正忙"), case_store(engine):
        pass
    with case_store(engine) as store:
        store.note("甲", "查看", "S1")


def _at_once(engine: Engine, write: object) -> list[object]:
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(write, range(WRITERS)))  # type: ignore[arg-type]


def test_visits_recorded_at_once_get_each_a_number_of_their_own(engine: Engine) -> None:
    with case_store(engine) as store:
        case_id = store.cases.add(case(), by="T1").id
    made = Visit(
        "a", now(), VisitMode.PHONE, (Visitor("合成教师", Role.HOMEROOM),), VisitResult.NOT_MET,
        case_id=case_id, next_step="再去",
    )  # fmt: skip

    def record(number: int) -> int | None:
        with case_store(engine) as store:
            return store.visits.add(made, by=f"T{number}").number

    assert sorted(_at_once(engine, record)) == list(range(1, WRITERS + 1))


def test_papers_issued_at_once_leave_no_gap_and_no_number_twice(engine: Engine) -> None:
    def issue(number: int) -> int:
        with case_store(engine) as store:
            return store.documents.issue(
                form="辍学报告单", school_code="S1", issued_on=DAY, signer="校长",
                pattern="合成〔{year}〕{number}号", subject="a", by=f"T{number}",
            ).number  # fmt: skip

    assert sorted(_at_once(engine, issue)) == list(range(1, WRITERS + 1))


def test_of_those_who_open_a_case_at_once_all_but_the_first_are_told(engine: Engine) -> None:
    def open_case(number: int) -> str:
        try:
            with case_store(engine) as store:
                store.cases.add(replace(case(), class_id=f"C{number}"), by=f"T{number}")
        except CaseError as told:
            return str(told)[:6]
        return "opened"

    assert sorted(_at_once(engine, open_case)) == ["opened", *["该生已有未销"] * (WRITERS - 1)]
    with case_reader(engine) as store:
        assert store.verify_audit().rows == 1


def test_a_reader_sees_one_moment_throughout(engine: Engine) -> None:
    with case_reader(engine) as reader:
        assert reader.cases.open_in() == []
        with case_store(engine) as store:
            store.cases.add(Case("a", "S1", "C1", DAY, CaseStatus.SUSPECTED), by="T1")
        assert reader.cases.open_in() == []
