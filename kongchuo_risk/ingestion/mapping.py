"""Other layouts said as data: which file is which table, which header which field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import ImportRefusedError
from kongchuo_risk.ingestion.headers import header_word
from kongchuo_risk.ingestion.raw import RawChunk, RawColumn, Sheet


class FileMapping(Contract):
    """How the sheets of matching files become one table.

    ``columns`` maps a header to a field (several tables may use one header), ``constants`` gives
    fields that the file lacks, ``values`` translates cells of a field.
    """

    pattern: str
    """File name, with ``*`` and ``?``."""
    sheet: str = "*"
    table: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}


class LayoutMapping(Contract):
    """One file of ``data_schema/mappings``."""

    name: str
    title: str
    description: str
    code: str | None = None
    """Module in ``ingestion/adapters`` that reads this layout with the constants below."""
    uses: tuple[str, ...] = ()
    """File names (with ``*``) that the code reads; others in the folder are left alone."""
    constants: Mapping[str, str] = {}
    values: Mapping[str, Mapping[str, str]] = {}
    files: tuple[FileMapping, ...] = ()


def load_mapping(name: str, folder: Path | None = None) -> LayoutMapping:
    """The mapping called ``name``, or the one in the YAML file of that path.

    Raises
    ------
    ImportRefusedError
        Lists the mappings that exist.
    """
    mappings = data_schema(folder) / "mappings"
    own = Path(name)
    source = own if own.suffix in (".yaml", ".yml") else mappings / f"{name}.yaml"
    if not source.is_file():
        known = "、".join(sorted(path.stem for path in mappings.glob("*.yaml")))
        raise ImportRefusedError(f"没有名为“{name}”的数据格式；现有：{known}")
    return parse(LayoutMapping, read_yaml(source), source=source)


@dataclass
class MappedSheet:
    """A sheet as a mapping sees it: its columns renamed, completed and translated."""

    base: Sheet
    mapping: FileMapping

    @property
    def file(self) -> str:
        return self.base.file

    @property
    def sheet(self) -> str:
        return self.base.sheet

    @property
    def caption(self) -> str:
        return self.base.caption

    @property
    def table(self) -> str | None:
        return self.mapping.table

    @property
    def total_rows(self) -> int | None:
        return self.base.total_rows

    @property
    def malformed(self) -> list[tuple[int, str]]:
        return self.base.malformed

    @cached_property
    def _kept(self) -> list[tuple[int, str]]:
        """(position in the base sheet, field) of every mapped column."""
        fields = {header_word(title): field for title, field in self.mapping.columns.items()}
        words = [header_word(title) for title in self.base.header]
        return [(at, fields[word]) for at, word in enumerate(words) if word in fields]

    @property
    def header(self) -> tuple[str, ...]:
        return (*(field for _, field in self._kept), *self.mapping.constants)

    def chunks(self) -> Iterator[RawChunk]:
        for chunk in self.base.chunks():
            columns = [
                translated(chunk.columns[at], self.mapping.values.get(field, {}))
                for at, field in self._kept
            ]
            columns += [
                RawColumn.constant(value, len(chunk)) for value in self.mapping.constants.values()
            ]
            yield RawChunk(columns, chunk.rows)


def translated(column: RawColumn, words: Mapping[str, str]) -> RawColumn:
    """The column with cells replaced by the words of a mapping."""
    if not words:
        return column
    return RawColumn(
        column.codes, [words.get(str(value).strip(), value) for value in column.values]
    )


def apply_mapping(mapping: LayoutMapping, sheets: list[Sheet]) -> list[Sheet]:
    """Sheets that the mapping knows, once for each table they fill."""
    return [
        MappedSheet(sheet, rule)
        for sheet in sheets
        for rule in mapping.files
        if fnmatch(Path(sheet.file).name, rule.pattern) and fnmatch(sheet.sheet, rule.sheet)
    ]
