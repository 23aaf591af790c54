"""What is recorded at the desk counts beside what was imported."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.cases import case_store, open_case_database
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Absence, ClassSheet, Observation
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.clock import CHINA, at_moment
from kongchuo_risk.features.known import History
from kongchuo_risk.features.schooldays import attendance_log
from kongchuo_risk.serving.effects import estimate_effects
from kongchuo_risk.serving.recorded import joined_table, with_recorded
from kongchuo_risk.serving.services import Services
from kongchuo_risk.tables import load_records
from kongchuo_risk.workspace import Workspace
from tests.procedure.builders import visit
from tests.serving.school import DAY, make_workspace, publish_list

ENTERED = datetime(2025, 10, 21, 9, tzinfo=CHINA)
TUESDAY = ENTERED.date()


@pytest.fixture
def school(tmp_path: Path) -> Workspace:
    workspace = make_workspace(tmp_path / "w")
    publish_list(workspace)
    return workspace


def test_without_a_record_of_ones_own_the_tables_stay_as_they_are(school: Workspace) -> None:
    records = load_records(school, history=True)
    assert with_recorded(school, records) is records


def test_a_recorded_delivery_joins_the_imported_ones_typed_alike(school: Workspace) -> None:
    records = load_records(school, history=True)
    Services(school).plans.record_delivery(Delivery("b", "tutoring", DAY, sessions=6))
    table = with_recorded(school, records)["measures_delivered"]
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


def enter(school: Workspace) -> None:
    """A sheet, a sign and a home visit of one Tuesday, entered on it."""
    engine = open_case_database(school)
    sheet = ClassSheet("S1", "C1", TUESDAY, "AM", 2, (Absence("a", "not_reported", "work"),))
    with at_moment(ENTERED), case_store(engine) as store:
        store.sheets.add(sheet, by="T1")
        store.observations.add(Observation("b", TUESDAY, "work_intent", "T1", level=2), by="T1")
        store.visits.add(visit(ENTERED, Role.HOMEROOM, student_id="a", case_id=None), by="T1")
    engine.dispose()


def test_sheets_absences_signs_and_visits_join_the_tables_typed_alike(school: Workspace) -> None:
    records = load_records(school, history=True)
    enter(school)
    joined = with_recorded(school, records)
    names = ("class_sheets", "attendance", "observations", "visits")
    own = {name: joined[name].iloc[-1] for name in names}
    assert (own["class_sheets"]["enrolled"], own["class_sheets"]["present"]) == (2, 1)
    assert (own["attendance"]["kind"], own["attendance"]["reason"]) == ("not_reported", "work")
    assert (own["observations"]["tag"], own["observations"]["level"]) == ("work_intent", "2")
    assert (own["visits"]["visit_mode"], own["visits"]["result"]) == ("home", "not_returned")
    for name in names:
        assert own[name]["known_on"] == pd.Timestamp(TUESDAY)
        assert len(joined[name]) == len(records[name]) + 1
        kinds = zip(joined[name].dtypes, records[name].dtypes, strict=True)
        assert all(str(new) == str(old) for new, old in kinds)


def test_a_list_of_the_past_does_not_see_what_was_entered_later(school: Workspace) -> None:
    enter(school)
    joined = with_recorded(school, load_records(school, history=True))
    before, after = TUESDAY - timedelta(days=1), TUESDAY
    assert TUESDAY not in set(joined.known_by(before)["attendance"]["day"].dt.date)
    assert TUESDAY in set(joined.known_by(after)["attendance"]["day"].dt.date)


def test_an_absence_that_is_imported_as_well_counts_once(school: Workspace) -> None:
    enter(school)
    records = with_recorded(school, load_records(school, history=True))
    again = [{"student_id": "a", "day": pd.Timestamp(TUESDAY), "session": "AM",
              "kind": "sick", "known_on": pd.Timestamp(TUESDAY + timedelta(days=3))}]  # fmt: skip
    both = {**records, "attendance": joined_table(records["attendance"], again)}
    log = attendance_log(History(type(records)(both)))
    number = pd.Timestamp(TUESDAY).toordinal() - date(1970, 1, 1).toordinal()
    in_force = (log.day == number) & (log.known <= number + 3) & (log.replaced > number + 3)
    assert in_force.sum() == 1
