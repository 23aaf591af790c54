"""What is recorded at the desk counts beside what was imported."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.serving.deliveries import with_deliveries
from kongchuo_risk.serving.effects import estimate_effects
from kongchuo_risk.serving.services import Services
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import Workspace
from tests.serving.school import DAY, make_workspace, publish_list


@pytest.fixture
def school(tmp_path: Path) -> Workspace:
    workspace = make_workspace(tmp_path / "w")
    publish_list(workspace)
    return workspace


def test_without_a_record_of_ones_own_the_tables_stay_as_they_are(school: Workspace) -> None:
    records = load_records(school, history=True)
    assert with_deliveries(school, records) is records


def test_a_recorded_delivery_joins_the_imported_ones_typed_alike(school: Workspace) -> None:
    records = load_records(school, history=True)
    Services(school).plans.record_delivery(Delivery("b", "tutoring", DAY, sessions=6))
    table = with_deliveries(school, records)["measures_delivered"]
    assert table.dtypes.tolist() == records["measures_delivered"].dtypes.tolist()
    own = table[table["student_id"] == "b"].iloc[0]
    assert (own["measure"], own["sessions"]) == ("tutoring", 6)
    # It was entered today, long after the day of the list: the past did not know it.
    assert own["known_on"].date() >= date(2025, 11, 1)
    assert own["started_on"] == pd.Timestamp(DAY)


def test_the_dose_of_a_measure_counts_both(school: Workspace) -> None:
    desk = Services(school).plans
    desk.record_delivery(Delivery("b", "home_visit", DAY, sessions=2))
    effects = {effect.measure: effect for effect in estimate_effects(school).effects}
    dose = effects["家访"].dose
    assert dose is not None
    assert (dose.pupils, dose.sessions) == (2, 3)
