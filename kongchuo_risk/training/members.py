"""The members of the blend and how they learn: side by side, from all rows or a fair part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from joblib import Parallel, delayed

from kongchuo_risk.training.additive import fit_additive, rows_enough
from kongchuo_risk.training.boosters import fit_extra_trees, fit_plain, fit_target_trees
from kongchuo_risk.training.member import FitContext, Member

_FITS: Mapping[str, Callable[[np.ndarray, np.ndarray, FitContext], Member]] = {
    "lightgbm": fit_plain,
    "extra_trees": fit_extra_trees,
    "target_trees": fit_target_trees,
    "logistic": fit_additive,
}
MEMBERS = tuple(_FITS)


def fit_members(
    names: Sequence[str],
    encoded: np.ndarray,
    y: np.ndarray,
    parts: Sequence[tuple[np.ndarray, FitContext]],
) -> list[dict[str, Member]]:
    """Fit members on parts of the same rows, as many at a time as there are threads.

    With ``most_negatives`` all events are kept and a random part of the calm rows.

    Parameters
    ----------
    parts : sequence of (row positions, FitContext)
        One set of members is fitted for each; positions rise.

    Returns
    -------
    list of dict of member name to Member
        In the order of ``parts``.
    """
    unknown = [name for name in names if name not in _FITS]
    if unknown:
        raise ValueError(f"unknown member {unknown[0]!r}; known: {', '.join(MEMBERS)}")
    jobs = [(name, rows, context) for rows, context in parts for name in names]
    threads = min(parts[0][1].threads, len(jobs))
    fitted = iter(
        Parallel(n_jobs=threads, prefer="threads")(
            delayed(_fit)(name, encoded, y, rows, context) for name, rows, context in jobs
        )
    )
    return [{name: next(fitted) for name in names} for _ in parts]


def _fit(
    name: str, encoded: np.ndarray, y: np.ndarray, rows: np.ndarray, context: FitContext
) -> Member:
    kept, log_share = thinned(y[rows], context.most_negatives, context.seed)
    if name == "logistic" and len(kept) > (enough := rows_enough(encoded, context.categorical)):
        kept, log_share = drawn(y[rows], enough, context.seed)
    rows = rows[kept]
    # All rows are used as they lie: a copy of millions for each member would fill the memory.
    part = encoded if len(rows) == len(encoded) else encoded[rows]
    return _FITS[name](part, y[rows], context).shifted(log_share)


def thinned(y: np.ndarray, most_negatives: float | None, seed: int) -> tuple[np.ndarray, float]:
    """Positions of all events and of the calm rows that are kept, and what to add to log-odds.

    Taking a share ``f`` of the calm rows multiplies every odds by ``1 / f``, which adding
    ``log f`` undoes exactly (Prentice & Pyke 1979).
    """
    events, calm = np.flatnonzero(y > 0), np.flatnonzero(y == 0)
    most = len(calm)
    if most_negatives is not None:
        most = min(most, int(np.ceil(most_negatives * len(events))))
    return _part(events, calm, len(events), most, seed)


def drawn(y: np.ndarray, rows: int, seed: int) -> tuple[np.ndarray, float]:
    """``rows`` positions, as far as possible half of them events, and what to add to log-odds."""
    events, calm = np.flatnonzero(y > 0), np.flatnonzero(y == 0)
    few = min(len(events), max(rows // 2, rows - len(calm)))
    return _part(events, calm, few, min(len(calm), rows - few), seed)


def _part(
    events: np.ndarray, calm: np.ndarray, most_events: int, most_calm: int, seed: int
) -> tuple[np.ndarray, float]:
    rng = np.random.default_rng(seed)
    drawn = [
        rows if most == len(rows) else rng.choice(rows, most, replace=False)
        for rows, most in ((events, most_events), (calm, most_calm))
    ]
    shift = np.log(most_calm / len(calm)) - np.log(most_events / len(events))
    return np.sort(np.concatenate(drawn)), float(shift)
