"""Published runs: the ranked list, its plans and its pairings, replaced as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from kongchuo_risk.cases.audit import utc_now
from kongchuo_risk.cases.rows import CHUNK_ROWS, insert_all, plain, plain_item, plan_item
from kongchuo_risk.cases.tables import (
    pairings,
    peer_pairs,
    plan_items,
    planning_reports,
    runs,
    worklist,
)
from kongchuo_risk.domain.assignment import PeerPair
from kongchuo_risk.domain.plan import Pairing, PlanItem
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.domain.run import Run

MENTOR_LABEL = "包保教师"
"""Owner role of items that the pupil's own 包保教师 carries out."""
_RUN_FIELDS = tuple(field.name for field in fields(Run))
_ENTRY_FIELDS = (
    "student_id", "school_code", "class_id", "grade", "rank", "probability", "watch",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Contribution:
    """Share of one reason group in a pupil's log-odds, in a teacher's words."""

    group: str
    text: str
    contribution: float


@dataclass(frozen=True, slots=True)
class ListRow:
    """An entry of the list with all its contributions."""

    entry: RiskEntry
    contributions: tuple[Contribution, ...]


class RunStore:
    """Runs of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def publish(
        self,
        run: Run,
        entries: Sequence[RiskEntry],
        *,
        contributions: Mapping[str, Sequence[Contribution]],
        plan: Iterable[PlanItem],
        paired: Iterable[Pairing],
    ) -> int:
        """Store a run and make it the current one; earlier runs stay readable.

        Parameters
        ----------
        run
            Head of the list, without ``id`` and ``created_at``.
        entries
            Everybody who was scored, listed or not.
        contributions
            Pupil → contribution of every reason group.
        plan, paired
            Measures and responsible adults.

        Returns
        -------
        int
            Id of the run.
        """
        self._connection.execute(runs.update().where(runs.c.is_current).values(is_current=False))
        run_id = self._connection.scalar(runs.insert().values(_head(run)).returning(runs.c.id))
        assert run_id is not None
        rows = (_list_row(run_id, entry, contributions) for entry in entries)
        insert_all(self._connection, worklist, rows)
        self._insert_plan(int(run_id), plan, paired)
        return int(run_id)

    def replan(self, run_id: int, *, plan: Iterable[PlanItem], paired: Iterable[Pairing]) -> None:
        """Replace the plan and the pairings of a stored run; the list itself stays."""
        for table in (plan_items, pairings):
            self._connection.execute(table.delete().where(table.c.run_id == run_id))
        self._insert_plan(run_id, plan, paired)
        self._revise(run_id)

    def reassign(self, run_id: int, paired: Iterable[Pairing]) -> None:
        """Replace the pairings alone; items of the 包保教师 follow their new owner."""
        new = list(paired)
        self._connection.execute(pairings.delete().where(pairings.c.run_id == run_id))
        self._insert_plan(run_id, (), new)
        mine = sa.and_(plan_items.c.run_id == run_id, plan_items.c.owner_role == MENTOR_LABEL)
        for pairing in (pairing for pairing in new if pairing.kind == MENTOR_LABEL):
            self._connection.execute(
                plan_items.update()
                .where(mine, plan_items.c.student_id == pairing.student_id)
                .values(owner_staff=pairing.staff_no)
            )
        self._revise(run_id)

    def keep_report(self, run_id: int, kind: str, content: Mapping[str, object]) -> None:
        """Keep what planning said of a run beside its items: caps, loads, changes."""
        same = sa.and_(planning_reports.c.run_id == run_id, planning_reports.c.kind == kind)
        self._connection.execute(planning_reports.delete().where(same))
        values = {"run_id": run_id, "kind": kind, "content": dict(content)}
        self._connection.execute(planning_reports.insert().values(values))

    def report(self, run_id: int, kind: str) -> dict[str, Any]:
        """What :meth:`keep_report` kept; empty when there is none."""
        same = sa.and_(planning_reports.c.run_id == run_id, planning_reports.c.kind == kind)
        found = self._connection.scalar(sa.select(planning_reports.c.content).where(same))
        return dict(found or {})

    def pair_peers(self, run_id: int, pairs: Iterable[PeerPair]) -> None:
        """Replace the 一帮一 pairs of a run."""
        self._connection.execute(peer_pairs.delete().where(peer_pairs.c.run_id == run_id))
        rows = (
            {
                "run_id": run_id, "student_id": pair.student_id, "helper_id": pair.helper or None,
                "subjects": list(pair.subjects), "why": pair.why,
            }
            for pair in pairs
        )  # fmt: skip
        insert_all(self._connection, peer_pairs, rows)

    def peers(self, run_id: int) -> list[PeerPair]:
        """一帮一 pairs of a run, and who found no helper."""
        query = sa.select(peer_pairs).where(peer_pairs.c.run_id == run_id)
        rows = self._connection.execute(query.order_by(peer_pairs.c.student_id))
        return [
            PeerPair(row.student_id, row.helper_id or "", tuple(row.subjects), row.why)
            for row in rows
        ]

    def _revise(self, run_id: int) -> None:
        self._connection.execute(
            runs.update().where(runs.c.id == run_id).values(revision=runs.c.revision + 1)
        )

    def current(self) -> Run | None:
        """Head of the list that pages show; ``None`` before the first run."""
        row = self._connection.execute(sa.select(runs).where(runs.c.is_current)).mappings().first()
        return None if row is None else Run(**{name: row[name] for name in _RUN_FIELDS})

    def all(self) -> list[Run]:
        """Every run ever published, newest first."""
        rows = self._connection.execute(sa.select(runs).order_by(runs.c.id.desc())).mappings()
        return [Run(**{name: row[name] for name in _RUN_FIELDS}) for row in rows]

    def counts(self, run_id: int) -> list[tuple[str, str, int, Tier, int]]:
        """(school_code, class_id, grade, tier, pupils) of a run."""
        keys = [worklist.c[name] for name in ("school_code", "class_id", "grade", "tier")]
        query = sa.select(*keys, sa.func.count()).where(worklist.c.run_id == run_id)
        rows = self._connection.execute(query.group_by(*keys).order_by(*keys))
        return [(row[0], row[1], row[2], Tier(row[3]), row[4]) for row in rows]

    def listed(
        self,
        run_id: int,
        *,
        school_code: str | None = None,
        class_id: str | None = None,
        tiers: Iterable[Tier] | None = None,
    ) -> list[RiskEntry]:
        """Entries of a run by school and rank; everybody on the list when no tier is named."""
        chosen = list(tiers) if tiers is not None else [t for t in Tier if t is not Tier.NONE]
        query = sa.select(worklist).where(worklist.c.run_id == run_id, worklist.c.tier.in_(chosen))
        if school_code is not None:
            query = query.where(worklist.c.school_code == school_code)
        if class_id is not None:
            query = query.where(worklist.c.class_id == class_id)
        as_of = self._as_of(run_id)
        rows = self._connection.execute(
            query.order_by(worklist.c.school_code, worklist.c.rank)
        ).mappings()
        return [_entry(row, as_of) for row in rows]

    def row(self, run_id: int, student_id: str) -> ListRow | None:
        """One pupil's entry with all contributions; ``None`` when the pupil was not scored."""
        query = sa.select(worklist).where(
            worklist.c.run_id == run_id, worklist.c.student_id == student_id
        )
        row = self._connection.execute(query).mappings().first()
        if row is None:
            return None
        parts = tuple(Contribution(**part) for part in row["contributions"])
        return ListRow(_entry(row, self._as_of(run_id)), parts)

    def plan(self, run_id: int, student_ids: Iterable[str]) -> dict[str, tuple[PlanItem, ...]]:
        """Pupil → plan items in the order in which they were drafted."""
        found: dict[str, tuple[PlanItem, ...]] = {}
        for row in self._of_pupils(plan_items, run_id, student_ids, plan_items.c.id):
            item = plan_item(row)
            found[item.student_id] = (*found.get(item.student_id, ()), item)
        return found

    def pairings(self, run_id: int, student_ids: Iterable[str]) -> dict[str, Pairing]:
        """Pupil → responsible adult."""
        rows = self._of_pupils(pairings, run_id, student_ids, pairings.c.student_id)
        return {
            row["student_id"]: Pairing(**{name: row[name] for name in row if name != "run_id"})
            for row in rows
        }

    def _as_of(self, run_id: int) -> Any:
        return self._connection.scalar(sa.select(runs.c.as_of).where(runs.c.id == run_id))

    def _of_pupils(
        self, table: sa.Table, run_id: int, student_ids: Iterable[str], order: sa.Column[Any]
    ) -> Iterator[RowMapping]:
        pupils = iter(sorted(set(student_ids)))
        while chunk := list(islice(pupils, CHUNK_ROWS)):
            query = sa.select(table).where(table.c.run_id == run_id, table.c.student_id.in_(chunk))
            yield from self._connection.execute(query.order_by(order)).mappings()

    def _insert_plan(
        self, run_id: int, plan: Iterable[PlanItem], paired: Iterable[Pairing]
    ) -> None:
        insert_all(
            self._connection, plan_items, ({"run_id": run_id, **plain_item(item)} for item in plan)
        )
        insert_all(
            self._connection, pairings, ({"run_id": run_id, **plain(pair)} for pair in paired)
        )


def _head(run: Run) -> dict[str, Any]:
    given = {name: getattr(run, name) for name in _RUN_FIELDS if name != "id"}
    stored = {"settings": dict(run.settings), "created_at": utc_now(), "is_current": True}
    return given | stored


def _list_row(
    run_id: int, entry: RiskEntry, contributions: Mapping[str, Sequence[Contribution]]
) -> dict[str, Any]:
    return {
        "run_id": run_id,
        **{field: getattr(entry, field) for field in _ENTRY_FIELDS},
        "tier": str(entry.tier),
        "reasons": [plain(reason) for reason in entry.reasons],
        "strengths": [plain(reason) for reason in entry.strengths],
        "contributions": [plain(part) for part in contributions.get(entry.student_id, ())],
    }


def _entry(row: RowMapping, as_of: Any) -> RiskEntry:
    plain = {
        name: row[name] for name in row if name not in ("run_id", "contributions")
    }  # fmt: skip
    return RiskEntry(
        **plain
        | {
            "as_of": as_of,
            "tier": Tier(row["tier"]),
            "reasons": tuple(Reason(**reason) for reason in row["reasons"]),
            "strengths": tuple(Reason(**reason) for reason in row["strengths"]),
            "watch": tuple(row["watch"]),
        }
    )
