"""Templates: a school may edit them, values stay text, and mistakes are told in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.field_list import FORMS, MARK, field_list
from kongchuo_risk.reports.templates import FIELD_LIST, Field, Form, Kind, form_file
from scripts.forms import template_bytes
from tests.conftest import ROOT
from tests.reports.builders import parts, texts

NOTE = Form("便条", "测试用", (Field("姓名", "姓名"), Field("项", "若干项", Kind.ENTRIES)))


def note(folder: Path, *lines: str) -> Path:
    paper = Document()
    for line in lines:
        paper.add_paragraph(line)
    paper.save(folder / NOTE.file_name)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return note(tmp_path_factory.mktemp("forms"), "[{{ 姓名 }}]")


@settings(max_examples=15, deadline=None)
@given(
    st.text(st.one_of(st.sampled_from("<>&{}%#_\"'"), st.characters(exclude_categories=("C", "Z"))))
)
def test_whatever_a_name_is_made_of_it_stands_on_paper_as_it_is(plain: Path, name: str) -> None:
    assert f"[{name}]" in texts(NOTE.fill({"姓名": name, "项": []}, plain))


def test_a_name_that_looks_like_a_field_is_not_filled(plain: Path) -> None:
    odd = "{{ 项 }} {% endif %} {_{ &amp; </w:t>"
    assert f"[{odd}]" in texts(NOTE.fill({"姓名": odd, "项": []}, plain))


def test_line_breaks_stay_and_what_word_cannot_hold_is_left_out(plain: Path) -> None:
    filled = NOTE.fill({"姓名": "第一行\r\n第二行\x07\x0c\ud800", "项": []}, plain)
    assert "[第一行\n第二行]" in texts(filled)


def test_all_unknown_fields_are_named_at_once(tmp_path: Path) -> None:
    folder = note(tmp_path, "{{ 名字 }}", "{% for 甲 in 项 %}{{ 甲.数量.单位 }}{% endfor %}")
    with pytest.raises(ContractError, match="没有的字段：名字、数量；") as told:
        NOTE.fill({"姓名": "", "项": [{"内容": ""}]}, folder)
    assert NOTE.file_name in str(told.value)
    assert FIELD_LIST in str(told.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("甲{% if 姓名 %}乙", "写法有误.*附近：甲"),
        ("{{ 姓名 | 大写 }}", "写法有误"),
    ],
)
def test_a_template_that_cannot_be_filled_says_where(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ContractError, match=told):
        NOTE.fill({"姓名": "学生甲", "项": []}, note(tmp_path, line))


def test_a_template_that_came_by_e_mail_reaches_nothing_but_its_fields(tmp_path: Path) -> None:
    folder = note(tmp_path, "{{ 姓名.__class__.__mro__[1].__subclasses__() }}")
    with pytest.raises(ContractError, match="__class__"):
        NOTE.fill({"姓名": "学生甲", "项": []}, folder)


def test_a_missing_template_and_a_file_that_is_not_word_are_told(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"缺少模板 .*便条\.docx"):
        NOTE.fill({}, tmp_path)
    (tmp_path / NOTE.file_name).write_text("not Word")
    with pytest.raises(ContractError, match=r"不是 Word 文档（\.docx）"):
        NOTE.fill({}, tmp_path)


def test_a_school_s_own_template_comes_before_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "一生一案.docx"
    own.write_bytes(b"")
    assert form_file("一生一案.docx", tmp_path) == own
    assert form_file("一校一案.docx", tmp_path) == form_file("一校一案.docx")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_shipped_template_is_what_the_script_makes(form: Form) -> None:
    shipped = form_file(form.file_name).read_bytes()
    assert parts(shipped) == parts(template_bytes(form.file_name))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_is_on_a4_in_chinese_type(form: Form) -> None:
    paper = Document(str(form_file(form.file_name)))
    page = paper.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert 1.5 <= page.left_margin.cm <= 2.5
    styles = {line.style.name for line in paper.paragraphs}
    fonts = {paper.styles[name].element.rPr.rFonts.get(EAST_ASIA) for name in styles}
    assert fonts == {"宋体", "黑体"}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_no_row_is_split_and_the_titles_of_a_long_table_are_repeated(form: Form) -> None:
    for table in Document(str(form_file(form.file_name))).tables:
        rows = [row._tr for row in table.rows if "{%tr" not in row.cells[0].text]
        assert all(row.xpath("w:trPr/w:cantSplit") for row in rows)
        is_long = any("{%tr" in row.cells[0].text for row in table.rows)
        assert bool(rows[0].xpath("w:trPr/w:tblHeader")) or not is_long


def test_the_page_for_schools_lists_every_field() -> None:
    page = (ROOT / FIELD_LIST).read_text(encoding="utf-8")
    assert page.endswith(MARK + field_list())


EAST_ASIA = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia"
