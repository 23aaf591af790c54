"""What a page may ask for and do; one :class:`Services` per workspace, shared by sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from threading import Lock
from typing import TypeVar

import pandas as pd

from kongchuo_risk.cases import Contribution, ListRow, case_reader, case_store, open_case_database
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.plan import PlanItem
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.domain.run import FeedbackKind, Run
from kongchuo_risk.errors import CaseError, NotReadyError
from kongchuo_risk.serving import pupil_records
from kongchuo_risk.serving.day import DayView
from kongchuo_risk.serving.model_pages import load_model_page
from kongchuo_risk.serving.views import WORKLIST_COLUMNS, ModelPage, Overview, PupilFile
from kongchuo_risk.settings import Settings
from kongchuo_risk.workspace import Workspace

NO_RUN = "还没有名单；请先运行 kongchuo score。"
LISTED = (Tier.RED, Tier.ORANGE, Tier.YELLOW)


class Services:
    """Reads the current list and records what teachers say of it.

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
        self._workspace = workspace
        self._actor = actor
        self._settings = settings or workspace.settings()
        self._engine = open_case_database(workspace, self._settings.database_url)
        self._schema = load_schema(self._settings.data_schema)
        self._day: DayView | None = None
        self._lock = Lock()

    def overview(self) -> Overview:
        """Which day, which model, how long the list is.

        Raises
        ------
        NotReadyError
            Before the first list; as every other verb here.
        """
        run, day = self._current()
        return Overview(
            as_of=run.as_of,
            profile=run.profile,
            model=run.model,
            verdict=run.verdict,
            pupils=int(day.counts["pupils"].sum()),
            listed=int(day.counts.loc[day.counts["tier"].ne(Tier.NONE), "pupils"].sum()),
            base_rate=run.base_rate,
            synthetic=run.synthetic,
        )
