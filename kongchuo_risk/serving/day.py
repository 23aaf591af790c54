"""One published day as pages see it: built once, then filtered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import pandas as pd

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.domain.plan import ItemState, Pairing, PlanItem
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.domain.run import Run
from kongchuo_risk.serving.directory import Directory, build_directory
from kongchuo_risk.serving.pupil_records import TABLES as PUPIL_TABLES
from kongchuo_risk.serving.views import WORKLIST_COLUMNS
from kongchuo_risk.tables import load_identities, load_records, load_staff_names
from kongchuo_risk.workspace import Workspace

UNASSIGNED = "待定"
_COUNT_COLUMNS = ("school_code", "class_id", "grade", "tier", "pupils")


class DayView:
    """Shared, read-only tables of one run.

    Parameters
    ----------
    workspace
        Whose records.
    run
        The run; its ``as_of`` is the day from which everything is looked at.
    store
        Read from while the view is made, not kept.
    """

    def __init__(self, workspace: Workspace, run: Run, store: CaseStore) -> None:
        assert run.id is not None
        self._workspace = workspace
        self.run = run
        self.counts = pd.DataFrame(store.runs.counts(run.id), columns=list(_COUNT_COLUMNS))
        self.directory = self._directory()
        self._names: dict[str, str] = {}
        self.worklist = self._worklist(store, run.id)

    @cached_property
    def records(self) -> Records:
        """Tables that a pupil's file is made of; loaded with the first file that is opened."""
        return load_records(self._workspace, PUPIL_TABLES, as_of=self.run.as_of)

    def names(self, student_ids: Iterable[str]) -> Mapping[str, str]:
        """Pupil → name; pupils without a sealed name show their pseudonym's first eight signs."""
        wanted = set(student_ids)
        missing = wanted - self._names.keys()
        if missing:
            opened = load_identities(self._workspace, missing)
            self._names |= {
                student_id: opened.get(student_id, {}).get("name", student_id[:8])
                for student_id in missing
            }
        return {student_id: self._names[student_id] for student_id in wanted}

    def mentor_name(self, pairing: Pairing | None) -> str:
        """Name of the responsible adult."""
        return UNASSIGNED if pairing is None else self.directory.person(pairing.staff_no)

    def _directory(self) -> Directory:
        records = load_records(self._workspace, ("schools", "classes"), as_of=self.run.as_of)
        return build_directory(records, load_staff_names(self._workspace), self.run.as_of)

    def _worklist(self, store: CaseStore, run_id: int) -> pd.DataFrame:
        entries = store.runs.listed(run_id)
        pupils = [entry.student_id for entry in entries]
        plans, pairings = store.runs.plan(run_id, pupils), store.runs.pairings(run_id, pupils)
        names, visited = self.names(pupils), self._last_visits()
        rows = [
            self._line(entry, plans.get(entry.student_id, ()))
            | {
                "name": names[entry.student_id],
                "mentor": self.mentor_name(pairings.get(entry.student_id)),
                "last_contact": visited.get(entry.student_id, pd.NaT),
            }
            for entry in entries
        ]
        table = pd.DataFrame(rows, columns=list(WORKLIST_COLUMNS))
        return table.astype({"last_contact": "datetime64[us]"})

    def _line(self, entry: RiskEntry, plan: Sequence[PlanItem]) -> dict[str, object]:
        return {
            "student_id": entry.student_id,
            "school_code": entry.school_code,
            "school_name": self.directory.school(entry.school_code),
            "class_id": entry.class_id,
            "class_name": self.directory.class_name(entry.class_id),
            "grade": entry.grade,
            "tier": str(entry.tier),
            "rank": entry.rank,
            "reasons": tuple(reason.text for reason in entry.reasons),
            "strengths": tuple(reason.text for reason in entry.strengths),
            "measures": tuple(measure_text(item) for item in plan if _for_the_list(item)),
            "watch": entry.watch,
        }

    def _last_visits(self) -> dict[str, pd.Timestamp]:
        visits = load_records(self._workspace, ("visits",), as_of=self.run.as_of)["visits"]
        last = visits.groupby("student_id", observed=True)["day"].max()
        return {str(student_id): day for student_id, day in last.items()}

    def school_table(self) -> pd.DataFrame:
        """school_code, school_name, pupils, listed, red, orange, yellow."""
        table = self._tier_counts(["school_code"])
        names = [self.directory.school(code) for code in table["school_code"]]
        table.insert(1, "school_name", names)
        return table

    def class_table(self, school_code: str) -> pd.DataFrame:
        """class_id, class_name, grade, pupils, listed, homeroom."""
        own = self.counts[self.counts["school_code"].eq(school_code)]
        table = self._tier_counts(["grade", "class_id"], own)
        return pd.DataFrame(
            {
                "class_id": table["class_id"],
                "class_name": [self.directory.class_name(id_) for id_ in table["class_id"]],
                "grade": table["grade"],
                "pupils": table["pupils"],
                "listed": table["listed"],
                "homeroom": [self.directory.homeroom(id_) for id_ in table["class_id"]],
            }
        )

    def _tier_counts(self, keys: list[str], counts: pd.DataFrame | None = None) -> pd.DataFrame:
        counts = self.counts if counts is None else counts
        wide = counts.pivot_table(
            index=keys, columns="tier", values="pupils", aggfunc="sum", fill_value=0, observed=True
        ).reindex(columns=[str(tier) for tier in Tier], fill_value=0)
        table = wide.set_axis(["red", "orange", "yellow", "others"], axis=1).astype("int64")
        listed = table[["red", "orange", "yellow"]].sum(axis=1)
        table.insert(0, "pupils", listed + table["others"])
        table.insert(1, "listed", listed)
        return table.drop(columns="others").reset_index()


def _for_the_list(item: PlanItem) -> bool:
    """A list is read and printed by many: it tells neither options nor what few may know."""
    return item.state is not ItemState.OPTIONAL and not item.restricted


def measure_text(item: PlanItem) -> str:
    """A plan item on one line of the list.

    >>> from datetime import date
    >>> measure_text(PlanItem("S1", "home_visit", "家访", "责任", "…", "班主任", None,
    ...                       date(2025, 9, 8), "家访记录", ()))
    '家访（班主任，9月8日前）'
    """
    waits = "，候补" if item.state is ItemState.WAITING else ""
    return f"{item.label}（{item.owner_role}，{item.due.month}月{item.due.day}日前{waits}）"
