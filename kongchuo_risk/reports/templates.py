"""Word forms: a template that a school edits in Word, filled with values that stay plain text."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from types import CodeType
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import ChainableUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.errors import ContractError

FIELD_LIST = "docs/forms.md"
"""Where a school reads which fields there are."""


class Kind(StrEnum):
    """What stands in a field."""

    TEXT = "文字"
    YES_NO = "是否"
    TEXTS = "若干条文字"
    ENTRIES = "若干项"


@dataclass(frozen=True, slots=True)
class Field:
    """One field that a template may use."""

    name: str
    meaning: str
    kind: Kind = Kind.TEXT
    parts: tuple[Field, ...] = ()
    """Fields of one entry of :attr:`Kind.ENTRIES`."""


@dataclass(frozen=True, slots=True)
class Form:
    """A Word template and the fields that it is filled with."""

    name: str
    """Name of the template's file, without ``.docx``."""
    purpose: str
    fields: tuple[Field, ...]

    @property
    def file_name(self) -> str:
        return f"{self.name}.docx"

    def fill(self, values: Mapping[str, object], templates: Path | None = None) -> bytes:
        """The Word file for these values; equal values give equal bytes.

        Parameters
        ----------
        values
            By name of the field. Every value is text, whatever characters it holds.
        templates
            A school's own templates; what is not there is taken from ``data_schema/forms``.

        Raises
        ------
        ContractError
            When the template is missing, no Word file, badly written, or uses fields that the form
            does not have: then all of them are named.
        """
        path = form_file(self.file_name, templates)
        unknown: dict[str, None] = {}
        document = _open(path)
        try:
            document.render(dict(values), _environment(unknown))
        except (TemplateError, SyntaxError) as error:
            raise ContractError(_badly_written(path, error)) from error
        if unknown:
            raise ContractError(_no_such_fields(path, unknown))
        filled = BytesIO()
        document.save(filled)
        return sealed(filled.getvalue())


def form_file(name: str, templates: Path | None = None) -> Path:
    """A file of the forms: a school's own, or the shipped one.

    >>> form_file("致家长一封信.docx").parent.name
    'forms'
    """
    own = templates / name if templates is not None else None
    return own if own is not None and own.is_file() else data_schema() / "forms" / name


def as_text(value: object) -> str:
    """A value as the XML of plain text: no character of it is markup, nor a field of a template.

    >>> as_text("{{ 甲 }} & <乙>")
    '&#123;&#123; 甲 &#125;&#125; &amp; &lt;乙&gt;'
    """
    lines = _NOT_IN_WORD.sub("", str(value).replace("\r\n", "\n").replace("\r", "\n"))
    return lines.translate(_ESCAPES)


def sealed(package: bytes) -> bytes:
    """A Word file without the times of its making, so that equal content is equal bytes."""
    made = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(package)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for part in source.infolist():
            # A name alone would be stamped with the present time.
            entry = zipfile.ZipInfo(part.filename, date_time=_NO_TIME)
            target.writestr(entry, source.read(part), compress_type=zipfile.ZIP_DEFLATED)
    return made.getvalue()


_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip file can say."""
_NOT_IN_WORD = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;", "}": "&#125;", "\t": " "}
)


def _open(path: Path) -> Any:
    if not path.is_file():
        raise ContractError(f"缺少模板 {path}")
    try:
        document = _Template(path)
        document.init_docx()
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ContractError(f"{path} 不是 Word 文档（.docx）；请用 Word 另存为 .docx") from error
    return document


def _environment(unknown: dict[str, None]) -> ImmutableSandboxedEnvironment:
    """Where templates are filled; a template that came by e-mail can neither read nor run anything.

    Names that no field has are noted in ``unknown`` and left empty, so that all are told at once.
    """

    class Noted(ChainableUndefined):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            unknown[str(self._undefined_name)] = None

    return _Environment(undefined=Noted, finalize=as_text)


class _Template(DocxTemplate):  # type: ignore[misc]
    """Makes the XML of a template ready once, however many pupils of a class it is filled for."""

    def patch_xml(self, src_xml: str) -> str:
        return _patched(src_xml)


@lru_cache(maxsize=64)
def _patched(xml: str) -> str:
    # Nothing of the template's file is used, only the method.
    return str(DocxTemplate.patch_xml(None, xml))


class _Environment(ImmutableSandboxedEnvironment):
    """Compiles each template once, however many pupils of a class it is filled for."""

    def from_string(
        self,
        source: Any,
        globals: MutableMapping[str, Any] | None = None,
        template_class: type[Template] | None = None,
    ) -> Template:
        made = template_class or self.template_class
        return made.from_code(self, _compiled(source), self.make_globals(globals))


@lru_cache(maxsize=128)
def _compiled(source: str) -> CodeType:
    return ImmutableSandboxedEnvironment(finalize=as_text).compile(source)


def _no_such_fields(path: Path, names: Iterable[str]) -> str:
    return f"模板 {path} 用到了没有的字段：{'、'.join(names)}；有哪些字段见 {FIELD_LIST}"


def _badly_written(path: Path, error: Exception) -> str:
    near = "".join(getattr(error, "docx_context", ())).strip()
    place = f"；在这些文字附近：{near[:80]}" if near else ""
    return f"模板 {path} 中双花括号或 {{% %}} 的写法有误（{error}）{place}"
