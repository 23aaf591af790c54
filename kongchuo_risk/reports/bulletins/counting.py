"""Everything that reports count of a period, once for all schools; scopes are cut out of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd

from kongchuo_risk.reports.bulletins.attendance import attendance_counts
from kongchuo_risk.reports.bulletins.items import (
    AWAY,
    CLOSING,
    ENTERED,
    LEFT,
    LEFT_BEHIND,
    OPENING,
    REACH,
    RETURNED,
    ROLL_IN,
    ROLL_OUT,
    WORK,
    denominator,
    named,
    numerator,
)
from kongchuo_risk.reports.indicators.catalogue import Catalogue, load_indicators
from kongchuo_risk.reports.indicators.measures import MEASURES
from kongchuo_risk.reports.indicators.rows import PLACE
from kongchuo_risk.reports.indicators.work import work_done
from kongchuo_risk.reports.ledgers.away import away_on, cause_label
from kongchuo_risk.reports.ledgers.window import EVERYWHERE, Stock, Window

COLUMNS = [*PLACE, "item", "count"]


def count_window(window: Window, catalogue: Catalogue | None = None) -> pd.DataFrame:
    """Counts of all schools over a period.

    Returns
    -------
    DataFrame
        ``school_code, class_id, stage, item, count``, one row each, sorted. An item that was
        counted somewhere is 0 elsewhere by being absent; an indicator for which there are no data
        has no items at all.
    """
    rules = catalogue or load_indicators()
    parts = [
        *_away(window), *_roll(window), *_transfers(window), *_left_behind(window),
        *_causes(window), *_indicators(window, rules), _work(window), attendance_counts(window),
    ]  # fmt: skip
    table = pd.concat([part for part in parts if not part.empty] or [pd.DataFrame(columns=COLUMNS)])
    keys = COLUMNS[:-1]
    summed = table.astype(dict.fromkeys(keys, "str")).groupby(keys, sort=True)["count"].sum()
    return summed.astype("int64").reset_index()


def _items(rows: pd.DataFrame, item: str | pd.Series) -> pd.DataFrame:
    """Each row counts once."""
    return rows[PLACE].assign(item=item, count=1)


def _away(window: Window) -> Iterator[pd.DataFrame]:
    for state, stock in zip(AWAY, (window.suspected, window.dropout), strict=True):
        for part, pupils in _parts(stock):
            yield _items(window.placed(pupils), named(state, part))
    yield _items(window.placed(window.returned), RETURNED)


def _parts(stock: Stock) -> Iterator[tuple[str, frozenset[tuple[str, str]]]]:
    yield OPENING, stock.opening
    yield ENTERED, stock.entered
    yield LEFT, stock.left
    yield CLOSING, stock.closing


def _roll(window: Window) -> Iterator[pd.DataFrame]:
    moves = window.moves
    yield _items(moves.opening, named("在籍", OPENING))
    yield _items(moves.closing, named("在籍", CLOSING))
    for rows, ways, undocumented in (
        (moves.came, ROLL_IN, ROLL_IN[-1]),
        (moves.went, ROLL_OUT, ROLL_OUT[-1]),
    ):
        how = rows["how"].where(rows["how"].isin(ways), undocumented)
        yield _items(rows, "在籍·" + how.astype("str"))


def _transfers(window: Window) -> Iterator[pd.DataFrame]:
    """转学 by how far, as the national statistics split it."""
    moves = window.moves
    changes = window.after.rows("registration_changes")
    for rows, code, column, elsewhere, word in (
        (moves.went[moves.went["how"] == "转学"], "21", "to_school", moves.closing.index, "转出"),
        (moves.came[moves.came["how"] == "转入"], "22", "from_school", moves.opening.index, "转入"),
    ):
        papers = changes[changes["change_type"] == code].drop_duplicates("student_id", keep="last")
        school = papers.set_index("student_id")[column].reindex(rows.index)
        reach = school.map(partial(_reach, window))
        inside = pd.Series(rows.index.isin(elsewhere), index=rows.index)
        yield _items(rows, f"{word}·" + reach.mask(inside, REACH[0]).astype("str"))


def _reach(window: Window, school: object) -> str:
    if not isinstance(school, str):
        return REACH[-1]
    schools = window.after.rows("schools")
    known = {*schools["school_code"], *schools["school_name"]}
    return REACH[0] if school in known else window.material.transfer_reach.get(school, REACH[-1])


def _left_behind(window: Window) -> Iterator[pd.DataFrame]:
    roll = window.moves.closing
    for code, label in LEFT_BEHIND.items():
        yield _items(roll[(roll["left_behind"] == code).fillna(False)], named("留守", label))


def _causes(window: Window) -> Iterator[pd.DataFrame]:
    """Why the pupils of both ledgers stay away, by main cause."""
    spells = away_on(window.after, EVERYWHERE)
    cause = {(s.case.school_code, s.case.student_id): cause_label(s.case) for s in spells}
    rows = window.placed(window.suspected.closing | window.dropout.closing)
    keys = zip(rows["school_code"], rows["student_id"], strict=True)
    words = [cause.get(key, "") or "未查明" for key in keys]
    yield _items(rows, "原因·" + pd.Series(words, index=rows.index, dtype="str"))


def _indicators(window: Window, catalogue: Catalogue) -> Iterator[pd.DataFrame]:
    for indicator in catalogue.shown_in(window.period.kind):
        counted = MEASURES[indicator.id](window, indicator)
        if counted is None:
            continue
        places = counted[PLACE]
        yield places.assign(item=numerator(indicator.id), count=counted["n"])
        yield places.assign(item=denominator(indicator.id), count=counted["N"])


def _work(window: Window) -> pd.DataFrame:
    done = work_done(window)
    return done.assign(item=f"{WORK}·" + done["item"].astype("str"))
