"""The byte that stands for a pupil's half-day, mildest first."""

from __future__ import annotations

UNKNOWN = 0
"""No class sheet and no exception, no school, or a day on which much of the school was away."""
PRESENT = 1
LATE = 2
LEFT_EARLY = 3
SICK = 4
PERSONAL = 5
NOT_REPORTED = 6
UNEXCUSED = 7
N_CODES = 8

CODE_OF_KIND = {
    "late": LATE,
    "left_early": LEFT_EARLY,
    "sick": SICK,
    "personal": PERSONAL,
    "not_reported": NOT_REPORTED,
    "unexcused": UNEXCUSED,
}
"""Kinds of the attendance table that count; the others are noted and count as nothing. One
half-day has one code: what became known last, and of what became known on one day the mildest."""
FIRST_ABSENT = SICK
FIRST_UNEXCUSED = NOT_REPORTED
