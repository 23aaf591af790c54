"""What is told of one training to whoever keeps the record of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pandas as pd


class EvaluationTables(Protocol):
    """What is logged of an evaluation."""

    @property
    def metrics(self) -> pd.DataFrame:
        """``model, metric, value, low, high``."""

    @property
    def by_fold(self) -> pd.DataFrame:
        """``fold, model, metric, value``."""

    @property
    def calibration(self) -> pd.DataFrame:
        """``model, bin, predicted, observed, n``."""

    @property
    def flattery(self) -> pd.DataFrame:
        """``metric, forward, random_split``."""


class TrainingFacts(Protocol):
    """What is logged of the training."""

    @property
    def name(self) -> str:
        """The model that ranks the list."""

    @property
    def weights(self) -> pd.DataFrame:
        """``feature, label, group, mean_abs_contribution``."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Library → version."""

    @property
    def fingerprint(self) -> str:
        """Hash of the rows learned from."""


class Picture(Protocol):
    """A figure that can be written in one or more formats."""

    def files(self) -> Mapping[str, bytes]:
        """Suffix without dot → content, such as ``svg`` and ``png``."""


@dataclass(frozen=True)
class DataSeen:
    """The rows learned from, described without a single one of them.

    Attributes
    ----------
    columns : mapping
        Feature → ``double``, ``boolean`` or ``string``.
    profile : mapping
        Counts: rows, pupils, events, terms, schools.
    """

    columns: Mapping[str, str]
    profile: Mapping[str, int]


@dataclass(frozen=True)
class TrainingRun:
    """Everything of one training that a reviewer may want to see again.

    Attributes
    ----------
    evaluation, facts
        As :class:`EvaluationTables` and :class:`TrainingFacts`.
    card : str
        Model card, Chinese Markdown.
    folder : Path
        The saved model that ranks the list.
    settings : mapping
        Settings of the run, nested.
    verdict : str
        The gate's sentence.
    refused : Path, optional
        The saved candidate that the gate refused; registered without ranking.
    titles : mapping
        Candidate → its Chinese name.
    tables : mapping
        Further tables, each logged as ``tables/NAME.csv``.
    pictures : mapping
        Each logged as ``figures/NAME.svg`` and, where Chinese can be drawn, ``.png``.
    data : DataSeen, optional
    """

    evaluation: EvaluationTables
    facts: TrainingFacts
    card: str
    folder: Path
    settings: Mapping[str, Any]
    verdict: str = ""
    refused: Path | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    data: DataSeen | None = None
