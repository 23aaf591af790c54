"""Measures recorded at the desk beside those that came with the imported tables."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from kongchuo_risk.cases import case_reader, open_case_database
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.records import Records
from kongchuo_risk.workspace import Workspace

TABLE = "measures_delivered"


def with_deliveries(workspace: Workspace, records: Records) -> Records:
    """Records whose ``measures_delivered`` also holds what people recorded in the app.

    A delivery became known on the day on which it was entered; one that was imported as well is
    there once, by its last word.

    Parameters
    ----------
    workspace
        Whose case database is read.
    records
        As loaded; they stay as they are.
    """
    engine = open_case_database(workspace, workspace.settings().database_url)
    try:
        with case_reader(engine) as store:
            recorded = store.choices.delivered_with_day()
    finally:
        engine.dispose()
    if not recorded:
        return records
    imported = records[TABLE]
    rows = pd.DataFrame([_row(*each) for each in recorded])
    own = rows.reindex(columns=imported.columns).astype(imported.dtypes.to_dict())
    both = pd.concat([imported, own], ignore_index=True)
    return Records({**records, TABLE: both})


def _row(delivery: Delivery, entered_at: str) -> dict[str, object]:
    entered = datetime.fromisoformat(entered_at).astimezone().date()
    return {
        "student_id": delivery.student_id,
        "measure": delivery.measure,
        "started_on": pd.Timestamp(delivery.started_on),
        "ended_on": pd.Timestamp(delivery.ended_on) if delivery.ended_on else pd.NaT,
        "sessions": delivery.sessions,
        "staff_no": delivery.staff_no,
        "known_on": pd.Timestamp(max(entered, delivery.started_on)),
    }
