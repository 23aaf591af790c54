"""Table contracts: Frictionless schemas with Chinese titles, code lists and sensitivity."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field as PydanticField

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import ContractError

STUDENT_KEY = "student_key"
"""Column of an input table that names a pupil; stored as ``student_id``."""

Sensitivity = Literal[
    "organisation", "pupil", "special", "health", "audit", "restricted", "identity",
    "confidential_text",
]  # fmt: skip


class Code(Contract):
    """One value of a code list."""

    label: str
    aliases: tuple[str, ...] = ()
    description: str = ""


class CodeList(Contract):
    """Stored code → Chinese label and the words that schools write for it."""

    title: str
    source: str = ""
    open: bool = False
    values: Mapping[str, Code]

    def label(self, code: str) -> str:
        """Chinese label of a stored code (the code itself when it is not in an open list)."""
        found = self.values.get(code)
        return found.label if found else code

    @cached_property
    def code_by_word(self) -> dict[str, str]:
        """Every accepted word → stored code: the code, its label, its aliases."""
        words: dict[str, str] = {}
        for code, value in self.values.items():
            for word in (code, value.label, *value.aliases):
                words.setdefault(word, code)
        return words


class Constraints(Contract):
    """Frictionless field constraints that we use."""

    required: bool = False
    minimum: float | None = None
    maximum: float | None = None


class Field(Contract):
    """One column of an input table.

    ``reads`` names a reader for cells that need more than their Frictionless type says:
    ``term``, ``grade``, ``month`` or ``codes`` (several codes joined by 、).
    """

    name: str
    title: str
    type: Literal["string", "integer", "number", "boolean", "date", "datetime"]
    description: str = ""
    constraints: Constraints = Constraints()
    reads: Literal["term", "grade", "month", "codes"] | None = None
    codes: str | None = None
    aliases: tuple[str, ...] = ()
    sensitivity: Sensitivity

    @property
    def required(self) -> bool:
        return self.constraints.required

    @property
    def is_identity(self) -> bool:
        """Identity columns are sealed apart from the table."""
        return self.sensitivity == "identity"

    @property
    def is_confidential_text(self) -> bool:
        """Free text is encrypted in place."""
        return self.sensitivity == "confidential_text"


class Reference(Contract):
    resource: str
    fields: tuple[str, ...]


class ForeignKey(Contract):
    fields: tuple[str, ...]
    reference: Reference


class Table(Contract):
    """Contract of one table: what a row is, what its columns mean, when a row is known."""

    schema_url: str = PydanticField(alias="$schema")
    name: str
    title: str
    description: str
    order: int
    grain: str
    known_from: str
    primary_key: tuple[str, ...] = PydanticField(alias="primaryKey")
    foreign_keys: tuple[ForeignKey, ...] = PydanticField(default=(), alias="foreignKeys")
    missing_values: tuple[str, ...] = PydanticField(alias="missingValues")
    fields: tuple[Field, ...]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    @property
    def stored_key(self) -> tuple[str, ...]:
        """Primary key as stored: the pupil's key is the pseudonym."""
        return tuple("student_id" if name == STUDENT_KEY else name for name in self.primary_key)

    @property
    def stored_columns(self) -> tuple[str, ...]:
        """Columns of the Parquet files, without identities, ``known_on`` last."""
        columns = ["student_id"] if STUDENT_KEY in self.by_name else []
        columns += [
            field.name
            for field in self.fields
            if not field.is_identity and field.name != "known_on"
        ]
        return (*columns, "known_on")


class Schema(Contract):
    """All tables in the order in which they are read, and the code lists they use."""

    tables: Mapping[str, Table]
    codes: Mapping[str, CodeList]

    def codes_of(self, field: Field) -> CodeList | None:
        return self.codes[field.codes] if field.codes else None

    def label(self, codes: str, code: object) -> str:
        """Chinese label of ``code`` in the list ``codes``; empty for a missing code."""
        return "" if code is None or code != code else self.codes[codes].label(str(code))


@lru_cache(maxsize=8)
def load_schema(folder: Path | None = None) -> Schema:
    """Every table contract and code list of ``data_schema/``.

    >>> schema = load_schema()
    >>> schema.tables["attendance"].title
    '考勤异常'
    >>> schema.label("left_behind", "2")
    '双亲留守'
    """
    root = data_schema(folder)
    codes_file = root / "codes.yaml"
    codes = {
        name: parse(CodeList, content, source=codes_file)
        for name, content in read_yaml(codes_file).items()
    }
    found = [
        parse(Table, read_yaml(path), source=path) for path in (root / "tables").glob("*.yaml")
    ]
    tables = {table.name: table for table in sorted(found, key=lambda table: table.order)}
    _check_references(tables, codes)
    return Schema(tables=tables, codes=codes)


def _check_references(tables: Mapping[str, Table], codes: Mapping[str, CodeList]) -> None:
    problems = [
        f"{table.name}.{field.name}: 没有代码表 {field.codes}"
        for table in tables.values()
        for field in table.fields
        if field.codes and field.codes not in codes
    ]
    problems += [
        f"{table.name}: 外键指向不存在的表 {key.reference.resource}"
        for table in tables.values()
        for key in table.foreign_keys
        if key.reference.resource not in tables
    ]
    if problems:
        raise ContractError("data_schema 不一致：\n  " + "\n  ".join(problems))
