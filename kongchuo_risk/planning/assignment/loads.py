"""Loads of teachers in pupils and hours, and who answers for what: 包校, 包班, 包人."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from kongchuo_risk.contracts.assignment import AssignmentTerms, Level
from kongchuo_risk.domain.assignment import Guarantee
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.planning.assignment.explaining import HOMEROOM_KIND, MENTOR_KIND
from kongchuo_risk.planning.assignment.instance import MINUTES
from kongchuo_risk.planning.assignment.placing import Placed
from kongchuo_risk.planning.mentors import STAND_INS

COLUMNS = (
    "staff_no", "school_code", "places", "pupils", "hours_available", "hours_needed",
)  # fmt: skip


def load_table(schools: Iterable[Placed]) -> pd.DataFrame:
    """One row per member of staff; columns as of :attr:`Assignment.loads`."""
    rows = [row for placed in schools for row in _loads(placed)]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.replace({"hours_available": {float("inf"): float("nan")}})


def _loads(placed: Placed) -> Iterator[tuple[str, str, int, int, float, float]]:
    pupils, minutes, _ = placed.load()
    for j, adult in enumerate(placed.school.adults):
        yield (
            adult.staff_no, placed.school.code, int(placed.instance.places[j]), int(pupils[j]),
            adult.hours, minutes[j] / MINUTES,
        )  # fmt: skip


def guarantees_of(
    placed: Placed, pairings: Sequence[Pairing], terms: AssignmentTerms
) -> Iterator[Guarantee]:
    """校长包校, 班主任包班, 科任包人 (rules 33 and 34)."""
    code, pupils = placed.school.code, placed.school.pupils
    for adult in placed.school.adults:
        if adult.roles.intersection(STAND_INS):
            yield _guarantee("包校", adult.staff_no, code, "", len(pupils), terms)
    adult_of = {pairing.student_id: pairing.staff_no for pairing in pairings}
    answers = {pairing.student_id: pairing.kind for pairing in pairings}
    size = Counter(pupil.class_id for pupil in pupils)
    responsible: dict[str, str] = {}
    for pupil in pupils:
        if pupil.homeroom and placed.decisions.may_answer_for("", pupil.homeroom):
            responsible[pupil.class_id] = pupil.homeroom
        elif answers.get(pupil.student_id) == HOMEROOM_KIND:
            responsible.setdefault(pupil.class_id, adult_of[pupil.student_id])
    for class_id, number in sorted(responsible.items()):
        yield _guarantee("包班", number, code, class_id, size[class_id], terms)
    mentored = Counter(pair.staff_no for pair in pairings if pair.kind == MENTOR_KIND)
    for number, count in sorted(mentored.items()):
        yield _guarantee("包人", number, code, "", count, terms)


def _guarantee(
    level: Level, staff_no: str, code: str, class_id: str, pupils: int, terms: AssignmentTerms
) -> Guarantee:
    return Guarantee(level, staff_no, code, class_id, pupils, terms.source_of(level))
