"""How often the intervals of ``kongchuo effects`` hold the true effect of a synthetic programme.

``ours`` is what the product says, ``theirs`` what it should say: 0.95 for the share of intervals
that hold the truth, the true effect for a mean estimate. Beside them stand, here and nowhere else,
what a comparison of before and after and one two-way fixed effects coefficient would have said.
Everywhere fewer pupils leave from term to term, whether or not anything is done.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._effect_worlds import (
    World,
    before_and_after,
    build_world,
    draw_lists,
    draw_phased,
    starts_of,
    two_way_fixed_effects,
)
from kongchuo_risk.domain.effect import Evidence
from kongchuo_risk.effects import estimate_phased, estimate_threshold, judge

AREAS = 2
"""Twenty-four schools of which four have juniors, 11,000 pupils, six terms."""
DRAWS, FEWER_DRAWS, QUICK_DRAWS = 300, 100, 40


def run(quick: bool) -> list[dict[str, Any]]:
    """Coverage, bias and width: a programme that works, one that does not, and contagion."""
    draws = QUICK_DRAWS if quick else DRAWS
    alone = build_world(AREAS)
    results = [*_phased("phased, works", alone, draws, 0.5)]
    results += _threshold("list, works", alone, draws, 0.5)
    if not quick:
        results += _phased("phased, does nothing", alone, FEWER_DRAWS, 0.0)
        catching = build_world(AREAS, contagion=True)
        results += _phased("phased, leaving is catching", catching, FEWER_DRAWS, 0.5)
    return results


def _phased(name: str, world: World, draws: int, works: float) -> Iterator[dict[str, Any]]:
    found = []
    for seed in range(draws):
        drawn = draw_phased(world, seed, works=works)
        evidence = estimate_phased(drawn.rows, starts_of(drawn.rows))
        assert evidence is not None
        found.append(
            _figures(evidence, drawn.truth)
            | {
                "before and after": before_and_after(drawn.rows),
                "two-way fixed effects": two_way_fixed_effects(drawn.rows),
            }
        )
    yield from _rows(name, pd.DataFrame(found), len(world.enrolment))


def _threshold(name: str, world: World, draws: int, works: float) -> Iterator[dict[str, Any]]:
    pairs = []
    for seed in range(draws):
        drawn = draw_lists(world, seed, works=works)
        evidence = estimate_threshold(drawn.rows)
        assert evidence is not None
        pairs.append((evidence, drawn.truth))
    truth = float(np.mean([known for _, known in pairs]))
    found = [_figures(evidence, truth) for evidence, _ in pairs]
    yield from _rows(name, pd.DataFrame(found), len(world.enrolment))


def _figures(evidence: Evidence, truth: float) -> dict[str, float]:
    low, high = evidence.effect.interval()
    return {
        "truth": truth,
        "estimate": evidence.effect.value,
        "holds": float(low <= truth <= high),
        "width": high - low,
        "judged": float(judge("", evidence).verdict != "尚不能判断"),
    }


def _rows(name: str, found: pd.DataFrame, size: int) -> Iterator[dict[str, Any]]:
    mean, truth = found.mean(), float(found["truth"].mean())
    yield _row(f"{name}: intervals that hold the truth", mean["holds"], 0.95, "share", size)
    for title in ("estimate", "before and after", "two-way fixed effects"):
        if title in found:
            yield _row(f"{name}: mean {title}", 1000 * mean[title], 1000 * truth, "per 1,000", size)
    spread = 1000 * found["estimate"].std()
    yield _row(f"{name}: spread of the estimates", spread, None, "per 1,000", size)
    yield _row(f"{name}: mean width of the interval", 1000 * mean["width"], None, "per 1,000", size)
    yield _row(f"{name}: draws with a verdict", mean["judged"], None, "share", size)


def _row(name: str, ours: float, theirs: float | None, unit: str, size: int) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(float(ours), 4),
        "theirs": None if theirs is None else round(theirs, 4),
        "ratio": round(float(ours) / theirs, 3) if theirs else None,
        "unit": unit,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "rows": size,
    }
