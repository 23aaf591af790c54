"""The school calendar: teaching days, make-up days, holidays and exams of every term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import chinese_calendar
import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.ingestion.synthetic.presets import CalendarSettings, Preset


@dataclass(frozen=True)
class SchoolCalendar:
    """Days of the preset's terms; teaching days are counted from 0 across all terms.

    Attributes
    ----------
    table : DataFrame
        ``term``, ``day``, ``day_type``: one row per calendar day.
    teaching : datetime64[D] array of shape (n_teaching_days,)
    starts : int array of shape (n_terms + 1,)
        First teaching-day number of each term, then the number of all.
    midterms, finals : int array of shape (n_terms,)
        Teaching-day numbers of the two exams.
    known_days : int
        How many teaching days lie before the end of the records.
    """

    terms: tuple[str, ...]
    table: pd.DataFrame
    teaching: np.ndarray
    starts: np.ndarray
    midterms: np.ndarray
    finals: np.ndarray
    known_days: int
    records_end: np.datetime64
    marking_days: int

    @cached_property
    def months(self) -> np.ndarray:
        """Month 1–12 of every teaching day."""
        return np.asarray(self.teaching.astype("datetime64[M]").astype(int) % 12 + 1)

    @cached_property
    def is_edge_of_week(self) -> np.ndarray:
        """Whether a teaching day is a Monday or Friday."""
        weekday = (self.teaching.astype(int) + 3) % 7
        return np.asarray((weekday == 0) | (weekday == 4))

    @cached_property
    def week_of_day(self) -> np.ndarray:
        """Number of the calendar week of every teaching day, from 0."""
        # 1970-01-01 was a Thursday.
        week = (self.teaching.astype(int) + 3) // 7
        return np.asarray(week - week[0])

    @cached_property
    def term_of_day(self) -> np.ndarray:
        """Number of the term of every teaching day."""
        return np.repeat(np.arange(len(self.terms)), np.diff(self.starts))

    def years(self) -> np.ndarray:
        """Calendar year in which the school year of each term began."""
        return np.array([int(term[:4]) for term in self.terms])


def build_calendar(settings: CalendarSettings, preset: Preset) -> SchoolCalendar:
    """Calendar of the preset's terms, with China's public holidays and make-up days."""
    bounds = [settings.terms[term] for term in preset.terms]
    table = _days(bounds)
    teaching = table["day"][table["day_type"].ne("holiday")].to_numpy("datetime64[D]")
    starts = np.searchsorted(teaching, np.array([*(a for a, _ in bounds), bounds[-1][1]], "M8[D]"))
    starts[-1] = len(teaching)
    lengths = np.diff(starts)
    midterms = starts[:-1] + (lengths * settings.midterm_position).astype(int)
    finals = starts[1:] - 3
    exams = np.isin(table["day"].to_numpy("datetime64[D]"), teaching[[*midterms, *finals]])
    table.loc[exams, "day_type"] = "exam"
    end = np.datetime64(preset.records_end, "D")
    return SchoolCalendar(
        terms=preset.terms,
        table=table,
        teaching=teaching,
        starts=starts,
        midterms=midterms,
        finals=finals,
        known_days=int(np.searchsorted(teaching, end, side="right")),
        records_end=end,
        marking_days=settings.marking_days,
    )


def _days(bounds: list[tuple[date, date]]) -> pd.DataFrame:
    first, last = bounds[0][0], bounds[-1][1]
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    kinds = [_day_type(day) if any(a <= day <= b for a, b in bounds) else "holiday" for day in days]
    terms = [term_of(day) for day in days]
    return pd.DataFrame({"term": terms, "day": pd.to_datetime(days), "day_type": kinds})


def _day_type(day: date) -> str:
    if not chinese_calendar.is_workday(day):
        return "holiday"
    return "makeup" if day.weekday() >= 5 else "school"
