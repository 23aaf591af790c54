"""What other tables may point to: schools, classes, pupils, exams, and ways to name a pupil."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema
from kongchuo_risk.ingestion import exams
from kongchuo_risk.ingestion.cells import plain_text
from kongchuo_risk.ingestion.headers import CLASS, NAME
from kongchuo_risk.ingestion.identifiers import (
    BadIdentifierError,
    is_national_number,
    is_registration_number,
    is_seat_number,
    read_id_number,
)
from kongchuo_risk.ingestion.parsing import Work
from kongchuo_risk.tables.manifest import ALIASES
from kongchuo_risk.tables.reading import read_columns, read_sealed
from kongchuo_risk.tables.sealing import Pseudonyms
from kongchuo_risk.workspace import Workspace

_AMBIGUOUS = ""
NOT_IN_ROSTER = "花名册中没有该学生；请先导入学生表，或核对学籍号"
_SEAT_NUMBER = "像是班内的座号，别的班也有；请填学籍号"
_UNCLEAR_EXAM = "不止一场考试叫这个名字（{}）；请写考试编号，或写明学期"
_NOT_UNIQUE = "有不止一名学生叫这个名字，或姓名、班级与花名册不符；请填学籍号"


@dataclass
class Roster:
    """Known keys of a workspace, and of the batch that is being imported.

    Pupils are known by pseudonym; 身份证号 and 班级+姓名 lead to them through keyed hashes, so
    that neither is stored.
    """

    pseudonyms: Pseudonyms
    first_known: dict[str, pd.Timestamp] = field(default_factory=dict)
    """Pupil → day on which the school first knew of him or her."""
    keys: dict[str, set[str]] = field(default_factory=dict)
    """Table → known ids, for schools, classes and exams."""
    exam_known_on: dict[str, pd.Timestamp] = field(default_factory=dict)
    class_ids: dict[str, set[str]] = field(default_factory=dict)
    """Class name → class ids that have it, in any school and term."""
    class_names: dict[str, set[str]] = field(default_factory=dict)
    _class_of: dict[str, str] = field(default_factory=dict)
    """Pupil → class."""
    _places: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    """Class and term → school and grade."""
    _exams: exams.ExamIndex = field(default_factory=exams.ExamIndex)
    _by_alias: dict[str, str] = field(default_factory=dict)
    _by_key_seen: dict[str, str] = field(default_factory=dict)
    """Keys that were resolved before: a hash costs more than a look-up."""
    new_aliases: list[tuple[str, str, str]] = field(default_factory=list)

    @classmethod
    def load(cls, workspace: Workspace, schema: Schema) -> Roster:
        """What the workspace holds so far."""
        roster = cls(Pseudonyms(workspace.key))
        for name in ("schools", "classes", "exams", "students"):
            columns = [*_COLUMNS[name], "known_on"]
            roster.learn(name, read_columns(workspace, schema.tables[name], columns))
        for _, alias, student_id in read_sealed(workspace, ALIASES):
            roster._add_alias(alias, student_id)
        return roster

    def learn(self, table: str, rows: pd.DataFrame) -> None:
        """Take in rows of a table that others point to."""
        if table == "students":
            first = rows.groupby("student_id", observed=True)["known_on"].min()
            for student_id, day in first.items():
                known = self.first_known.get(str(student_id), day)
                self.first_known[str(student_id)] = min(known, day)
            inside = rows.sort_values("known_on", kind="stable")[["student_id", "class_id"]]
            self._class_of.update(inside.astype(object).itertuples(index=False, name=None))
        elif table in _COLUMNS:
            self.keys.setdefault(table, set()).update(rows[_COLUMNS[table][0]].astype(str))
        if table == "classes":
            for class_id, name in set(zip(rows["class_id"], rows["class_name"], strict=True)):
                self.class_ids.setdefault(_class_word(name), set()).add(class_id)
                self.class_names.setdefault(class_id, set()).add(name)
            columns = (rows[name].astype(object) for name in _COLUMNS["classes"])
            for class_id, _, term, school, grade in zip(*columns, strict=True):
                self._places[class_id, term] = (school, int(grade))
        if table == "exams":
            days = zip(rows["exam_id"].astype(str), rows["known_on"], strict=True)
            self.exam_known_on.update(days)
            self._exams.learn(exams.exams_of(rows))

    def name_pupils(self, work: Work) -> None:
        """Put ``student_id`` beside the keys of a roster; a changed 学籍号 keeps the pupil."""
        keys = work.frame[STUDENT_KEY].astype(object)
        seats = keys.map(is_seat_number, na_action="ignore").eq(True).to_numpy()
        work.refuse(seats & ~work.bad, STUDENT_KEY, _SEAT_NUMBER)
        numbers = work.frame["id_number"].astype(object)
        work.frame["student_id"] = pd.Categorical(
            [self._pupil(key, number) for key, number in zip(keys, numbers, strict=True)]
        )

    def _pupil(self, key: object, id_number: object) -> str | None:
        if not isinstance(key, str):
            return None
        student_id = self.pseudonyms.student_id(key)
        if student_id in self.first_known:
            return student_id
        return self._known_alias("key", key) or self._by_id_number(id_number) or student_id

    def _by_id_number(self, id_number: object) -> str | None:
        return self._known_alias("id", id_number) if isinstance(id_number, str) else None

    def _known_alias(self, *parts: str) -> str | None:
        return self._by_alias.get(self.pseudonyms.alias(*parts)) or None

    def learn_aliases(self, rows: pd.DataFrame) -> None:
        """Remember by what else the pupils of landed roster rows may be called."""
        columns = ("student_id", STUDENT_KEY, "id_number", "class_id", "student_name")
        for student_id, *parts in zip(*(rows[name].astype(object) for name in columns),
                                      strict=True):  # fmt: skip
            for kind, words in self._aliases(student_id, *parts):
                alias = self.pseudonyms.alias(kind, *words)
                if self._by_alias.get(alias) not in (student_id, _AMBIGUOUS):
                    self._add_alias(alias, student_id)
                    self.new_aliases.append((kind, alias, student_id))

    def _aliases(
        self, student_id: str, key: str, id_number: object, class_id: str, name: str
    ) -> Iterator[tuple[str, tuple[str, ...]]]:
        if self.pseudonyms.student_id(key) != student_id:
            yield "key", (key,)
        number = id_number if isinstance(id_number, str) else _citizen_number(key)
        if number is not None:
            yield "id", (number,)
        for class_word in (class_id, *self.class_names.get(class_id, ())):
            yield "name", (_class_word(class_word), name)

    def _add_alias(self, alias: str, student_id: str) -> None:
        known = self._by_alias.setdefault(alias, student_id)
        if known != student_id:
            self._by_alias[alias] = _AMBIGUOUS

    def find_pupils(self, work: Work) -> None:
        """Put ``student_id`` beside rows that point to the roster; unknown pupils are refused.

        Where class and name stand beside an empty key or a school's own number, they count.
        """
        found = self._by_key(work.frame[STUDENT_KEY])
        national = self._national(work.frame[STUDENT_KEY])
        lost = found.isna().to_numpy() & ~work.bad
        if NAME in work.frame and CLASS in work.frame:
            found = found.astype(object)
            unkeyed = lost & ~national
            found[unkeyed] = self._by_name(work.frame.loc[unkeyed, [CLASS, NAME]])
            work.refuse(unkeyed & found.isna().to_numpy(), NAME, _NOT_UNIQUE)
            lost &= national
        work.refuse(lost, STUDENT_KEY, NOT_IN_ROSTER)
        work.frame["student_id"] = found.astype("category")

    def _national(self, keys: pd.Series) -> np.ndarray:
        """Mask of the keys that name a pupil whatever the school."""
        national = np.array([is_national_number(word) for word in keys.cat.categories] + [False])
        return np.asarray(national[keys.cat.codes.to_numpy()])

    def _by_key(self, keys: pd.Series) -> pd.Series:
        words = np.asarray(keys.cat.categories, dtype=object)
        ids = np.array([self._enrolled(word) for word in words] + [None], dtype=object)
        codes, known = pd.factorize(ids)
        categories: Any = pd.Index(known)
        return pd.Series(
            pd.Categorical.from_codes(codes[keys.cat.codes.to_numpy()], categories=categories),
            index=keys.index,
        )

    def _enrolled(self, key: str) -> str | None:
        seen = self._by_key_seen.get(key)
        if seen is not None:
            return seen
        student_id: str | None = self.pseudonyms.student_id(key)
        if student_id not in self.first_known:
            student_id = self._known_alias("key", key) or self._known_alias("id", key)
        if student_id is not None:
            self._by_key_seen[key] = student_id
        return student_id

    def _by_name(self, rows: pd.DataFrame) -> pd.Series:
        pairs = zip(rows[CLASS].astype(object), rows[NAME].astype(object), strict=True)
        found = [
            self._known_alias("name", _class_word(group), name)
            if isinstance(group, str) and isinstance(name, str)
            else None
            for group, name in pairs
        ]
        return pd.Series(found, index=rows.index, dtype=object)

    def find_classes(self, work: Work, name: str = "class_id") -> None:
        """Class names that belong to one class only become its id."""
        column = work.frame[name]
        words = {word: self._class_id(word) for word in column.cat.categories}
        if any(word != class_id for word, class_id in words.items()):
            work.frame[name] = column.astype(object).map(words).astype("category")

    def _class_id(self, word: str) -> str:
        if word in self.keys.get("classes", ()):
            return word
        found = self.class_ids.get(_class_word(word), set())
        return next(iter(found)) if len(found) == 1 else word

    def class_in(self, text: str) -> str | None:
        """The class whose name or code stands in a text, when it is only one."""
        word = _class_word(text)
        names = [name for name in self.class_ids if name and name in word]
        found = {class_id for name in names for class_id in self.class_ids[name]}
        found |= {class_id for class_id in self.class_names if class_id in text}
        return found.pop() if len(found) == 1 else None

    def find_exams(self, work: Work, name: str = "exam_id") -> None:
        """Words that name one exam of the pupil's school and grade become its number."""
        unknown = self.unknown("exams", work.frame[name]) & ~work.bad
        if not unknown.any():
            return
        words = work.frame[name].astype(object)
        classes = work.frame["student_id"].astype(object).map(self._class_of).fillna("")
        unclear = np.zeros(len(words), dtype=bool)
        advice: dict[int, str] = {}
        rows = pd.DataFrame({"text": words, "class_id": classes})[unknown]
        for (text, class_id), group in rows.groupby(["text", "class_id"]):
            sat = [exam.exam_id for exam in self._exams.called(text) if self._sits(class_id, exam)]
            if len(sat) == 1:
                words[group.index] = sat[0]
            elif sat:
                unclear[group.index] = True
                advice |= dict.fromkeys(group.index, _UNCLEAR_EXAM.format("、".join(sat[:3])))
        work.frame[name] = words.astype("category")
        work.refuse(unclear, name, advice)

    def _sits(self, class_id: str, exam: exams.Exam) -> bool:
        school, grade = self._places.get((class_id, exam.term), (exam.school, exam.grade))
        return exam.grade == grade and exam.school in (None, school)

    def unknown(self, table: str, values: pd.Series) -> np.ndarray:
        """Mask of the given keys that the table lacks; empty ones are not asked."""
        known = self.keys.get(table, set())
        new = np.array([word not in known for word in values.cat.categories] + [False])
        return np.asarray(new[values.cat.codes.to_numpy()])


_COLUMNS = {
    "schools": ("school_code",),
    "classes": ("class_id", "class_name", "term", "school_code", "grade"),
    "exams": exams.COLUMNS,
    "students": ("student_id", "class_id"),
}


def _class_word(text: str) -> str:
    """A class name as it is compared: 七年级(2)班 and 七年级（2） are one."""
    return plain_text(text).replace(" ", "").removesuffix("班").replace("(", "").replace(")", "")


def _citizen_number(key: str) -> str | None:
    """The 身份证号 inside a 学籍号 that is made of one."""
    if not (key.startswith("G") and is_registration_number(key)):
        return None
    try:
        return read_id_number(key[1:])
    except BadIdentifierError:
        return None
