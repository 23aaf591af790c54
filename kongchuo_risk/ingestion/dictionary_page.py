"""The data dictionary as a page to read: the generated part of ``docs/data.md``."""

from __future__ import annotations

from kongchuo_risk.contracts.tables import CodeList, Field, Schema, Table

START = "<!-- 以下由 python -m kongchuo_risk.ingestion.dictionary_page 生成，请改 data_schema -->\n"
_SENSITIVITY = {
    "organisation": "机构", "pupil": "学生", "special": "特殊类别", "health": "健康",
    "audit": "只用于审计", "restricted": "受限", "identity": "身份（加密，另存）",
    "confidential_text": "加密文字",
}  # fmt: skip
_TYPES = {
    "string": "文字", "integer": "整数", "number": "数", "boolean": "是/否", "date": "日期",
    "datetime": "日期时间",
}  # fmt: skip


def dictionary_page(schema: Schema) -> str:
    """Markdown of every table and code list."""
    tables = "".join(_table(table, schema) for table in schema.tables.values())
    codes = "".join(_code_list(name, codes) for name, codes in schema.codes.items())
    return f"{START}\n## 数据表（{len(schema.tables)} 张）\n{tables}\n## 代码表\n{codes}"


def _table(table: Table, schema: Schema) -> str:
    keys = "、".join(table.by_name[name].title for name in table.primary_key)
    head = (
        f"\n### {table.title} `{table.name}`\n\n"
        f"{table.description}。一行：{table.grain}。主键：{keys}。\n"
        "\n| 列 | 字段 | 类型 | 必填 | 代码表 | 敏感度 | 说明 | 也认得的列名 |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(_field(field) for field in table.fields)


def _field(field: Field) -> str:
    cells = (
        field.title, f"`{field.name}`", _TYPES[field.type], "★" if field.required else "",
        f"`{field.codes}`" if field.codes else "", _SENSITIVITY[field.sensitivity],
        field.description, "、".join(field.aliases),
    )  # fmt: skip
    return "| " + " | ".join(cells) + " |\n"


def _code_list(name: str, codes: CodeList) -> str:
    source = f"来源：{codes.source}。" if codes.source else ""
    more = "可以填表外的词。" if codes.open else ""
    rows = "".join(
        f"| `{code}` | {value.label} | {'、'.join(value.aliases)} |\n"
        for code, value in codes.values.items()
    )
    return (
        f"\n### {codes.title} `{name}`\n\n{source}{more}\n\n"
        f"| 存储代码 | 名称 | 也认得的词 |\n|---|---|---|\n{rows}"
    )


if __name__ == "__main__":
    from pathlib import Path

    from kongchuo_risk.contracts.tables import load_schema

    page = Path("docs/data.md")
    written = page.read_text(encoding="utf-8").split(START)[0]
    page.write_text(written + dictionary_page(load_schema()), encoding="utf-8")
