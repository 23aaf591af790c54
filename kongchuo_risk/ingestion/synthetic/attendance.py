"""Exceptions by half-day: sickness, leave, lateness, truancy, ramps, long absence, bad days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.population import Schools
from kongchuo_risk.ingestion.synthetic.presets import AttendanceSettings

ABSENT = frozenset({"unexcused", "not_reported", "sick", "personal"})
_KINDS = ("unexcused", "not_reported", "sick", "personal", "late", "left_early")
_CODE = {kind: code for code, kind in enumerate(_KINDS)}
_REASONS = ("", "illness", "family", "aversion", "work", "care", "distance", "weather", "unknown")
_REASON = {reason: code for code, reason in enumerate(_REASONS)}


@dataclass(frozen=True)
class BadDays:
    """Days on which a whole school stayed away, or was closed."""

    school: np.ndarray
    day: np.ndarray
    closed: np.ndarray
    share: np.ndarray


def draw_bad_days(
    rng: np.random.Generator,
    settings: AttendanceSettings,
    calendar: SchoolCalendar,
    schools: Schools,
) -> BadDays:
    """Snow and storms from November to March, never on an exam day or the first day of a term."""
    winter = np.isin(calendar.months, (11, 12, 1, 2, 3))
    winter[[*calendar.starts[:-1], *calendar.midterms, *calendar.finals]] = False
    days = np.flatnonzero(winter)
    years = len(calendar.terms) / 2
    count = rng.poisson(settings.bad_days_per_school_year * years, len(schools.specs))
    school = np.repeat(np.arange(len(schools.specs)), count)
    pairs = np.unique(np.column_stack([school, rng.choice(days, len(school))]), axis=0)
    n = len(pairs)
    closed = rng.random(n) < settings.bad_day_closed
    return BadDays(pairs[:, 0], pairs[:, 1], closed, rng.uniform(*settings.bad_day_absent, n))


def build_exceptions(
    rng: np.random.Generator,
    settings: AttendanceSettings,
    calendar: SchoolCalendar,
    rows: pd.DataFrame,
    episodes: pd.DataFrame,
    bad_days: BadDays,
) -> pd.DataFrame:
    """Everything that happened, whether or not a sheet was taken.

    Parameters
    ----------
    rows
        Enrolment rows of pupils who are expected at school, with ``log_odds`` beside them.

    Returns
    -------
    DataFrame
        ``row`` (of the enrolment), ``session`` (twice the teaching day, plus 1 in the afternoon),
        ``kind``, ``reason``; one row per pupil and session.
    """
    parts = [
        _long_absences(rng, rows, episodes),
        _ramps(rng, settings, episodes),
        _mass_absences(rng, rows, bad_days),
        *_background(rng, settings, calendar, rows),
    ]
    events = pd.concat(parts, ignore_index=True)
    events = events.merge(
        rows[["pupil", "start", "end", "school"]], left_on="row", right_index=True
    )
    day = events["session"] // 2
    events = events[(day >= events["start"]) & (day < events["end"])]
    events = events.drop_duplicates(["pupil", "session"], keep="first")
    events = events[~_on_closed_day(events, bad_days)]
    events["kind"] = pd.Categorical.from_codes(events["kind"].to_numpy(), pd.Index(_KINDS))
    events["reason"] = pd.Categorical.from_codes(events["reason"].to_numpy(), pd.Index(_REASONS))
    return events.sort_values(["session", "row"], ignore_index=True)


def _events(
    row: np.ndarray, session: np.ndarray, kind: np.ndarray | int, reason: np.ndarray | int
) -> pd.DataFrame:
    return pd.DataFrame({"row": row, "session": session, "kind": kind, "reason": reason})


def _stretch(length: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For spells of ``length``: which spell each element is of, and its place in the spell."""
    spell = np.repeat(np.arange(len(length)), length)
    return spell, np.arange(len(spell)) - np.repeat(np.cumsum(length) - length, length)


def _long_absences(
    rng: np.random.Generator, rows: pd.DataFrame, episodes: pd.DataFrame
) -> pd.DataFrame:
    """Both sessions of every day away, up to the end of the term at most."""
    left = episodes[episodes["outcome"] == "left"]
    end = rows["end"].reindex(left["row"], fill_value=0).to_numpy()
    length = np.maximum(np.minimum(left["back"].to_numpy(), end) - left["day"].to_numpy(), 0) * 2
    spell, place = _stretch(length)
    start_of_term = left["at_term_start"].to_numpy()[spell]
    kind = np.where(start_of_term, _CODE["not_reported"], _CODE["unexcused"])
    told = rng.choice(["aversion", "work", "unknown", "family"], len(left), p=[0.4, 0.2, 0.3, 0.1])
    reason = pd.Series(told).map(_REASON).to_numpy(int)[spell]
    session = left["day"].to_numpy()[spell] * 2 + place
    return _events(left["row"].to_numpy()[spell], session, kind, reason)


def _ramps(
    rng: np.random.Generator, settings: AttendanceSettings, episodes: pd.DataFrame
) -> pd.DataFrame:
    """Truancy and lateness that grow until the day of leaving, or until the trouble passes."""
    spell, place = _stretch(episodes["ramp"].to_numpy() * 2)
    progress = (place + 1) / (episodes["ramp"].to_numpy()[spell] * 2 + 1)
    low, high = settings.ramp_absence
    truant = rng.random(len(spell)) < low + (high - low) * progress**2
    low, high = settings.ramp_lateness
    late = ~truant & (place % 2 == 0) & (rng.random(len(spell)) < low + (high - low) * progress)
    covered = rng.random(len(spell)) < settings.ramp_recorded_as_leave
    kind = np.select(
        [truant & covered, truant], [_CODE["personal"], _CODE["unexcused"]], _CODE["late"]
    )
    reason = np.select(
        [truant & covered, truant], [_REASON["family"], _REASON["aversion"]], _REASON[""]
    )
    first = (episodes["day"] - episodes["ramp"]).to_numpy() * 2
    row = episodes["row"].to_numpy()[spell]
    keep = truant | late
    return _events(row[keep], (first[spell] + place)[keep], kind[keep], reason[keep])


def _mass_absences(rng: np.random.Generator, rows: pd.DataFrame, bad_days: BadDays) -> pd.DataFrame:
    """Many pupils of one school miss one day; nobody of them is truant."""
    open_days = pd.DataFrame(
        {"school": bad_days.school, "bad_day": bad_days.day, "share": bad_days.share}
    )[~bad_days.closed]
    pupils = rows[["school", "start", "end"]].rename_axis("row").reset_index()
    hit = pupils.merge(open_days, on="school")
    hit = hit[(hit["bad_day"] >= hit["start"]) & (hit["bad_day"] < hit["end"])]
    hit = hit[rng.random(len(hit)) < hit["share"]]
    row = np.repeat(hit["row"].to_numpy(), 2)
    session = np.repeat(hit["bad_day"].to_numpy() * 2, 2) + np.tile([0, 1], len(hit))
    # Some class teachers write leave, others simply absent.
    kind = np.where(rng.random(len(hit)) < 0.7, _CODE["personal"], _CODE["unexcused"])
    return _events(row, session, np.repeat(kind, 2), _REASON["weather"])


def _background(
    rng: np.random.Generator,
    settings: AttendanceSettings,
    calendar: SchoolCalendar,
    rows: pd.DataFrame,
) -> list[pd.DataFrame]:
    """Sickness, leave, stray truancy, lateness: rates per half-day, weighted by the calendar."""
    edge = np.where(calendar.is_edge_of_week, settings.monday_friday, 1.0)
    sick_season = _by_month(calendar, settings.sick_by_month)
    leave_season = _by_month(calendar, settings.personal_by_month)
    primary = (rows["grade"] < 7).to_numpy()
    sick = np.where(primary, settings.sick_primary, settings.sick_junior)
    # Pupils at risk are truant and late more often; bounded, so that most stay near the base rate.
    lean = np.clip(np.exp(0.5 * (rows["log_odds"] - rows["log_odds"].mean())), 0.4, 3.0).to_numpy()
    plain = np.ones(len(rows))
    plan = (
        ("sick", "illness", sick, sick_season, settings.sick_sessions),
        ("personal", "family", settings.personal * plain, leave_season, settings.personal_sessions),
        ("unexcused", "unknown", settings.unexcused * lean, edge, settings.unexcused_sessions),
        ("late", "", settings.late * lean, edge, 1.0),
        ("left_early", "", settings.left_early * lean, edge, 1.0),
    )
    return [
        _spells(rng, rows, rate, weight / weight.mean(), mean, _CODE[kind], _REASON[reason])
        for kind, reason, rate, weight, mean in plan
    ]


def _by_month(calendar: SchoolCalendar, factors: Mapping[int, float]) -> np.ndarray:
    table = np.ones(13)
    table[list(factors)] = list(factors.values())
    return np.asarray(table[calendar.months])


def _spells(
    rng: np.random.Generator,
    rows: pd.DataFrame,
    rate: np.ndarray,
    day_weight: np.ndarray,
    mean_length: float,
    kind: int,
    reason: int,
) -> pd.DataFrame:
    """Spells at ``rate`` per half-day; only what happens is ever drawn, not every half-day."""
    cumulative = np.concatenate([[0.0], np.cumsum(np.repeat(day_weight, 2))])
    first = cumulative[rows["start"].to_numpy() * 2]
    exposure = cumulative[rows["end"].to_numpy() * 2] - first
    count = rng.poisson(rate / mean_length * exposure)
    spell = np.repeat(np.arange(len(rows)), count)
    at = first[spell] + rng.random(len(spell)) * exposure[spell]
    session = np.searchsorted(cumulative, at, side="right") - 1
    which, place = _stretch(rng.geometric(1 / mean_length, len(spell)).clip(max=20))
    return _events(rows.index.to_numpy()[spell][which], session[which] + place, kind, reason)


def _on_closed_day(events: pd.DataFrame, bad_days: BadDays) -> np.ndarray:
    closed = bad_days.school[bad_days.closed] * 10_000 + bad_days.day[bad_days.closed]
    return np.isin(events["school"].to_numpy() * 10_000 + events["session"].to_numpy() // 2, closed)
