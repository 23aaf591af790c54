"""How many of those who later left had been denied something that they asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kongchuo_risk.domain.allotment import Allotment, Candidate, RecallLost


def recall_lost(
    allotment: Allotment,
    candidates: Sequence[Candidate] | pd.DataFrame,
    event: Mapping[str, bool],
) -> RecallLost:
    """Of the pupils who later left, those who got every scarce measure they asked for.

    Parameters
    ----------
    allotment
        What was allotted on a past day.
    candidates
        What was asked for.
    event
        student_id → whether the pupil later left. Pupils whose outcome is not known are not in it
        and do not count; nor do those who left without having asked for anything scarce.
    """
    asked: dict[str, set[tuple[str, str]]] = {}
    for student_id, measure in _names(candidates):
        asked.setdefault(student_id, set()).add((student_id, measure))
    left = [pupil for pupil in asked if event.get(pupil, False)]
    served = sum(asked[pupil] <= allotment.chosen for pupil in left)
    return RecallLost(left_school=len(left), served=served)


def _names(candidates: Sequence[Candidate] | pd.DataFrame) -> list[tuple[str, str]]:
    if isinstance(candidates, pd.DataFrame):
        return list(zip(candidates["student_id"], candidates["measure"], strict=True))
    return [(each.student_id, each.measure) for each in candidates]
