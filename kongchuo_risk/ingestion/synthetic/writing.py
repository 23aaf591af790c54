"""A synthetic county written as the folder that a real 学区 would send, and its truth apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.calendar import SESSIONS
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.ingestion.synthetic.county import County, build_county
from kongchuo_risk.ingestion.synthetic.files import ENCODINGS, write_csv, write_workbook
from kongchuo_risk.ingestion.synthetic.labels import DATE_STYLES, FLAG_STYLES, as_written
from kongchuo_risk.ingestion.synthetic.presets import DirtyCell, load_synthetic

NOTICE = "合成数据说明.txt"
DAILY = ("class_sheets", "attendance", "scores")
"""Large tables: one CSV per term."""
CASEWORK = (
    "registration_changes", "aid", "observations", "behaviour", "psych_screen",
    "measures_delivered", "visits",
)  # fmt: skip
_NOTICE_TEXT = """\
本文件夹全部是合成数据（由 kongchuo_risk 生成，预设“{preset}”，随机种子 {seed}）。
其中的学校、班级、教职工、学生、家长、地点都不存在；学校名称均含“合成”二字。
身份证件号和学籍号使用不存在的行政区划代码 990001，电话号码不属于任何号段。
记录截至 {end}。数据只用于试用和检验软件，不代表任何地区的真实情况。
个别单元格是故意写错的，用来演示导入报告。
"""


@dataclass(frozen=True)
class SyntheticSummary:
    """What was written.

    Attributes
    ----------
    rows : mapping of str to int
        Rows per contract table.
    files : tuple of Path
        Everything in the folder, in the order of writing.
    """

    preset: str
    seed: int
    folder: Path
    terms: tuple[str, ...]
    records_end: str
    schools: int
    pupils: int
    staff: int
    rows: Mapping[str, int]
    files: tuple[Path, ...]


def write_synthetic(
    folder: Path,
    *,
    preset: str = "学区",
    seed: int = 20_240_901,
    truth_folder: Path | None = None,
    data_schema: Path | None = None,
    progress: Progress = silent,
) -> SyntheticSummary:
    """Write the files that the schools of a synthetic county would fill.

    Parameters
    ----------
    folder
        Made when missing; files of the same names are replaced.
    preset
        学区 (12 schools), 县 (100 schools) or 小样 (3 schools, for tests).
    seed
        The same seed gives the same cells.
    truth_folder
        Where the hidden truth goes (Parquet); by default it is not written at all.
    data_schema
        A folder to use in place of the packaged one: presets of one's own.
    progress
        Called at every file.

    Raises
    ------
    SettingsError
        The preset does not exist.
    ValueError
        ``truth_folder`` lies within ``folder``: the truth is never beside what is imported.
    """
    _keep_apart(folder, truth_folder)
    progress(0, None, f"生成合成数据：{preset}")
    county = build_county(preset, seed, data_schema=data_schema)
    folder.mkdir(parents=True, exist_ok=True)
    files = [_write_notice(folder, county, preset, seed)]
    dirty = load_synthetic(data_schema).dirty
    for path in _write_tables(folder, county, load_schema(data_schema), dirty):
        progress(len(files), None, f"写入 {path.relative_to(folder)}")
        files.append(path)
    if truth_folder is not None:
        write_truth(truth_folder, county)
    return _summary(folder, county, preset, seed, files)


def write_truth(folder: Path, county: County) -> None:
    """The hidden truth as Parquet: ``pupil_terms``, ``episodes`` and ``bad_days``.

    Days are real dates; they go beyond the end of the records.
    """
    folder.mkdir(parents=True, exist_ok=True)
    keys = county.pupils["student_key"].to_numpy()
    terms = np.array(county.calendar.terms)
    days = county.calendar.teaching.astype("M8[s]")
    rows = county.enrolment.join(county.truth.rows)
    rows.assign(student_key=keys[rows["pupil"]], term=terms[rows["term"]]).to_parquet(
        folder / "pupil_terms.parquet"
    )
    episodes = county.truth.episodes
    episodes.assign(
        student_key=keys[episodes["pupil"]],
        term=terms[episodes["term"]],
        day=days[episodes["day"]],
        treated=episodes["reached"],
    ).to_parquet(folder / "episodes.parquet")
    bad = county.bad_days
    pd.DataFrame(
        {
            "school_code": county.schools.codes[bad.school],
            "day": days[bad.day],
            "closed": bad.closed,
            "share": bad.share,
        }
    ).to_parquet(folder / "bad_days.parquet")


def _keep_apart(folder: Path, truth_folder: Path | None) -> None:
    if truth_folder is not None and truth_folder.resolve().is_relative_to(folder.resolve()):
        raise ValueError("the truth must not lie in the folder that is imported")


def _write_notice(folder: Path, county: County, preset: str, seed: int) -> Path:
    path = folder / NOTICE
    text = _NOTICE_TEXT.format(preset=preset, seed=seed, end=county.preset.records_end)
    path.write_text(text, encoding="utf-8")
    return path


def _write_tables(
    folder: Path, county: County, schema: Schema, dirty: tuple[DirtyCell, ...]
) -> Iterator[Path]:
    writer = _Writer(folder, county, schema)
    yield from writer.general()
    yield from writer.school_workbooks() if county.preset.students_as == "xlsx" else writer.rolls()
    yield from writer.daily(dirty)
    yield from writer.casework()


@dataclass(frozen=True)
class _Writer:
    """Writes the parts of one county into one folder."""

    folder: Path
    county: County
    schema: Schema

    def written(self, name: str, frame: pd.DataFrame, style: int = 0) -> pd.DataFrame:
        """``frame`` in the style of one school or one file."""
        dates = list(DATE_STYLES)[style % len(DATE_STYLES)]
        flags = list(FLAG_STYLES)[style % 5 == 3]
        return as_written(self.schema, self.schema.tables[name], frame, dates=dates, flags=flags)

    def title(self, name: str) -> str:
        return self.schema.tables[name].title

    def general(self) -> Iterator[Path]:
        """The calendar, the exams, and what changed about single pupils."""
        tables = self.county.tables
        yield self._workbook("校历.xlsx", {"calendar": tables["calendar"]}, style=0)
        yield self._csv("考试", "exams", tables["exams"], number=1)
        if len(tables["student_changes"]):
            yield self._workbook("学生情况变化.xlsx", {"students": tables["student_changes"]}, 2)

    def school_workbooks(self) -> Iterator[Path]:
        """One workbook per school and term; 学校 and 教职工 in the first term only."""
        tables = self.county.tables
        parts = {
            name: dict(tuple(tables[name].groupby(["term_number" if name == "classes" else "term",
                                                   "school"])))
            for name in ("classes", "students", "guardians")
        }  # fmt: skip
        for term, term_name in enumerate(self.county.calendar.terms):
            (self.folder / term_name).mkdir(exist_ok=True)
            for school, spec in enumerate(self.county.schools.specs):
                sheets = self._organisation(school) if term == 0 else {}
                found = {name: frames.get((term, school)) for name, frames in parts.items()}
                sheets |= {name: frame for name, frame in found.items() if frame is not None}
                yield self._workbook(f"{term_name}/{spec.name}.xlsx", sheets, style=school)

    def rolls(self) -> Iterator[Path]:
        """The same as CSV, all schools of a term together: what a county office exports."""
        tables = self.county.tables
        for name in ("schools", "staff"):
            yield self._csv(self.title(name), name, tables[name], number=0)
        for term, term_name in enumerate(self.county.calendar.terms):
            for name in ("classes", "students", "guardians"):
                column = "term_number" if name == "classes" else "term"
                part = tables[name][tables[name][column] == term]
                yield self._csv(f"{self.title(name)}_{term_name}", name, part, number=term)

    def daily(self, dirty: tuple[DirtyCell, ...]) -> Iterator[Path]:
        """考勤异常, 点名表 and 成绩: one CSV per table and term."""
        tables = self.county.tables
        term_of = {
            "class_sheets": tables["class_sheets"]["term"],
            "attendance": pd.Series(
                self.county.calendar.term_of_day[tables["attendance"]["session"] // 2],
                index=tables["attendance"].index,
            ),
            "scores": tables["scores"]["term"],
        }
        for term, term_name in enumerate(self.county.calendar.terms):
            for number, name in enumerate(DAILY):
                part = self._keyed(name, tables[name][term_of[name] == term])
                if len(part):
                    damaged = [cell for cell in dirty if cell.table == name and term % 2 == 0]
                    stem = f"{self.title(name)}_{term_name}"
                    yield self._csv(stem, name, part, number=term + number, damaged=damaged)

    def casework(self) -> Iterator[Path]:
        """What adults did, in one workbook, or as CSV for a county."""
        tables = {name: self.county.tables[name] for name in CASEWORK}
        if self.county.preset.students_as == "xlsx":
            yield self._workbook("工作记录.xlsx", tables, style=1)
            return
        for number, (name, frame) in enumerate(tables.items()):
            yield self._csv(self.title(name), name, frame, number=number)

    def _organisation(self, school: int) -> dict[str, pd.DataFrame]:
        tables = self.county.tables
        staff = tables["staff"]
        return {
            "schools": tables["schools"].iloc[[school]],
            "staff": staff[staff["school"] == school],
        }

    def _keyed(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Numbers of pupils, exams and sessions as the codes that are written."""
        frame = frame.copy()
        if "pupil" in frame:
            keys = list(self.county.pupils["student_key"])
            frame["student_key"] = pd.Categorical.from_codes(
                frame["pupil"].to_numpy(), pd.Index(keys)
            )
        if name == "attendance":
            half = (frame["session"] % 2).to_numpy()
            frame["session"] = pd.Categorical.from_codes(half, pd.Index(SESSIONS))
        if name == "scores":
            exams = list(self.county.tables["exams"]["exam_id"])
            frame["exam_id"] = pd.Categorical.from_codes(frame["exam"].to_numpy(), pd.Index(exams))
        return frame

    def _csv(
        self,
        stem: str,
        name: str,
        frame: pd.DataFrame,
        *,
        number: int,
        damaged: list[DirtyCell] | None = None,
    ) -> Path:
        path = self.folder / f"{stem}.csv"
        written = self.written(name, frame, style=number)
        for cell in damaged or []:
            written = self._with_damaged_row(name, written, cell)
        write_csv(path, written, encoding=ENCODINGS[number % len(ENCODINGS)])
        return path

    def _with_damaged_row(self, name: str, written: pd.DataFrame, cell: DirtyCell) -> pd.DataFrame:
        """One row of the middle once more, with one cell spoilt; the good row stays."""
        row = written.iloc[[len(written) // 2]].astype(object)
        row[self.schema.tables[name].by_name[cell.field].title] = cell.value
        return pd.concat([written.astype(object), row]).astype("category")

    def _workbook(self, name: str, sheets: Mapping[str, pd.DataFrame], style: int) -> Path:
        path = self.folder / name
        write_workbook(
            path,
            {self.title(table): self.written(table, frame, style)
             for table, frame in sheets.items()},
        )  # fmt: skip
        return path


def _summary(
    folder: Path, county: County, preset: str, seed: int, files: list[Path]
) -> SyntheticSummary:
    rows = {name: len(table) for name, table in county.tables.items() if name != "student_changes"}
    rows["students"] += len(county.tables["student_changes"])
    return SyntheticSummary(
        preset=preset,
        seed=seed,
        folder=folder,
        terms=county.calendar.terms,
        records_end=county.preset.records_end.isoformat(),
        schools=len(county.schools.specs),
        pupils=len(county.pupils),
        staff=len(county.tables["staff"]),
        rows=rows,
        files=tuple(files),
    )
