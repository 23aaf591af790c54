"""Open University Learning Analytics: the tables of Kuzilek, Hlosta and Zdrahal (2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import terms_of
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.mapping import LayoutMapping
from kongchuo_risk.ingestion.raw import FrameSheet, Sheet

OULAD_TABLES = ("assessment", "course", "student", "student_assessment", "student_registration")


def read_oulad(folder: Path) -> dict[str, pd.DataFrame]:
    """The raw tables, as they are.

    Parameters
    ----------
    folder
        Holds ``assessment.parquet``, ``course.parquet``, ``student.parquet``,
        ``student_assessment.parquet`` and ``student_registration.parquet`` (or ``.csv``).

    Returns
    -------
    dict
        Table name → frame; days are counted from the start of the presentation.

    Raises
    ------
    ImportRefusedError
        Names the tables that are missing.
    """
    found = {name: _table_file(folder, name) for name in OULAD_TABLES}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise ImportRefusedError(f"{folder} 缺少 OULAD 的表：{'、'.join(missing)}")
    return {
        name: pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        for name, path in found.items()
        if path is not None
    }


def _table_file(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}{suffix}" for suffix in (".parquet", ".csv"))
    return next((path for path in paths if path.is_file()), None)


def presentation_starts(presentations: pd.Series) -> pd.Series:
    """First day of presentations: ``2013B`` starts in February, ``2013J`` in October.

    >>> presentation_starts(pd.Series(["2013B", "2014J"])).dt.strftime("%Y-%m-%d").tolist()
    ['2013-02-01', '2014-10-01']
    """
    month = presentations.str[4].map({"B": "-02-01", "J": "-10-01"})
    return pd.to_datetime(presentations.str[:4] + month)


def read_sheets(mapping: LayoutMapping, files: Sequence[Path]) -> list[Sheet]:
    """Enrolments as pupils of a presentation, assessments as exams, withdrawals as changes.

    See ``data_schema/mappings/oulad.yaml`` for what each column becomes.
    """
    raw = read_oulad(files[0].parent)
    constants = mapping.constants
    course = raw["course"].assign(
        class_id=_class_ids(raw["course"]), start=presentation_starts(raw["course"][_PRESENTATION])
    )
    starts = course.set_index("class_id")["start"]
    lengths = course.set_index("class_id")["module_presentation_length"]
    papers = _papers(raw, starts, lengths)
    frames = {
        "schools": _schools(course, constants),
        "classes": _classes(course, constants),
        "students": _students(raw, starts, constants),
        "exams": _exams(papers, constants),
        "scores": _scores(papers),
        "registration_changes": _withdrawals(raw["student_registration"], starts, constants),
    }
    return [
        FrameSheet(f"{name}（OULAD）", name, frame, np.arange(len(frame)) + 1)
        for name, frame in frames.items()
    ]


_MODULE, _PRESENTATION = "code_module", "code_presentation"


def _class_ids(frame: pd.DataFrame) -> pd.Series:
    return frame[_MODULE].astype("str") + "-" + frame[_PRESENTATION].astype("str")


def _student_keys(frame: pd.DataFrame) -> pd.Series:
    return frame["id_student"].astype("str") + "-" + _class_ids(frame)


def _days_after(starts: pd.Series, days: pd.Series) -> pd.Series:
    return starts + pd.to_timedelta(days, unit="D")


def _schools(course: pd.DataFrame, constants: Mapping[str, str]) -> pd.DataFrame:
    modules = pd.Series(course[_MODULE].unique())
    return pd.DataFrame(
        {"school_code": modules, "school_name": modules, "school_type": constants["school_type"]}
    )


def _classes(course: pd.DataFrame, constants: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "term": terms_of(course["start"]), "class_id": course["class_id"],
            "school_code": course[_MODULE], "grade": constants["grade"],
            "class_name": course["class_id"],
        }
    )  # fmt: skip


def _students(
    raw: Mapping[str, pd.DataFrame], starts: pd.Series, constants: Mapping[str, str]
) -> pd.DataFrame:
    student = raw["student"].merge(
        raw["student_registration"], on=[_MODULE, _PRESENTATION, "id_student"], how="left"
    )
    class_ids = _class_ids(student)
    registered = _days_after(class_ids.map(starts), student["date_registration"].fillna(0))
    return pd.DataFrame(
        {
            "student_key": _student_keys(student),
            "student_name": "OULAD " + student["id_student"].astype("str"),
            "sex": student["gender"], "school_code": student[_MODULE], "class_id": class_ids,
            "grade": constants["grade"],
            "disability_type": student["disability"].map(
                {True: constants["disabled"], False: constants["not_disabled"]}
            ),
            "repeated_grades": student["num_of_prev_attempts"], "known_on": registered,
        }
    )  # fmt: skip


def _papers(raw: Mapping[str, pd.DataFrame], starts: pd.Series, lengths: pd.Series) -> pd.DataFrame:
    """Submissions with their assessment; a late one counts as an exam of its own day.

    So no score is known before it was handed in.
    """
    assessment = raw["assessment"].assign(class_id=_class_ids(raw["assessment"]))
    due = assessment["date"].fillna(assessment["class_id"].map(lengths))
    papers = raw["student_assessment"].merge(assessment.assign(due=due), on="id_assessment")
    late = papers["date_submitted"] > papers["due"]
    number = papers["id_assessment"].astype("str")
    on_day = papers["date_submitted"].astype("str")
    return papers.assign(
        exam_id=number.where(~late, number + "@" + on_day),
        day=_days_after(
            papers["class_id"].map(starts), papers["due"].where(~late, papers["date_submitted"])
        ),
    )


def _exams(papers: pd.DataFrame, constants: Mapping[str, str]) -> pd.DataFrame:
    exams = papers.drop_duplicates("exam_id")
    return pd.DataFrame(
        {
            "exam_id": exams["exam_id"], "term": terms_of(exams["day"]),
            "exam_name": exams["class_id"] + " " + exams["assessment_type"] + " "
            + exams["exam_id"],
            "exam_type": exams["assessment_type"].map(
                {name: constants[name] for name in ("TMA", "CMA", "Exam")}
            ),
            "day": exams["day"], "school_code": exams[_MODULE], "grade": constants["grade"],
        }
    )  # fmt: skip


def _scores(papers: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "student_key": _student_keys(papers), "exam_id": papers["exam_id"],
            "subject": papers[_MODULE], "score": papers["score"],
        }
    )  # fmt: skip


def _withdrawals(
    registration: pd.DataFrame, starts: pd.Series, constants: Mapping[str, str]
) -> pd.DataFrame:
    left = registration[registration["date_unregistration"].notna()]
    return pd.DataFrame(
        {
            "student_key": _student_keys(left), "change_type": constants["withdrawal"],
            "day": _days_after(_class_ids(left).map(starts), left["date_unregistration"]),
        }
    )  # fmt: skip
