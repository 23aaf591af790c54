"""One school's assignment as numbers of staff: what the explanations, loads and changes read."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from kongchuo_risk.contracts.assignment import AssignmentTerms
from kongchuo_risk.planning.assignment.costs import Fit, fit_of, hours_needed, instance_of
from kongchuo_risk.planning.assignment.instance import Instance, Integers
from kongchuo_risk.planning.assignment.rules import Caps, Decisions, within_caps
from kongchuo_risk.planning.assignment.schools import NOBODY, Pupil, School
from kongchuo_risk.planning.assignment.solver import Solution, solve


@dataclass(frozen=True)
class Placed:
    """Who needs a mentor and who got one.

    Attributes
    ----------
    wanted
        Pupils on the list, and those with a fixed mentor, the one at most risk first.
    row
        Pupil → row of the arrays.
    fixed
        Fixed points that were carried out.
    problems
        Fixed points that were not, and why.
    """

    school: School
    decisions: Decisions
    terms: AssignmentTerms
    wanted: tuple[Pupil, ...]
    row: Mapping[str, int]
    fixed: Mapping[str, str]
    problems: tuple[str, ...]
    fit: Fit
    instance: Instance
    solution: Solution

    def mentor(self, student_id: str) -> str:
        """Staff number of the mentor, or :data:`NOBODY`."""
        row = self.row.get(student_id)
        if row is None or not self.solution.placed[row]:
            return NOBODY
        adult = self.school.adults[int(self.solution.mentor[row])]
        return adult.staff_no

    def load(self) -> tuple[Integers, Integers, Integers]:
        """Pupils, minutes and 红 pupils of every adult."""
        rows = np.flatnonzero(self.solution.placed)
        columns, size = self.solution.mentor[rows], len(self.school.adults)
        weights = (np.ones(len(rows)), self.instance.minutes[rows], self.instance.red[rows])
        pupils, minutes, reds = (
            np.bincount(columns, weights=weight, minlength=size).astype(np.int64)
            for weight in weights
        )
        return pupils, minutes, reds

    def without_mentor(self) -> list[Pupil]:
        """Those who need a mentor and have none, the one at most risk first."""
        return [self.wanted[row] for row in np.flatnonzero(~self.solution.placed)]


def place_all(
    schools: Sequence[School], decisions: Decisions, terms: AssignmentTerms
) -> list[Placed]:
    """Find mentors in every school, several at once: HiGHS lets other threads run meanwhile."""

    def one(school: School) -> Placed:
        return place(school, decisions, terms)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(one, schools))


def place(school: School, decisions: Decisions, terms: AssignmentTerms) -> Placed:
    """Find mentors for the pupils of one school."""
    wanted = _wanted(school, decisions)
    caps = Caps(
        (adult for adult in school.adults if adult.staff_no not in decisions.away),
        terms.limits.red_per_mentor.value,
    )
    fixed, problems = within_caps(decisions, wanted, caps, hours_needed(wanted, terms).tolist())
    wanted = [pupil for pupil in wanted if pupil.listed or pupil.student_id in fixed]
    fit = fit_of(wanted, school.adults, terms)
    instance = instance_of(wanted, school.adults, fit, fixed, decisions, terms)
    return Placed(
        school, decisions, terms, tuple(wanted),
        {pupil.student_id: row for row, pupil in enumerate(wanted)},
        fixed, tuple(problems), fit, instance, solve(instance),
    )  # fmt: skip


def _wanted(school: School, decisions: Decisions) -> list[Pupil]:
    found = [
        pupil for pupil in school.pupils if pupil.listed or pupil.student_id in decisions.fixed
    ]
    return sorted(found, key=lambda pupil: (not pupil.listed, pupil.rank, pupil.student_id))
