"""Many writers, and one that is killed: no write is lost and none is half."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from tests.conftest import ROOT
from tests.procedure.builders import MONDAY, sheet


def test_many_teachers_at_once_lose_no_write(engine: Engine) -> None:
    def write(number: int) -> None:
        for day in range(10):
            with case_store(engine) as store:
                taken = sheet(day, "AM", "a", class_id=f"C{number}")
                store.sheets.add(taken, by=f"T{number}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    with case_reader(engine) as store:
        assert len(store.sheets.between(MONDAY, date(2025, 9, 20))) == 80
        report = store.verify_audit()
    assert (report.is_whole, report.rows) == (True, 80)


_WRITER = """
import sys
from datetime import date, timedelta
from kongchuo_risk.cases import case_store
from kongchuo_risk.cases.engine import create_engine
from kongchuo_risk.domain.attendance import ClassSheet
engine = create_engine(sys.argv[1], key=b"k" * 32)
print("ready", flush=True)
for number in range(100_000):
    with case_store(engine) as store:
        day = date(2025, 9, 8) + timedelta(days=number)
        store.sheets.add(ClassSheet("S1", "C1", day, "AM", 40), by="T1")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_process_killed_in_the_middle_leaves_whole_units_of_work(
    engine: Engine, url: str
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(0.7)
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    with case_reader(engine) as store:
        written = store.sheets.between(MONDAY, date(2300, 1, 1))
        report = store.verify_audit()
    assert report.is_whole
    assert report.rows == len(written) > 0
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
