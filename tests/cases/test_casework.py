"""Cases: the allowed moves, their record, and two people at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.domain.case import NEXT_STATUS, SIDE_EXITS, CaseStatus
from kongchuo_risk.errors import CaseError
from tests.cases.builders import case, database

PROCEDURE = (
    CaseStatus.EARLY_SIGN, CaseStatus.SUSPECTED, CaseStatus.PERSUADING, CaseStatus.REPORTED,
    CaseStatus.NOTICE_SERVED, CaseStatus.HANDED_OVER, CaseStatus.LEGAL_ACTION,
    CaseStatus.RETURNED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED,
)  # fmt: skip


def test_a_case_walks_through_the_whole_procedure() -> None:
    walked = case(status=PROCEDURE[0])
    for status in PROCEDURE[1:]:
        walked = walked.move_to(status)
    assert not walked.is_open


def test_no_step_of_the_procedure_can_be_skipped() -> None:
    with pytest.raises(CaseError, match="不能从“疑似”改为“报告单已报”；可以改为：劝返中"):
        case(status=CaseStatus.SUSPECTED).move_to(CaseStatus.REPORTED)


def test_every_status_has_its_moves_and_every_move_leads_to_a_status() -> None:
    assert set(NEXT_STATUS) == set(CaseStatus)
    assert set().union(*NEXT_STATUS.values()) == set(CaseStatus) - {CaseStatus.EARLY_SIGN}


def test_every_open_case_can_be_closed_in_the_end() -> None:
    closable = {CaseStatus.CLOSED}
    while grown := {s for s in CaseStatus if NEXT_STATUS[s] & closable} - closable:
        closable |= grown
    assert closable == set(CaseStatus)


def test_relapse_reopens_from_every_end_but_death() -> None:
    ends = {CaseStatus.RETURNED, CaseStatus.FOLLOW_UP, CaseStatus.CLOSED} | SIDE_EXITS
    reopen = {status for status in ends if CaseStatus.SUSPECTED in NEXT_STATUS[status]}
    assert ends - reopen == {CaseStatus.DECEASED}


def test_a_pupil_has_one_open_case_at_most(tmp_path: Path) -> None:
    engine = database(tmp_path)
    with case_store(engine) as store:
        store.cases.add(case(), by="T1")
    with pytest.raises(CaseError, match="已有未销号的案件"), case_store(engine) as store:
        store.cases.add(case(), by="T2")
    with case_reader(engine) as store:
        assert len(store.cases.open_in("S1")) == 1


def test_an_unknown_case_is_named(tmp_path: Path) -> None:
    with case_reader(database(tmp_path)) as store, pytest.raises(CaseError, match="没有编号为 9"):
        store.cases.get(9)


def test_a_case_that_was_never_opened_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match="尚未立案"), case_store(database(tmp_path)) as store:
        store.cases.save(case(), by="T1")
