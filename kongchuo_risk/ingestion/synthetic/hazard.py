"""The hidden truth: who leaves, when and how, and who is helped in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.enrolment import NEVER
from kongchuo_risk.ingestion.synthetic.population import Schools
from kongchuo_risk.ingestion.synthetic.presets import HazardSettings


@dataclass(frozen=True)
class Truth:
    """What a model may never see.

    Attributes
    ----------
    rows : DataFrame
        Beside the enrolment: ``log_odds``, ``hazard`` (per term), ``friends_left``,
        ``class_share_left``, ``prior_dropout`` at the start of the term; where a programme runs
        also ``hazard_without`` it.
    episodes : DataFrame
        ``row`` of the enrolment, ``pupil``, ``term``, ``kind`` gradual or sudden, ``day`` first day
        away, ``back`` first day back, ``ramp`` school days of warning before, ``outcome`` left,
        helped or wobble, ``confirmed``, ``at_term_start``, ``reached`` (somebody helped
        during the warning, whether or not it worked) and ``help_recorded``.
    """

    rows: pd.DataFrame
    episodes: pd.DataFrame


def simulate(
    rng: np.random.Generator,
    settings: HazardSettings,
    calendar: SchoolCalendar,
    schools: Schools,
    pupils: pd.DataFrame,
    enrolment: pd.DataFrame,
    relief: np.ndarray | None = None,
) -> Truth:
    """Term after term, so that those who left weigh on the friends and classes they leave.

    ``relief`` is the share of each enrolment row's hazard that a programme takes away.
    """
    fixed = _fixed_log_odds(rng, settings, schools, pupils, enrolment)
    away_until = np.zeros(len(pupils), dtype=int)
    ever_left = pupils["prior_dropout"].to_numpy().copy()
    left_here = np.zeros(len(pupils), dtype=bool)
    left_last_term = np.zeros(len(pupils), dtype=bool)
    truths, episodes = [], []
    for _, rows in enrolment.groupby("term", sort=True):
        state = _risk_of_term(settings, pupils, rows, fixed, ever_left, left_here, left_last_term)
        state["away"] = away_until[rows["pupil"]] > rows["start"].to_numpy()
        home = pupils["placement"].to_numpy()[rows["pupil"]] == "home"
        state.loc[state["away"] | rows["suspended"] | home, "hazard"] = 0.0
        if relief is not None:
            state["hazard_without"] = state["hazard"]
            state["hazard"] *= 1 - relief[rows.index]
        found = _episodes_of_term(rng, settings, calendar, rows, state)
        gone = found[found["outcome"] == "left"]
        left_last_term[:] = False
        left_last_term[gone["pupil"]] = True
        left_here |= left_last_term
        ever_left |= left_last_term
        away_until[gone["pupil"]] = gone["back"]
        truths.append(state)
        episodes.append(found)
    return Truth(pd.concat(truths), pd.concat(episodes, ignore_index=True))


def _fixed_log_odds(
    rng: np.random.Generator,
    settings: HazardSettings,
    schools: Schools,
    pupils: pd.DataFrame,
    enrolment: pd.DataFrame,
) -> np.ndarray:
    """What does not change from term to term within a class, one value per enrolment row."""
    own = (
        settings.achievement_per_sd * pupils["achievement"]
        + settings.over_age_per_year * pupils["over_age"]
        + settings.low_expectation * (pupils["expectation"] == "junior")
        + settings.poverty * (pupils["poverty_type"] != "none")
        + settings.mother_away * pupils["mother_away"]
        + settings.father_only_away * (pupils["father_away"] & ~pupils["mother_away"])
        + settings.parent_ill * pupils["parent_ill"]
        + settings.anxiety_per_sd * pupils["anxiety"]
        + rng.normal(0, settings.unobserved_sd, len(pupils))
    ).to_numpy()
    size = enrolment.groupby(["term", "class_number"])["pupil"].transform("size").to_numpy()
    pupil = enrolment["pupil"].to_numpy()
    weak_boarder = boards(schools, pupils, enrolment) & (
        pupils["achievement"].to_numpy()[pupil] < np.quantile(pupils["achievement"], 0.25)
    )
    return np.asarray(
        own[pupil]
        + settings.boarding_lowest_quartile * weak_boarder
        + settings.large_class * (size > 55)
        + schools.effect[enrolment["school"]]
    )


def boards(schools: Schools, pupils: pd.DataFrame, enrolment: pd.DataFrame) -> np.ndarray:
    """Whether each pupil of the enrolment boards in that term."""
    offers = np.array([spec.boarding for spec in schools.specs])[enrolment["school"]]
    wants = pupils["boards_in_junior"].to_numpy()[enrolment["pupil"]]
    return np.asarray(offers & wants & (enrolment["grade"].to_numpy() >= 7))


def _risk_of_term(
    settings: HazardSettings,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    fixed: np.ndarray,
    ever_left: np.ndarray,
    left_here: np.ndarray,
    left_last_term: np.ndarray,
) -> pd.DataFrame:
    pupil = rows["pupil"].to_numpy()
    friends = _friends_left(pupils, rows, left_here)
    log_odds = fixed[rows.index] + settings.prior_dropout * ever_left[pupil]
    log_odds = log_odds + settings.friend_left * friends.clip(max=settings.friends_counted)
    gone = pd.Series(left_last_term[pupil], index=rows.index)
    share = gone.groupby(rows["class_number"]).transform("mean").to_numpy()
    hazard = settings.contagion * share * ~left_last_term[pupil]
    for grades, yearly in _bands(settings):
        here = rows["grade"].isin(grades).to_numpy()
        if here.any():
            # Half of the year's rate falls on each term; what contagion brings is part of it.
            total = yearly / 2000
            base = max(total - hazard[here].mean(), (1 - settings.contagion) * total)
            hazard[here] += _with_mean(log_odds[here], base)
    return pd.DataFrame(
        {
            "log_odds": log_odds,
            "hazard": hazard.clip(0, 0.9),
            "friends_left": friends,
            "class_share_left": share,
            "prior_dropout": ever_left[pupil],
        },
        index=rows.index,
    )


def _bands(settings: HazardSettings) -> list[tuple[list[int], float]]:
    yearly = settings.suspected_per_1000_year
    return [(list(range(1, 7)), yearly["primary"])] + [([g], yearly[g]) for g in (7, 8, 9)]


def _with_mean(log_odds: np.ndarray, mean: float) -> np.ndarray:
    """Probabilities of ``log_odds`` shifted so that their mean is ``mean``."""
    shift = np.log(mean) - log_odds.mean()
    for _ in range(30):
        chance = 1 / (1 + np.exp(-(log_odds + shift)))
        shift -= np.log(chance.mean() / mean)
    return np.asarray(chance)


def _friends_left(pupils: pd.DataFrame, rows: pd.DataFrame, left: np.ndarray) -> np.ndarray:
    """How many of a pupil's close friends left: the three nearest in the class by affinity."""
    pupil, class_number = rows["pupil"].to_numpy(), rows["class_number"].to_numpy()
    order = np.lexsort((pupils["affinity"].to_numpy()[pupil], class_number))
    sorted_left = left[pupil[order]].astype(int)
    sorted_class = class_number[order]
    count = np.zeros(len(order), dtype=int)
    for step in (-1, 1, 2):
        same = np.roll(sorted_class, step) == sorted_class
        count += np.where(same, np.roll(sorted_left, step), 0)
    friends = np.empty_like(count)
    friends[order] = count
    return friends


def _episodes_of_term(
    rng: np.random.Generator,
    settings: HazardSettings,
    calendar: SchoolCalendar,
    rows: pd.DataFrame,
    state: pd.DataFrame,
) -> pd.DataFrame:
    """Draw the leavers, the helped and those whose trouble passes by itself."""
    hazard = state["hazard"].to_numpy()
    would_leave = hazard * (1 + settings.helped_per_leaver)
    draw = rng.random(len(rows))
    leaves = draw < hazard
    helped = ~leaves & (draw < would_leave)
    wobbles = ~leaves & ~helped & (rng.random(len(rows)) < hazard * settings.wobble_per_leaver)
    chosen = np.flatnonzero(leaves | helped | wobbles)
    outcome = np.select([leaves, helped], ["left", "helped"], "wobble")[chosen]
    episodes = rows.iloc[chosen][["pupil", "term", "start", "end"]].rename_axis("row").reset_index()
    episodes["outcome"] = outcome
    _shape(rng, settings, calendar, episodes)
    return episodes


def _shape(
    rng: np.random.Generator,
    settings: HazardSettings,
    calendar: SchoolCalendar,
    episodes: pd.DataFrame,
) -> None:
    """How each episode goes: with or without warning, on which day, for how long."""
    n = len(episodes)
    start, end = episodes["start"].to_numpy(), episodes["end"].to_numpy()
    sudden = (rng.random(n) >= settings.gradual_share) & (episodes["outcome"] == "left").to_numpy()
    at_start = sudden & (rng.random(n) < settings.start_of_term_if_sudden)
    ramp = np.where(sudden, 0, (rng.uniform(*settings.ramp_weeks, n) * 5).astype(int))
    ramp = np.minimum(ramp, np.maximum(end - start - 6, 0))
    earliest = start + ramp
    day = earliest + (rng.random(n) * np.maximum(end - 5 - earliest, 1)).astype(int)
    day = np.where(at_start, start, day)
    confirmed = rng.random(n) < settings.confirmed_share
    short, long = settings.suspected_days, settings.confirmed_days
    away = np.where(confirmed, rng.integers(*_whole(long), n), rng.integers(*_whole(short), n))
    never = confirmed & (rng.random(n) < settings.never_back_share)
    left = (episodes["outcome"] == "left").to_numpy()
    episodes["kind"] = np.where(sudden, "sudden", "gradual")
    episodes["at_term_start"] = at_start
    episodes["day"] = day
    episodes["back"] = np.select([~left, never], [day, NEVER], day + away)
    episodes["ramp"] = ramp
    episodes["confirmed"] = confirmed & left
    episodes["reached"] = _reached(rng, settings, episodes)
    recorded = rng.random(n) < settings.help_recorded_share
    episodes["help_recorded"] = episodes["reached"] & recorded


def _reached(
    rng: np.random.Generator, settings: HazardSettings, episodes: pd.DataFrame
) -> np.ndarray:
    """Who was helped: teachers see a warning, not how it would end, and help works only in part."""
    chance = np.select(
        [episodes["outcome"] == "helped", episodes["ramp"] == 0, episodes["outcome"] == "left"],
        [1.0, 0.0, settings.reached_of_gradual_leavers],
        settings.help_reach,
    )
    return rng.random(len(episodes)) < chance


def _whole(bounds: tuple[float, float]) -> tuple[int, int]:
    return int(bounds[0]), int(bounds[1]) + 1
