"""Open University Learning Analytics: the tables of Kuzilek, Hlosta and Zdrahal (2017)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kongchuo_risk.errors import ImportRefusedError

OULAD_TABLES = ("assessment", "course", "student", "student_assessment", "student_registration")


def read_oulad(folder: Path) -> dict[str, pd.DataFrame]:
    """The raw tables, as they are.

    Parameters
    ----------
    folder
        Holds ``assessment.parquet``, ``course.parquet``, ``student.parquet``,
        ``student_assessment.parquet`` and ``student_registration.parquet`` (or ``.csv``).

    Returns
    -------
    dict
        Table name → frame; days are counted from the start of the presentation.

    Raises
    ------
    ImportRefusedError
        Names the tables that are missing.
    """
    found = {name: _table_file(folder, name) for name in OULAD_TABLES}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise ImportRefusedError(f"{folder} 缺少 OULAD 的表：{'、'.join(missing)}")
    return {
        name: pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
        for name, path in found.items()
        if path is not None
    }


def _table_file(folder: Path, name: str) -> Path | None:
    paths = (folder / f"{name}{suffix}" for suffix in (".parquet", ".csv"))
    return next((path for path in paths if path.is_file()), None)


def presentation_starts(presentations: pd.Series) -> pd.Series:
    """First day of presentations: ``2013B`` starts in February, ``2013J`` in October.

    >>> presentation_starts(pd.Series(["2013B", "2014J"])).dt.strftime("%Y-%m-%d").tolist()
    ['2013-02-01', '2014-10-01']
    """
    month = presentations.str[4].map({"B": "-02-01", "J": "-10-01"})
    return pd.to_datetime(presentations.str[:4] + month)
