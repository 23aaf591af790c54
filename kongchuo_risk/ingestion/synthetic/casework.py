"""What adults saw and did: observations, discipline, screening, aid, visits, measures."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.presets import CaseworkSettings

_WARNINGS = ("aversion", "intends_to_leave", "work_intent", "low_mood", "gaming", "peer_left",
             "bad_company", "parent_wants_out", "runaway", "early_marriage")  # fmt: skip
_WARNING_SHARES = (0.33, 0.15, 0.12, 0.12, 0.11, 0.04, 0.05, 0.03, 0.03, 0.02)
_EVERYDAY = ("aversion", "low_mood", "gaming", "family_event", "improved", "interest", "bullied",
             "bad_company", "runaway", "early_marriage")  # fmt: skip
_EVERYDAY_SHARES = (0.11, 0.13, 0.15, 0.08, 0.21, 0.24, 0.03, 0.03, 0.01, 0.01)
_ONLY_IN_JUNIOR = ("work_intent", "early_marriage")
_BEHAVIOURS = ("truancy", "fight", "disrespect", "phone", "smoking", "order", "other")
_MEASURES = ("心理帮扶", "兴趣班", "一帮一", "资助", "家访", "留守之家")
_ATTITUDES = ("willing", "hesitant", "unwilling")
_ATTITUDES_IN_TROUBLE = (0.5, 0.35, 0.15)
_AID_PER_TERM = {"boarding_subsidy": 625.0, "day_subsidy": 312.5}


def build_observations(
    rng: np.random.Generator,
    settings: CaseworkSettings,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    episodes: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``observations``: part of the ramps are noticed, and much that leads nowhere."""
    ramp = episodes[(episodes["ramp"] > 0) & (rng.random(len(episodes)) < settings.ramp_noticed)]
    day = ramp["day"] - (ramp["ramp"] * rng.random(len(ramp)) * 0.8).astype(int)
    noticed = _dated(calendar, pupils, ramp["pupil"], day)
    noticed["tag"] = rng.choice(_WARNINGS, len(noticed), p=_WARNING_SHARES)
    noticed["level"] = rng.choice(["1", "2", "3"], len(noticed), p=[0.3, 0.5, 0.2])
    better = episodes[episodes["outcome"].ne("left") & (rng.random(len(episodes)) < 0.3)]
    recovered = _dated(calendar, pupils, better["pupil"], better["day"] + 5)
    recovered["tag"], recovered["level"] = "improved", ""
    everyday = _random_days(rng, calendar, pupils, rows, settings.background_observation)
    everyday["tag"] = rng.choice(_EVERYDAY, len(everyday), p=_EVERYDAY_SHARES)
    everyday["level"] = rng.choice(["1", "2", ""], len(everyday))
    table = pd.concat([noticed, recovered, everyday], ignore_index=True)
    in_junior = pupils["student_key"].iloc[rows.loc[rows["grade"] >= 7, "pupil"].unique()]
    too_young = ~table["student_key"].isin(in_junior)
    table.loc[too_young & table["tag"].isin(_ONLY_IN_JUNIOR), "tag"] = "aversion"
    return table.drop_duplicates(["student_key", "day", "tag"])


def build_behaviour(
    rng: np.random.Generator,
    settings: CaseworkSettings,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    episodes: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``behaviour``: discipline, more often during a ramp."""
    everyday = _random_days(rng, calendar, pupils, rows, settings.background_behaviour)
    ramp = episodes[(episodes["ramp"] > 0) & (rng.random(len(episodes)) < 0.25)]
    troubled = _dated(calendar, pupils, ramp["pupil"], ramp["day"] - 1)
    table = pd.concat([everyday, troubled], ignore_index=True)
    table["behaviour"] = rng.choice(_BEHAVIOURS, len(table))
    table["level"] = rng.choice(["1", "2", "3"], len(table), p=[0.6, 0.3, 0.1])
    return table.drop_duplicates(["student_key", "day", "behaviour"])


def build_screening(
    rng: np.random.Generator, calendar: SchoolCalendar, pupils: pd.DataFrame, rows: pd.DataFrame
) -> pd.DataFrame:
    """The table ``psych_screen``: once each autumn in junior high."""
    autumn = np.array([term.endswith("1") for term in calendar.terms])[rows["term"]]
    asked = rows[autumn & (rows["grade"] >= 7).to_numpy() & (rng.random(len(rows)) < 0.95)]
    table = _dated(calendar, pupils, asked["pupil"], calendar.starts[asked["term"]] + 25)
    anxiety = pupils["anxiety"].to_numpy()[asked["pupil"]] + rng.normal(0, 0.5, len(asked))
    level = np.select([anxiety > 2.0, anxiety > 1.2], ["priority", "watch"], "normal")
    known = (calendar.starts[asked["term"]] + 25) < calendar.known_days
    return table.assign(instrument="合成心理筛查量表", screen_level=level[known])


def build_aid(
    rng: np.random.Generator,
    settings: CaseworkSettings,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    boarding: np.ndarray,
) -> pd.DataFrame:
    """The table ``aid``: living subsidies of the entitled; some entitled pupils get none."""
    poverty = pupils["poverty_type"].to_numpy()[rows["pupil"]]
    left_out = (rng.random(len(pupils)) < settings.eligible_unaided)[rows["pupil"]]
    start = rows["start"].to_numpy()
    entitled = (poverty != "none") & ~left_out & (start + 20 < calendar.known_days)
    rows, poverty, start = rows[entitled], poverty[entitled], start[entitled]
    item = np.where(boarding[entitled], "boarding_subsidy", "day_subsidy")
    applied = calendar.teaching[start + rng.integers(3, 20, len(rows))].astype("M8[s]")
    paid = pd.Series(applied + rng.integers(30, 80, len(rows)).astype("m8[D]"))
    return pd.DataFrame(
        {
            "student_key": pupils["student_key"].to_numpy()[rows["pupil"]],
            "term": np.array(calendar.terms)[rows["term"]],
            "basis": poverty,
            "item": item,
            "amount": pd.Series(item).map(_AID_PER_TERM).to_numpy(),
            "applied_on": applied,
            "paid_on": paid.where(paid <= calendar.records_end),
        }
    )


def build_visits(
    rng: np.random.Generator,
    settings: CaseworkSettings,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    episodes: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``visits``: to pupils who stay away, to those in trouble, and routine visits."""
    left = episodes["outcome"].eq("left") & (rng.random(len(episodes)) < settings.case_visited)
    cases = episodes[left]
    case_day = cases["day"] + rng.integers(1, 5, len(cases))
    case = _dated(calendar, pupils, cases["pupil"], case_day)
    soon = (cases["back"] - case_day < 4)[case_day < calendar.known_days].to_numpy()
    met = rng.random(len(case)) < 0.8
    case["met_student"], case["met_guardian"] = met, rng.random(len(case)) < 0.85
    case["attitude"] = np.where(soon, "willing", rng.choice(["hesitant", "unwilling"], len(case)))
    case["result"] = np.select(
        [~met, soon], ["not_met", "promised"], rng.choice(["refused", "not_returned"], len(case))
    )
    troubled = _in_the_ramp(rng, calendar, pupils, _reached(rng, episodes, settings.help_visited))
    troubled["met_student"], troubled["met_guardian"] = True, rng.random(len(troubled)) < 0.8
    troubled["attitude"] = rng.choice(_ATTITUDES, len(troubled), p=_ATTITUDES_IN_TROUBLE)
    troubled["result"] = "routine"
    routine = _random_days(rng, calendar, pupils, rows, settings.routine_visit)
    routine["met_student"], routine["met_guardian"] = True, rng.random(len(routine)) < 0.9
    routine["attitude"], routine["result"] = "willing", "routine"
    table = pd.concat([case, troubled, routine], ignore_index=True)
    table["visit_mode"] = rng.choice(["home", "phone", "online"], len(table), p=[0.6, 0.3, 0.1])
    return table.drop_duplicates(["student_key", "day", "visit_mode"])


def build_measures(
    rng: np.random.Generator,
    settings: CaseworkSettings,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    episodes: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``measures_delivered``: recorded help, whether or not it worked or was needed."""
    helped = _in_the_ramp(rng, calendar, pupils, episodes[episodes["help_recorded"]])
    lean = np.exp(0.8 * (rows["log_odds"] - rows["log_odds"].mean())).clip(upper=6)
    others = _random_days(rng, calendar, pupils, rows, settings.routine_measure * lean.to_numpy())
    table = pd.concat([helped, others], ignore_index=True).rename(columns={"day": "started_on"})
    table["measure"] = rng.choice(_MEASURES, len(table))
    table["sessions"] = rng.integers(1, 9, len(table))
    return table.drop_duplicates(["student_key", "measure", "started_on"])


def _reached(rng: np.random.Generator, episodes: pd.DataFrame, share: float) -> pd.DataFrame:
    return episodes[episodes["reached"].to_numpy() & (rng.random(len(episodes)) < share)]


def _in_the_ramp(
    rng: np.random.Generator,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    episodes: pd.DataFrame,
) -> pd.DataFrame:
    """A day of each episode's warning, before the pupil leaves or the trouble passes."""
    before = 1 + (episodes["ramp"] * rng.random(len(episodes)) * 0.9).astype(int)
    return _dated(calendar, pupils, episodes["pupil"], episodes["day"] - before)


def _dated(
    calendar: SchoolCalendar, pupils: pd.DataFrame, pupil: pd.Series, day: pd.Series | np.ndarray
) -> pd.DataFrame:
    """Pupils and days as they are written; days after the end of the records are dropped."""
    numbers = np.asarray(day)
    known = numbers < calendar.known_days
    return pd.DataFrame(
        {
            "student_key": pupils["student_key"].to_numpy()[pupil.to_numpy()[known]],
            "day": calendar.teaching[numbers[known]].astype("M8[s]"),
        }
    )


def _random_days(
    rng: np.random.Generator,
    calendar: SchoolCalendar,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    chance: float | np.ndarray,
) -> pd.DataFrame:
    """A random day of the term for a random share of the enrolment."""
    chosen = rows[(rng.random(len(rows)) < chance) & (rows["end"] > rows["start"]).to_numpy()]
    length = (chosen["end"] - chosen["start"]).to_numpy()
    day = chosen["start"].to_numpy() + (rng.random(len(chosen)) * length).astype(int)
    return _dated(calendar, pupils, chosen["pupil"], day)
