"""Many draws of a synthetic county with a measure of known effect, at the level of the hazard.

Pupils, schools and enrolment are built once; every draw deals out the schools' own risk, who begins
when, and who leaves anew. The true effect of a draw is the mean over the pupil-terms in question of
the hidden hazard with the measure minus the one without, whatever then happens by chance.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from kongchuo_risk.effects import margins
from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar, build_calendar
from kongchuo_risk.ingestion.synthetic.enrolment import build_enrolment
from kongchuo_risk.ingestion.synthetic.hazard import Truth, simulate
from kongchuo_risk.ingestion.synthetic.population import Schools, build_pupils, build_schools
from kongchuo_risk.ingestion.synthetic.presets import (
    HazardSettings,
    ProgrammeSettings,
    load_synthetic,
)
from kongchuo_risk.ingestion.synthetic.programme import Programme, build_programme

MEASURE = "一帮一"
STARTS = {"2024-2025-1": 0.3, "2025-2026-1": 0.3}
"""Of the terms from 2023-2024-1 to 2025-2026-2: three in ten schools begin in the third, three in
ten in the fifth, the rest never."""
FALLING = 0.9
"""Everywhere fewer leave from term to term; comparing before and after takes it for an effect."""
LIST_SHARE = 0.10
SCORE_NOISE_SD = 0.7
"""What a model does not know, on the log-odds."""
OTHERS_HELPED = 0.03
"""Of the pupils who are not on the list."""


@dataclass(frozen=True)
class World:
    """Everything that is the same in all draws."""

    hazard: HazardSettings
    calendar: SchoolCalendar
    schools: Schools
    pupils: pd.DataFrame
    enrolment: pd.DataFrame


@dataclass(frozen=True)
class Draw:
    """What happened once, and the true effect.

    Attributes
    ----------
    rows : DataFrame
        What :func:`kongchuo_risk.effects.estimate_phased` or ``estimate_threshold`` reads.
    truth : float
    """

    rows: pd.DataFrame
    truth: float


def build_world(repeat: int, seed: int = 7, *, contagion: bool = False) -> World:
    """``repeat`` areas of the preset 学区: 12 schools, 5,500 pupils and six terms each.

    Without contagion nobody's help changes anybody else's risk, as both designs suppose; the effect
    is then exactly the change of the treated pupils' own hazard.
    """
    settings = load_synthetic()
    preset = settings.preset("学区").model_copy(update={"repeat": repeat})
    hazard = settings.hazard
    if not contagion:
        hazard = hazard.model_copy(update={"contagion": 0.0, "friend_left": 0.0})
    rng = np.random.default_rng(seed)
    calendar = build_calendar(settings.calendar, preset)
    schools = build_schools(rng, preset, hazard.school_sd)
    pupils = build_pupils(rng, settings.population, schools, calendar.years())
    return World(hazard, calendar, schools, pupils, build_enrolment(rng, calendar, schools, pupils))


def draw_phased(world: World, seed: int, *, works: float = 0.5, reach: float = 0.8) -> Draw:
    """A programme that begins in steps, and the panel that it leaves."""
    rng = np.random.default_rng(seed)
    schools = _other_schools(world, rng)
    settings = ProgrammeSettings(
        measure=MEASURE, works=works, reach=reach, sessions=(4, 8), starts=STARTS
    )
    programme = build_programme(rng, settings, world.calendar, schools, world.enrolment)
    truth = simulate(
        rng, world.hazard, world.calendar, schools, world.pupils, world.enrolment,
        relief=programme.relief,
    )  # fmt: skip
    rows = world.enrolment.join(truth.rows[["hazard", "hazard_without"]])
    rows = rows.assign(delivered=programme.takes_part, outcome=_left(truth, len(rows)))
    return _panel(rows[rows["hazard_without"] > 0], programme, rng)


def draw_lists(world: World, seed: int, *, works: float = 0.5, reach: float = 0.8) -> Draw:
    """The first list of every term, a tenth of each school long; who is on it may be helped."""
    rng = np.random.default_rng(seed)
    schools = _other_schools(world, rng)
    truth = simulate(rng, world.hazard, world.calendar, schools, world.pupils, world.enrolment)
    rows = world.enrolment.join(truth.rows[["hazard"]])
    rows = rows[rows["hazard"] > 0].reset_index(drop=True)
    noise = rng.normal(0, SCORE_NOISE_SD, len(rows))
    rows["log_odds"] = np.log(rows["hazard"]) + noise
    rows["school_code"] = rows["school"].astype("str")
    by_list = rows.groupby(["term", "school"])["log_odds"]
    places = np.floor(by_list.transform("size") * LIST_SHARE)
    rows["listed"] = by_list.rank(ascending=False, method="first") <= places
    chance = np.where(rows["listed"], reach, OTHERS_HELPED)
    rows["delivered"] = rng.random(len(rows)) < chance
    left = rng.random(len(rows)) < rows["hazard"] * (1 - works * rows["delivered"])
    rows["outcome"] = left.astype(float)
    cut = pd.concat([margins(part) for _, part in rows.groupby("term")], ignore_index=True)
    each = -cut["hazard"] * works * (reach - OTHERS_HELPED)
    return Draw(cut, _at_the_line(cut["margin"].to_numpy(), each.to_numpy()))


def starts_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Starts as they were dealt out; finding them in the deliveries is another matter."""
    first = rows[rows["begun"]].groupby("unit")["period"].min()
    units = pd.Index(rows["unit"].unique())
    return pd.DataFrame({"start": first.reindex(units), "stop": np.nan}, index=units)


def before_and_after(rows: pd.DataFrame) -> float:
    """The naive figure: schools that began, after against before."""
    began = rows[rows["unit"].isin(rows.loc[rows["begun"], "unit"])]
    means = began.groupby("begun")["outcome"].mean()
    return float(means[True] - means[False])


def two_way_fixed_effects(rows: pd.DataFrame) -> float:
    """One coefficient for "has begun" beside unit and period effects."""
    import statsmodels.formula.api as smf

    by_cell = rows.groupby(["unit", "stratum", "period", "begun"], observed=True)["outcome"]
    cells = by_cell.agg(["mean", "size"]).reset_index()
    cells["key"] = 100 * cells["stratum"] + cells["period"]
    cells["begun"] = cells["begun"].astype(float)
    # The periods of a stratum sum to its units: one of them is redundant, which pinv settles.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = smf.wls("mean ~ begun + C(unit) + C(key)", cells, weights=cells["size"]).fit()
    return float(fit.params["begun"])


def _other_schools(world: World, rng: np.random.Generator) -> Schools:
    effect = rng.normal(0, world.hazard.school_sd, len(world.schools.specs))
    return replace(world.schools, effect=effect)


def _left(truth: Truth, rows: int) -> np.ndarray:
    left = np.zeros(rows)
    left[truth.episodes.loc[truth.episodes["outcome"] == "left", "row"]] = 1.0
    return left


def _panel(rows: pd.DataFrame, programme: Programme, rng: np.random.Generator) -> Draw:
    junior = (rows["grade"] >= 7).astype("int64")
    kept = FALLING ** rows["term"].to_numpy()
    begun = (rows["term"] >= programme.starts[rows["school"]]).to_numpy()
    panel = pd.DataFrame(
        {
            "unit": 2 * rows["school"] + junior,
            "cluster": rows["school"],
            "stratum": junior,
            "period": rows["term"],
            "outcome": rows["outcome"] * (rng.random(len(rows)) < kept),
            "delivered": rows["delivered"],
            "begun": begun,
        }
    )
    each = (rows["hazard"] - rows["hazard_without"]) * kept
    return Draw(panel, float(each[begun].mean()))


def _at_the_line(margin: np.ndarray, each: np.ndarray, width: float = 0.3) -> float:
    """The mean true effect of those exactly at the line, by a straight line through its sides."""
    near = np.abs(margin) < width
    weight = np.sqrt(1 - np.abs(margin[near]) / width)
    return float(np.polyfit(margin[near], each[near], 1, w=weight)[1])
