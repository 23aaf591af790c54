"""Comparisons of registers are kept, and a doubtful pair is asked about once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.domain.match import (
    Comparison,
    Evidence,
    FindingKind,
    Pair,
    PairState,
    Person,
    RegisterFinding,
)
from kongchuo_risk.errors import CaseError

DAY = date(2025, 9, 8)
NAME = "合成姓名"  # a text that must never stand in the database as it is
HOUSE = Person("户籍", "h1", NAME, "男", "2012-05-01", "东村")
PUPIL = Person("学籍", "r1", NAME, "男", "2012-05-10", student_id="a")
DOUBT = Pair(HOUSE, PUPIL, None, (Evidence("姓名", NAME, NAME, "相同", 9.5),), "出生日期不同")
OTHER = replace(DOUBT, left=replace(HOUSE, person="h2"), probability=0.7)


def comparison(day: date = DAY, *queue: Pair, title: str = "户籍比对学籍") -> Comparison:
    finding = RegisterFinding(FindingKind.NOT_AT_SCHOOL, PUPIL, "近 20 天未到校", other=HOUSE)
    return Comparison(
        title, "户籍", "学籍", day, 3, 2, {"在学籍": 2, "失学疑似": 1}, (finding,), queue,
        threshold=0.9, notes=("合成",),
    )  # fmt: skip


def kept(engine: Engine, *args: Comparison) -> list[int]:
    with case_store(engine) as store:
        return [store.matches.add(one, by="学籍员") for one in args]


def test_a_comparison_comes_back_as_it_was_with_its_parts_numbered(engine: Engine) -> None:
    stored = comparison(DAY, DOUBT, OTHER)
    (number,) = kept(engine, stored)
    with case_reader(engine) as store:
        back = store.matches.get(number)
        assert [pair.id for pair in back.queue] == [1, 2]
        plain = tuple(replace(part, id=None) for part in back.queue)
        found = tuple(replace(part, id=None) for part in back.findings)
        assert replace(back, queue=plain, findings=found) == stored
        assert list(back.counts) == ["在学籍", "失学疑似"]
        assert [(c.title, c.day, c.by) for c in store.matches.all()] == [
            ("户籍比对学籍", DAY, "学籍员")
        ]
        with pytest.raises(CaseError, match="没有编号为 9 的比对"):
            store.matches.get(9)


def test_a_pair_is_decided_once_unless_the_word_is_taken_back(engine: Engine) -> None:
    kept(engine, comparison(DAY, DOUBT))
    with case_store(engine) as store:
        same = store.matches.decide(1, state=PairState.SAME, by="甲", note="户口本")
        assert (same.decided_by, same.note) == ("甲", "户口本")
        assert store.matches.waiting() == []
        with pytest.raises(CaseError, match="甲 已判断为“同一人”"):
            store.matches.decide(1, state=PairState.DIFFERENT, by="乙")
        store.matches.decide(1, state=PairState.WAITING, by="甲")
        assert [pair.id for pair in store.matches.waiting()] == [1]
        assert store.matches.decisions() == {}
        with pytest.raises(CaseError, match="没有编号为 7"):
            store.matches.decide(7, state=PairState.SAME, by="甲")


def test_what_was_decided_holds_when_the_register_is_delivered_anew(engine: Engine) -> None:
    kept(engine, comparison(DAY, DOUBT))
    with case_store(engine) as store:
        store.matches.decide(1, state=PairState.DIFFERENT, by="甲", note="堂兄弟")
    kept(engine, comparison(DAY + timedelta(days=30), DOUBT, OTHER))
    with case_store(engine) as store:
        assert [pair.left.person for pair in store.matches.waiting()] == ["h2"]
        assert [pair.note for pair in store.matches.decisions().values()] == ["堂兄弟"]
        store.matches.decide(2, state=PairState.WAITING, by="甲")
        assert store.matches.decisions() == {}


def test_only_the_newest_comparison_of_a_title_counts(engine: Engine) -> None:
    first, second, other = kept(
        engine, comparison(), comparison(DAY + timedelta(days=1)), comparison(title="学籍比对在校")
    )
    with case_reader(engine) as store:
        assert len(store.matches.of_pupil("a")) == 2
        assert [one.id for one in store.matches.all()] == [other, second, first]


def test_names_in_a_comparison_are_sealed(engine: Engine) -> None:
    kept(engine, comparison(DAY, DOUBT))
    with engine.connect() as connection:
        for table in ("comparisons", "comparison_pairs", "comparison_findings"):
            assert NAME not in str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
