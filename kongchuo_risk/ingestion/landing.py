"""Brings sheets into the tables: parse, resolve, check, compare, store, count."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.tables import STUDENT_KEY, Schema
from kongchuo_risk.domain.progress import Progress
from kongchuo_risk.ingestion import knowledge
from kongchuo_risk.ingestion.cells import CodeReader
from kongchuo_risk.ingestion.headers import CLASS, Layout
from kongchuo_risk.ingestion.identifiers import is_registration_number
from kongchuo_risk.ingestion.identities import TABLES as IDENTITY_TABLES
from kongchuo_risk.ingestion.identities import IdentityStore
from kongchuo_risk.ingestion.parsing import ChunkParser, Work
from kongchuo_risk.ingestion.preparing import Preparation
from kongchuo_risk.ingestion.problems import ImportReport, Problem, TableCount
from kongchuo_risk.ingestion.raw import Sheet
from kongchuo_risk.ingestion.roster import Roster
from kongchuo_risk.ingestion.rules import check, expand_whole_days
from kongchuo_risk.ingestion.score_sheets import ScorePreparation
from kongchuo_risk.ingestion.wide_scores import Turner, WideLayout
from kongchuo_risk.tables.manifest import ALIASES, IDENTITIES
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.tables.writing import BatchWriter

_NO_CLASS = (
    "只有姓名，看不出是哪个班；请加“学籍号”或“班级”一列，或把工作表命名为班级名称（如 七年级(1)班）"
)
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

    def add(self, sheet: Sheet, layout: Layout) -> None:
        """Import one sheet; its bad rows go into the report, its good rows to disk."""
        preparation = self._preparation(sheet, layout)
        if preparation is None:
            self.report.refuse([Problem(sheet.file, sheet.sheet, 0, "", "", _NO_CLASS)])
            return
        table = layout.table
        count = TableCount(sheet.file, sheet.sheet, table.name, table.title)
        self.report.tables.append(count)
        parser = ChunkParser(sheet, preparation.layout, self.schema, self.sealer)
        label = f"{table.title}（{sheet.sheet or sheet.file}）"
        done = 0
        for raw in sheet.chunks():
            chunk, skipped = preparation.prepare(raw)
            count.skipped += skipped
            if len(chunk):
                self._land(parser.parse(chunk), count)
            done += len(raw)
            self.progress(done, sheet.total_rows, label)
        self._refuse_malformed(sheet, count)
        for note in preparation.notes:
            self.report.note(f"{sheet.file} {sheet.sheet}".strip() + f"：{note}")

    def _preparation(self, sheet: Sheet, layout: Layout) -> Preparation | None:
        """How the sheet's chunks become rows of its table; ``None`` when no class is named."""
        if layout.table.name != "scores":
            return Preparation(layout)
        bands = CodeReader.of(self.schema.codes["score_band"]).words
        if not isinstance(layout, WideLayout):
            return ScorePreparation(layout, bands)
        context = "\n".join((sheet.sheet, sheet.caption, Path(sheet.file).stem))
        group = None if CLASS in layout.helpers else self.roster.class_in(context)
        if STUDENT_KEY not in layout.columns and CLASS not in layout.helpers and group is None:
            return None
        return ScorePreparation(layout, bands, Turner(layout, context, group))

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
        for note in work.notes:
            self.report.note(note)
        self.report.refuse(sorted(work.problems, key=lambda problem: problem.row))
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
