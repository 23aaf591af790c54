"""Trials: the same forward folds with other rows or other features to learn from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.errors import NotReadyError
from kongchuo_risk.evaluation.listing import Capacity
from kongchuo_risk.training.candidates import learned_features, members_of, train_candidates
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.splits import Fold, forward_folds, why_no_folds


class Steps:
    """Counts the members that a review fits and says how long the rest will take."""

    def __init__(self, progress: Progress = silent, total: int | None = None) -> None:
        self._progress, self._total = progress, total
        self._done, self._start = 0, time.perf_counter()

    def start(self, label: str, members: int = 1) -> None:
        """The fit of so many members begins."""
        self._progress(self._done, self._total, label + self._rest())
        self._done += members

    def _rest(self) -> str:
        if self._total is None or not self._done:
            return ""
        each = (time.perf_counter() - self._start) / self._done
        seconds = each * max(self._total - self._done, 0)
        return (
            f"（约剩 {seconds / 60:.0f} 分钟）" if seconds >= 60 else f"（约剩 {seconds:.0f} 秒）"
        )


@dataclass(frozen=True)
class Trials:
    """What all trials of a review share.

    Attributes
    ----------
    inputs : TrainingInputs
    capacity : mapping of school code to places, or a share
    candidate : str
        The learner that is tried; its boosters or weights are fitted anew for each trial.
    folds : tuple of Fold
        Of the whole matrix; every trial is tested on the same rows.
    """

    inputs: TrainingInputs
    capacity: Capacity
    candidate: str
    folds: tuple[Fold, ...]
    steps: Steps = field(default_factory=Steps)

    @classmethod
    def of(
        cls,
        inputs: TrainingInputs,
        capacity: Capacity,
        candidate: str,
        steps: Steps | None = None,
    ) -> Trials:
        """Trials on the forward folds of the matrix.

        Raises
        ------
        NotReadyError
            When the history is too short to test anything.
        """
        window = inputs.settings.training
        folds = tuple(
            forward_folds(inputs.matrix, window=window.window, window_terms=window.window_terms)
        )
        if not folds:
            raise NotReadyError(why_no_folds(inputs.matrix))
        return cls(inputs, capacity, candidate, folds, steps or Steps())

    @property
    def features(self) -> list[str]:
        """Features that the learner sees when nothing is left out."""
        return learned_features(self.inputs.matrix, self.inputs.catalogue, self.inputs.settings)

    @property
    def members(self) -> int:
        """Members that each fit of the candidate fits."""
        return len(members_of((self.candidate,)))

    def without(self, features: Sequence[str]) -> Trials:
        """The same trials with ``features`` hidden from the learner."""
        settings = self.inputs.settings
        hidden = (*settings.features.excluded, *features)
        chosen = settings.features.model_copy(update={"excluded": hidden})
        changed = settings.model_copy(update={"features": chosen})
        return replace(self, inputs=replace(self.inputs, settings=changed))

    def learning_from(self, positions: Sequence[np.ndarray], folds: Sequence[Fold]) -> Trials:
        """Trials that test ``folds`` after learning from these rows of the matrix instead."""
        pairs = zip(folds, positions, strict=True)
        return replace(self, folds=tuple(replace(f, train_positions=rows) for f, rows in pairs))

    def scores(self, label: str) -> pd.DataFrame:
        """Log-odds of every test row.

        They are not put on a calibration line: ranking is what is compared, and a line changes
        none of it.

        Returns
        -------
        DataFrame
            Index: position in the matrix. Columns ``fold`` and the candidate's name.

        Raises
        ------
        NotReadyError
            When a fold has too few events to learn from.
        """
        return pd.concat([self._scored(fold, label) for fold in self.folds])

    def _scored(self, fold: Fold, label: str) -> pd.DataFrame:
        self.steps.start(label, self.members)
        matrix = self.inputs.matrix
        model = train_candidates(
            [self.candidate],
            matrix.take(fold.train_positions),
            catalogue=self.inputs.catalogue,
            settings=self.inputs.settings,
            scorecard=self.inputs.scorecard,
            calibration=(np.empty((0, self.members)), np.empty(0)),
        )[self.candidate]
        log_odds = model.log_odds(matrix.take(fold.test_positions))
        return pd.DataFrame(
            {"fold": fold.label, self.candidate: log_odds}, index=fold.test_positions
        )
