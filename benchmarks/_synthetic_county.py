"""Synthetic counties on the whole way from files to rows, with the hidden truth beside them."""

from __future__ import annotations

import resource
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.profiles import Profile, load_profile
from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.features import build_matrix, training_days
from kongchuo_risk.ingestion.batch import import_batch
from kongchuo_risk.ingestion.synthetic import write_synthetic
from kongchuo_risk.ingestion.synthetic.calendar import build_calendar
from kongchuo_risk.ingestion.synthetic.presets import SyntheticSettings, load_synthetic
from kongchuo_risk.settings import Settings
from kongchuo_risk.tables import load_records
from kongchuo_risk.tables.sealing import Pseudonyms
from kongchuo_risk.training.derived import (
    BLEND,
    DERIVED,
    SCORECARD,
    PastScores,
    derive,
    derived_log_odds,
)
from kongchuo_risk.training.forward import TrainingInputs, train_final, validate_forward
from kongchuo_risk.workspace import create_workspace

_KEY = b"synthetic benchmark, no secret !"
"""Nobody is to be protected here, and pseudonyms are the same in every run."""


@dataclass(frozen=True)
class SyntheticCounty:
    """What the product sees of a synthetic county, and what it does not.

    Attributes
    ----------
    matrix : FeatureMatrix
        Rows of every day of which the records tell the outcome.
    pupil_terms, episodes : DataFrame
        The hidden truth (see ``docs/synthetic.md``), with the pupils' ``student_id``.
    teaching : datetime64[D] array of shape (n_teaching_days,)
        The days that the truth counts from 0.
    settings : SyntheticSettings
        The parameters of the simulation.
    """

    matrix: FeatureMatrix
    pupil_terms: pd.DataFrame
    episodes: pd.DataFrame
    teaching: np.ndarray
    settings: SyntheticSettings


def synthetic_county(
    preset: str,
    seed: int,
    *,
    days_per_term: int,
    presets: Mapping[str, Mapping[str, Any]] | None = None,
) -> SyntheticCounty:
    """Simulate, write, import and compute features, in a folder that is gone afterwards.

    Parameters
    ----------
    preset : str
        One of the packaged presets, or of ``presets``.
    presets : mapping of name to the fields of a preset, optional
        Areas of one's own; the hidden truth stays that of ``data_schema/synthetic.yaml``.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schema = _with_presets(folder / "data_schema", presets or {})
        settings = load_synthetic(schema)
        write_synthetic(
            folder / "files", preset=preset, seed=seed, truth_folder=folder / "truth",
            data_schema=schema,
        )  # fmt: skip
        chosen = settings.preset(preset)
        workspace = create_workspace(folder / "workspace", key=_KEY)
        import_batch(workspace, [folder / "files"], today=chosen.records_end)
        records = load_records(workspace, history=True)
        days = _days_with_outcome(training_days(records, days_per_term))
        matrix = build_matrix(records, days, profile=profile())
        known = matrix.take(matrix.labelled)
        truth = [_with_ids(folder / "truth" / f"{part}.parquet") for part in _TRUTH]
    calendar = build_calendar(settings.calendar, chosen)
    return SyntheticCounty(known, truth[0], truth[1], calendar.teaching, settings)


_TRUTH = ("pupil_terms", "episodes")


def profile() -> Profile:
    """County rules of the default settings."""
    return load_profile(Settings().profile)


def inputs(matrix: FeatureMatrix, **training: object) -> TrainingInputs:
    """What training reads, with the default settings but for ``training``."""
    settings = Settings()
    changed = settings.training.model_copy(update=training)
    return TrainingInputs(
        matrix=matrix,
        catalogue=load_features(),
        scorecard=load_scorecards(),
        settings=settings.model_copy(update={"training": changed}),
    )


def trained(matrix: FeatureMatrix) -> dict[str, RiskModel]:
    """Blend, scorecard, anchored and pooled model of everything in ``matrix``."""
    known = inputs(matrix, candidates=(BLEND, SCORECARD))
    forward = validate_forward(known)
    models = train_final(known, forward)
    past = None
    if forward.folds:
        test = matrix.take(forward.scores.index.to_numpy(dtype=np.intp))
        past = PastScores(test.rows, forward.scores, np.asarray(test.y))
    return {**models, **derive(tuple(DERIVED), models, matrix, past)}


def scores_of(models: Mapping[str, RiskModel], test: FeatureMatrix) -> dict[str, np.ndarray]:
    """Log-odds by model of what :func:`trained` gave; the slow ones are computed once."""
    given = {name: models[name].log_odds(test) for name in (BLEND, SCORECARD)}
    derived = {name: derived_log_odds(models[name], given, test.rows) for name in DERIVED}
    return {**given, **derived}


def peak_mb() -> int:
    """Highest memory of this process so far; Linux counts kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _with_presets(folder: Path, presets: Mapping[str, Mapping[str, Any]]) -> Path:
    """A copy of the packaged ``data_schema`` with further presets."""
    shutil.copytree(data_schema(), folder)
    file = folder / "synthetic.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["presets"] |= {name: dict(fields) for name, fields in presets.items()}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


def _days_with_outcome(days: Sequence[date]) -> list[date]:
    """All but the last term's: its horizon ends after the records."""
    last = max(map(term_of, days))
    return [day for day in days if term_of(day) != last]


def _with_ids(path: Path) -> pd.DataFrame:
    table = pd.read_parquet(path)
    ids = Pseudonyms(_KEY).student_ids(table["student_key"])
    return table.assign(student_id=ids)
