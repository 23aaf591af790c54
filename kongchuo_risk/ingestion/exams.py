"""Which exam a score sheet means when it gives a name instead of a number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from kongchuo_risk.ingestion.dates import parse_term_words
from kongchuo_risk.ingestion.headers import header_word

COLUMNS = ("exam_id", "exam_name", "term", "school_code", "grade")
_TERM = re.compile(
    r"\d{4}\s*(?:[-/~至—–]\s*\d{2,4})?\s*(?:学年度?|年)?\s*"
    r"(?:第[一二12]学期|[上下]学期|[-(（]?[上下12][)）]?(?!\d)|[春秋](?:季?学?期?))"
)
_SAID_OF_EVERY_EXAM = re.compile("考试|测试|测验|成绩|分数|统计|表")


@dataclass(frozen=True)
class Exam:
    """One exam of one grade; ``school`` is ``None`` when all schools of the district sit it."""

    exam_id: str
    name: str
    term: str
    school: str | None
    grade: int


@dataclass
class ExamIndex:
    """Exams by what schools call them.

    Examples
    --------
    >>> index = ExamIndex()
    >>> index.learn([Exam("E1", "期中考试", "2025-2026-1", None, 7),
    ...              Exam("E2", "期中考试", "2025-2026-2", None, 7)])
    >>> [exam.exam_id for exam in index.called("2025年秋季期中成绩")]
    ['E1']
    """

    _by_word: dict[str, list[Exam]] = field(default_factory=dict)

    def learn(self, exams: Iterable[Exam]) -> None:
        """Take in exams; one that is known already is replaced."""
        for exam in exams:
            for word in {header_word(exam.exam_id), _core(exam.name)} - {""}:
                others = [old for old in self._by_word.get(word, ()) if old.exam_id != exam.exam_id]
                self._by_word[word] = [*others, exam]

    def called(self, text: str) -> list[Exam]:
        """Exams that a text can mean: the longest number or name in its first line that has one.

        A term anywhere in the text rules out the exams of the others.
        """
        lines = [header_word(line) for line in text.splitlines()]
        words = next((found for line in lines if (found := self._words_in(line))), [])
        term = next((parse_term_words(found) for found in _TERM.findall(text)), None)
        exams = [exam for word in words for exam in self._by_word[word]]
        return [exam for exam in exams if term is None or exam.term == term]

    def _words_in(self, line: str) -> list[str]:
        found = [word for word in self._by_word if word in line]
        longest = max(map(len, found), default=0)
        return [word for word in found if len(word) == longest]


def exams_of(rows: pd.DataFrame) -> list[Exam]:
    """Rows of the exam table as exams."""
    columns = (rows[name].astype(object) for name in COLUMNS)
    return [
        Exam(number, name, term, school if isinstance(school, str) else None, int(grade))
        for number, name, term, school, grade in zip(*columns, strict=True)
    ]


def _core(name: str) -> str:
    """What tells an exam from the others: 期中考试 is 期中."""
    return _SAID_OF_EVERY_EXAM.sub("", header_word(name))
