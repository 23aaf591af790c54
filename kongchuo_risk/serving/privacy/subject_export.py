"""Everything known of one pupil, for the pupil or a guardian (个人信息保护法 第四十五条)."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.cases import AuditRow, case_reader, case_store, open_case_database
from kongchuo_risk.cases.holdings import TITLES, pupil_holdings
from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.privacy import load_privacy
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.domain.visit import StepKind
from kongchuo_risk.errors import CaseError, NotFoundError
from kongchuo_risk.reports.privacy_pages import SUBJECT_COVER, subject_cover
from kongchuo_risk.reports.privacy_values import RELATIONS, SubjectCover, SubjectRequest
from kongchuo_risk.serving.directory import build_directory
from kongchuo_risk.serving.plan_documents import file_name
from kongchuo_risk.serving.privacy.objections import objections_of
from kongchuo_risk.serving.privacy.own_records import identity_table, own_tables
from kongchuo_risk.serving.privacy.papers import withheld_reasons
from kongchuo_risk.serving.privacy.purposes import note_export, require_purpose
from kongchuo_risk.serving.privacy.wording import shown_row
from kongchuo_risk.serving.tables_book import Sheet, workbook
from kongchuo_risk.tables import load_records, load_staff_names
from kongchuo_risk.workspace import Workspace, replace_file

WHAT = "本人查询结果"
"""What the audit log calls it, after 导出."""
SECRET_STEPS = frozenset({StepKind.MANDATORY_REPORT, StepKind.LEGAL})
"""Steps whose telling could harm the child (未成年人保护法 第十一条)."""
_BY_SAFEGUARDING = "涉及保护未成年人的限制内容，须经授权人批准"
_OF_OTHERS = "其他学生、举报人的信息不在提供范围"
_SHEET_NAME = 31

Sections = Mapping[str, pd.DataFrame]


def export_subject(
    workspace: Workspace,
    student_id: str,
    request: SubjectRequest,
    folder: Path,
    *,
    actor: Actor,
    today: date,
) -> Path:
    """Write everything about one pupil into one zip: a cover, an Excel file and JSON.

    Names are opened. What only authorised people see (涉案, 限制性原因和措施, 强制报告) is left out
    unless ``request.authorised_by`` names who allowed it; the cover says what was left out.
    The export is in the audit log before the file exists.

    Parameters
    ----------
    workspace, student_id
        Whose data.
    request
        Who asks, and who checked it.
    folder
        Where the zip is put; made when missing.
    actor
        Who hands it over.
    today
        The day on the cover.

    Raises
    ------
    CaseError
        When the request does not say who asks, as what, why, and who checked it how.
    NotFoundError
        When nothing is known of such a pupil.
    """
    require_complete(request)
    settings = workspace.settings()
    schema, rules = load_schema(settings.data_schema), load_privacy(settings.data_schema)
    engine = open_case_database(workspace, settings.database_url)
    try:
        held = pupil_holdings(engine, student_id)
        with case_reader(engine) as store:
            looked, objections = store.audit_rows(student_id), objections_of(store, student_id)
        sections, withheld = _sections(workspace, student_id, held, looked, schema, request)
        place = _place(workspace, student_id, today)
        cover = SubjectCover(
            **place, day=today, made_by=actor.name, request=request,
            sections=tuple((title, len(table)) for title, table in sections.items()),
            withheld=withheld, objections=objections,
        )  # fmt: skip
        content = _zip(subject_cover(rules, cover), sections)
        with case_store(engine) as store:
            purpose = require_purpose(f"subject：{request.purpose}")
            note_export(store, actor.name, WHAT, purpose, subject=student_id)
            _note_request(actor.name, student_id, request, store)
    finally:
        engine.dispose()
    name = file_name(f"个人信息_{place['pupil_name']}_{student_id[:4]}_{today:%Y%m%d}")
    path = folder / f"{name}.zip"
    replace_file(path, content)
    return path


def require_complete(request: SubjectRequest) -> None:
    """Refuse a request that does not say who asks, as what, why, and who made sure of it.

    Raises
    ------
    CaseError
        Names everything that is missing.
    """
    needed = {
        "申请人": request.requested_by, "用途": request.purpose, "身份核验人": request.checked_by,
        "核验方式（看了什么证件）": request.checked_how,
    }  # fmt: skip
    missing = [title for title, value in needed.items() if not value.strip()]
    if request.relation not in RELATIONS:
        missing.append(f"与学生的关系（{'、'.join(RELATIONS)}）")
    if missing:
        raise CaseError(f"查询申请不完整，请写明：{'；'.join(missing)}")


def _note_request(actor: str, student_id: str, request: SubjectRequest, store: Any) -> None:
    store.note(
        actor,
        "核验查询申请",
        student_id,
        relation=request.relation,
        checked_by=request.checked_by,
        authorised_by=request.authorised_by,
    )


def _sections(
    workspace: Workspace,
    student_id: str,
    held: Mapping[str, Sequence[Mapping[str, Any]]],
    looked: Sequence[AuditRow],
    schema: Schema,
    request: SubjectRequest,
) -> tuple[dict[str, pd.DataFrame], tuple[tuple[str, str], ...]]:
    """Title → rows, and what is left out with the reason."""
    allowed = bool(request.authorised_by.strip())
    sections = {"身份信息": identity_table(workspace, student_id)}
    sections |= dict(own_tables(workspace, student_id, schema, restricted=allowed))
    hidden = 0
    for name, stored in held.items():
        open_rows = [row for row in stored if allowed or not _is_restricted(name, row)]
        hidden += len(stored) - len(open_rows)
        told = [shown_row(row if allowed else _guarded(row), schema) for row in open_rows]
        if told:
            sections[f"案件库·{TITLES[name].split('（')[0]}"] = pd.DataFrame(told).fillna("")
    sections["没有采用的理由（不稳定）"] = withheld_reasons(workspace, student_id)
    sections["谁看过、改过"] = _looks(looked)
    if all(table.empty for table in sections.values()):
        raise NotFoundError(f"没有编号为 {student_id} 的学生的任何资料。")
    withheld = [("其他人的信息", _OF_OTHERS)]
    if not allowed:
        withheld.insert(
            0, (f"限制内容（案件库 {hidden} 条，及涉案、居住村等栏）", _BY_SAFEGUARDING)
        )
    return {title: table for title, table in sections.items() if len(table)}, tuple(withheld)


def _is_restricted(name: str, row: Mapping[str, Any]) -> bool:
    return bool(row.get("restricted")) or (name == "steps" and row.get("kind") in SECRET_STEPS)


def _guarded(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row without causes that only safeguarding roles see, and without the place."""
    secret = {code for code, cause in load_causes().by_code.items() if cause.restricted}
    kept = {name: value for name, value in row.items() if name != "village"}
    if kept.get("cause") in secret:
        kept["cause"] = None
    if "causes" in kept:
        kept["causes"] = [code for code in kept["causes"] if code not in secret]
    return kept


def _looks(rows: Sequence[AuditRow]) -> pd.DataFrame:
    said = [(row.at[:16].replace("T", " "), row.actor, row.action) for row in rows]
    return pd.DataFrame(said, columns=["时间（UTC）", "谁", "做了什么"])


def _place(workspace: Workspace, student_id: str, today: date) -> dict[str, str]:
    """Names of school, class and pupil, as far as they are known."""
    records: Records = load_records(workspace, ("schools", "classes", "students"), as_of=today)
    names = build_directory(records, load_staff_names(workspace), today)
    latest = latest_by_student(records["students"], today)
    known = identity_table(workspace, student_id).set_index("项目")["内容"]
    row = latest.loc[student_id] if student_id in latest.index else None
    return {
        "school_name": names.school(str(row["school_code"])) if row is not None else "",
        "class_name": names.class_name(str(row["class_id"])) if row is not None else "",
        "pupil_name": str(known.get("姓名", "")),
    }


def _zip(cover: bytes, sections: Sections) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(SUBJECT_COVER.file_name, cover)
        package.writestr("个人信息.xlsx", workbook(list(_sheets(sections))))
        plain = {title: table.to_dict("records") for title, table in sections.items()}
        package.writestr("个人信息.json", json.dumps(plain, ensure_ascii=False, indent=1))
    return made.getvalue()


def _sheets(sections: Sections) -> Iterator[Sheet]:
    for title, table in sections.items():
        yield Sheet(title[:_SHEET_NAME], table)
