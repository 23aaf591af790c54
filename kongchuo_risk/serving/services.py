"""What a page may ask for and do; one :class:`Services` per workspace, shared by sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from threading import Lock

import pandas as pd

from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.actor import Actor, Role
from kongchuo_risk.domain.risk import Tier
from kongchuo_risk.domain.run import FeedbackKind
from kongchuo_risk.errors import CaseError, NotReadyError
from kongchuo_risk.evaluation.gate import RULE_TITLES
from kongchuo_risk.serving.casework import Casework
from kongchuo_risk.serving.choice_desk import ChoiceDesk
from kongchuo_risk.serving.day import DayView
from kongchuo_risk.serving.model_pages import load_model_page
from kongchuo_risk.serving.plan_desk import PlanDesk
from kongchuo_risk.serving.pupil_file import build_pupil_file
from kongchuo_risk.serving.views import ModelPage, Overview, PupilFile
from kongchuo_risk.serving.who_ranks import who_ranks
from kongchuo_risk.serving.worklist_export import workbook_bytes
from kongchuo_risk.settings import Settings
from kongchuo_risk.workspace import Workspace

NO_RUN = "还没有名单；请先运行 kongchuo score。"


class Services:
    """Reads the current list and records what teachers say of it.

    Every verb raises :class:`~kongchuo_risk.errors.NotReadyError` before the first list.

    Parameters
    ----------
    workspace
        Whose list.
    actor
        Who looks, for the audit log.
    settings
        The workspace's own when empty.
    """

    def __init__(
        self, workspace: Workspace, *, actor: str = "本机用户", settings: Settings | None = None
    ) -> None:
        chosen = settings or workspace.settings()
        self._workspace = workspace
        self._actor = actor
        self._engine = open_case_database(workspace, chosen.database_url)
        self._schema = load_schema(chosen.data_schema)
        self._desk = PlanDesk(workspace, self._engine, actor)
        self._choices = ChoiceDesk(workspace, self._engine, actor)
        # Whoever sits at this computer may act in every role until people sign in.
        self._casework = Casework(workspace, self._engine, Actor(actor, frozenset(Role)))
        self._view: DayView | None = None
        self._lock = Lock()

    @property
    def plans(self) -> PlanDesk:
        """Plans of pupils and schools: draft, edit, approve; deliveries; alerts."""
        return self._desk

    @property
    def casework(self) -> Casework:
        """Attendance, cases, visits, the school's books, and what is due today."""
        return self._casework

    @property
    def choices(self) -> ChoiceDesk:
        """Caps, assumed effects, wishes, and the assignment to approve."""
        return self._choices

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def overview(self) -> Overview:
        """Which day, which model, how long the list is."""
        day = self._day()
        pupils = int(day.counts["pupils"].sum())
        return Overview(
            as_of=day.run.as_of,
            profile=day.run.profile,
            model=RULE_TITLES.get(day.run.model, day.run.model),
            verdict=day.run.verdict,
            ranked_by=who_ranks(day.run.model, day.run.model_version, day.run.verdict),
            pupils=pupils,
            listed=len(day.worklist),
            base_rate=day.run.base_rate,
            synthetic=day.run.synthetic,
        )

    def schools(self) -> pd.DataFrame:
        """school_code, school_name, pupils, listed, red, orange, yellow; one row per school."""
        return self._day().school_table()

    def classes(self, school_code: str) -> pd.DataFrame:
        """class_id, class_name, grade, pupils, listed, homeroom; one row per class."""
        return self._day().class_table(school_code)

    def worklist(
        self,
        school_code: str | None = None,
        class_id: str | None = None,
        tiers: Iterable[Tier] | None = None,
    ) -> pd.DataFrame:
        """The ranked list; see :data:`~kongchuo_risk.serving.views.WORKLIST_COLUMNS`.

        Parameters
        ----------
        school_code, class_id, tiers
            Only these; everybody on the list when empty.
        """
        table = self._day().worklist
        keep = pd.Series(True, index=table.index)
        if school_code is not None:
            keep &= table["school_code"].eq(school_code)
        if class_id is not None:
            keep &= table["class_id"].eq(class_id)
        if tiers is not None:
            keep &= table["tier"].isin([str(tier) for tier in tiers])
        return self._with_contacts(table[keep].reset_index(drop=True))

    def worklist_workbook(self, school_code: str | None = None) -> bytes:
        """The printable list as the bytes of an Excel file; see ``export_worklist``."""
        with case_store(self._engine) as store:
            store.note(self._actor, "导出名单", school_code or "全部学校")
        return workbook_bytes(self, school_code)

    def pupil(self, student_id: str) -> PupilFile:
        """一生一档 of one pupil; the look is in the audit log before anything is shown.

        Raises
        ------
        NotFoundError
            When there is no such pupil.
        """
        day = self._day()
        run_id = day.run.id
        assert run_id is not None
        with case_store(self._engine) as store:
            store.note(self._actor, "查看学生档案", student_id, run=run_id)
        with case_reader(self._engine) as store:
            row = store.runs.row(run_id, student_id)
            plan = store.runs.plan(run_id, [student_id]).get(student_id, ())
            pairing = store.runs.pairings(run_id, [student_id]).get(student_id)
        entered = self._casework.cases.timeline(student_id)
        return build_pupil_file(day, student_id, row, plan, pairing, self._schema, entered)

    def model_page(self) -> ModelPage:
        """The model behind the list, with its figures beside the simple rules."""
        page = load_model_page(self._workspace, self._day().run)
        fairness, schools = page.tables["fairness"], self.schools()
        # The tables are kept by code; people know schools by name.
        names = dict(zip(schools["school_code"], schools["school_name"], strict=True))
        groups = fairness["group"].astype("str").map(lambda group: names.get(group, group))
        return replace(page, tables={**page.tables, "fairness": fairness.assign(group=groups)})

    def open_mlflow(self) -> str:
        """Address of MLflow's pages on this computer, started if they are not running."""
        from kongchuo_risk.serving.mlflow_ui import open_mlflow  # loads the training libraries

        with self._lock:
            return open_mlflow(self._workspace)

    def record_feedback(self, student_id: str, *, verdict: str, note: str = "") -> None:
        """Keep what a teacher found.

        Parameters
        ----------
        student_id
            Whom it is about.
        verdict
            已联系, 不适用 or 误报.
        note
            The reason; required for all but 已联系.

        Raises
        ------
        CaseError
            When the verdict is another word, or its reason is missing.
        """
        if verdict not in list(FeedbackKind):
            raise CaseError(f"反馈只能是{'、'.join(FeedbackKind)}，不能是“{verdict}”")
        kind = FeedbackKind(verdict)
        if kind is not FeedbackKind.CONTACTED and not note.strip():
            raise CaseError(f"选择“{kind}”时请写明理由")
        run_id = self._day().run.id
        assert run_id is not None
        with case_store(self._engine) as store:
            store.feedback.add(run_id, student_id, kind, note.strip(), by=self._actor)

    def _day(self) -> DayView:
        """The current run's view; made again after another list or plan."""
        with case_reader(self._engine) as store:
            run = store.runs.current()
            if run is None:
                raise NotReadyError(NO_RUN)
            with self._lock:
                if self._view is None or self._view.run != run:
                    self._view = DayView(self._workspace, run, store)
                return self._view

    def _with_contacts(self, table: pd.DataFrame) -> pd.DataFrame:
        """The list with contacts that teachers noted since it was made."""
        with case_reader(self._engine) as store:
            noted = store.feedback.last_contacts(table["student_id"])
        if not noted:
            return table
        days = table["student_id"].map({pupil: _local_day(at) for pupil, at in noted.items()})
        later = pd.concat([table["last_contact"], pd.to_datetime(days)], axis=1).max(axis=1)
        return table.assign(last_contact=later.astype("datetime64[us]"))


def _local_day(moment: datetime) -> datetime:
    """Midnight of the day on which a UTC moment fell on this computer's clock."""
    return datetime.combine(moment.astimezone().date(), datetime.min.time())
