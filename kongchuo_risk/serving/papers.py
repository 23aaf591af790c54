"""Forms filled from the database: one case, a whole class, or blank for the pen."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_store
from kongchuo_risk.contracts.causes import load_causes
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.actor import Actor
from kongchuo_risk.domain.case import Case
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.domain.visit import Notice, NoticeKind
from kongchuo_risk.procedure import CaseFacts
from kongchuo_risk.reports.forms.case_forms import case_form, case_form_named, case_form_set
from kongchuo_risk.reports.forms.catalogue import FORM_ENTRIES
from kongchuo_risk.reports.forms.facts import CaseFile, PupilCard, causes_of
from kongchuo_risk.serving.casework import Casework
from kongchuo_risk.serving.casework.commands import desks
from kongchuo_risk.serving.casework.room import facts_of
from kongchuo_risk.serving.privacy.purposes import require_purpose
from kongchuo_risk.serving.runs import Outcome
from kongchuo_risk.tables import load_identities
from kongchuo_risk.workspace import Workspace, replace_file

OWN_TEMPLATES = "forms"
"""Folder in the workspace with a school's own templates."""


def form_table() -> pd.DataFrame:
    """Every form as people read it."""
    rows = [
        {
            "表册": entry.name,
            "文件": str(entry.file_kind),
            "关于": str(entry.about),
            "填写": str(entry.writer),
            "报给": str(entry.reader),
            "文号": "有" if entry.numbered else "",
            "依据": "、".join(f"规则{s}" if s.isdigit() else s for s in entry.sources),
        }
        for entry in FORM_ENTRIES
    ]
    return pd.DataFrame(rows)


def fill_form(
    workspace: Workspace,
    name: str,
    path: Path,
    *,
    actor: Actor,
    case_id: int | None = None,
    class_id: str | None = None,
    purpose: str = "",
) -> Outcome:
    """Write a case's form: of one case, of every pupil of a class, or blank.

    Raises
    ------
    ContractError
        When there is no such form of a case.
    CaseError
        When names leave the program without a purpose, or there is no such case.
    NotFoundError
        When there is no such class.
    """
    entry = case_form_named(name)
    templates = workspace.root / OWN_TEMPLATES
    if case_id is None and class_id is None:
        replace_file(path, case_form(name, CaseFile(), templates=templates))
        return Outcome(f"空白《{entry.name}》：{path}", {"file": path, "sheets": 1})
    why = str(require_purpose(purpose))
    with desks(workspace, actor) as casework, case_store(casework.room.engine) as store:
        files = _files(casework, store, case_id, class_id, entry.name)
        subject = f"案件{case_id}" if class_id is None else f"班级{class_id}"
        store.note(actor.name, f"导出{entry.name}", subject, purpose=why, pupils=len(files))
    if class_id is None:
        content = case_form(name, files[0], templates=templates)
    else:
        content = case_form_set(name, files, templates=templates)
    replace_file(path, content)
    return Outcome(f"《{entry.name}》{len(files)} 份：{path}", {"file": path, "sheets": len(files)})


def _files(
    casework: Casework, store: CaseStore, case_id: int | None, class_id: str | None, form: str
) -> list[CaseFile]:
    if class_id is not None:
        pupils = casework.room.roll().of_class(class_id)
        known = store.cases.open_of(pupils)
        cases = [known[pupil] for pupil in pupils if pupil in known]
        facts = {each.case.student_id: each for each in facts_of(store, cases)}
        return [_file(casework, pupil, facts.get(pupil), form) for pupil in pupils]
    assert case_id is not None
    case = store.cases.get(case_id)
    return [_file(casework, case.student_id, facts_of(store, [case])[0], form)]


def _file(casework: Casework, pupil: str, facts: CaseFacts | None, form: str) -> CaseFile:
    card, today = _card(casework, pupil), day_of(casework.room.moment)
    if facts is None:
        return CaseFile(card, day=today)
    causes = load_causes(casework.room.workspace.settings().data_schema)
    return CaseFile(
        card,
        facts.case,
        facts.visits,
        facts.notices,
        facts.steps,
        facts.events,
        causes_of(facts.case, causes),
        _owner(casework, facts.case),
        _newest(facts.notices, form),
        day=today,
    )


def _owner(casework: Casework, case: Case) -> str:
    return casework.room.roll().directory.person(case.owner_staff)


def _newest(notices: tuple[Notice, ...], form: str) -> Notice | None:
    """The paper of this form that was issued last: the form prints its number and signer."""
    kinds = {kind.value for kind in NoticeKind}
    issued = [notice for notice in notices if form in kinds and notice.kind == form]
    return max(issued, key=lambda notice: notice.issued_on, default=None)


def _card(casework: Casework, pupil: str) -> PupilCard:
    room = casework.room
    roll, schema = room.roll(), load_schema(room.workspace.settings().data_schema)
    school_code, class_id = roll.place_of(pupil)
    known = load_identities(room.workspace, [pupil]).get(pupil, {})
    row = roll.everybody.loc[pupil]
    sex, born = row["sex"], pd.Timestamp(str(row["birth_date"]))
    teacher = roll.homerooms.get(class_id)
    return PupilCard(
        name=known.get("name", ""),
        sex=schema.label("sex", sex) if isinstance(sex, str) else "",
        birth_month="" if pd.isna(born) else f"{born.year}年{born.month}月",
        school_name=roll.directory.school(school_code),
        class_name=roll.directory.class_name(class_id),
        teacher_name=roll.directory.person(teacher),
        guardian_name=known.get("guardian_1_name", ""),
        guardian_phone=known.get("guardian_1_phone", known.get("phone", "")),
        address=known.get("home_address", ""),
    )
