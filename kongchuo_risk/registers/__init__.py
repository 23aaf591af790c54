"""四查三比对: registers compared with one another."""

from kongchuo_risk.registers.comparing import compare_household_with_roll, compare_with_roster
from kongchuo_risk.registers.duplicates import find_duplicates
from kongchuo_risk.registers.linking import REVIEW, THRESHOLD, Links, link
from kongchuo_risk.registers.poverty import compare_dropouts_with_poverty, people_found
from kongchuo_risk.registers.presence import (
    compare_roll_with_attendance,
    compare_roll_with_headcount,
)
from kongchuo_risk.registers.roll import roll_people
from kongchuo_risk.registers.synthetic import Noise, Registers, synthetic_registers

__all__ = [
    "REVIEW",
    "THRESHOLD",
    "Links",
    "Noise",
    "Registers",
    "compare_dropouts_with_poverty",
    "compare_household_with_roll",
    "compare_roll_with_attendance",
    "compare_roll_with_headcount",
    "compare_with_roster",
    "find_duplicates",
    "link",
    "people_found",
    "roll_people",
    "synthetic_registers",
]
