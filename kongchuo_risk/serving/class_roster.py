"""Which pupil a sheet of paper means: by name within a class, or by a short code."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kongchuo_risk.reports.forms.school_facts import PupilLine
from kongchuo_risk.serving.casework.roll import Roll

CODE_SIGNS = 6
"""Fewest signs of a pseudonym that stand on paper."""


class NoSuchPupilError(ValueError):
    """A row names nobody, or more than one; the text says what would be right."""

    def __init__(self, column: str, advice: str) -> None:
        super().__init__(advice)
        self.column, self.advice = column, advice


@dataclass(frozen=True)
class Roster:
    """Pupils as they are named on paper.

    Examples
    --------
    >>> pupils = [PupilLine("a1b2c3d4", "学生甲", "a1b2c3", "七年级1班", "C1")]
    >>> Roster(pupils).find("七年级1班", "学生 甲").student_id
    'a1b2c3d4'
    """

    pupils: Sequence[PupilLine]

    @cached_property
    def _of_class(self) -> dict[str, list[PupilLine]]:
        groups: dict[str, list[PupilLine]] = {}
        for pupil in self.pupils:
            for word in {plain(pupil.class_name), plain(pupil.class_id)}:
                groups.setdefault(word, []).append(pupil)
        return groups

    def of_class(self, class_word: str) -> list[PupilLine]:
        """Pupils of a class, by its name or its code.

        Raises
        ------
        NoSuchPupilError
            When there is no such class, or several schools have one.
        """
        found = self._of_class.get(plain(class_word), [])
        if not found:
            known = "、".join(sorted({pupil.class_name for pupil in self.pupils})[:8])
            raise NoSuchPupilError("班级", f"没有这个班；应照花名册写，例如：{known}")
        if len({pupil.class_id for pupil in found}) > 1:
            raise NoSuchPupilError("班级", "不止一所学校有这个班；请写班级代码")
        return found

    def find(self, class_word: str, name: str, code: str = "") -> PupilLine:
        """The one pupil that a row means.

        Raises
        ------
        NoSuchPupilError
            Says in which column, and what would be right: for namesakes their codes.
        """
        pupils = self.of_class(class_word) if class_word else list(self.pupils)
        if code:
            return _by_code(pupils, name, code)
        if not (class_word and name):
            raise NoSuchPupilError("姓名", "请写班级和姓名，或写学生代码")
        found = [pupil for pupil in pupils if plain(pupil.name) == plain(name)]
        if len(found) > 1:
            codes = "、".join(sorted(pupil.code for pupil in found))
            raise NoSuchPupilError(
                "学生代码", f"本班有 {len(found)} 名同名学生，请填学生代码：{codes}"
            )
        if not found:
            raise NoSuchPupilError("姓名", "本班没有这名学生；请核对姓名和班级")
        return found[0]


def _by_code(pupils: Iterable[PupilLine], name: str, code: str) -> PupilLine:
    word = plain(code)
    known = [pupil for pupil in pupils if plain(pupil.student_id).startswith(word)]
    exact = [pupil for pupil in known if plain(pupil.code) == word or pupil.student_id == code]
    if len(word) < CODE_SIGNS and not exact:
        raise NoSuchPupilError("学生代码", f"代码至少写前 {CODE_SIGNS} 位")
    found = exact or known
    if len(found) != 1:
        advice = "没有这个代码的学生" if not found else "几名学生的代码都这样开头，请写全"
        raise NoSuchPupilError("学生代码", f"{advice}；也可以只写班级和姓名")
    if name and plain(found[0].name) != plain(name):
        raise NoSuchPupilError("学生代码", "代码和姓名不是同一名学生，请核对")
    return found[0]


def plain(text: str) -> str:
    """Half-width, without spaces, in small letters: how names are compared.

    >>> plain("七年级（２）班 ")
    '七年级(2)班'
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).lower()


def roster_of(roll: Roll, class_ids: Iterable[str] | None = None) -> Roster:
    """Pupils of classes as of the roll's day; of all classes when none are named."""
    wanted = list(roll.classes if class_ids is None else class_ids)
    pupils = [pupil for class_id in wanted for pupil in roll.of_class(class_id)]
    names = roll.names(pupils)
    codes = short_codes(pupils)
    lines = [
        PupilLine(
            student_id=pupil, name=names[pupil], code=codes[pupil],
            class_name=roll.directory.class_name(class_id), class_id=class_id,
            school_code=roll.school_of_class[class_id],
        )
        for class_id in wanted
        for pupil in roll.of_class(class_id)
    ]  # fmt: skip
    return Roster(lines)


def short_codes(student_ids: Iterable[str]) -> Mapping[str, str]:
    """Pseudonym → as many of its first signs as tell it from the others, at least six.

    >>> dict(short_codes(["abcdef11", "abcdef12", "b1c2d3e4"]))
    {'abcdef11': 'abcdef11', 'abcdef12': 'abcdef12', 'b1c2d3e4': 'b1c2d3'}
    """
    ordered = sorted(set(student_ids))
    neighbours = zip(["", *ordered[:-1]], ordered, [*ordered[1:], ""], strict=True)
    return {
        own: own[: max(CODE_SIGNS, _common(before, own) + 1, _common(own, after) + 1)]
        for before, own, after in neighbours
    }


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))
