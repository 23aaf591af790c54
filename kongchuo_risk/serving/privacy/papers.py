"""Files in the workspace's reports that tell of pupils, and the reports of privacy itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from io import StringIO
from pathlib import Path

import pandas as pd

from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.serving.plan_documents import file_name
from kongchuo_risk.tables import load_identities
from kongchuo_risk.workspace import Workspace, replace_file

NOT_PERSONAL = "drift-*.csv"
"""Counts without persons, which the model page reads."""
WITHHELD = "withheld-*.csv"
"""Reasons that teachers are not told, by pseudonym."""


def privacy_folder(workspace: Workspace) -> Path:
    """Where assessments, audits and certificates are kept; the deletion job leaves them alone."""
    return workspace.reports / "privacy"


def keep_report(workspace: Workspace, title: str, day: date, content: bytes) -> Path:
    """Keep a report under a name that no earlier one has."""
    folder, number = privacy_folder(workspace), 1
    while (path := folder / f"{title}-{day:%Y-%m-%d}-{number}.docx").exists():
        number += 1
    replace_file(path, content)
    return path


def kept_reports(workspace: Workspace) -> list[Path]:
    """Reports of privacy, oldest name first."""
    return sorted(privacy_folder(workspace).glob("*.docx"))


def old_files(workspace: Workspace, last: date) -> list[Path]:
    """Files of the reports that were made on ``last`` or before."""
    return [path for path in _personal_files(workspace) if _made_on(path) <= last]


def papers_of(workspace: Workspace, pupils: Collection[str]) -> list[Path]:
    """Files and folders that carry a pupil's name and short number, or the pseudonym."""
    if not pupils:
        return []
    known = load_identities(workspace, pupils)
    short = {file_name(f"{facts.get('name', '')}_{pupil[:4]}") for pupil, facts in known.items()}
    marks = tuple(short | {pupil for pupil in pupils if len(pupil) > len("0000")})
    return [path for path in _personal_files(workspace) if any(m in str(path) for m in marks)]


def remove(paths: Iterable[Path]) -> int:
    """Delete files; a file that is gone already is no harm."""
    removed = 0
    for path in paths:
        removed += path.exists()
        path.unlink(missing_ok=True)
    return removed


def forget_withheld(workspace: Workspace, pupils: Collection[str]) -> int:
    """Take pupils out of the tables of reasons that were withheld; says how many rows went."""
    gone = 0
    for path in sorted(workspace.reports.glob(WITHHELD)) if pupils else ():
        table = pd.read_csv(path, encoding="utf-8", dtype={"student_id": "str"})
        kept = table[~table["student_id"].isin(pupils)]
        if len(kept) < len(table):
            written = StringIO()
            kept.to_csv(written, index=False, lineterminator="\n")
            replace_file(path, written.getvalue().encode("utf-8"))
            gone += len(table) - len(kept)
    return gone


def withheld_reasons(workspace: Workspace, student_id: str) -> pd.DataFrame:
    """Reasons about one pupil that were too unsure to be told: ``日期``, ``方面``, ``理由``."""
    rows = []
    for path in sorted(workspace.reports.glob(WITHHELD)):
        table = pd.read_csv(path, encoding="utf-8", dtype={"student_id": "str"})
        own = table[table["student_id"].eq(student_id)]
        day = path.stem.removeprefix("withheld-")
        rows += [(day, row["group"], row.get("text", "")) for row in own.to_dict("records")]
    return pd.DataFrame(rows, columns=["日期", "方面", "理由"])


def backups(workspace: Workspace) -> list[tuple[str, date]]:
    """Name and day of every backup, oldest first: what was deleted stays in them until they go."""
    found = (
        [(path.name, _made_on(path)) for path in workspace.backups.iterdir()]
        if (workspace.backups.is_dir())
        else []
    )
    return sorted(found, key=lambda each: (each[1], each[0]))


def _personal_files(workspace: Workspace) -> Iterator[Path]:
    own = privacy_folder(workspace)
    for path in sorted(workspace.reports.rglob("*")):
        if path.is_file() and own not in path.parents and not path.match(NOT_PERSONAL):
            yield path


def _made_on(path: Path) -> date:
    return datetime.fromtimestamp(path.stat().st_mtime, CHINA).date()
