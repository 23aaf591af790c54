"""Measures delivered → what they did: designs that can tell, intervals, and 尚不能判断 otherwise.

A comparison of the same pupils before and after, or of treated with untreated pupils, is made
nowhere in this package: help goes to those in trouble, so either would mostly measure the trouble.
"""

from kongchuo_risk.effects.dose import dose_table
from kongchuo_risk.effects.phased import estimate_phased
from kongchuo_risk.effects.starts import find_starts
from kongchuo_risk.effects.threshold import estimate_threshold, margins
from kongchuo_risk.effects.verdicts import judge

__all__ = [
    "dose_table",
    "estimate_phased",
    "estimate_threshold",
    "find_starts",
    "judge",
    "margins",
]
