"""Allotment of scarce places, hours, money and visits by expected benefit, under every cap."""

from kongchuo_risk.domain.allotment import Candidate
from kongchuo_risk.planning.allotment.allotting import allot
from kongchuo_risk.planning.allotment.recall import recall_lost
from kongchuo_risk.planning.allotment.supply import supplies

__all__ = ["Candidate", "allot", "recall_lost", "supplies"]
