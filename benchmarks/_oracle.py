"""What a perfect observer of a synthetic county would give as each pupil's chance on a day.

The observer knows the simulation's parameters, every pupil's hidden hazard of the term, and in what
state the pupil is on the day: nothing has begun, trouble is building up (even when no absence shows
it yet), trouble has passed, or the pupil is already staying away. It does not know what has not
been decided by anything on that day: which calm pupils will begin to waver, whether a wavering
pupil will leave, be kept by somebody's help or recover, and when. No list made on that day can be
expected to find more, whatever it learns from, apart from the luck of the draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks._synthetic_county import SyntheticCounty, profile
from kongchuo_risk.domain.calendar import next_term
from kongchuo_risk.ingestion.synthetic.presets import HazardSettings


def true_chance(county: SyntheticCounty, rows: pd.DataFrame) -> np.ndarray:
    """Chance of each row's pupil to have the event within the horizon, shape (n_rows,).

    The event of the county rules is: away without leave for ``suspect_after_days`` school days, or
    not back when the next term begins, from the day after the list to the second week of the next
    term. A pupil who leaves in this term always gets there. Next term's hazard is not settled on
    the day; this term's stands for it, in the proportion of the two grades' rates. As contagion
    does not last, the chances lie a little too far apart (``docs/cold-start.md``).
    """
    state = _states(county, rows)
    hidden, hazard = county.settings.hazard, state["hazard"].to_numpy()
    leaves = np.select(
        [state["away"], state["passed"], state["building"]],
        [1.0, 0.0, _leaves_if_building(hidden, hazard)],
        _leaves_if_calm(hidden, hazard, state),
    )
    # Who left once this term and came back is more likely to leave again.
    first_time = (state["outcome"] == "left") & ~state["prior_dropout"].eq(True)
    again = np.where(state["passed"] & first_time, hidden.prior_dropout, 0.0)
    later = hazard * np.exp(again) * _next_term(county, state, hidden)
    # A pupil who has moved away can stand on the roster for some days more, without a hazard.
    return np.nan_to_num(leaves + (1 - leaves) * later)


def hidden_hazard(county: SyntheticCounty, rows: pd.DataFrame) -> np.ndarray:
    """What is known of each pupil when the term begins: the hidden chance to leave in it."""
    return np.nan_to_num(_states(county, rows)["hazard"].to_numpy(dtype=float))


def _states(county: SyntheticCounty, rows: pd.DataFrame) -> pd.DataFrame:
    """Hazard of the term, its first and last day, and where the pupil stands on the row's day."""
    terms = county.pupil_terms[
        ["student_id", "term", "start", "end", "grade", "hazard", "prior_dropout"]
    ]
    episodes = county.episodes.assign(
        first_away=np.searchsorted(county.teaching, county.episodes["day"].to_numpy("M8[D]"))
    ).set_index("row")[["first_away", "ramp", "back", "outcome"]]
    keys = rows[["student_id", "term"]].astype("str")
    state = keys.merge(
        terms.astype({"student_id": "str", "term": "str"}).join(episodes),
        on=["student_id", "term"], how="left", validate="many_to_one",
    )  # fmt: skip
    day = np.searchsorted(county.teaching, rows["as_of"].to_numpy("M8[D]"), side="right") - 1
    begun = (state["first_away"] - state["ramp"] <= day).to_numpy()
    reached = (state["first_away"] <= day).to_numpy()
    state["day"] = day
    state["away"] = reached & (state["outcome"] == "left").to_numpy() & (state["back"] > day)
    state["passed"] = reached & ~state["away"]
    state["building"] = begun & ~reached
    return state


def _leaves_if_building(hidden: HazardSettings, hazard: np.ndarray) -> np.ndarray:
    """Of the pupils whose trouble builds up: those who will leave; how long it lasts tells nothing.

    Leavers, helped and recovering pupils draw the length of the warning in the same way.
    """
    leaving = hidden.gradual_share * hazard
    return np.asarray(leaving / np.maximum(leaving + _without_leaving(hidden, hazard), 1e-12))


def _without_leaving(hidden: HazardSettings, hazard: np.ndarray) -> np.ndarray:
    """Chance of trouble that ends without leaving: by help, or by itself."""
    helped = hazard * hidden.helped_per_leaver
    return np.asarray(helped + (1 - hazard - helped) * hazard * hidden.wobble_per_leaver)


def _leaves_if_calm(hidden: HazardSettings, hazard: np.ndarray, state: pd.DataFrame) -> np.ndarray:
    """Chance to leave in what remains of the term, given that nothing has begun by the day."""
    gradual, sudden = _not_begun(hidden, state)
    in_ramps = hidden.gradual_share * hazard
    at_once = (1 - hidden.gradual_share) * hazard
    other = _without_leaving(hidden, hazard)
    ahead = in_ramps * gradual + at_once * sudden
    calm = 1 - (in_ramps + other) * (1 - gradual) - at_once * (1 - sudden)
    return np.asarray(ahead / calm)


def _not_begun(hidden: HazardSettings, state: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Share of gradual and of sudden episodes of a term that begin only after the day."""
    start, end, day = (state[name].to_numpy(dtype=float) for name in ("start", "end", "day"))
    gone_by = day - start + 1
    low, high = hidden.ramp_weeks
    lengths = np.minimum(
        np.arange(int(low * 5), int(high * 5))[:, None], np.maximum(end - start - 6, 0)
    )
    gradual = np.clip(1 - gone_by / np.maximum(end - 5 - start - lengths, 1), 0, 1).mean(axis=0)
    within = np.clip(1 - gone_by / np.maximum(end - 5 - start, 1), 0, 1)
    return gradual, (1 - hidden.start_of_term_if_sudden) * within


@dataclass(frozen=True)
class _Opening:
    """The part of a term that still belongs to the horizon of the term before."""

    days: int
    """School days in it."""
    length: int
    """School days of the whole term."""

    def share(self, hidden: HazardSettings, away_days: int) -> float:
        """Of the leavers of the term: those whose event falls in the opening; all are sudden."""
        by_then = max(self.days - away_days + 1, 0) / max(self.length - 5, 1)
        at_start = hidden.start_of_term_if_sudden
        return (1 - hidden.gradual_share) * (at_start + (1 - at_start) * by_then)


def _next_term(county: SyntheticCounty, state: pd.DataFrame, hidden: HazardSettings) -> np.ndarray:
    """What this term's hazard is multiplied with to get the chance of the horizon's last weeks."""
    rules = profile().outcome
    yearly = {**dict.fromkeys(range(1, 7), hidden.suspected_per_1000_year["primary"])}
    yearly |= {grade: hidden.suspected_per_1000_year[grade] for grade in (7, 8, 9)}
    factor = np.zeros(len(state))
    for term, part in state.groupby("term"):
        opening = _opening(county, next_term(str(term)), rules.weeks_into_next_term)
        share = opening.share(hidden, rules.suspect_after_days)
        grade = part["grade"]
        after = grade + 1 if str(term).endswith("2") else grade
        rates = after.map(yearly).fillna(0.0) / grade.map(yearly)
        factor[part.index] = share * rates
    return factor


def _opening(county: SyntheticCounty, term: str, weeks: int) -> _Opening:
    rows = county.pupil_terms[county.pupil_terms["term"] == term]
    first, last = int(rows["start"].min()), int(rows["end"].max())
    reopening = county.teaching[first]
    # Day number 4 was a Monday.
    monday = reopening - (int(reopening.astype(int)) - 4) % 7
    end = np.searchsorted(county.teaching, monday + 7 * weeks)
    return _Opening(int(end) - first, last - first)
