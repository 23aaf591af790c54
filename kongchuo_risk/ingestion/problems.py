"""What an import did: what landed, and why every other row did not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

MOST_PROBLEMS = 500_000
"""Single problems kept in memory and listed; the counts stay exact beyond that."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that a person can put right in a file.

    ``row`` is the number that Excel or an editor shows, 0 for the whole file. ``value`` is masked
    where it names a person.
    """

    file: str
    sheet: str
    row: int
    column: str
    value: str
    advice: str


@dataclass
class TableCount:
    """Rows of one table in one sheet: ``read = landed + existing + duplicate + refused``."""

    file: str
    sheet: str
    table: str
    title: str
    landed: int = 0
    existing: int = 0
    duplicate: int = 0
    refused: int = 0
    skipped: int = 0
    """Example rows and totals, which are no records."""

    @property
    def read(self) -> int:
        return self.landed + self.existing + self.duplicate + self.refused


@dataclass
class ImportReport:
    """What one import did.

    Attributes
    ----------
    batch_id : str or None
        ``None`` when nothing was new, so that there is no batch to undo.
    tables : list of TableCount
        One per sheet, in the order of import.
    problems : list of Problem
        Refused rows and unreadable files; a row can have several.
    notes : list of str
        What a person should know though nothing was refused.
    skipped_files : list of str
        Files whose content had been imported before.
    path : Path or None
        The Excel report.
    """

    batch_id: str | None = None
    tables: list[TableCount] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    skipped_files: list[str] = field(default_factory=list)
    path: Path | None = None
    _counts: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def refuse(self, problems: Iterable[Problem]) -> None:
        """Add problems; all are counted, the first :data:`MOST_PROBLEMS` are listed."""
        for problem in problems:
            self._counts[problem.file, problem.sheet, problem.column, problem.advice] += 1
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)

    def note(self, text: str) -> None:
        """Add a note once."""
        if text not in self.notes:
            self.notes.append(text)

    @property
    def problem_counts(self) -> list[tuple[str, str, str, str, int]]:
        """(file, sheet, column, advice, count), the most frequent first."""
        return [(*key, count) for key, count in self._counts.most_common()]

    @property
    def landed(self) -> int:
        return self._rows("landed")

    @property
    def refused(self) -> int:
        return self._rows("refused")

    @property
    def existing(self) -> int:
        return self._rows("existing")

    @property
    def duplicate(self) -> int:
        return self._rows("duplicate")

    def _rows(self, name: str) -> int:
        return sum(getattr(count, name) for count in self.tables)

    @property
    def read(self) -> int:
        """Rows read: landed, refused, already there and duplicate together."""
        return sum(count.read for count in self.tables)

    @property
    def usable(self) -> bool:
        """Whether the files brought or repeated anything; ``False`` when all was refused."""
        return bool(self.landed or self.existing or self.skipped_files) or not self.problems

    @property
    def headline(self) -> str:
        """What landed and what did not, in one line."""
        if not self.batch_id:
            return "没有新数据。"
        return (
            f"导入批次 {self.batch_id}：读入 {self.read:,} 行，入库 {self.landed:,} 行，"
            f"退回 {self.refused:,} 行（明细见 {self.path}）"
        )

    def summary(self) -> str:
        r"""The report in a few Chinese lines.

        >>> ImportReport(skipped_files=["a.xlsx"]).summary()
        '没有新数据。\n1 个文件的内容与以前导入的相同，已跳过：a.xlsx'
        """
        lines = [f"批次 {self.batch_id}" if self.batch_id else "没有新数据。"]
        if self.skipped_files:
            first = self.skipped_files[0] + (" 等" if len(self.skipped_files) > 1 else "")
            count = len(self.skipped_files)
            lines.append(f"{count} 个文件的内容与以前导入的相同，已跳过：{first}")
        lines += _table_lines(self.tables)
        if self.problems:
            files = sum(problem.row == 0 for problem in self.problems)
            parts = [(self.refused, "行被退回"), (files, "个文件或工作表没有读成")]
            lines.append("，".join(f"{number} {words}" for number, words in parts if number))
            lines += [
                f"  {count} 处：{sheet or file} · {column or '—'}：{advice}"
                for file, sheet, column, advice, count in self.problem_counts[:5]
            ]
        lines += [f"提示：{note}" for note in self.notes]
        if self.path is not None:
            lines.append(f"明细见 {self.path}")
        return "\n".join(lines)


def _table_lines(counts: Sequence[TableCount]) -> list[str]:
    """A line per table, all its sheets together."""
    lines = []
    for title in dict.fromkeys(count.title for count in counts if count.read):
        own = [count for count in counts if count.title == title and count.read]
        total = {name: sum(getattr(count, name) for count in own) for name in _WORDS}
        read = sum(count.read for count in own)
        parts = [f"{_WORDS[name]} {number}" for name, number in total.items() if number]
        lines.append(f"{title}：读入 {read} 行（{len(own)} 个表），" + "，".join(parts))
    return lines


_WORDS = {"landed": "入库", "existing": "已存在", "duplicate": "重复", "refused": "退回"}
