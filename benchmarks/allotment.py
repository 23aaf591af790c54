"""Scarce measures of a county allotted: benefit, seconds and proven gap; recall that caps cost.

``theirs`` goes down the list, class by class, and gives whatever still fits. The county of the
first part is made of random numbers: 100 schools with 100 listed pupils each, every cap short in
most of them. The second part is the past term of a synthetic county on the whole way from files to
a ranked list; what then happened to its pupils is known. Who needs what is drawn at random in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit

from benchmarks._synthetic_county import inputs, peak_mb, synthetic_county
from kongchuo_risk.contracts.policy import Cap, Effect, Supply, Uses
from kongchuo_risk.domain.allotment import Allotment
from kongchuo_risk.evaluation.listing import list_sizes, listed_share
from kongchuo_risk.planning.allotment import allot, recall_lost
from kongchuo_risk.planning.allotment.requests import Requests, read_requests
from kongchuo_risk.training.derived import SCORECARD
from kongchuo_risk.training.forward import train_final, validate_forward

SEED = 20_240_901
LISTED = 100
"""Pupils on the list of a school of 1,000."""
SHARE = 0.10
"""Length of the list in the synthetic county."""
SCHOOL_SUPPLY = {"club": 20.0, "hours": 6.0, "pairs": 15.0, "fund": 12_000.0, "visits": 10.0}
"""By 100 listed pupils."""
MEASURES: Mapping[str, tuple[float, tuple[float, float, float], tuple[Uses, ...]]] = {
    "interest_club": (0.5, (0.0, 0.06, 0.12), (Uses(cap="club"),)),
    "counselling": (0.3, (0.0, 0.10, 0.20), (Uses(cap="hours", amount=0.5),)),
    "counselling_long": (0.1, (0.0, 0.15, 0.30), (Uses(cap="hours"),)),
    "tutoring": (0.4, (0.02, 0.10, 0.20), (Uses(cap="pairs"),)),
    "tutoring_club": (0.1, (0.02, 0.14, 0.25), (Uses(cap="pairs"), Uses(cap="club"))),
    "hardship_fund": (0.3, (0.0, 0.08, 0.20), (Uses(cap="fund", amount=625),)),
    "boarding_fund": (0.15, (0.0, 0.12, 0.25), (Uses(cap="fund", amount=1_000),)),
    "home_visit": (0.8, (0.0, 0.05, 0.10), (Uses(cap="visits"),)),
}
"""Measure → share of listed pupils who need it, assumed effect, what it takes."""
USES = {name: uses for name, (_, _, uses) in MEASURES.items()}
EFFECTS = {
    name: Effect(low=low, expected=expected, high=high, basis="benchmark")
    for name, (_, (low, expected, high), _) in MEASURES.items()
}
CAPS = [
    Cap(id=name, label=name, unit="1", per="周" if name == "visits" else "学期",
        spills=name == "visits", supply=Supply(), source="benchmark")
    for name in SCHOOL_SUPPLY
]  # fmt: skip


def run(quick: bool) -> list[dict[str, Any]]:
    """Random county with and without a ceiling of the county; then the synthetic county's past."""
    schools = 8 if quick else 100
    candidates, supply = _random_county(schools)
    ceiling = {"fund": 0.7 * SCHOOL_SUPPLY["fund"] * schools}
    return [
        *_compare(f"allotment {schools} schools", candidates, supply, {}),
        *_compare(f"allotment {schools} schools, ceiling of money", candidates, supply, ceiling),
        *_past_term("小样" if quick else "学区"),
    ]


def _random_county(schools: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(SEED)
    codes = [f"S{number:03}" for number in range(schools)]
    pupils = pd.DataFrame(
        {
            "school_code": np.repeat(codes, LISTED),
            "risk": rng.beta(1, 12, schools * LISTED),
        }
    )
    pupils["student_id"] = [f"p{number:06}" for number in range(len(pupils))]
    candidates = _draw_needs(_ranked(pupils), rng)
    supply = pd.DataFrame(
        [(code, cap, amount) for code in codes for cap, amount in SCHOOL_SUPPLY.items()],
        columns=["school_code", "cap", "supply"],
    )
    return candidates, supply


def _ranked(pupils: pd.DataFrame) -> pd.DataFrame:
    order = pupils.groupby("school_code")["risk"].rank(ascending=False, method="first")
    return pupils.assign(order=order.astype("int64"))


def _draw_needs(pupils: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Who needs what; one pupil in ten is named by a law."""
    pupils = pupils.assign(priority=np.where(rng.random(len(pupils)) < 0.1, 0, 1))
    needs = [
        pupils[rng.random(len(pupils)) < share].assign(measure=name)
        for name, (share, _, _) in MEASURES.items()
    ]
    return pd.concat(needs, ignore_index=True)


def _compare(
    title: str, candidates: pd.DataFrame, supply: pd.DataFrame, ceiling: Mapping[str, float]
) -> list[dict[str, Any]]:
    busy = process_time()
    ours = allot(candidates, USES, EFFECTS, CAPS, supply, ceiling, sensitivity=False)
    busy = process_time() - busy
    checked = allot(candidates, USES, EFFECTS, CAPS, supply, ceiling)
    begun = perf_counter()
    asked = read_requests(candidates, USES, EFFECTS, CAPS)
    chosen = _down_the_list(asked, supply, ceiling)
    seconds = perf_counter() - begun
    kept = float(asked.benefit(chosen)[1])
    short = ours.worth[ours.worth["asked"] > ours.worth["supply"]]
    rows = [
        ("pupils kept", ours.benefit.expected, kept, ours.benefit.expected / kept),
        ("s", ours.seconds, seconds, seconds / ours.seconds),
        ("s of CPU", busy, None, None),
        ("s with all effects low and high", checked.seconds, None, None),
        ("proven gap, %", 100 * ours.gap, None, None),
        ("school caps that bind, %", 100 * len(short) / len(ours.worth), None, None),
        ("requests left out", len(ours.left_out), int((~chosen).sum()), None),
        ("dropped if all effects low, %", _dropped(checked, 0), None, None),
        ("dropped if all effects high, %", _dropped(checked, 1), None, None),
    ]
    return [_row(f"{title}: {unit}", value, theirs, ratio, unit, len(candidates))
            for unit, value, theirs, ratio in rows]  # fmt: skip


def _dropped(found: Allotment, row: int) -> float:
    return 100 * float(found.sensitivity["dropped"].iloc[row]) / len(found.chosen)


def _row(
    name: str, ours: float, theirs: float | None, ratio: float | None, unit: str, rows: int
) -> dict[str, Any]:
    return {
        "name": name, "ours": ours, "theirs": theirs, "ratio": ratio, "unit": unit,
        "peak_mb": peak_mb(), "rows": rows,
    }  # fmt: skip


def _down_the_list(
    asked: Requests, supply: pd.DataFrame, ceiling: Mapping[str, float]
) -> np.ndarray:
    """Mask of what the classes are given in the order of the list."""
    wide = supply.pivot(index="school_code", columns="cap", values="supply")
    codes = list(dict.fromkeys(asked.names["school_code"]))
    left = wide.loc[codes, [cap.id for cap in CAPS]].to_numpy(dtype="float64", copy=True)
    left[:, [cap.spills for cap in CAPS]] = np.inf
    county = np.array([ceiling.get(cap.id, np.inf) for cap in CAPS])
    chosen = np.zeros(len(asked), dtype=bool)
    for row in np.lexsort((asked.order, asked.priority)):
        amount, at = asked.amount[row], asked.school[row]
        if (amount <= np.minimum(left[at], county) + 1e-9).all():
            chosen[row] = True
            left[at] -= amount
            county -= amount
    return chosen


def _past_term(preset: str) -> list[dict[str, Any]]:
    """Of the listed pupils who then left: the share that got all they needed."""
    pupils, event = _listed(preset)
    candidates = _draw_needs(_ranked(pupils), np.random.default_rng(SEED))
    size = pupils["school_code"].value_counts()
    supply = pd.DataFrame(
        [(code, cap, amount * number / LISTED)
         for code, number in size.items() for cap, amount in SCHOOL_SUPPLY.items()],
        columns=["school_code", "cap", "supply"],
    )  # fmt: skip
    ours = allot(candidates, USES, EFFECTS, CAPS, supply)
    asked = read_requests(candidates, USES, EFFECTS, CAPS)
    names = asked.names[_down_the_list(asked, supply, {})]
    walked = replace(
        ours, chosen=frozenset(zip(names["student_id"], names["measure"], strict=True))
    )
    found, listed = recall_lost(ours, candidates, event), recall_lost(walked, candidates, event)
    whole = f"{found.served}/{found.left_school} given all they needed"
    title = f"recall at capacity {preset} ({whole}; without caps all)"
    return [_row(title, found.with_caps or 0.0, listed.with_caps, None, "share", len(pupils))]


def _listed(preset: str) -> tuple[pd.DataFrame, Mapping[str, bool]]:
    """Listed pupils of the newest term's first day whose outcome is known, and who then left."""
    matrix = synthetic_county(preset, SEED, days_per_term=2).matrix
    term = matrix.rows["term"].astype("str")
    newest = (term == term.max()).to_numpy()
    known = inputs(matrix.take(~newest), candidates=(SCORECARD,))
    model = train_final(known, validate_forward(known))[SCORECARD]
    days = pd.to_datetime(matrix.rows["as_of"])
    test = matrix.take(newest & (days == days[newest].min()).to_numpy())
    score = model.log_odds(test)
    listed = listed_share(score, test.rows, list_sizes(test.rows, SHARE)) > 0
    rows = test.rows.loc[listed, ["student_id", "school_code"]].astype("str")
    pupils = rows.assign(risk=expit(score[listed])).reset_index(drop=True)
    left: Sequence[bool] = np.asarray(test.y)[listed].astype(bool).tolist()
    return pupils, dict(zip(pupils["student_id"], left, strict=True))
