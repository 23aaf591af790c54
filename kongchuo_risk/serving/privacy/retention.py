"""Which data have outlived their purpose, and their deletion (个人信息保护法 第十九条)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk.cases import open_case_database
from kongchuo_risk.cases.erasure import DATED, Eraser, erasing, looking
from kongchuo_risk.cases.holdings import PARTS, titled
from kongchuo_risk.contracts.privacy import LEFT, PrivacyRules, Retention, load_privacy
from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema, load_schema
from kongchuo_risk.domain.records import Records
from kongchuo_risk.errors import CaseError, ContractError
from kongchuo_risk.reports.privacy_pages import CERTIFICATE, deletion_certificate
from kongchuo_risk.reports.privacy_values import Deletion
from kongchuo_risk.serving.privacy import papers
from kongchuo_risk.serving.privacy.leaving import left_pupils
from kongchuo_risk.tables import load_records
from kongchuo_risk.tables.erasing import Erasure, erase_rows, happened_column
from kongchuo_risk.tables.manifest import ALIASES, IDENTITIES
from kongchuo_risk.workspace import Workspace

DUE_COLUMNS = ("student_id", "kind", "label", "since", "rule", "why", "held")
ERASED, DONE = "删除个人信息", "执行保存期删除"
"""Actions of the audit log: one row per pupil, one per run."""
SUBJECT = "保存期"
_SEALED = {IDENTITIES: "身份信息", ALIASES: "识别别名"}


def due_for_deletion(workspace: Workspace, today: date) -> pd.DataFrame:
    """What is due on a day; nothing is deleted.

    Parameters
    ----------
    workspace
        Whose data.
    today
        The day from which periods are counted back.

    Returns
    -------
    DataFrame
        ``student_id, kind, label, since, rule, why, held``, a row per pupil and kind of data.
        ``since`` is the day from which the period ran, ``held`` says why nothing is deleted
        although it is due (empty when it is). Comparisons of rosters and files stand under an
        empty ``student_id``. A pupil of whom everything is due has that one row.
    """
    job = _Job.of(workspace, today)
    with _opened(workspace, looking) as eraser:
        return job.due(eraser)


def apply_retention(
    workspace: Workspace, today: date, *, by: str, reason: str
) -> tuple[Deletion, Path]:
    """Delete what is due, and certify it.

    The rows of the database go first, in one transaction with their audit rows, then the files,
    then the rows of the tables with one commit. Whether a pupil is due is read from the tables:
    after a crash at any point the next run finds him again and finishes.

    Parameters
    ----------
    workspace, today
        As for :func:`due_for_deletion`.
    by
        The person who answers for it.
    reason
        Such as the decision on which it rests.

    Returns
    -------
    tuple
        What was deleted, and the path of the certificate.

    Raises
    ------
    CaseError
        When nobody answers for it or no reason is given.
    WorkspaceError
        When an import is running.
    """
    _require_named(by, reason)
    job = _Job.of(workspace, today)
    with _opened(workspace, erasing) as eraser:
        # Within the transaction: a case that is opened meanwhile waits, or is seen here.
        due, spared = job.due(eraser), frozenset(eraser.held())
        mine = due[due["held"].eq("")]
        files = [*job.papers(mine), *job.old_files()]
        rows = job.erase_database(eraser, mine, spared)
        _note(eraser, mine, rows, files=len(files), by=by, reason=reason)
    withheld = papers.forget_withheld(workspace, job.whole(mine))
    papers.remove(files)
    gone = erase_rows(workspace, job.erasure(mine, spared), schema=job.schema)
    counts = Counter(titled(rows)) + job.titled(gone) + Counter({"未采用的理由": withheld})
    deletion = Deletion(
        day=today,
        by=by,
        reason=reason,
        pupils=dict(Counter(mine.loc[mine["student_id"].ne(""), "label"])),
        rows=dict(counts),
        files=len(files),
        held=len(due) - len(mine),
        backups=tuple(papers.backups(workspace)),
    )
    content = deletion_certificate(job.rules, deletion)
    return deletion, papers.keep_report(workspace, CERTIFICATE.name, today, content)


def _note(
    eraser: Eraser,
    mine: pd.DataFrame,
    rows: Mapping[str, int],
    *,
    files: int,
    by: str,
    reason: str,
) -> None:
    """A row of the audit log for each pupil, by pseudonym, and one for the run."""
    for pupil, kinds in mine[mine["student_id"].ne("")].groupby("student_id")["kind"]:
        eraser.note(by, ERASED, str(pupil), kinds=sorted(kinds), reason=reason)
    eraser.note(by, DONE, SUBJECT, rows=dict(rows), files=files, reason=reason)


@dataclass(frozen=True)
class _Job:
    """One day's view of one workspace."""

    workspace: Workspace
    today: date
    rules: PrivacyRules
    schema: Schema
    records: Records
    left: pd.DataFrame

    @classmethod
    def of(cls, workspace: Workspace, today: date) -> _Job:
        folder = workspace.settings().data_schema
        rules, schema = load_privacy(folder), load_schema(folder)
        personal = [name for name, table in schema.tables.items() if STUDENT_KEY in table.by_name]
        _require_known_parts(rules)
        records = load_records(workspace, personal, history=True, schema=schema)
        left = left_pupils(records, rules.leaving, today, schema)
        return cls(workspace, today, rules, schema, records, left)

    def due(self, eraser: Eraser) -> pd.DataFrame:
        found = [self._of_kind(kind, eraser) for kind in self.rules.retention]
        table = pd.concat(found, ignore_index=True)[list(DUE_COLUMNS[:-1])]
        held = eraser.held()
        table["held"] = table["student_id"].map(lambda pupil: held.get(pupil, "")).astype("str")
        same = table["student_id"].isin(self.whole(table))
        same &= table["kind"].ne(self.rules.whole.id)
        order = ["since", "student_id", "kind"]
        return table[~same].sort_values(order, kind="stable").reset_index(drop=True)

    def _of_kind(self, kind: Retention, eraser: Eraser) -> pd.DataFrame:
        if kind.files:
            table = self._of_files(kind)
        elif kind.since == LEFT:
            table = self._of_left(kind, eraser)
        else:
            table = self._of_happened(kind, eraser)
        return table.assign(kind=kind.id, label=kind.label, rule=kind.rule)

    def _of_left(self, kind: Retention, eraser: Eraser) -> pd.DataFrame:
        last = pd.Timestamp(kind.cutoff(self.today))
        gone = self.left[self.left["left_on"] <= last]
        if not kind.whole:
            theirs = self._having(kind, set(gone["student_id"]), eraser)
            gone = gone[gone["student_id"].isin(theirs)]
        return gone.rename(columns={"left_on": "since"})

    def _having(self, kind: Retention, pupils: set[str], eraser: Eraser) -> set[str]:
        """Those of ``pupils`` of whom there is anything of a kind."""
        found: set[str] = set()
        for name in kind.tables:
            found |= pupils & set(self.records[name]["student_id"].astype("str"))
        for part in kind.database:
            found |= eraser.named(part, pupils - found)
        return found

    def _of_happened(self, kind: Retention, eraser: Eraser) -> pd.DataFrame:
        last = kind.cutoff(self.today)
        days = [self._oldest(name, last) for name in kind.tables]
        days += [pd.Series(eraser.oldest(part, last), dtype="object") for part in kind.database]
        oldest = pd.concat([pd.to_datetime(each) for each in days]).groupby(level=0).min()
        table = oldest.rename("since").rename_axis("student_id").reset_index()
        return table.assign(why="记录已超过保存期").astype({"student_id": "str"})

    def _oldest(self, name: str, last: date) -> pd.Series:
        table, day = self.records[name], happened_column(self.schema.tables[name])
        old = table[table[day] <= pd.Timestamp(last)]
        return old.groupby(old["student_id"].astype("str"))[day].min()

    def _of_files(self, kind: Retention) -> pd.DataFrame:
        files = self.old_files()
        why = [f"{len(files):,} 个文件"] if files else []
        since = [pd.Timestamp(kind.cutoff(self.today))] if files else []
        return pd.DataFrame({"student_id": [""] * len(why), "since": since, "why": why})

    def whole(self, due: pd.DataFrame) -> frozenset[str]:
        """Pupils of whom everything goes."""
        return _pupils(due, self.rules.whole.id)

    def papers(self, due: pd.DataFrame) -> list[Path]:
        """Papers of the pupils of whom everything goes."""
        return papers.papers_of(self.workspace, self.whole(due))

    def titled(self, rows: Mapping[str, int]) -> Counter[str]:
        """Counts of the tables under the names that people use."""
        titles = {name: table.title for name, table in self.schema.tables.items()} | _SEALED
        return Counter({titles[name]: number for name, number in rows.items()})

    def old_files(self) -> list[Path]:
        """Files of the reports past their period."""
        cutoffs = [kind.cutoff(self.today) for kind in self.rules.retention if kind.files]
        return [path for last in cutoffs for path in papers.old_files(self.workspace, last)]

    def erase_database(
        self, eraser: Eraser, due: pd.DataFrame, spared: frozenset[str]
    ) -> Counter[str]:
        """Delete what is due from the database."""
        gone = eraser.erase_whole(self.whole(due))
        for kind in self.rules.retention:
            for part in kind.database:
                if kind.since == LEFT:
                    gone += eraser.erase(part, _pupils(due, kind.id))
                elif due["kind"].eq(kind.id).any():
                    gone += eraser.erase_before(part, kind.cutoff(self.today), spared)
        return gone

    def erasure(self, due: pd.DataFrame, spared: frozenset[str]) -> Erasure:
        """What is due in the tables."""
        kinds = self.rules.retention
        return Erasure(
            whole=self.whole(due),
            pupils={
                name: _pupils(due, kind.id)
                for kind in kinds if kind.since == LEFT
                for name in kind.tables
            },
            before={
                name: kind.cutoff(self.today)
                for kind in kinds if kind.since != LEFT
                for name in kind.tables
            },
            spared=spared,
        )  # fmt: skip


def _pupils(due: pd.DataFrame, kind: str) -> frozenset[str]:
    """Pupils of whom one kind of data is to go."""
    free = due["held"].eq("") if "held" in due else True
    return frozenset(due.loc[due["kind"].eq(kind) & free, "student_id"]) - {""}


def _require_named(by: str, reason: str) -> None:
    if not by.strip() or not reason.strip():
        raise CaseError("删除个人信息须写明由谁批准（姓名）和理由；先用预演（--dry-run）看清单")


def _require_known_parts(rules: PrivacyRules) -> None:
    wrong = [
        f"{kind.id}: {part}"
        for kind in rules.retention
        for part in kind.database
        if part not in (PARTS if kind.since == LEFT else DATED)
    ]
    if wrong:
        raise ContractError(
            "privacy.yaml 写了案件库没有的部分，或该部分不能按发生之日删除：" + "；".join(wrong)
        )


@contextmanager
def _opened(
    workspace: Workspace, work: Callable[[Any], AbstractContextManager[Eraser]]
) -> Iterator[Eraser]:
    engine = open_case_database(workspace, workspace.settings().database_url)
    try:
        with work(engine) as eraser:
            yield eraser
    finally:
        engine.dispose()
