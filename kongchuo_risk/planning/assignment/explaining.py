"""Why this adult: the terms that hold, and what kept the class teacher away; in Chinese."""

from __future__ import annotations

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.assignment import AssignmentRule
from kongchuo_risk.domain.plan import Pairing
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.planning.assignment.instance import MINUTES
from kongchuo_risk.planning.assignment.placing import Placed
from kongchuo_risk.planning.assignment.schools import NOBODY, Adult, Pupil

MENTOR_KIND = "包保教师"
HOMEROOM_KIND = "班主任"


class Explainer:
    """Tells the pairings of one school."""

    def __init__(self, placed: Placed) -> None:
        self._placed = placed
        self._load = placed.load()
        self._column = {adult.staff_no: j for j, adult in enumerate(placed.school.adults)}

    def pairing(self, pupil: Pupil) -> Pairing | None:
        """The responsible adult of a pupil, and why; ``None`` when nobody may answer."""
        mentor = self._placed.mentor(pupil.student_id)
        if mentor:
            return Pairing(pupil.student_id, mentor, MENTOR_KIND, self._why_mentor(pupil, mentor))
        adult = self._responsible(pupil)
        if adult == NOBODY:
            return None
        return Pairing(pupil.student_id, adult, HOMEROOM_KIND, self._why_adult(pupil, adult))

    def lacking(self, adult: Adult, pupil: Pupil) -> str:
        """What the adult has no room for; empty when the pupil would fit."""
        column = self._column[adult.staff_no]
        pupils, minutes, reds = (int(load[column]) for load in self._load)
        terms = self._placed.terms
        limit = terms.limits.red_per_mentor.value
        if adult.places == 0:
            return "没有包保名额"
        if pupils >= adult.places:
            return "包保名额已满"
        if minutes + terms.hours[pupil.tier] * MINUTES > adult.hours * MINUTES + 1e-6:
            return "每周可用课时已满"
        if pupil.tier == Tier.RED and reds >= limit:
            return f"已有 {reds} 名红色学生"
        return ""

    def _responsible(self, pupil: Pupil) -> str:
        """Class teacher, else who leads the school, else whoever may."""
        may = self._placed.decisions.may_answer_for
        chain = (pupil.homeroom, *self._placed.school.leaders)
        return next((who for who in chain if who and may(pupil.student_id, who)), NOBODY)

    def _why_mentor(self, pupil: Pupil, mentor: str) -> str:
        if pupil.student_id in self._placed.fixed:
            rule = self._placed.decisions.fixed[pupil.student_id]
            return f"校长指定：{rule.why}" if rule.why else "校长指定"
        reasons = self._holding(pupil, mentor)
        if mentor != pupil.homeroom:
            reasons.append(self._not_the_class_teacher(pupil))
        return "；".join(reasons)

    def _holding(self, pupil: Pupil, mentor: str) -> list[str]:
        """Phrases of the terms that hold, the weightiest first."""
        row, column = self._placed.row[pupil.student_id], self._column[mentor]
        held = {name for name, holds in self._placed.fit.held.items() if holds[row, column]}
        if self._with_siblings(pupil, mentor):
            held.add("siblings")
        terms = sorted(self._placed.terms.terms, key=lambda term: -term.weight)
        subjects = self._subjects(pupil, self._placed.school.adults[column])
        asked = [f"符合家长要求（{rule.value}）" for rule in self._asks(pupil)]
        told = [term.told.format(subjects=subjects) for term in terms if term.id in held]
        return asked + told

    def _subjects(self, pupil: Pupil, adult: Adult) -> str:
        codes = load_schema().codes["subject"]
        return "、".join(codes.label(name) for name in pupil.needs if name in adult.subjects)

    def _with_siblings(self, pupil: Pupil, mentor: str) -> bool:
        return bool(pupil.household) and any(
            other.household == pupil.household and self._placed.mentor(other.student_id) == mentor
            for other in self._placed.wanted
            if other.student_id != pupil.student_id
        )

    def _asks(self, pupil: Pupil) -> list[AssignmentRule]:
        return self._placed.decisions.asks.get(pupil.student_id, [])

    def _not_the_class_teacher(self, pupil: Pupil) -> str:
        teacher = self._placed.school.by_number.get(pupil.homeroom)
        if teacher is None:
            return "本班没有登记班主任，由总体最合适的教师担任"
        absent = self._kept_away(pupil, teacher)
        if absent:
            return absent
        lacking = self.lacking(teacher, pupil)
        return f"班主任{lacking}" if lacking else "综合各项条件，比班主任更合适"

    def _kept_away(self, pupil: Pupil, teacher: Adult) -> str:
        """What the rules have against the class teacher."""
        if teacher.staff_no in self._placed.decisions.away:
            return "班主任请假"
        against = self._placed.decisions.against(pupil.student_id, teacher)
        if not against:
            return ""
        rule = against[0]
        wish = f"家长{rule.kind}“{rule.value}”" if rule.value else f"{rule.kind}班主任"
        return f"{wish}（{rule.why}）" if rule.why else wish

    def _why_adult(self, pupil: Pupil, adult: str) -> str:
        first = self._why_unplaced(pupil) if pupil.listed else ""
        if adult == pupil.homeroom:
            return f"{first}，由班主任负责" if first else "班主任包班，负责全班学生"
        teacher = self._placed.school.by_number.get(pupil.homeroom)
        if pupil.homeroom == NOBODY or teacher is None:
            cause = "本班没有登记班主任"
        else:
            cause = self._kept_away(pupil, teacher)
        told = "，".join(part for part in (first, cause) if part)
        return f"{told}，由学校负责人代管"

    def _why_unplaced(self, pupil: Pupil) -> str:
        row = self._placed.row[pupil.student_id]
        if self._placed.instance.allowed[row].any():
            return "本校包保名额已满" if self._all_full() else "有名额的教师课时或红色学生已满"
        against = "、".join(map(str, self._asks(pupil)))
        return f"没有符合{against}的教师" if against else "没有可以担任的教师"

    def _all_full(self) -> bool:
        return bool((self._load[0] >= self._placed.instance.places).all())
