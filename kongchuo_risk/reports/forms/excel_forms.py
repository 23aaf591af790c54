"""The Excel forms: registers filled from the records, and sheets that are typed in afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.errors import ContractError
from kongchuo_risk.reports.forms.entries import About, FileKind, FormEntry
from kongchuo_risk.reports.forms.ledger_book import Ledger, clean, ledger_workbook
from kongchuo_risk.reports.forms.ledger_forms import (
    AID,
    DROPOUTS,
    GUARANTEE,
    LEFT_BEHIND,
    LOST,
    PAIRS,
    PERSUASION,
    REGISTERS,
    SCHOOL_AGE,
    SUSPECTED,
)
from kongchuo_risk.reports.forms.roll_sheet import ROLL_FIELDS, ROLL_NAME
from kongchuo_risk.reports.forms.school_facts import Heading, Row
from kongchuo_risk.reports.forms.typed_forms import OBSERVED, PROGRESS, SIGNS, TYPED, VISITS

LEDGERS: Mapping[str, Ledger] = {ledger.name: ledger for ledger in (*REGISTERS, *TYPED)}
"""Name → ledger."""


def ledger_file(name: str, heading: Heading, rows: Sequence[Row] = ()) -> bytes:
    """A register as an Excel file; without rows it is the empty form.

    Parameters
    ----------
    name
        A name of :data:`LEDGERS`.
    heading
        Unit, period, day; 文号 and 签发人 of an official register.
    rows
        By the names of the columns; what is left out stays empty, 序号 is counted.

    Raises
    ------
    ContractError
        When there is no such register, or rows have columns that it has not (all are named).
    """
    ledger = ledger_called(name)
    unknown = {cell: None for row in rows for cell in row if cell not in ledger.column_names}
    if unknown:
        raise ContractError(f"《{name}》没有这些列：{'、'.join(unknown)}")
    return ledger_workbook(ledger, heading, rows)


def ledger_called(name: str) -> Ledger:
    """The register of this name; none is a :class:`ContractError`."""
    if name not in LEDGERS:
        raise ContractError(f"没有叫“{name}”的表册；有：{'、'.join(LEDGERS)}")
    return LEDGERS[name]


def rows_of(name: str, table: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of a register from a table that has more columns, such as a ledger of the reports.

    >>> rows_of("疑似辍学台账", pd.DataFrame({"姓名": ["学生甲"], "学段": ["初中"]}))
    [{'姓名': '学生甲'}]
    """
    columns = [column for column in ledger_called(name).column_names if column in table]
    return [
        {str(column): cell for column, cell in row.items() if clean(cell)}
        for row in table[columns].to_dict("records")
    ]


def _entry(
    number: int, ledger: Ledger, about: About, writer: Role, *sources: str, reader: str = ""
) -> FormEntry:
    return FormEntry(
        number=number, name=ledger.name, about=about, writer=writer,
        reader=reader or Role.PRINCIPAL, file_kind=FileKind.EXCEL, sources=sources,
        numbered=ledger.is_official, columns=tuple(column.field for column in ledger.columns),
    )  # fmt: skip


_NOTICE = "教基厅函〔2024〕15号"
EXCEL_FORMS: tuple[FormEntry, ...] = (
    _entry(2, GUARANTEE, About.SCHOOL, Role.DEAN, "26", "30", "33", "34"),
    FormEntry(
        3, ROLL_NAME, About.CLASS, Role.HOMEROOM, Role.DEAN, FileKind.EXCEL,
        ("49", "50", "51"), columns=ROLL_FIELDS,
    ),
    _entry(4, SIGNS, About.CLASS, Role.HOMEROOM, "55", "63", "64", "65"),
    _entry(10, LOST, About.SCHOOL, Role.REGISTRAR, "132", "133", "134", reader=Role.BUREAU),
    _entry(13, PERSUASION, About.SCHOOL, Role.DEAN, "83", "122", "123", _NOTICE),
    _entry(13, PROGRESS, About.SCHOOL, Role.HOMEROOM, "82", "98", "122"),
    _entry(14, VISITS, About.CLASS, Role.HOMEROOM, "94", "95", "98", "137"),
    _entry(16, OBSERVED, About.CLASS, Role.MENTOR, "98", "101", "117"),
    _entry(24, LEFT_BEHIND, About.SCHOOL, Role.DEAN, "150", "172", "173", "174"),
    _entry(26, PAIRS, About.SCHOOL, Role.DEAN, "145", "147", "169", "177"),
    _entry(27, AID, About.SCHOOL, Role.REGISTRAR, "192", "193", "196", "199", "200", "206"),
    _entry(34, SCHOOL_AGE, About.SCHOOL, Role.REGISTRAR, _NOTICE, "128", reader=Role.OFFICE),
    _entry(34, SUSPECTED, About.SCHOOL, Role.DEAN, _NOTICE, "58", reader=Role.OFFICE),
    _entry(34, DROPOUTS, About.SCHOOL, Role.REGISTRAR, _NOTICE, "143", reader=Role.BUREAU),
)  # fmt: skip
"""Entries of the catalogue; 34 are the three ledgers of the notice of 2024."""
