"""一帮一: who may help whom."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.planning.assignment import pair_peers

DAY = date(2026, 3, 2)


def _needing(**subjects: tuple[str, ...]) -> pd.DataFrame:
    rows = [(pupil, "C1", needed) for pupil, needed in subjects.items()]
    return pd.DataFrame(rows, columns=["student_id", "class_id", "subjects"])


def _shares(class_id: str = "C1", subject: str = "maths", **share: float) -> pd.DataFrame:
    rows = [(pupil, class_id, subject, value) for pupil, value in share.items()]
    return pd.DataFrame(rows, columns=["student_id", "class_id", "subject", "share"])


def _consents(*pupils: str) -> list[AssignmentRule]:
    return [AssignmentRule(RuleKind.CONSENT, student_id=pupil) for pupil in pupils]


def _pairs(found) -> dict[str, str]:
    return {pair.student_id: pair.helper for pair in found}


def test_a_willing_classmate_clearly_ahead_helps() -> None:
    shares = _shares(a=0.1, h=0.9)
    [pair] = pair_peers(_needing(a=("maths",)), shares, _consents("h"), day=DAY)
    assert (pair.helper, pair.subjects) == ("h", ("maths",))
    assert pair.why == "同班，自愿帮助；数学明显领先，不是直接竞争对手"


def test_as_many_pairs_as_possible_and_one_pupil_each() -> None:
    """``g`` could help both, ``h`` only ``a``: so ``g`` helps ``b``."""
    shares = pd.concat([_shares(a=0.1, b=0.5, g=0.9, h=0.6)])
    needing = _needing(a=("maths",), b=("maths",))
    found = pair_peers(needing, shares, _consents("g", "h"), day=DAY)
    assert _pairs(found) == {"a": "h", "b": "g"}


def test_without_a_helper_the_reason_is_told() -> None:
    shares = pd.concat([_shares(a=0.1, b=0.2, h=0.3), _shares("C2", x=0.9)])
    need = _needing(a=("maths",))

    def told(*rules: AssignmentRule, shares=shares, barred=()) -> str:
        return pair_peers(need, shares, rules, day=DAY, barred=barred)[0].why

    assert "没有同学自愿" in told()
    assert "没有同学自愿" in told(*_consents("x"))
    assert "没有明显领先" in told(*_consents("h"))
    ahead = _shares(a=0.1, h=0.9)
    rival = AssignmentRule(RuleKind.RIVAL, student_id="h", other_student="a")
    assert "不宜结对" in told(*_consents("h"), rival, shares=ahead)
    assert "没有同学自愿" in told(*_consents("h"), shares=ahead, barred={"h"})


def test_a_consent_that_has_ended_does_not_count() -> None:
    ended = AssignmentRule(RuleKind.CONSENT, student_id="h", last=date(2026, 1, 31))
    assert _pairs(pair_peers(_needing(a=("maths",)), _shares(a=0.1, h=0.9), [ended], day=DAY)) == {
        "a": ""
    }


def test_who_needs_help_does_not_help() -> None:
    needing = _needing(a=("maths",), h=("maths",))
    found = pair_peers(needing, _shares(a=0.1, h=0.9), _consents("h"), day=DAY)
    assert _pairs(found) == {"a": "", "h": ""}
