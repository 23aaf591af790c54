"""What ranks best in a school without a history of its own, by size of school and terms it has.

Synthetic counties of schools with about 300, 1,500 and 5,000 pupils in grades 1 to 9. One half of a
county is the county that a model has learned from, the other half's schools are newcomers with 0,
1, 2 or 4 past terms; then the halves change places. Judged is the list of a tenth of each school in
the following term by the share of the true chances on it (``benchmarks/_oracle.py``): what the list
would find on average over all ways the term could go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from benchmarks._oracle import true_chance
from benchmarks._synthetic_county import inputs, peak_mb, scores_of, synthetic_county, trained
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation.listing import list_sizes, listed_share
from kongchuo_risk.training.anchoring import anchor_weight, known_events, mixed
from kongchuo_risk.training.candidates import train_candidate
from kongchuo_risk.training.derived import ANCHORED, BLEND, POOLED, SCORECARD
from kongchuo_risk.training.pooling import fit_pooled

SEEDS = (2, 3)
AREAS = 2
"""Halves of a county; each has 11 schools and about 10,400 pupils."""
HISTORIES = (0, 1, 2, 4)
SHARE = 0.10
RESAMPLES = 1_000
SIZES = {"300": (0, 700), "1,500": (700, 3_000), "5,000": (3_000, 10**6)}
"""Pupils of a school of each size, from and below."""
RANKED_WITHOUT_TERMS = ("county", "county, anchored")
RANKED_WITH_TERMS = ("own", "own, anchored")
"""A school effect never changes the order within a school, so it is judged elsewhere."""
_TERMS = [
    "2023-2024-1", "2023-2024-2", "2024-2025-1", "2024-2025-2", "2025-2026-1", "2025-2026-2",
]  # fmt: skip
_PER_AREA = {"300": 8, "1,500": 2, "5,000": 1}
_CLASSES = {"300": (1, 33), "1,500": (4, 42), "5,000": (12, 46)}
"""Parallel classes per grade and pupils in a class; all schools have nine grades."""


@dataclass(frozen=True)
class _Half:
    """Newcomers of one half, as the county of the other half sees them.

    Attributes
    ----------
    past, test : FeatureMatrix
        Their own terms before the test term, and the test term.
    models : mapping of str to RiskModel
        Learned on the other half; no newcomer has an effect yet.
    """

    past: FeatureMatrix
    test: FeatureMatrix
    models: Mapping[str, RiskModel]


def run(quick: bool) -> list[dict[str, Any]]:
    """Share of the true chances on the list, by size of school, history and what ranks."""
    tables = []
    for seed in SEEDS[: 1 if quick else None]:
        for number, table in enumerate(_one_county(seed)):
            tables.append(table.assign(draw=f"{seed}-{number}"))
    whole = pd.concat(tables, ignore_index=True)
    return [*_ranking_rows(whole), *_probability_rows(whole)]


def _one_county(seed: int) -> Iterator[pd.DataFrame]:
    county = synthetic_county("冷启动", seed, days_per_term=2, presets={"冷启动": _preset()})
    rows = county.matrix.rows
    half = pd.factorize(rows["school_code"].astype("str"), sort=True)[0] // _area_size()
    for mine in (0, 1):
        newcomers = _half(county.matrix, half == mine)
        yield _compared(newcomers, true_chance(county, newcomers.test.rows))


def _preset() -> dict[str, Any]:
    schools = [
        {
            "name": f"合成{size.replace(',', '')}人学校{number + 1}", "type": "nine_year",
            "urban_rural": "town", "township": "合成甲镇", "boarding": True,
            "sections": _CLASSES[size][0], "class_size": _CLASSES[size][1],
        }
        for size, count in _PER_AREA.items()
        for number in range(count)
    ]  # fmt: skip
    return {
        "terms": _TERMS, "records_end": "2026-04-30", "students_as": "csv", "repeat": AREAS,
        "schools": schools,
    }  # fmt: skip


def _area_size() -> int:
    return sum(_PER_AREA.values())


def _half(matrix: FeatureMatrix, mine: np.ndarray) -> _Half:
    term = matrix.rows["term"].astype("str")
    newest = (term == term.max()).to_numpy()
    return _Half(
        past=matrix.take(mine & ~newest),
        test=matrix.take(mine & newest),
        models=trained(matrix.take(~mine & ~newest)),
    )


def _compared(half: _Half, true: np.ndarray) -> pd.DataFrame:
    """One row per school, history and model."""
    scores, before = scores_of(half.models, half.test), scores_of(half.models, half.past)
    tables = []
    for terms in HISTORIES:
        recent = _recent(half.past, terms)
        own, own_anchored, events = _own(half, recent, scores[SCORECARD])
        newcomers = half.past.take(recent)
        pooled = fit_pooled(
            POOLED, half.models[ANCHORED], newcomers.rows, before[ANCHORED][recent],
            np.asarray(newcomers.y),
        )  # fmt: skip
        compared = {
            SCORECARD: scores[SCORECARD], "own": own, "own, anchored": own_anchored,
            "county": scores[BLEND], "county, anchored": scores[ANCHORED],
            "county, anchored and pooled": pooled.shifted(scores[ANCHORED], half.test.rows),
        }  # fmt: skip
        for name, log_odds in compared.items():
            table = _by_school(half.test, log_odds, true).assign(model=name, terms=terms)
            tables.append(table.assign(events=table["school"].map(events)))
    return pd.concat(tables, ignore_index=True)


def _recent(past: FeatureMatrix, terms: int) -> np.ndarray:
    """Mask of the last ``terms`` terms of the past."""
    term = past.rows["term"].astype("str")
    return np.asarray(term.isin(sorted(term.unique())[len(term.unique()) - terms :]))


def _own(
    half: _Half, recent: np.ndarray, card: np.ndarray
) -> tuple[np.ndarray, np.ndarray, dict[str, float]]:
    """Each school ranked by what it can learn alone: the scorecard where that is nothing.

    Returns
    -------
    log-odds of the own model, of the own model anchored, and known events by school
    """
    own, anchored, events = card.copy(), card.copy(), {}
    here = half.test.rows["school_code"].astype("str").to_numpy()
    there = half.past.rows["school_code"].astype("str").to_numpy()
    for school in np.unique(here):
        mine = here == school
        history = half.past.take(recent & (there == school))
        events[school] = known_events(history)
        model = _learned(history)
        if model is not None:
            own[mine] = model.log_odds(half.test.take(mine))
            anchored[mine] = mixed(own[mine], card[mine], anchor_weight(events[school]))
    return own, anchored, events


def _learned(history: FeatureMatrix) -> RiskModel | None:
    known = inputs(history)
    try:
        return train_candidate(
            BLEND, history, catalogue=known.catalogue,
            settings=known.settings, scorecard=known.scorecard,
        )  # fmt: skip
    except NotReadyError:
        return None


def _by_school(test: FeatureMatrix, log_odds: np.ndarray, true: np.ndarray) -> pd.DataFrame:
    """Sums by school: true chances, those on its list, and what the model expects.

    ``found_together`` counts those on one list over all schools, of the same length in all.
    """
    sizes = list_sizes(test.rows, SHARE)
    together = test.rows.assign(school_code="all")
    places = together.groupby("as_of")["school_code"].transform("size").to_numpy() * SHARE
    parts = pd.DataFrame(
        {
            "school": test.rows["school_code"].astype("str"),
            "pupils": 1.0 / test.rows["as_of"].nunique(),
            "true": true,
            "found": true * listed_share(log_odds, test.rows, sizes),
            "found_together": true * listed_share(log_odds, together, places),
            "expected": expit(log_odds),
        }
    )
    return parts.groupby("school").sum().reset_index()


def _ranking_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Share of the true chances found, beside the scorecard's, by size and history."""
    for size, (least, below) in SIZES.items():
        mine = table[table["pupils"].between(least, below, inclusive="left")]
        for (terms, model), part in mine.groupby(["terms", "model"], sort=False):
            # Without terms there is no own model, and the county's does not depend on them.
            if model not in (RANKED_WITHOUT_TERMS if terms == 0 else RANKED_WITH_TERMS):
                continue
            card = mine[(mine["terms"] == terms) & (mine["model"] == "scorecard")]
            name = f"list of a school of {size}, {terms} own terms: {model}"
            yield _row(name, *_beside(part, card), events=part["events"].mean())


def _beside(part: pd.DataFrame, card: pd.DataFrame) -> tuple[float, float, tuple[float, float]]:
    """Both shares, and a 95 % interval of their difference over schools."""
    both = part.merge(card, on=["draw", "school"], suffixes=("", "_card"))
    drawn = np.random.default_rng(0).multinomial(
        len(both), np.full(len(both), 1 / len(both)), size=RESAMPLES
    )
    whole = drawn @ both["true"].to_numpy()
    gain = (drawn @ (both["found"] - both["found_card"]).to_numpy()) / whole
    low, high = np.quantile(gain, [0.025, 0.975])
    found, by_card = (both[name].sum() / both["true"].sum() for name in ("found", "found_card"))
    return float(found), float(by_card), (float(low), float(high))


def _row(
    name: str, ours: float, theirs: float, gain: tuple[float, float], *, events: float
) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 3),
        "theirs": round(theirs, 3),
        "ratio": round(ours / theirs, 3),
        "unit": f"scorecard + {gain[0]:+.3f} to {gain[1]:+.3f}; {events:.0f} events",
        "peak_mb": peak_mb(),
        "rows": None,
    }


def _probability_rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """What a school effect changes: the number expected in a school, and a list over all schools.

    The first is the factor by which the expected number is off the true one, in the typical
    (geometric mean) school.
    """
    with_effect, without = "county, anchored and pooled", "county, anchored"
    for size, (least, below) in SIZES.items():
        mine = table[table["pupils"].between(least, below, inclusive="left")]
        for terms in HISTORIES[1:]:
            off = {
                model: float(np.exp(np.abs(np.log(part["expected"] / part["true"])).mean()))
                for model, part in mine[mine["terms"] == terms].groupby("model")
            }
            name = f"expected number is off by, school of {size}, {terms} own terms: pooled"
            yield _pair(name, off[with_effect], off[without], "factor; theirs: anchored")
    for terms in HISTORIES[1:]:
        sums = table[table["terms"] == terms].groupby("model")[["found_together", "true"]].sum()
        share = sums["found_together"] / sums["true"]
        name = f"one list over all schools, {terms} own terms: pooled"
        yield _pair(name, share[with_effect], share[without], "theirs: anchored")


def _pair(name: str, ours: float, theirs: float, unit: str) -> dict[str, Any]:
    return {
        "name": name, "ours": round(ours, 3), "theirs": round(theirs, 3),
        "ratio": round(ours / theirs, 3), "unit": unit, "peak_mb": peak_mb(), "rows": None,
    }  # fmt: skip
