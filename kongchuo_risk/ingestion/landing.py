"""Brings sheets into the tables: parse, resolve, check, compare, store, count."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema
from kongchuo_risk.domain.progress import Progress
from kongchuo_risk.ingestion import knowledge
from kongchuo_risk.ingestion.cells import CodeReader
from kongchuo_risk.ingestion.headers import Layout
from kongchuo_risk.ingestion.identifiers import is_registration_number
from kongchuo_risk.ingestion.identities import TABLES as IDENTITY_TABLES
from kongchuo_risk.ingestion.identities import IdentityStore
from kongchuo_risk.ingestion.parsing import ChunkParser, Work, without_footers
from kongchuo_risk.ingestion.problems import ImportReport, Problem, TableCount
from kongchuo_risk.ingestion.raw import RawChunk, Sheet
from kongchuo_risk.ingestion.roster import Roster
from kongchuo_risk.ingestion.rules import (
    check,
    expand_whole_days,
    split_scores,
    with_score_columns,
)
from kongchuo_risk.tables.manifest import ALIASES, IDENTITIES
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.tables.writing import BatchWriter

"""Called with rows done, rows in all where known, and what is being read."""
_CONFLICT = "同一条记录在本次导入中已出现过，内容却不同；请只保留正确的一行"


@dataclass
class Landing:
    """One batch on its way in; everything it writes becomes real when the batch is committed."""

    writer: BatchWriter
    schema: Schema
    today: pd.Timestamp
    report: ImportReport
    progress: Progress
    roster: Roster = field(init=False)
    sealer: Sealer = field(init=False)
    identities: IdentityStore = field(init=False)
    _memories: dict[str, knowledge.Memory] = field(default_factory=dict)
    _local_keys: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        workspace = self.writer.workspace
        self.sealer = Sealer(workspace.key)
        self.roster = Roster.load(workspace, self.schema)
        self.identities = IdentityStore(workspace, self.sealer)

    def add(self, sheet: Sheet, layout: Layout) -> TableCount:
        """Import one sheet; its bad rows go into the report, its good rows to disk."""
        table = layout.table
        count = TableCount(sheet.file, sheet.sheet, table.name, table.title)
        self.report.tables.append(count)
        layout = with_score_columns(layout)
        parser = ChunkParser(sheet, layout, self.schema, self.sealer)
        label = f"{table.title}（{sheet.sheet or sheet.file}）"
        for raw in sheet.chunks():
            chunk, skipped = without_footers(raw)
            count.skipped += skipped
            if len(chunk):
                self._land(parser.parse(self._prepared(chunk, layout)), count)
            self.progress(count.read, sheet.total_rows, label)
        self._refuse_malformed(sheet, count)
        return count

    def _prepared(self, chunk: RawChunk, layout: Layout) -> RawChunk:
        if layout.table.name != "scores" or "score" not in layout.columns:
            return chunk
        return split_scores(chunk, layout, CodeReader.of(self.schema.codes["score_band"]).words)

    def _refuse_malformed(self, sheet: Sheet, count: TableCount) -> None:
        count.refused += len(sheet.malformed)
        self.report.refuse(
            Problem(sheet.file, sheet.sheet, row, "", "", f"{what}；请检查分隔符和引号")
            for row, what in sheet.malformed
        )

    def _land(self, work: Work, count: TableCount) -> None:
        self._resolve(work)
        check(work, self.roster, self.today)
        good = work.frame[~work.bad]
        origins = np.full(len(work.frame), -1)
        if len(good):
            self._store(work, good, origins)
        self.report.refuse(work.problems)
        count.refused += int(work.bad.sum())
        count.landed += int((origins == knowledge.NEW).sum())
        count.duplicate += int((origins == knowledge.DUPLICATE).sum())
        count.existing += int((origins == knowledge.EXISTING).sum())

    def _resolve(self, work: Work) -> None:
        if STUDENT_KEY not in work.layout.table.by_name:
            return
        if work.layout.table.name == "students":
            self.roster.name_pupils(work)
            self._note_local_keys(work)
        else:
            self.roster.find_pupils(work)

    def _note_local_keys(self, work: Work) -> None:
        keys = work.frame[STUDENT_KEY].cat.categories
        self._local_keys.update(key for key in keys if not is_registration_number(key))

    def _store(self, work: Work, good: pd.DataFrame, origins: np.ndarray) -> None:
        """Store what is new of the good rows; ``origins`` gets the status of every input row."""
        table = work.layout.table
        rows = expand_whole_days(good)
        origin = rows.index.to_numpy()
        given = rows["known_on"].notna().to_numpy() if "known_on" in rows else _none(rows)
        rows = rows.reset_index(drop=True)
        rows["known_on"] = knowledge.days_known(table, rows, self.roster, self.today)
        status, corrects = self._memory(table.name).judge(rows, given, self.today)
        fresh = rows[status == knowledge.NEW]
        self.writer.append(table, fresh)
        self.writer.corrections[table.name] += int(corrects.sum())
        self._learn(work, rows, status)
        np.maximum.at(origins, origin, status)
        conflict = origins == knowledge.CONFLICT
        work.refuse(conflict, "", _CONFLICT)

    def _learn(self, work: Work, rows: pd.DataFrame, status: np.ndarray) -> None:
        """What later sheets may point to, and the identities of the accepted rows."""
        table = work.layout.table
        accepted = status != knowledge.CONFLICT
        self.roster.learn(table.name, rows[accepted])
        if table.name == "students":
            self.roster.learn_aliases(rows[accepted])
        if table.name in IDENTITY_TABLES:
            changed = self.identities.take_in(table, rows[accepted])
            status[np.flatnonzero(accepted)[changed]] = knowledge.NEW

    def _memory(self, name: str) -> knowledge.Memory:
        if name not in self._memories:
            table = self.schema.tables[name]
            self._memories[name] = knowledge.Memory(self.writer.workspace, table)
        return self._memories[name]

    def finish(self) -> bool:
        """Write what is sealed; whether the batch holds anything."""
        self.writer.append_sealed(IDENTITIES, self.identities.new)
        self.writer.append_sealed(ALIASES, self.roster.new_aliases)
        if self._local_keys:
            self.report.note(
                f"{len(self._local_keys)} 名学生的号码不是 19 位全国学籍号，已按本地学号处理"
            )
        return not self.writer.is_empty


def _none(rows: pd.DataFrame) -> np.ndarray:
    return np.zeros(len(rows), dtype=bool)
