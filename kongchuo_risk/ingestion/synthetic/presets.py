"""Settings of the synthetic counties: ``data_schema/synthetic.yaml`` read into frozen objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import SettingsError

Range = tuple[float, float]


class CalendarSettings(Contract):
    source: str
    terms: Mapping[str, tuple[date, date]]
    midterm_position: float
    marking_days: int


class PopulationSettings(Contract):
    source: str
    girls: float
    late_entry: float
    very_late_entry: float
    poverty: float
    father_away: float
    mother_away_if_father: float
    mother_away_alone: float
    migrant: float
    orphan: float
    unsupported: float
    disability: float
    home_teaching_if_disabled: float
    parent_ill: float
    prior_dropout: float
    minority: float
    judicial: float
    low_expectation: float
    transfer_out_per_year: float
    transfer_in_share: float
    suspension_per_year: float
    repeat_per_year: float
    class_change_per_year: float
    talent: float


class HazardSettings(Contract):
    """Log-odds of leaving within a term, and how leaving looks; see the comments in the file."""

    source: str
    suspected_per_1000_year: Mapping[Literal["primary"] | int, float]
    confirmed_share: float
    achievement_per_sd: float
    over_age_per_year: float
    low_expectation: float
    poverty: float
    mother_away: float
    father_only_away: float
    parent_ill: float
    anxiety_per_sd: float
    friend_left: float
    friends_counted: int
    prior_dropout: float
    boarding_lowest_quartile: float
    large_class: float
    school_sd: float
    unobserved_sd: float
    contagion: float
    gradual_share: float
    ramp_weeks: Range
    start_of_term_if_sudden: float
    suspected_days: Range
    confirmed_days: Range
    never_back_share: float
    help_reach: float
    help_works: float
    help_recorded_share: float
    wobble_per_leaver: float

    @property
    def helped_per_leaver(self) -> float:
        """Pupils who were helped and stayed, per pupil who left: only a gradual trouble is seen."""
        kept = self.help_reach * self.help_works
        return self.gradual_share * kept / (1 - kept)

    @property
    def reached_of_gradual_leavers(self) -> float:
        """Share of those who left gradually although somebody helped them."""
        kept = self.help_reach * self.help_works
        return (self.help_reach - kept) / (1 - kept)


class AttendanceSettings(Contract):
    source: str
    sick_primary: float
    sick_junior: float
    sick_by_month: Mapping[int, float]
    sick_sessions: float
    personal: float
    personal_by_month: Mapping[int, float]
    personal_sessions: float
    unexcused: float
    unexcused_sessions: float
    late: float
    left_early: float
    monday_friday: float
    ramp_absence: Range
    ramp_lateness: Range
    ramp_recorded_as_leave: float
    bad_days_per_school_year: float
    bad_day_closed: float
    bad_day_absent: Range
    late_entry_share: float
    late_entry_days: tuple[int, int]
    missing_sheets: Mapping[str, float]
    missing_weeks: Mapping[str, float]


class AchievementSettings(Contract):
    source: str
    exam_noise_sd: float
    subject_sd: float
    ramp_drop_sd: float
    mean_share: Mapping[str, float]
    sd_share: Mapping[str, float]
    missing: float
    missing_at_risk: float
    subjects: Mapping[int, tuple[str, ...]]
    banded_grades: tuple[int, ...]
    band_floors: tuple[float, float, float]


class CaseworkSettings(Contract):
    source: str
    eligible_unaided: float
    ramp_noticed: float
    background_observation: float
    background_behaviour: float
    routine_visit: float
    case_visited: float
    help_visited: float
    routine_measure: float


class DirtyCell(Contract):
    """A damaged copy of a row, so that the import has something to report."""

    table: str
    field: str
    value: str


class SchoolSpec(Contract):
    """One school of a preset; ``sections`` are parallel classes per grade."""

    name: str
    type: Literal["primary", "point", "junior", "nine_year"]
    urban_rural: Literal["city", "town", "village"]
    township: str
    boarding: bool = False
    sections: int
    class_size: int
    junior_sections: int = 0
    last_grade: int = 6
    parent: str = ""
    feeds: str = ""
    recording: Literal["good", "fair", "poor"] = "good"

    @property
    def takes_beginners(self) -> bool:
        """Whether children enter grade 1 here."""
        return self.type != "junior"


class ProgrammeSettings(Contract):
    """A measure that some schools begin before others: who begins is drawn by lot."""

    measure: str
    works: float
    """Share of the hazard that it takes away from those who take part."""
    reach: float
    """Share of the pupils of a school who take part once it has begun."""
    sessions: tuple[int, int]
    starts: Mapping[str, float]
    """Term → share of the schools of each type that begin in it; the rest never do."""


class Preset(Contract):
    terms: tuple[str, ...]
    records_end: date
    """Last day of which the school knows anything."""
    students_as: Literal["xlsx", "csv"]
    repeat: int = 1
    programme: ProgrammeSettings | None = None
    """None in the packaged presets."""
    schools: tuple[SchoolSpec, ...]

    def expanded(self) -> tuple[SchoolSpec, ...]:
        """All schools; repeated areas get a number in their names."""
        if self.repeat == 1:
            return self.schools
        return tuple(
            spec.model_copy(
                update={
                    "name": _numbered(spec.name, area),
                    "parent": _numbered(spec.parent, area),
                    "feeds": _numbered(spec.feeds, area),
                    "township": _numbered(spec.township, area),
                }
            )
            for area in range(1, self.repeat + 1)
            for spec in self.schools
        )


class SyntheticSettings(Contract):
    """Everything that a synthetic county is made of."""

    calendar: CalendarSettings
    population: PopulationSettings
    hazard: HazardSettings
    attendance: AttendanceSettings
    achievement: AchievementSettings
    casework: CaseworkSettings
    dirty: tuple[DirtyCell, ...]
    presets: Mapping[str, Preset]

    def preset(self, name: str) -> Preset:
        """The preset called ``name``; a :class:`SettingsError` lists those that exist."""
        if name not in self.presets:
            raise SettingsError(f"没有名为“{name}”的合成预设；现有：{'、'.join(self.presets)}")
        return self.presets[name]


@lru_cache(maxsize=4)
def load_synthetic(folder: Path | None = None) -> SyntheticSettings:
    """``synthetic.yaml`` as settings.

    >>> len(load_synthetic().preset("学区").schools)
    12
    """
    source = data_schema(folder) / "synthetic.yaml"
    return parse(SyntheticSettings, read_yaml(source), source=source)


def _numbered(name: str, area: int) -> str:
    return name.replace("合成", f"合成{area}区", 1) if name else name
