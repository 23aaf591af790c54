"""Does the risk fall when the told reason is taken away? The deletion test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kongchuo_risk.contracts.features import FeatureCatalogue
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.explanation.grouping import PLACE_GROUP, groups_of

DRAWS = 8
"""Other pupils whose values stand in for the pupil's own."""
_RESAMPLES = 400


@dataclass(frozen=True)
class Share:
    """A share of pupils with its 95 % interval, classes drawn as a whole."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Faithfulness:
    """What taking the first reason of each pupil away does to the risk.

    Attributes
    ----------
    falls : DataFrame
        One row per pupil: ``class_id``, ``group`` (of the first reason), ``contribution``,
        ``fall`` (of the log-odds, when that group is taken away), ``random_fall`` (when another
        group, drawn at random, is).
    """

    falls: pd.DataFrame

    @property
    def lower(self) -> Share:
        """Pupils whose risk is lower without the first reason."""
        return self._share(self.falls["fall"] > 0)

    @property
    def lower_than_random(self) -> Share:
        """Pupils whose risk falls further than without a group drawn at random."""
        return self._share(self.falls["fall"] > self.falls["random_fall"])

    @property
    def odds_left(self) -> tuple[float, float]:
        """Median odds without the first reason, and without a random group, over those with."""
        fall, random_fall = self.falls["fall"].median(), self.falls["random_fall"].median()
        return float(np.exp(-fall)), float(np.exp(-random_fall))

    def by_group(self) -> pd.DataFrame:
        """Per group of first reasons ``faithful``: the share whose risk is lower without it."""
        lower = self.falls.assign(faithful=self.falls["fall"] > 0)
        return lower.groupby("group")["faithful"].mean().reset_index()

    def _share(self, holds: pd.Series) -> Share:
        """Ratio of sums over resampled classes."""
        place, names = pd.factorize(self.falls["class_id"])
        if not len(names):
            return Share(float("nan"), float("nan"), float("nan"))
        sums = np.bincount(place, weights=holds), np.bincount(place)
        rng = np.random.default_rng(0)
        times = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=_RESAMPLES)
        low, high = np.quantile((times @ sums[0]) / (times @ sums[1]), [0.025, 0.975])
        return Share(float(holds.mean()), float(low), float(high))


def reason_faithfulness(
    model: RiskModel,
    matrix: FeatureMatrix,
    catalogue: FeatureCatalogue,
    first: pd.DataFrame,
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> Faithfulness:
    """Take the first reason of each pupil away and look at the risk.

    All features of the group are given the values of another pupil of the same grade on the same
    day, drawn at random, several times; they come from one pupil together, so that they fit one
    another.

    Parameters
    ----------
    matrix : FeatureMatrix
        Everybody on the day.
    first : DataFrame
        ``row`` (position in ``matrix``), ``group`` and ``contribution`` of each first reason.

    Notes
    -----
    Deletion with values from the same population is the "comprehensiveness" of DeYoung et al.
    (2020) on a conditional reference; zeroing the values would ask about pupils who do not exist.
    """
    rng = np.random.default_rng(seed)
    members = _members(model.features, catalogue)
    first = first[first["group"].isin(list(members))]
    rows = first["row"].to_numpy(dtype=np.intp)
    own = first["group"].to_numpy(dtype=object)
    donors = _donors(matrix.rows, rows, draws, rng)
    before = model.log_odds(matrix.take(rows))
    without = [
        before - _without(model, matrix, rows, donors, members, taken)
        for taken in (own, _another(own, list(members), rng))
    ]
    classes = matrix.rows["class_id"].astype("str").to_numpy()[rows]
    return Faithfulness(
        pd.DataFrame(
            {
                "class_id": classes,
                "group": own,
                "contribution": first["contribution"].to_numpy(dtype=float),
                "fall": without[0],
                "random_fall": without[1],
            }
        )
    )


def _members(features: Sequence[str], catalogue: FeatureCatalogue) -> dict[str, list[str]]:
    """Features of each reason group."""
    members: dict[str, list[str]] = {}
    for name, group in zip(features, groups_of(features, catalogue), strict=True):
        if group != PLACE_GROUP:
            members.setdefault(group, []).append(name)
    return members


def _donors(
    rows: pd.DataFrame, asked: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Positions of other pupils of the same grade and day, shape (n_asked, draws).

    Who is alone in the grade is given back the own values, so that nothing falls.
    """
    place = rows.groupby(["as_of", "grade"], observed=True).ngroup().to_numpy()
    order = np.argsort(place, kind="stable")
    start = np.searchsorted(place[order], place[asked])
    others = np.searchsorted(place[order], place[asked], side="right") - start - 1
    own = np.argsort(order)[asked] - start
    drawn = (rng.random((len(asked), draws)) * others[:, None]).astype(np.intp)
    beyond_own = (drawn >= own[:, None]) & (others[:, None] > 0)
    return np.asarray(order[start[:, None] + drawn + beyond_own])


def _another(own: np.ndarray, groups: Sequence[str], rng: np.random.Generator) -> np.ndarray:
    """A group other than each pupil's own; the same one where there is no other."""
    position = {group: i for i, group in enumerate(groups)}
    step = rng.integers(1, max(len(groups), 2), len(own))
    taken = [(position[g] + s) % len(groups) for g, s in zip(own, step, strict=True)]
    return np.asarray([groups[i] for i in taken], dtype=object)


def _without(
    model: RiskModel,
    matrix: FeatureMatrix,
    rows: np.ndarray,
    donors: np.ndarray,
    members: Mapping[str, Sequence[str]],
    taken: np.ndarray,
) -> np.ndarray:
    """Mean log-odds with the group in ``taken`` replaced, shape (n_asked,)."""
    draws = donors.shape[1]
    part = matrix.take(np.repeat(rows, draws))
    given = matrix.X.iloc[donors.ravel()].reset_index(drop=True)
    group = np.repeat(taken, draws)
    columns = {str(name): column for name, column in part.X.items()}
    for name_of_group, names in members.items():
        keep = group != name_of_group
        columns |= {name: columns[name].where(keep, given[name]) for name in names}
    changed = FeatureMatrix(pd.DataFrame(columns), part.rows)
    return model.log_odds(changed).reshape(len(rows), draws).mean(axis=1)
