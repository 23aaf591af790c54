"""Which forms there are and which fields each has: the generated end of ``docs/forms.md``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kongchuo_risk.reports.forms.catalogue import FORM_ENTRIES, word_forms
from kongchuo_risk.reports.forms.entries import FormEntry
from kongchuo_risk.reports.templates import FIELD_LIST, Field

FORMS = word_forms()
"""Every form with a Word template."""
MARK = "<!-- 以下由 python -m kongchuo_risk.reports.field_list 生成，请改代码中的字段表 -->\n"


def field_list() -> str:
    """Markdown: all forms in a table, then a table of fields per form."""
    return "".join([*_overview(), *(line for entry in FORM_ENTRIES for line in _form(entry))])


def _overview() -> Iterator[str]:
    yield "\n## 全部表册\n\n| 序号 | 表册 | 又名 | 一份写的是 | 谁填 | 给谁 | 文号 | 依据 |\n"
    yield "|---|---|---|---|---|---|---|---|\n"
    for entry in FORM_ENTRIES:
        cells = (
            str(entry.number),
            f"`{entry.file_name}`",
            "、".join(entry.aliases),
            entry.about,
            entry.writer,
            entry.reader,
            "有" if entry.numbered else "",
            "、".join(map(_source, entry.sources)),
        )
        yield f"| {' | '.join(cells)} |\n"


def _source(source: str) -> str:
    return f"规则{source}" if source.isdecimal() else source


def _form(entry: FormEntry) -> Iterator[str]:
    if not entry.fields:
        return
    purpose = f"{entry.form.purpose}\n\n" if entry.form else ""
    yield f"\n## {entry.file_name}\n\n{purpose}| 字段 | 内容 | 意思 |\n|---|---|---|\n"
    yield from _rows(entry.fields)


def _rows(fields: tuple[Field, ...], inside: str = "") -> Iterator[str]:
    for field in fields:
        yield f"| `{inside}{field.name}` | {field.kind} | {field.meaning} |\n"
        yield from _rows(field.parts, inside=f"{field.name} → ")


if __name__ == "__main__":
    page = Path(FIELD_LIST)
    written = page.read_text(encoding="utf-8").split(MARK)[0]
    page.write_text(written + MARK + field_list(), encoding="utf-8")
