"""Fifty class teachers who write sheets and visits at once, against a bar of 200 ms.

Each writes once a second, which is faster than anybody types, and then without a pause, which says
what the database can take. They are threads of one process, as in the app, and then threads of five
processes. Whatever was written must be there afterwards, and the audit chain whole.
"""

from __future__ import annotations

import os
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from kongchuo_risk.cases import case_reader, case_store
from kongchuo_risk.cases.engine import create_engine, migrate
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Absence, ClassSheet
from kongchuo_risk.domain.case import Case, CaseStatus
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.domain.visit import Attitude, Visit, VisitMode, Visitor, VisitResult

TEACHERS = 50
PROCESSES = 5
SECONDS, QUICK_SECONDS = 60, 3
PAUSES = {"once a second": 1.0, "no pause": 0.0}
BAR_MS = 200
SERVER = "KONGCHUO_TEST_POSTGRES"
KEY = b"k" * 32
FIRST_DAY = date(2025, 9, 1)


def run(quick: bool) -> list[dict[str, Any]]:
    """Median, 95th and 99th percentile of a write, for each database and kind of process."""
    seconds = QUICK_SECONDS if quick else SECONDS
    results = []
    for (pace, pause), processes in product(PAUSES.items(), (1, PROCESSES)):
        label = f"{pace}, {processes} process{'es' * (processes > 1)}"
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'kongchuo.db'}"
            results += _measure(f"sqlite, {label}", url, processes, seconds, pause)
        if SERVER in os.environ:
            with _own_database(os.environ[SERVER]) as url:
                results += _measure(f"postgresql, {label}", url, processes, seconds, pause)
    if SERVER not in os.environ:
        print(f"PostgreSQL left out: {SERVER} names no server")
    return results


def _measure(
    name: str, url: str, processes: int, seconds: float, pause: float
) -> list[dict[str, Any]]:
    engine = create_engine(url, key=KEY)
    migrate(engine)
    pupils = _open_cases(engine)
    each = TEACHERS // processes
    parts = [range(first, first + each) for first in range(0, TEACHERS, each)]
    tasks = [(url, {number: pupils[number] for number in part}, seconds, pause) for part in parts]
    with get_context("spawn").Pool(processes) as pool:
        took = np.concatenate(pool.starmap(_school, tasks)) * 1000
    _expect_all(engine, len(took))
    engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return [
        {
            "name": f"{name}, p{percent}",
            "ours": float(np.percentile(took, percent)),
            "theirs": BAR_MS,
            "ratio": float(BAR_MS / np.percentile(took, percent)),
            "unit": "ms",
            "peak_mb": peak,
            "rows": len(took),
        }
        for percent in (50, 95, 99)
    ]


def _open_cases(engine: Engine) -> list[int]:
    """A case for each teacher; the ids."""
    with case_store(engine) as store:
        stored = [
            store.cases.add(
                Case(f"p{number}", "S1", f"C{number}", FIRST_DAY, CaseStatus.SUSPECTED), by="T"
            )
            for number in range(TEACHERS)
        ]
    return [case.id for case in stored if case.id is not None]


def _school(url: str, cases: dict[int, int], seconds: float, pause: float) -> list[float]:
    """Seconds that each write of some teachers took; they are threads of this process."""
    engine = create_engine(url, key=KEY)
    ends = time.monotonic() + seconds
    with ThreadPoolExecutor(len(cases)) as pool:
        parts = pool.map(lambda number: _teach(engine, number, cases[number], ends, pause), cases)
        return [took for part in parts for took in part]


def _teach(
    engine: Engine, teacher: int, case_id: int, ends: float, pause: float = 0
) -> list[float]:
    took, number = [], 0
    time.sleep(pause * teacher / TEACHERS)
    while (begun := time.monotonic()) < ends:
        with case_store(engine) as store:
            if number % 4 == 3:
                store.visits.add(_visit(teacher, case_id, number), by=f"T{teacher}")
            else:
                store.sheets.add(_sheet(teacher, number), by=f"T{teacher}")
        took.append(time.monotonic() - begun)
        number += 1
        time.sleep(max(0.0, pause - took[-1]))
    return took


def _sheet(teacher: int, number: int) -> ClassSheet:
    day, session = FIRST_DAY + timedelta(days=number // 2), ("AM", "PM")[number % 2]
    absences = tuple(
        Absence(f"p{teacher}-{n}", kind) for n, kind in enumerate(("sick", "personal", "unexcused"))
    )
    return ClassSheet("S1", f"C{teacher}", day, session, 40, absences)


def _visit(teacher: int, case_id: int, number: int) -> Visit:
    plain = Visit(
        f"p{teacher}", datetime(2025, 9, 1, 15, tzinfo=CHINA), VisitMode.HOME,
        (Visitor("合成教师", Role.HOMEROOM),), VisitResult.NOT_RETURNED, case_id=case_id,
        met_student=True, met_guardian=True, talk="谈了学校的情况" * 20,
        attitude=Attitude.HESITANT, guardian_opinion="同意返校", next_step="三天后再去",
    )  # fmt: skip
    return replace(plain, at=plain.at + timedelta(days=number))


def _expect_all(engine: Engine, writes: int) -> None:
    with case_reader(engine) as store:
        kept = len(store.sheets.between(date.min, date.max)) + len(store.visits.all_standing())
        report = store.verify_audit()
    if kept != writes or not report.is_whole or report.rows != writes + TEACHERS:
        raise SystemExit(f"lost writes: {writes} written, {kept} kept, audit {report}")


@contextmanager
def _own_database(server: str) -> Iterator[str]:
    name = f"kongchuo_{uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
    yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    admin.dispose()
