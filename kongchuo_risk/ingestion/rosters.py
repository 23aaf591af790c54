"""Registers of other departments into person frames; what cannot be read is named.

A roster is compared and not kept: nothing of it enters the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd

from kongchuo_risk.domain.match import PERSON_COLUMNS, RosterKind
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.cells import BadCellError, CodeReader, plain_text
from kongchuo_risk.ingestion.dates import day_advice, parse_day, parse_month
from kongchuo_risk.ingestion.headers import Layout, lay_out
from kongchuo_risk.ingestion.identifiers import BadIdentifierError, mask, read_id_number
from kongchuo_risk.ingestion.preparing import without_footers
from kongchuo_risk.ingestion.problems import Problem
from kongchuo_risk.ingestion.raw import RawChunk, Sheet
from kongchuo_risk.ingestion.roster_words import RosterContract, load_roster_contract
from kongchuo_risk.ingestion.sources import SourceFile, open_sheets
from kongchuo_risk.tables.sealing import Pseudonyms

Row = dict[str, str]
_NO_NAMES = "没有找到“姓名”列；名册至少要有姓名，最好还有身份证号、出生日期、村和监护人"
_WITHOUT = "；这一行按没有这一项比对"
_PRIVATE = frozenset({"name", "guardian", "id_number", "disability_card"})


@dataclass
class Roster:
    """One register as it was read.

    Attributes
    ----------
    kind : RosterKind
        Which register.
    people : DataFrame
        Person frame, see :data:`~kongchuo_risk.domain.match.PERSON_COLUMNS`.
    problems : list of Problem
        Cells and rows that a person can put right; ``refused`` rows are not in ``people``, the
        others are, without the cell.
    read, refused, repeated : int
        Rows: ``read`` = ``len(people)`` + ``refused`` + ``repeated``.
    notes : list of str
        What was left out though it may hold data.
    """

    kind: RosterKind
    people: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    refused: int = 0
    repeated: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def headline(self) -> str:
        """What was read, in one line."""
        return (
            f"{self.kind}名册：读入 {self.read} 行，可比对 {len(self.people)} 人，"
            f"重复 {self.repeated} 行，退回 {self.refused} 行，问题 {len(self.problems)} 处"
        )


def read_roster(
    path: Path,
    kind: RosterKind,
    pseudonyms: Pseudonyms,
    *,
    today: date,
    folder: Path | None = None,
) -> Roster:
    """A department's xlsx or csv as a person frame.

    Parameters
    ----------
    path
        The file; all its sheets with a column 姓名 are read.
    kind
        Which register it is.
    pseudonyms
        Of the workspace: citizen numbers are hashed as those of the roll are.
    today
        Birth dates after it are refused.
    folder
        ``data_schema``, when not the packaged one.

    Returns
    -------
    Roster
        A row without a name is refused. A number that Excel damaged, or a date that is none, is
        left out of its row: the child must not vanish from the comparison for it.

    Raises
    ------
    ImportRefusedError
        The file cannot be read, or no sheet has a column 姓名.
    """
    contract = load_roster_contract(folder)
    roster = Roster(kind, pd.DataFrame(columns=list(PERSON_COLUMNS)))
    source = SourceFile(path, path.name)
    sheets = open_sheets(source, contract.schema, roster.notes.append)
    laid_out = [(sheet, lay_out(contract.table, sheet.header)) for sheet in sheets]
    usable = [(sheet, layout) for sheet, layout in laid_out if "name" in layout.columns]
    if not usable:
        raise ImportRefusedError(f"{path.name}：{_NO_NAMES}")
    reading = _Reading(contract, roster, pseudonyms, today)
    for sheet, layout in usable:
        reading.add(sheet, layout)
    people = pd.DataFrame(reading.rows, columns=list(PERSON_COLUMNS)).astype("str")
    roster.people = people.mask(people == "")
    return roster


@dataclass
class _Reading:
    """Reads the rows of one roster."""

    contract: RosterContract
    roster: Roster
    pseudonyms: Pseudonyms
    today: date
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        words = self.contract.words
        self._first_with: dict[str, str] = {}
        self._missing = set(self.contract.table.missing_values)
        self._sex = CodeReader.of(self.contract.schema.codes["sex"])
        self._poverty = CodeReader.of(self.contract.schema.codes["poverty_type"])
        self._statuses = _by_word(words.statuses)
        self._categories = _by_word(words.categories)
        self._own_category = words.kinds[self.roster.kind].category
        self._readers: dict[str, Callable[[object], str]] = {
            "id_number": _read_number,
            "disability_card": _read_card,
            "sex": self._read_sex,
            "birth": self._read_birth,
            "status": lambda cell: self._word(cell, self._statuses),
            "category": self._read_category,
        }

    def add(self, sheet: Sheet, layout: Layout) -> None:
        """Take in the rows of one sheet."""
        for raw in sheet.chunks():
            chunk, _ = without_footers(raw)
            for at in range(len(chunk)):
                self._take(self._cells(sheet, layout, chunk, at), sheet, int(chunk.rows[at]))
        for number, text in sheet.malformed:
            self._problem(sheet, number, "", "", text)
            self.roster.read += 1
            self.roster.refused += 1

    def _cells(self, sheet: Sheet, layout: Layout, chunk: RawChunk, at: int) -> Row:
        """The readable cells of one row; the others are reported."""
        row: Row = {}
        for name, column in layout.columns.items():
            cell = chunk.columns[column].cell(at)
            if cell is None or plain_text(cell) in self._missing:
                continue
            try:
                row[name] = self._readers.get(name, plain_text)(cell)
            except (BadCellError, BadIdentifierError) as error:
                title = self.contract.table.by_name[name].title
                shown = _shown(name, cell)
                self._problem(sheet, int(chunk.rows[at]), title, shown, f"{error}{_WITHOUT}")
        return row

    def _take(self, row: Row, sheet: Sheet, number: int) -> None:
        self.roster.read += 1
        place = f"{sheet.file} {sheet.sheet}".strip() + f" 第 {number} 行"
        if "name" not in row:
            self.roster.refused += 1
            self._problem(sheet, number, "姓名", "", "必填，不能为空；这一行没有比对")
            return
        person = self._person(row, sheet, number) | {"place": row.get("place", place)}
        first = self._first_with.setdefault(person["person"], place)
        if first != place:
            self.roster.repeated += 1
            self._problem(
                sheet, number, "姓名", mask(row["name"]), f"与{first}是同一人，只比对一次"
            )
            return
        self.rows.append(person)

    def _person(self, row: Row, sheet: Sheet, number: int) -> Row:
        citizen = row.get("id_number") or row.get("disability_card", "")
        facts = {
            name: row.get(name, "") for name in ("name", "sex", "birth", "village", "guardian")
        }
        if _is_citizen(citizen):
            self._complete(facts, citizen, sheet, number)
        id_hash = self.pseudonyms.student_id(citizen) if citizen else ""
        own_key = self.pseudonyms.alias(self.roster.kind, *facts.values())
        return facts | {
            "person": id_hash or own_key,
            "id_hash": id_hash,
            "id_last4": citizen[-4:],
            "status": row.get("status", "") or self._left(row.get("leaving_reason", "")),
            "category": row.get("category") or self._own_category,
        }

    def _complete(self, facts: Row, citizen: str, sheet: Sheet, number: int) -> None:
        """Birth date and sex as the checked number has them; a contradiction is reported."""
        birth = f"{citizen[6:10]}-{citizen[10:12]}-{citizen[12:14]}"
        if facts["birth"] and not birth.startswith(facts["birth"]):
            advice = f"与身份证号中的出生日期（{birth}）不一致，按身份证号比对；请核对"
            self._problem(sheet, number, "出生日期", facts["birth"], advice)
        facts["birth"] = birth
        facts["sex"] = facts["sex"] or ("男" if int(citizen[16]) % 2 else "女")

    def _left(self, reason: str) -> str:
        return "" if reason in {"", *self.contract.words.no_reason} else "失学"

    def _read_sex(self, cell: object) -> str:
        return self.contract.schema.label("sex", self._sex.read(cell))

    def _read_birth(self, cell: object) -> str:
        day = parse_day(cell)
        if day is not None and day > self.today:
            raise BadCellError(f"日期晚于今天（{self.today}）")
        if day is not None:
            return str(day)
        month = parse_month(cell)
        if month is None:
            raise BadCellError(day_advice(cell))
        return f"{month[:4]}-{month[4:]}"

    def _read_category(self, cell: object) -> str:
        words = plain_text(cell).replace("，", "、").replace(",", "、").split("、")
        return "、".join(dict.fromkeys(self._category(word.strip()) for word in words))

    def _category(self, word: str) -> str:
        known = self._categories.get(word)
        return known or self.contract.schema.label("poverty_type", self._poverty.read(word))

    def _word(self, cell: object, words: Mapping[str, str]) -> str:
        text = plain_text(cell)
        return words.get(text, text)

    def _problem(self, sheet: Sheet, row: int, column: str, value: str, advice: str) -> None:
        problem = Problem(sheet.file, sheet.sheet, row, column, value, advice)
        self.roster.problems.append(problem)


def _by_word(words: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Every word that departments write → the one that comparisons use."""
    return {plain_text(word): own for own, others in words.items() for word in (own, *others)}


def _read_number(cell: object) -> str:
    return read_id_number(cell) or ""


def _read_card(cell: object) -> str:
    """A 残疾人证 number is the citizen number with two digits behind it."""
    text = plain_text(cell)
    return _read_number(text[:18] if len(text) == 20 else cell)


def _is_citizen(number: str) -> bool:
    return len(number) == 18 and number[:17].isdigit()


def _shown(name: str, cell: object) -> str:
    text = plain_text(cell)
    return mask(text) if name in _PRIVATE else text[:60]
