"""Every feature of the catalogue in plain pandas."""

from __future__ import annotations

from datetime import date

import pandas as pd

from kongchuo_risk.domain.records import Records
from tests.oracle.attendance import attendance_oracle
from tests.oracle.facts import (
    aid_oracle,
    behaviour_oracle,
    guardians_oracle,
    observations_oracle,
    roster_oracle,
    visits_oracle,
)
from tests.oracle.known import pupils_on
from tests.oracle.marks import marks_oracle
from tests.oracle.standing import moves_on, peers_oracle, registration_oracle, standing_oracle


def oracle(records: Records, as_of: date) -> pd.DataFrame:
    """Every feature of every pupil known on the day, indexed by ``student_id``."""
    day = pd.Timestamp(as_of)
    pupils = pupils_on(records, day)
    moves = moves_on(records, day, pupils)
    enrolled = standing_oracle(moves, day, pupils) == ""
    parts = [
        attendance_oracle(records, day, pupils, enrolled),
        marks_oracle(records, day, pupils),
        observations_oracle(records, day, pupils.index),
        behaviour_oracle(records, day, pupils.index),
        visits_oracle(records, day, pupils.index),
        roster_oracle(pupils),
        guardians_oracle(records, day, pupils.index),
        aid_oracle(records, day, pupils),
        peers_oracle(moves, day, pupils, enrolled),
        registration_oracle(records, day, pupils),
    ]
    return pd.concat(parts, axis=1)
