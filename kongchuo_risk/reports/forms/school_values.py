"""Records of the case database as contents of the school's forms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.attendance import Absence, ClassSheet
from kongchuo_risk.domain.clock import part_of_session
from kongchuo_risk.domain.school_record import IssuedDocument, RecordKind, SchoolRecord
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.duty_letters import DUTY_LETTERS, LetterKind, letter_name
from kongchuo_risk.reports.forms.record_sheets import INSPECTION, MEETING, PUBLICITY
from kongchuo_risk.reports.forms.school_facts import Content, Heading, Row
from kongchuo_risk.reports.templates import Form, Kind

SESSIONS = ("AM", "PM")
_FORMS = {
    RecordKind.MEETING: (MEETING, "名称", "出席"),
    RecordKind.PUBLICITY: (PUBLICITY, "主题", "记录人"),
    RecordKind.INSPECTION: (INSPECTION, "对象", "督查人"),
}
"""Kind of record → its form, the field of its title, the field of its people."""


def heading_of(
    unit: str, day: date | None, document: IssuedDocument | None = None, period: str = ""
) -> Heading:
    """A heading, with number and signer where the paper was issued."""
    if document is None:
        return Heading(unit, period, day)
    return Heading(unit, period, document.issued_on, document.doc_no, document.signer)


def record_paper(
    record: SchoolRecord, unit: str, document: IssuedDocument | None = None
) -> tuple[str, Content]:
    """Name of the form and its content for a meeting, publicity, an inspection or a letter.

    Fields of the record that the form does not have are left out; the form's tables are not kept
    in records and stay empty.

    Raises
    ------
    ContractError
        When there is no form for this kind of record.
    """
    if record.kind is RecordKind.LETTER:
        return _letter(record, unit, document)
    if record.kind not in _FORMS:
        kinds = "、".join([RecordKind.LETTER, *_FORMS])
        raise ContractError(f"“{record.kind}”没有对应的表册；有表册的是：{kinds}")
    form, title, people = _FORMS[record.kind]
    texts = {title: record.title, people: "、".join(record.people), **_known(record, form)}
    return form.name, Content(heading_of(unit, record.day, document), texts)


def _letter(
    record: SchoolRecord, unit: str, document: IssuedDocument | None
) -> tuple[str, Content]:
    said = record.content.get("类别", "")
    if said not in set(LetterKind):
        raise ContractError(f"责任书的“类别”应为：{'、'.join(LetterKind)}")
    kind = LetterKind(said)
    parties = dict(zip(("甲方", "乙方"), record.people, strict=False))
    texts = {**parties, **_known(record, DUTY_LETTERS[kind])}
    heading = heading_of(unit, record.day, document, record.content.get("期间", ""))
    return letter_name(kind), Content(heading, texts)


def _known(record: SchoolRecord, form: Form) -> dict[str, str]:
    fields = {field.name for field in form.fields if field.kind is Kind.TEXT}
    return {name: text for name, text in record.content.items() if name in fields}


def class_day_content(
    sheets: Iterable[ClassSheet],
    heading: Heading,
    *,
    class_name: str,
    homeroom: str,
    names: Mapping[str, str],
) -> Content:
    """到校日报 of a class, from its sheets of one day; ``names`` has pupil → name."""
    ordered = sorted(sheets, key=lambda sheet: sheet.session)
    return Content(
        heading,
        {"班级": class_name, "班主任": homeroom},
        tables={
            "时段": [_session(sheet) for sheet in ordered],
            "缺席": [_absent(sheet, one, names) for sheet in ordered for one in sheet.absences],
        },
    )


def _session(sheet: ClassSheet) -> Row:
    return {
        "时段": part_of_session(sheet.session),
        "应到": sheet.enrolled,
        "实到": sheet.present,
        "缺席": sheet.absent,
        "迟到早退": len(sheet.absences) - sheet.absent,
        "点名人": sheet.taken_by,
        "填报时间": sheet.taken_at[11:16],
    }


def _absent(sheet: ClassSheet, absence: Absence, names: Mapping[str, str]) -> Row:
    schema = load_schema()
    said = (schema.label("absence_reason", absence.reason), absence.note)
    return {
        "时段": part_of_session(sheet.session),
        "姓名": names.get(absence.student_id, absence.student_id),
        "类型": schema.label("attendance_kind", absence.kind),
        "原因": "；".join(text for text in said if text),
    }


def school_day_content(
    sheets: Sequence[ClassSheet],
    heading: Heading,
    *,
    classes: Mapping[str, tuple[str, str]],
    names: Mapping[str, str],
) -> Content:
    """到校日报 of a school, from the sheets of one day.

    Parameters
    ----------
    sheets
        Of all classes; what has no sheet is named as missing.
    heading
        Of the school.
    classes
        Class → its name and its teacher, in the order of printing.
    names
        Pupil → name.
    """
    by_class = {(sheet.class_id, sheet.session): sheet for sheet in sheets}
    missing = [
        f"{name}（{part_of_session(session)}）"
        for class_id, (name, _) in classes.items()
        for session in SESSIONS
        if (class_id, session) not in by_class
    ]
    lines = [_class_line(class_id, *said, by_class) for class_id, said in classes.items()]
    return Content(
        heading,
        {"未报": "、".join(missing) or "无"},
        tables={
            "班级": [*lines, _total(lines)],
            "缺席": [
                _unexplained(sheet, absence, classes, names)
                for sheet in sheets
                for absence in sheet.absences
                if absence.is_unexplained
            ],
        },
    )


def _class_line(
    class_id: str, name: str, homeroom: str, sheets: Mapping[tuple[str, str], ClassSheet]
) -> dict[str, object]:
    line: dict[str, object] = {"班级": name, "班主任": homeroom}
    unexplained = set()
    for session in SESSIONS:
        sheet, part = sheets.get((class_id, session)), part_of_session(session)
        if sheet is not None:
            counts = {"应到": sheet.enrolled, "实到": sheet.present, "缺席": sheet.absent}
            line |= {f"{part}{what}": count for what, count in counts.items()}
            unexplained |= {one.student_id for one in sheet.absences if one.is_unexplained}
    return {**line, "无故": len(unexplained)}


def _total(lines: Iterable[Mapping[str, object]]) -> dict[str, object]:
    total: dict[str, int] = {}
    for line in lines:
        for column, count in line.items():
            if isinstance(count, int):
                total[column] = total.get(column, 0) + count
    return {"班级": "合计", **total}


def _unexplained(
    sheet: ClassSheet,
    absence: Absence,
    classes: Mapping[str, tuple[str, str]],
    names: Mapping[str, str],
) -> Row:
    said = _absent(sheet, absence, names)
    return {
        "班级": classes.get(sheet.class_id, (sheet.class_id, ""))[0],
        "姓名": said["姓名"],
        "时段": said["时段"],
        "已知情况": said["原因"],
    }
