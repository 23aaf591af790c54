"""Who lives in the county: schools, pupils, and what is fixed about each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.identity import id_numbers, names
from kongchuo_risk.ingestion.synthetic.presets import PopulationSettings, Preset, SchoolSpec

_POVERTY = ("lifted", "unstable", "marginal", "sudden", "dibao", "dibao_edge", "tekun", "other")
_POVERTY_SHARES = (0.42, 0.06, 0.07, 0.03, 0.28, 0.06, 0.03, 0.05)
_TALENTS = ("篮球", "绘画", "唱歌", "跑步", "象棋", "剪纸", "手工", "舞蹈")
_DISABILITIES = ("1", "2", "3", "4", "5", "6", "7")
_EDUCATION = ("none", "primary", "junior", "senior", "college")


@dataclass(frozen=True)
class Schools:
    """The schools of a preset, numbered in the order of the preset.

    ``route[school, grade]`` is the school in which a child who began in ``school`` sits in
    ``grade``; ``sections[school, stage]`` counts parallel classes (stage 0 primary, 1 junior).
    """

    specs: tuple[SchoolSpec, ...]
    route: np.ndarray
    sections: np.ndarray
    codes: np.ndarray
    effect: np.ndarray
    """Random effect on the log-odds of leaving, one per school."""


def build_schools(rng: np.random.Generator, preset: Preset, effect_sd: float) -> Schools:
    """Number the schools and work out where every child goes on to."""
    specs = preset.expanded()
    number = {spec.name: index for index, spec in enumerate(specs)}
    route = np.zeros((len(specs), 10), dtype=np.int16)
    for index, spec in enumerate(specs):
        upper = number[spec.parent] if spec.parent else index
        feeds = specs[upper].feeds
        junior = number[feeds] if feeds else upper
        route[index, : spec.last_grade + 1] = index
        route[index, spec.last_grade + 1 : 7] = upper
        route[index, 7:] = junior
    sections = [(spec.sections, spec.junior_sections or spec.sections) for spec in specs]
    codes = np.array([f"99000{index + 10001:05d}" for index in range(len(specs))])
    return Schools(specs, route, np.array(sections), codes, rng.normal(0, effect_sd, len(specs)))


def build_pupils(
    rng: np.random.Generator,
    settings: PopulationSettings,
    schools: Schools,
    years: np.ndarray,
) -> pd.DataFrame:
    """One row per child who is in grade 1–9 in any of ``years``.

    Returns
    -------
    DataFrame
        Fixed facts with a RangeIndex (the pupil's number); personal facts under the contract's
        column names, hidden ones (``achievement``, ``anxiety``, ``disaffection``) beside them.
    """
    origin, cohort, slot = _intake(rng, schools, years)
    pupils = pd.DataFrame({"origin": origin, "cohort": cohort, "slot": slot})
    _add_identity(rng, settings, pupils)
    _add_family(rng, settings, pupils)
    _add_health(rng, settings, pupils)
    _add_learning(rng, settings, pupils)
    _add_place(rng, settings, schools, pupils)
    return pupils


def _intake(
    rng: np.random.Generator, schools: Schools, years: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    origins = [i for i, spec in enumerate(schools.specs) if spec.takes_beginners]
    cohorts = np.arange(years.min() - 8, years.max() + 1)
    means = np.array([schools.specs[i].sections * schools.specs[i].class_size for i in origins])
    sizes = np.rint(means[:, None] * rng.normal(1, 0.06, (len(origins), len(cohorts)))).astype(int)
    sizes = sizes.clip(1).ravel()
    origin = np.repeat(np.repeat(origins, len(cohorts)), sizes)
    cohort = np.repeat(np.tile(cohorts, len(origins)), sizes)
    slot = np.concatenate([rng.permutation(size) for size in sizes])
    return origin, cohort, slot


def _add_identity(
    rng: np.random.Generator, settings: PopulationSettings, pupils: pd.DataFrame
) -> None:
    n = len(pupils)
    girl = rng.random(n) < settings.girls
    late = (rng.random(n) < settings.late_entry).astype(int)
    late += rng.random(n) < settings.very_late_entry
    youngest = (pupils["cohort"].to_numpy() - 6).astype("U4").astype("M8[Y]").astype("M8[D]")
    birth = youngest + 243 - (late * 365).astype("m8[D]") - rng.integers(0, 365, n)
    numbers = id_numbers(birth, girl)
    pupils["over_age"] = late
    pupils["student_key"] = np.char.add("G", numbers)
    pupils["id_number"] = numbers
    pupils["student_name"] = names(rng, n)
    pupils["sex"] = np.where(girl, "2", "1")
    pupils["birth_date"] = birth.astype("M8[s]")
    minority = rng.random(n) < settings.minority
    pupils["ethnicity"] = np.where(minority, rng.choice(["回族", "苗族", "彝族"], n), "汉族")
    pupils["hukou_type"] = np.where(rng.random(n) < 0.7, "农业", "非农业")


def _add_family(
    rng: np.random.Generator, settings: PopulationSettings, pupils: pd.DataFrame
) -> None:
    n = len(pupils)
    poor = rng.random(n) < settings.poverty
    father = rng.random(n) < settings.father_away
    mother = rng.random(n) < np.where(
        father, settings.mother_away_if_father, settings.mother_away_alone
    )
    orphan = rng.random(n) < settings.orphan
    pupils["poverty_type"] = np.where(poor, rng.choice(_POVERTY, n, p=_POVERTY_SHARES), "none")
    pupils["father_away"] = father & ~orphan
    pupils["mother_away"] = mother & ~orphan
    pupils["left_behind"] = (pupils["father_away"].astype(int) + pupils["mother_away"]).astype(str)
    elder = rng.random(n) < 0.85
    left = np.where(elder, "grandparents", "relatives")
    pupils["caregiver"] = np.select(
        [orphan, father & mother, father, mother], [left, left, "mother", "father"], "parents"
    )
    pupils["orphan"] = orphan
    pupils["unsupported"] = (rng.random(n) < settings.unsupported) & ~orphan
    pupils["migrant_child"] = (rng.random(n) < settings.migrant) & ~father
    pupils["parent_ill"] = (rng.random(n) < settings.parent_ill) & ~orphan
    pupils["siblings"] = rng.choice([0, 1, 2, 3, 4], n, p=[0.28, 0.47, 0.18, 0.05, 0.02])
    pupils["mother_education"] = rng.choice(_EDUCATION, n, p=[0.03, 0.22, 0.50, 0.18, 0.07])
    pupils["preschool"] = rng.random(n) < 0.93


def _add_health(
    rng: np.random.Generator, settings: PopulationSettings, pupils: pd.DataFrame
) -> None:
    n = len(pupils)
    disabled = rng.random(n) < settings.disability
    home = disabled & (rng.random(n) < settings.home_teaching_if_disabled)
    pupils["disability_type"] = np.where(disabled, rng.choice(_DISABILITIES, n), "0")
    pupils["disability_level"] = np.where(disabled, np.where(home, 1, rng.integers(2, 5, n)), 0)
    pupils["placement"] = np.select([home, disabled], ["home", "inclusive"], "regular")
    weak = rng.choice(["10", "20", "30"], n, p=[0.93, 0.055, 0.015])
    pupils["health_status"] = np.where(disabled, "50", weak)
    pupils["judicial"] = rng.random(n) < settings.judicial


def _add_learning(
    rng: np.random.Generator, settings: PopulationSettings, pupils: pd.DataFrame
) -> None:
    n = len(pupils)
    poor = pupils["poverty_type"].ne("none").to_numpy()
    ability = rng.normal(0, 1, n) - 0.25 * poor - 0.2 * pupils["over_age"].to_numpy()
    pupils["achievement"] = (ability - ability.mean()) / ability.std()
    pupils["anxiety"] = rng.normal(0, 1, n)
    # Who does badly hopes for less: twice the average share in the lower half, almost none above.
    tilt = np.exp(-0.9 * pupils["achievement"].to_numpy())
    low = rng.random(n) < settings.low_expectation * tilt / tilt.mean()
    hoped = rng.choice(["vocational", "senior", "college", "unknown"], n, p=[0.2, 0.25, 0.45, 0.1])
    pupils["expectation"] = np.where(low, "junior", hoped)
    pupils["prior_dropout"] = rng.random(n) < settings.prior_dropout
    talented = rng.random(n) < settings.talent
    pupils["talents"] = np.where(talented, rng.choice(_TALENTS, n), "")
    pupils["affinity"] = rng.random(n)


def _add_place(
    rng: np.random.Generator,
    settings: PopulationSettings,
    schools: Schools,
    pupils: pd.DataFrame,
) -> None:
    n = len(pupils)
    rural = np.array([spec.urban_rural == "village" for spec in schools.specs])
    pupils["distance_primary"] = np.round(rng.gamma(2.0, 0.7, n), 1)
    far = rng.gamma(2.0, np.where(rural[pupils["origin"]], 3.0, 1.4))
    pupils["distance_junior"] = np.round(far, 1)
    pupils["boards_in_junior"] = rng.random(n) < np.clip(far / 8, 0.05, 0.95)
    pupils["village_number"] = pupils["origin"] * 6 + rng.integers(0, 6, n)
    pupils["left_area_year"] = _first_year(rng, settings.transfer_out_per_year, pupils["cohort"])
    pupils["suspended_year"] = _first_year(rng, settings.suspension_per_year, pupils["cohort"])
    pupils["repeat_year"] = _first_year(rng, settings.repeat_per_year, pupils["cohort"])
    pupils["reclassed_year"] = _first_year(rng, settings.class_change_per_year, pupils["cohort"])
    joined = rng.random(n) < settings.transfer_in_share
    pupils["joined_year"] = np.where(joined, pupils["cohort"] + rng.integers(1, 9, n), 0)


def _first_year(rng: np.random.Generator, rate: float, cohort: pd.Series) -> np.ndarray:
    """School year in which something of a yearly rate first befalls a pupil; 9999 for never."""
    years = cohort.to_numpy() + rng.geometric(rate, len(cohort))
    return np.where(years < cohort + 9, years, 9999)
