"""包保 and 一帮一: who takes charge of whom, by exact optimisation within every cap."""

from kongchuo_risk.planning.assignment.assigning import assign_mentors
from kongchuo_risk.planning.assignment.peers import pair_peers

__all__ = ["assign_mentors", "pair_peers"]
