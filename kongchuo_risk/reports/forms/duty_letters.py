"""责任书: five letters in which two sides say what each does, with the targets of the profile."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from kongchuo_risk.contracts.procedure import Procedure, Target
from kongchuo_risk.reports.forms.school_facts import Content, Heading, Row, target_words
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import short_sources

WHOLE_SCHOOL = "全部"
"""Stage of a target that holds for every stage without one of its own."""


class LetterKind(StrEnum):
    """Who signs with whom (seed rules 25, 29, 36–39)."""

    OFFICE_SCHOOL = "中心校与学校"
    PRINCIPAL_HOMEROOM = "校长与班主任"
    SCHOOL_TEACHER = "学校与教师"
    TEACHER_PARENT = "教师与家长"
    TOWNSHIP_VILLAGE = "乡镇政府与村委会"


_ISSUED = (
    Field("文号", "学校发文编号；没有时留空线（规则144）"),
    Field("签发人", "签发人姓名；没有时留空线（规则144）"),
    Field("范围", "乙方负责的范围，例如 七年级2班 45 名学生；没有时留空线"),
)
_HEAD = (
    Field("单位名称", "出具责任书的单位"),
    Field("期间", "学年，例如 2025—2026学年"),
    Field("日期", "签订日期；没有时留空线"),
    Field("甲方", "甲方名称；没有时留空线"),
    Field("乙方", "乙方名称；没有时留空线"),
)
_TARGETS = Field(
    "指标",
    "目标，取自地方规则（profiles）；没有时不印",
    Kind.ENTRIES,
    (
        Field("序号", "1、2、3 …"),
        Field("项目", "指标名称"),
        Field("要求", "例如 100%、为 0、不低于 95%"),
        Field("依据", "规则编号或文件"),
    ),
)
_PURPOSES = {
    LetterKind.OFFICE_SCHOOL: "中心校（学区）与学校每学年签订，写明双方做什么、目标和口径。",
    LetterKind.PRINCIPAL_HOMEROOM: "校长与班主任每学年签订。",
    LetterKind.SCHOOL_TEACHER: "学校与科任教师、包保教师每学年签订，分解到人。",
    LetterKind.TEACHER_PARENT: "教师与家长的约定：自愿、平等，没有处罚，不签也不影响孩子上学。",
    LetterKind.TOWNSHIP_VILLAGE: "乡镇政府与村（居）委会签订，学校协助。",
}


def letter_name(kind: LetterKind) -> str:
    """Name of the form.

    >>> letter_name(LetterKind.TEACHER_PARENT)
    '责任书（教师与家长）'
    """
    return f"责任书（{kind}）"


def _form(kind: LetterKind) -> Form:
    official = (*_ISSUED, *_HEAD, _TARGETS)
    parents = (*_HEAD, Field("学生姓名", "学生姓名"))
    fields = parents if kind is LetterKind.TEACHER_PARENT else official
    return Form(letter_name(kind), _PURPOSES[kind], fields)


DUTY_LETTERS: Mapping[LetterKind, Form] = {kind: _form(kind) for kind in LetterKind}


def letter_content(
    kind: LetterKind,
    heading: Heading,
    *,
    party: str,
    other: str,
    scope: str = "",
    pupil: str = "",
    procedure: Procedure | None = None,
    stage: str = WHOLE_SCHOOL,
) -> Content:
    """What a letter is filled with.

    Parameters
    ----------
    kind
        Which letter.
    heading
        Its ``period`` is the school year.
    party, other
        甲方 and 乙方.
    scope
        What 乙方 answers for; not in a letter to parents.
    pupil
        Of a letter between teacher and parents.
    procedure
        The profile's; its targets are printed, except in a letter to parents.
    stage
        小学 or 初中: which of the targets.
    """
    texts = {"甲方": party, "乙方": other}
    if kind is LetterKind.TEACHER_PARENT:
        return Content(heading, {**texts, "学生姓名": pupil})
    targets = target_rows(procedure.targets, stage) if procedure is not None else ()
    return Content(heading, {**texts, "范围": scope}, tables={"指标": targets})


def target_rows(
    targets: Mapping[str, Mapping[str, Target]], stage: str = WHOLE_SCHOOL
) -> tuple[Row, ...]:
    """Targets of a stage: its own, else those of all stages.

    >>> every = {"包保覆盖率": {"全部": Target(at_least=1, source=("26",))}}
    >>> target_rows(every, "初中")
    ({'项目': '包保覆盖率', '要求': '100%', '依据': '规则26'},)
    """
    chosen = {name: own.get(stage) or own.get(WHOLE_SCHOOL) for name, own in targets.items()}
    return tuple(
        {"项目": name, "要求": target_words(target), "依据": _sources(target)}
        for name, target in chosen.items()
        if target is not None
    )


def _sources(target: Target) -> str:
    named = (f"规则{source}" if source.isdecimal() else source for source in target.source)
    return short_sources(named)
