"""The impact assessment and the notice, filled from the workspace (个人信息保护法 第五十五条)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from kongchuo_risk.cases import open_case_database
from kongchuo_risk.cases.holdings import volumes
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.privacy import load_privacy, months_before
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.records import latest_by_student
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.reports.privacy_pages import ASSESSMENT, assessment_report, guardian_notice
from kongchuo_risk.reports.privacy_values import AssessmentFacts, InventoryRow, ModelFacts
from kongchuo_risk.serving import model_shelf
from kongchuo_risk.serving.model_pages import load_table
from kongchuo_risk.serving.privacy.papers import keep_report
from kongchuo_risk.tables import list_batches, load_identities, load_records
from kongchuo_risk.workspace import Workspace

SENSITIVE = frozenset({"special", "health", "restricted", "audit"})
SEALED = frozenset({"identity", "confidential_text"})
"""Sensitivities of the contracts' columns, gathered for the inventory."""
_FOURTEEN = 14 * 12


def write_assessment(workspace: Workspace, *, by: str, day: date) -> Path:
    """Write 个人信息保护影响评估报告 into ``reports/privacy`` and note it.

    What the workspace knows is filled in; what only people can judge is left open. Earlier
    reports stay: they are kept for at least three years (第五十六条).

    Parameters
    ----------
    workspace
        Whose data is assessed.
    by
        Who asks for it.
    day
        The day of the assessment.
    """
    rules = load_privacy(workspace.settings().data_schema)
    content = assessment_report(rules, assessment_facts(workspace, by=by, day=day))
    return keep_report(workspace, ASSESSMENT.name, day, content)


def assessment_facts(workspace: Workspace, *, by: str, day: date) -> AssessmentFacts:
    """What the workspace knows for an impact assessment."""
    settings = workspace.settings()
    schema = load_schema(settings.data_schema)
    records = load_records(workspace, ("students", "schools"), as_of=day, schema=schema)
    pupils = latest_by_student(records["students"], day)
    engine = open_case_database(workspace, settings.database_url)
    try:
        counts = tuple(volumes(engine).items())
    finally:
        engine.dispose()
    return AssessmentFacts(
        unit=unit_name(records["schools"]),
        day=day,
        by=by,
        pupils=len(pupils),
        under_14=_under_14(pupils["birth_date"], day),
        inventory=tuple(_inventory(workspace, schema)),
        model=model_facts(workspace),
        counts=counts,
    )


def unit_name(schools: pd.DataFrame) -> str:
    """The school's name; of several their number."""
    names = schools["school_name"].dropna().astype("str").unique()
    if len(names) == 1:
        return str(names[0])
    return f"{len(names)} 所学校" if len(names) else ""


def _under_14(births: pd.Series, day: date) -> int | None:
    known = births.dropna()
    return int((known > pd.Timestamp(months_before(day, _FOURTEEN))).sum()) if len(known) else None


def _inventory(workspace: Workspace, schema: Schema) -> Iterator[InventoryRow]:
    stored: Counter[str] = Counter()
    for batch in list_batches(workspace):
        stored.update(batch.rows)
    for name, table in schema.tables.items():
        fields = table.fields
        yield InventoryRow(
            title=table.title,
            rows=stored[name],
            fields=len(fields),
            sensitive="、".join(field.title for field in fields if field.sensitivity in SENSITIVE),
            sealed="、".join(field.title for field in fields if field.sensitivity in SEALED),
        )


def model_facts(workspace: Workspace) -> ModelFacts:
    """What ranks the list, what it sees, and how it treats groups."""
    settings, shelved = workspace.settings(), model_shelf.current_or_scorecard(workspace)
    catalogue = load_features(settings.data_schema)
    used = [catalogue.by_id[name] for name in shelved.load(workspace).features
            if name in catalogue.by_id]  # fmt: skip
    columns = load_schema(settings.data_schema).tables["students"].by_name
    audited = [columns[name].title for name in settings.features.audit_only if name in columns]
    return ModelFacts(
        name=shelved.title,
        verdict=shelved.verdict,
        features=len(used),
        groups="、".join(dict.fromkeys(str(feature.group) for feature in used)),
        audit_only="、".join(audited),
        fairness=tuple(
            _fairness(load_table(shelved.folder(workspace), "fairness"), _schools(workspace))
        ),
    )


def _schools(workspace: Workspace) -> dict[str, str]:
    schools = load_records(workspace, ("schools",))["schools"]
    return dict(zip(schools["school_code"], schools["school_name"], strict=True))


def _fairness(
    table: pd.DataFrame, schools: Mapping[str, str]
) -> Iterator[tuple[str, str, str, str]]:
    for row in table[table["metric"].eq("miss_rate")].to_dict("records"):
        enough = bool(row["enough"])
        share = (
            f"{row['value']:.0%}（{row['low']:.0%}—{row['high']:.0%}）" if enough else "不作判断"
        )
        pupils = f"{int(row['pupils']):,}" + ("" if enough else "（人数不足）")
        yield str(row["attribute"]), _name(row["group"], schools), share, pupils


def _name(group: object, schools: Mapping[str, str]) -> str:
    """A group; a school by its name."""
    return schools.get(str(group), str(group))


def notice(
    workspace: Workspace,
    *,
    day: date,
    school_code: str | None = None,
    student_id: str | None = None,
    contact: str = "",
    phone: str = "",
) -> bytes:
    """个人信息处理规则告知书 as a Word file, for one pupil or for a whole school to hand out.

    Raises
    ------
    NotFoundError
        When there is no such school or pupil.
    """
    rules = load_privacy(workspace.settings().data_schema)
    records = load_records(workspace, ("schools", "students"), as_of=day)
    name = ""
    if student_id is not None:
        pupils = latest_by_student(records["students"], day)
        if student_id not in pupils.index:
            raise NotFoundError(f"没有编号为 {student_id} 的学生。")
        school_code = str(pupils.loc[student_id, "school_code"])
        name = load_identities(workspace, [student_id]).get(student_id, {}).get("name", "")
    schools = records["schools"]
    if school_code is not None:
        schools = schools[schools["school_code"].eq(school_code)]
        if schools.empty:
            raise NotFoundError(f"没有学校标识码为 {school_code} 的学校。")
    return guardian_notice(
        rules, unit_name(schools), day, pupil_name=name, contact=contact, phone=phone
    )
