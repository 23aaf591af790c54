"""The verb ``review``: what an analyst asks of a training once a term, kept beside the model."""

from __future__ import annotations

from kongchuo_risk import pipeline
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records
from kongchuo_risk.evaluation.review_figures import ablation_figure, learning_figure
from kongchuo_risk.review import Review, review_training
from kongchuo_risk.review.whole import QUICK_CANDIDATE
from kongchuo_risk.serving import model_shelf
from kongchuo_risk.serving.model_pages import save_page_tables
from kongchuo_risk.serving.model_shelf import Shelved
from kongchuo_risk.serving.runs import Outcome
from kongchuo_risk.settings import Settings
from kongchuo_risk.tables import load_records
from kongchuo_risk.training.forward import TrainingInputs
from kongchuo_risk.training.tracking import Picture, log_review
from kongchuo_risk.workspace import Workspace


def review(
    workspace: Workspace, *, candidate: str = QUICK_CANDIDATE, progress: Progress = silent
) -> Outcome:
    """Ablation, learning curves and the price of sensitive inputs of the current training.

    The tables are kept beside the model in use and logged below its training in MLflow.

    Parameters
    ----------
    candidate : str
        Learner of the trials.

    Raises
    ------
    NotReadyError
        When nothing was trained yet, or the history is too short to test anything.
    """
    shelved = model_shelf.current(workspace)
    settings, records = workspace.settings(), load_records(workspace, history=True)
    found = review_training(
        _inputs(records, settings, progress),
        capacity=pipeline.places_by_school(records, settings),
        candidate=candidate,
        progress=progress,
    )
    return keep_review(workspace, shelved, found)


def keep_review(workspace: Workspace, shelved: Shelved, found: Review) -> Outcome:
    """Keep the tables beside the model and log them, with figures, below its training."""
    save_page_tables(shelved.folder(workspace), **found.tables)
    text = "\n".join(found.findings)
    run_id = log_review(workspace, shelved.run_id, found.tables, _figures(found), findings=text)
    return Outcome(
        text=text,
        values={
            "version": shelved.version,
            "mlflow_run": run_id,
            "findings": list(found.findings),
            **{name: table.to_dict(orient="records") for name, table in found.tables.items()},
        },
    )


def _figures(found: Review) -> dict[str, Picture]:
    return {
        "ablation": ablation_figure(found.tables["ablation"]),
        "learning": learning_figure(found.tables["learning"]),
    }


def _inputs(records: Records, settings: Settings, progress: Progress) -> TrainingInputs:
    return TrainingInputs(
        matrix=pipeline.training_matrix(records, settings, progress=progress),
        catalogue=load_features(settings.data_schema),
        scorecard=load_scorecards(settings.data_schema),
        settings=settings,
    )
