"""Exports of a senior high school in Ningbo: card machines, marks, totals, teachers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import term_bounds
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.dates import parse_grade
from kongchuo_risk.ingestion.mapping import LayoutMapping
from kongchuo_risk.ingestion.raw import FrameSheet, Sheet

_FIRST_LINE = 2
"""Line of the first row: the header is line 1."""
_GRADE = re.compile(r"[初高][一二三]")
_MONTH = re.compile(r"(\d{4})年(\d{1,2})月")
_DEFAULT_TASK = "默认信息"
_EXAM_KEY = ["exam_id", "term", "exam_name", "type", "day", "grade"]
_CLASS_KEY = ["term", "class_id", "class_name", "grade"]


def read_sheets(mapping: LayoutMapping, files: Sequence[Path]) -> list[Sheet]:
    """The school's files as contract tables.

    See ``data_schema/mappings/ningbo.yaml`` for what each column becomes, and why.

    Raises
    ------
    ImportRefusedError
        Names the files that are missing.
    """
    raw = _read(mapping, files)
    sheets = [
        _sheet("schools", mapping.constants["roster"], _school(mapping.constants)),
        _sheet("classes", mapping.constants["teachers"], _classes(raw, mapping)),
        _sheet("staff", mapping.constants["teachers"], _staff(raw["teachers"], mapping)),
        *_rosters(raw["roster"], mapping),
        _sheet("attendance", mapping.constants["events"], _events(raw, mapping)),
        _sheet("exams", mapping.constants["totals"], _exams(raw, mapping)),
        _sheet("scores", mapping.constants["marks"], _marks(raw)),
        _sheet("scores", mapping.constants["totals"], _totals(raw["totals"])),
    ]
    return list[Sheet](sheets)


def _read(mapping: LayoutMapping, files: Sequence[Path]) -> dict[str, pd.DataFrame]:
    by_name = {file.name: file for file in files}
    names = ("teachers", "roster", "events", "event_types", "marks", "exam_types", "totals")
    wanted = {key: mapping.constants[key] for key in names}
    missing = [name for name in wanted.values() if name not in by_name]
    if missing:
        raise ImportRefusedError(f"缺少文件：{'、'.join(missing)}；请导入整个文件夹")
    return {
        key: pd.read_csv(by_name[name], dtype="str", encoding="utf-8-sig")
        for key, name in wanted.items()
    }


def _sheet(table: str, file: str, frame: pd.DataFrame, part: str = "") -> FrameSheet:
    """Rows keep the line numbers of their file through the frame's index."""
    rows = frame.index.to_numpy(dtype=np.int64) + _FIRST_LINE
    return FrameSheet(file, table, frame, rows, sheet=part)


def _school(constants: Mapping[str, str]) -> pd.DataFrame:
    names = ("school_code", "school_name", "school_type")
    return pd.DataFrame([{name: constants[name] for name in names}])


def _grades(names: pd.Series) -> pd.Series:
    """Grade in a class name such as 白-高二(01)."""
    words = names.str.extract(f"({_GRADE.pattern})", expand=False)
    return words.map(parse_grade, na_action="ignore").astype("Int64")


def _classes(raw: Mapping[str, pd.DataFrame], mapping: LayoutMapping) -> pd.DataFrame:
    """Every class that any file names in a term; one that several name counts once."""
    columns = {
        "teachers": ("term", "cla_id", "cla_Name", "gra_Name"),
        "roster": ("cla_term", "cla_id", "cla_Name", "cla_Name"),
        "totals": ("Term", "ClassID", "ClassName", "Grade"),
    }
    parts = [raw[key][list(names)].set_axis(_CLASS_KEY, axis=1) for key, names in columns.items()]
    found = pd.concat(parts, ignore_index=True).drop_duplicates(["term", "class_id"])
    found["grade"] = _grades(found["grade"])
    return found.assign(school_code=mapping.constants["school_code"]).reset_index(drop=True)


def _staff(teachers: pd.DataFrame, mapping: LayoutMapping) -> pd.DataFrame:
    by_person = teachers.groupby("bas_id", sort=False)
    return pd.DataFrame(
        {
            "staff_name": by_person["bas_Name"].last(),
            "roles": mapping.constants["staff_role"],
            "subjects": by_person["sub_Name"].agg(lambda names: "、".join(pd.unique(names))),
            "school_code": mapping.constants["school_code"],
        }
    ).reset_index(names="staff_no")


def _rosters(roster: pd.DataFrame, mapping: LayoutMapping) -> list[FrameSheet]:
    """The roster of its term, and the leavers on the day on which that is surely known.

    The file gives no day for 退学. A roster dated at the start of term must not tell who left, so
    the status is left open there.
    """
    file, constants = mapping.constants["roster"], mapping.constants
    pupils = pd.DataFrame(
        {
            "student_key": roster["bf_StudentID"],
            "student_name": roster["bf_Name"],
            "sex": roster["bf_sex"],
            "birth_date": roster["bf_BornDate"].str.removesuffix(".0") + constants["birth_month"],
            "school_code": constants["school_code"],
            "class_id": roster["cla_id"],
            "grade": _grades(roster["cla_Name"]),
            "boarding": roster["bf_zhusu"].map(mapping.values["boarding"], na_action="ignore")
            .fillna(constants["not_boarding"]),
            "ethnicity": roster["bf_nation"],
            "hukou_type": roster["Bf_ResidenceType"],
            "known_on": constants["roster_day"],
        }
    )  # fmt: skip
    left = roster["bf_leaveSchool"].str.strip().eq("1").fillna(False)
    leavers = pupils[left].assign(status=constants["left_status"], known_on=constants["export_day"])
    return [_sheet("students", file, pupils), _sheet("students", file, leavers, "退学")]


def _events(raw: Mapping[str, pd.DataFrame], mapping: LayoutMapping) -> pd.DataFrame:
    events = raw["events"]
    moments = pd.to_datetime(events["DataDateTime"], errors="coerce")
    hours = moments.dt.hour
    return pd.DataFrame(
        {
            "student_key": events["bf_studentID"],
            "day": moments.dt.normalize(),
            "session": hours.lt(12).map({True: "AM", False: "PM"}).where(moments.notna()),
            "kind": _event_kinds(raw, mapping.values["kind"]),
        }
    )


def _event_kinds(raw: Mapping[str, pd.DataFrame], words: Mapping[str, str]) -> pd.Series:
    """Kind by the task of the card machine; a machine's default task means the machine's name.

    Numbers are compared without leading zeros: the two files write them differently.
    """
    types = raw["event_types"]
    named = types["control_task_name"].where(
        types["control_task_name"].ne(_DEFAULT_TASK), types["controler_name"]
    )
    by_task = dict(zip(types["control_task_order_id"].str.lstrip("0"), named, strict=True))
    names = raw["events"]["control_task_order_id"].str.lstrip("0").map(by_task)
    return names.map(words).fillna(names)


def _exam_ids(numbers: pd.Series, grades: pd.Series) -> pd.Series:
    """An exam per grade; pupils of whom nothing tells the grade belong to none that exists."""
    return numbers.str.lstrip("0") + "-" + grades.astype("str").fillna("未知年级")


def _total_exams(totals: pd.DataFrame) -> pd.DataFrame:
    """Exam of every total; without a date in the file it counts from the end of its term.

    That is later than the truth, never earlier.
    """
    grades = _grades(totals["Grade"])
    names = totals["NumberName"].str.strip()
    days = totals["Term"].map(lambda term: pd.Timestamp(term_bounds(term)[1]))
    month = names.str.extract(_MONTH.pattern)
    known = pd.to_datetime(month[0] + "-" + month[1] + "-01", errors="coerce")
    return pd.DataFrame(
        {
            "exam_id": _exam_ids(totals["Number"], grades), "term": totals["Term"],
            "exam_name": names, "type": totals["Type"],
            "day": (known + pd.offsets.MonthEnd(0)).fillna(days), "grade": grades,
        }
    )  # fmt: skip


def _mark_grades(raw: Mapping[str, pd.DataFrame]) -> pd.Series:
    """Grade of every mark's pupil at the exam: from the totals of that exam, else the roster."""
    marks, totals, roster = raw["marks"], raw["totals"], raw["roster"]
    keys = marks["exam_number"].str.lstrip("0") + "/" + marks["mes_StudentID"]
    by_exam = pd.Series(
        _grades(totals["Grade"]).to_numpy(),
        index=totals["Number"].str.lstrip("0") + "/" + totals["StudentId"],
    )
    later = pd.Series(_grades(roster["cla_Name"]).to_numpy(), index=roster["bf_StudentID"])
    years = roster["cla_term"].iloc[0][:4], marks["exam_term"].str[:4].astype("int64")
    before = int(years[0]) - years[1]
    found = keys.map(by_exam[~by_exam.index.duplicated()])
    return found.fillna(marks["mes_StudentID"].map(later) - before).astype("Int64")


def _mark_exams(raw: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    marks, grades = raw["marks"], _mark_grades(raw)
    return pd.DataFrame(
        {
            "exam_id": _exam_ids(marks["exam_number"], grades), "term": marks["exam_term"],
            "exam_name": marks["exam_numname"].str.strip(), "type": marks["exam_type"],
            "day": pd.to_datetime(marks["exam_sdate"]), "grade": grades,
        }
    )  # fmt: skip


def _exams(raw: Mapping[str, pd.DataFrame], mapping: LayoutMapping) -> pd.DataFrame:
    """Exams of both files; the one with a date of its own comes first."""
    types = raw["exam_types"].set_index("EXAM_KIND_ID")["EXAM_KIND_NAME"]
    both = pd.concat([_mark_exams(raw), _total_exams(raw["totals"])], ignore_index=True)
    exams = both[_EXAM_KEY].drop_duplicates("exam_id").dropna(subset="grade")
    return (
        exams.assign(exam_type=exams["type"].map(types), school_code=mapping.constants[
            "school_code"]).drop(columns="type").reset_index(drop=True)
    )  # fmt: skip


def _marks(raw: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    marks = raw["marks"]
    scores = marks["mes_Score"].astype("float64")
    return pd.DataFrame(
        {
            "student_key": marks["mes_StudentID"], "exam_id": _mark_exams(raw)["exam_id"],
            "subject": marks["mes_sub_name"], "score": scores.astype(object).mask(
                scores.eq(_ABSENT_MARK), "缺考"),
        }
    )  # fmt: skip


_ABSENT_MARK = -2.0
"""What the school's system writes for 缺考."""


def _totals(totals: pd.DataFrame) -> pd.DataFrame:
    """Totals over the full marks of the papers that a pupil sat; none sat is 缺考."""
    full = totals["FullScore"].astype("float64")
    return pd.DataFrame(
        {
            "student_key": totals["StudentId"], "exam_id": _total_exams(totals)["exam_id"],
            "subject": "总分", "score": totals["Score"].where(full.gt(0)),
            "full_score": full.where(full.gt(0)), "absent": full.eq(0),
        }
    )  # fmt: skip
