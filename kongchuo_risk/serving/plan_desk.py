"""Plans at the desk: drafted, edited, approved, printed; what the app and the commands call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd

from kongchuo_risk.cases import CaseStore, case_reader, case_store
from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.calendar import TEACHING_DAYS, term_bounds, term_of
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.plan import (
    ItemState,
    PlanItem,
    PlanState,
    PupilPlan,
    SchoolPlan,
)
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.domain.run import Run
from kongchuo_risk.domain.school_days import school_days
from kongchuo_risk.errors import NotFoundError, NotReadyError, PlanError
from kongchuo_risk.planning import (
    CohortFacts,
    cohort_facts,
    draft_pupil_plan,
    draft_school_plan,
)
from kongchuo_risk.planning.owners import owners_of_schools
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import Workspace

_TABLES = (
    "students", "aid", "attendance", "class_sheets", "observations", "registration_changes",
    "calendar",
)  # fmt: skip
AHEAD = timedelta(days=14)
"""A calendar that ends sooner was filled in as the days went by."""
USUAL_END = {8: (1, 20), 2: (7, 5)}
"""First month of a term's bounds → month and day on which it usually ends (an assumption)."""
EDITABLE = frozenset(
    {"owner_role", "owner_staff", "due", "start", "review", "rhythm", "dose", "state", "warning"}
)
"""Fields of an item that a person may change; what called it and its sources stay."""


class PlanDesk:
    """Plans of one workspace.

    Parameters
    ----------
    workspace
        Whose plans.
    engine
        The case database.
    actor
        Who acts, for versions and the audit log.
    """

    def __init__(self, workspace: Workspace, engine: Any, actor: str) -> None:
        self._workspace, self._engine, self._actor = workspace, engine, actor
        self._policy: Policy = load_policy(workspace.settings().data_schema)
        self._read: tuple[date, CohortFacts, pd.DataFrame] | None = None

    def draft(self, student_id: str) -> PupilPlan:
        """The pupil's plan of the term: the newest version, or a fresh draft, not stored yet.

        Raises
        ------
        NotReadyError
            Before the first list.
        NotFoundError
            When the pupil was not scored.
        """
        stored, fresh = self._newest(student_id)
        return stored or fresh()

    def draft_again(self, student_id: str) -> PupilPlan:
        """A fresh draft on top of the newest version, to be edited and saved."""
        stored, fresh = self._newest(student_id)
        version = stored.version if stored else 0
        return fresh().edited(version=version, note="按最新名单重新草拟")

    def save(self, plan: PupilPlan) -> PupilPlan:
        """Store a changed plan as its next version.

        Raises
        ------
        PlanError
            When somebody else changed it since it was read.
        """
        with case_store(self._engine) as store:
            return store.plans.add(plan, by=self._actor)

    def change_item(
        self, student_id: str, measure: str, *, why: str = "", **changes: object
    ) -> PupilPlan:
        """Change an item's owner, dates, dose or state, and save.

        Raises
        ------
        PlanError
            When a field is not a person's to change, or the plan has no such measure.
        """
        locked = sorted(set(changes) - EDITABLE)
        if locked:
            raise PlanError(f"这些内容不能在计划里修改：{'、'.join(locked)}")
        plan = self.draft(student_id).with_change(measure, **changes)
        return self.save(plan.edited(note=f"{plan.note}（{why}）") if why else plan)

    def take_up(self, student_id: str, measure: str) -> PupilPlan:
        """Take an optional item into the plan, and save."""
        return self.change_item(student_id, measure, state=ItemState.DRAFTED)

    def drop_item(self, student_id: str, measure: str, *, why: str) -> PupilPlan:
        """Remove an item with a reason, and save; see :meth:`PupilPlan.without`."""
        return self.save(self.draft(student_id).without(measure, why=why))

    def set_goal(self, student_id: str, goal: str) -> PupilPlan:
        """Say in one's own words what the plan aims at, and save."""
        return self.save(self.draft(student_id).edited(goal=goal.strip(), note="修改目标"))

    def approve(self, student_id: str) -> PupilPlan:
        """Approve the newest version: a person answers for the plan from here on.

        Raises
        ------
        PlanError
            Names what is still open; see :meth:`PupilPlan.approved`.
        """
        return self.save(self.draft(student_id).approved())

    def end(self, student_id: str, *, why: str) -> PupilPlan:
        """End a plan: its goal is reached, or the pupil moved on."""
        if not why.strip():
            raise PlanError("结束计划请写明理由")
        plan = self.draft(student_id)
        ended = plan.edited(note=f"结束：{why.strip()}")
        return self.save(replace(ended, state=PlanState.ENDED))

    def history(self, student_id: str) -> list[PupilPlan]:
        """Every version of the term, oldest first."""
        with case_reader(self._engine) as store:
            run, _ = self._run(store)
            return store.plans.history(student_id, term_of(run.as_of))

    def school_plan(self, school_code: str) -> SchoolPlan:
        """一校一案 of the term: the newest version, or a fresh draft, not stored yet."""
        with case_reader(self._engine) as store:
            run, run_id = self._run(store)
            term = term_of(run.as_of)
            stored = store.plans.latest_school(school_code, term)
            if stored is not None:
                return stored
            figures = self._figures(store, run_id, school_code, term)
        records = load_records(self._workspace, ("staff", "calendar"), as_of=run.as_of)
        calendar = load_records(self._workspace, ("calendar",))["calendar"]
        return draft_school_plan(
            school_code,
            term,
            policy=self._policy,
            owners=owners_of_schools(records["staff"]).get(school_code, {}),
            first_day=_first_school_day(calendar, term),
            calendar=school_days(calendar),
            figures=figures,
        )

    def save_school_plan(self, plan: SchoolPlan) -> SchoolPlan:
        """Store a changed school plan as its next version; raises as :meth:`save` does."""
        with case_store(self._engine) as store:
            return store.plans.add_school(plan, by=self._actor)

    def record_delivery(self, delivery: Delivery) -> None:
        """Record that a measure was carried out, with its date and dose.

        Raises
        ------
        PlanError
            When the measure is not in the policy, or dates and dose do not fit.
        """
        if delivery.measure not in self._policy.by_id:
            raise PlanError(f"没有措施 {delivery.measure}；见 docs/measures.md")
        with case_store(self._engine) as store:
            store.choices.deliver(delivery, by=self._actor)

    def alerts(self, school_code: str | None = None) -> pd.DataFrame:
        """应助尽助: everybody with a right to something that is not in place, whatever the score.

        Returns
        -------
        DataFrame
            ``student_id, school_code, class_id, measure, label, why, due, owner_role``.
        """
        with case_reader(self._engine) as store:
            _, run_id = self._run(store)
            entries = store.runs.listed(run_id, school_code=school_code, tiers=Tier)
            plans = store.runs.plan(run_id, (entry.student_id for entry in entries))
        rows = [
            (
                entry.student_id, entry.school_code, entry.class_id, item.measure, item.label,
                item.why, item.due, item.owner_role,
            )
            for entry in entries
            for item in plans.get(entry.student_id, ())
            if item.entitled
        ]  # fmt: skip
        columns = ["student_id", "school_code", "class_id", "measure", "label", "why", "due",
                   "owner_role"]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def watched(self, school_code: str | None = None) -> list[RiskEntry]:
        """Everybody in a statutory key group, on the list or not."""
        with case_reader(self._engine) as store:
            _, run_id = self._run(store)
            entries = store.runs.listed(run_id, school_code=school_code, tiers=Tier)
        return [entry for entry in entries if entry.watch]

    def _newest(self, student_id: str) -> tuple[PupilPlan | None, Callable[[], PupilPlan]]:
        """The newest stored version of the term, and how to draft one from the current list."""
        with case_reader(self._engine) as store:
            run, run_id = self._run(store)
            stored = store.plans.latest(student_id, term_of(run.as_of))
            row = store.runs.row(run_id, student_id)
            items = store.runs.plan(run_id, [student_id]).get(student_id, ())
        if row is None:
            raise NotFoundError(f"没有编号为 {student_id} 的学生，或当天不在校。")
        return stored, partial(self._fresh, row.entry, items, run_id)

    def _fresh(self, entry: RiskEntry, items: Sequence[PlanItem], run_id: int) -> PupilPlan:
        known, calendar = self._known_on(entry.as_of)
        return draft_pupil_plan(
            entry,
            items,
            known.situation(entry.student_id),
            policy=self._policy,
            end=_last_school_day(calendar, entry.as_of),
            calendar=school_days(calendar),
            run_id=run_id,
        )

    def _known_on(self, day: date) -> tuple[CohortFacts, pd.DataFrame]:
        """Facts of everybody, and the calendar; read once for a day."""
        if self._read is None or self._read[0] != day:
            records = load_records(self._workspace, _TABLES, history=True)
            known = cohort_facts(records, day, policy=self._policy)
            self._read = (day, known, records["calendar"])
        return self._read[1:]

    def _run(self, store: CaseStore) -> tuple[Run, int]:
        run = store.runs.current()
        if run is None or run.id is None:
            raise NotReadyError("还没有名单；请先运行 kongchuo score。")
        return run, run.id

    def _figures(
        self, store: CaseStore, run_id: int, school_code: str, term: str
    ) -> Mapping[str, int]:
        entries = store.runs.listed(run_id, school_code=school_code, tiers=Tier)
        plans = store.plans.of_school(school_code, term)
        return {
            "在校学生": len(entries),
            "重点关注名单": sum(entry.tier is not Tier.NONE for entry in entries),
            "重点群体": sum(bool(entry.watch) for entry in entries),
            "已批准的一生一案": sum(plan.state is PlanState.APPROVED for plan in plans),
        }


def _school_days_of(calendar: pd.DataFrame, term: str) -> pd.Series:
    first, last = term_bounds(term)
    held = calendar["day_type"].isin(TEACHING_DAYS) & calendar["school_code"].isna()
    inside = calendar["day"].between(pd.Timestamp(first), pd.Timestamp(last))
    return calendar.loc[held & inside, "day"]


def _first_school_day(calendar: pd.DataFrame, term: str) -> date:
    """First day on which the county's schools teach; the term's first possible day if unknown."""
    days = _school_days_of(calendar, term)
    return term_bounds(term)[0] if days.empty else days.min().date()


def _last_school_day(calendar: pd.DataFrame, today: date) -> date:
    """Last day of today's term: by the calendar where it reaches ahead, else the usual one."""
    days = _school_days_of(calendar, term_of(today))
    known: date = today if days.empty else days.max().date()
    if known > today + AHEAD:
        return known
    first, last = term_bounds(term_of(today))
    month, day = USUAL_END[first.month]
    return date(last.year, month, day)
