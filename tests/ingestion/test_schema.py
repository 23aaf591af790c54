from pathlib import Path

import pytest

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.ingestion.cells import CodeReader
from kongchuo_risk.ingestion.dictionary_page import dictionary_page
from kongchuo_risk.ingestion.template import example_cell

SCHEMA = load_schema()
FIELDS = [(table.name, field) for table in SCHEMA.tables.values() for field in table.fields]


def test_the_schema_page_says_what_the_schema_says() -> None:
    page = Path(__file__).parents[2] / "docs" / "data.md"
    assert page.read_text(encoding="utf-8").endswith(dictionary_page(SCHEMA))


@pytest.mark.parametrize("name", SCHEMA.codes)
def test_every_word_of_a_code_list_is_read_as_one_code(name: str) -> None:
    codes = SCHEMA.codes[name]
    reader = CodeReader.of(codes)
    for code, value in codes.values.items():
        assert reader.read(value.label) == code
        assert reader.read(code) == code


def test_every_example_code_exists() -> None:
    coded = [field for _, field in FIELDS if field.codes]
    assert coded
    for field in coded:
        assert field.codes is not None
        example = example_cell(field, SCHEMA)
        assert (
            CodeReader.of(SCHEMA.codes[field.codes]).read(example)
            in SCHEMA.codes[field.codes].values
        )


@pytest.mark.parametrize("name", SCHEMA.tables)
def test_no_two_columns_of_a_table_have_one_title(name: str) -> None:
    titles = [field.title for field in SCHEMA.tables[name].fields]
    assert len(set(titles)) == len(titles)
