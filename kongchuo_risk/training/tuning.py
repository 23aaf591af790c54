"""Search for hyper-parameters: forward-validated, budgeted, resumable; the only home of Optuna."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from filelock import FileLock, Timeout

from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.errors import ModelError, NotReadyError, WorkspaceError
from kongchuo_risk.training.search_space import Parameters, Span
from kongchuo_risk.training.splits import Fold

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.trial import FrozenTrial

INSTALL = "pip install optuna"
_VALUES = "by_fold"

FitAndScore = Callable[[Parameters, Fold], pd.DataFrame]
"""Learns with the parameters on a fold and scores its test rows."""
Objective = Callable[[pd.DataFrame], float]
"""How good the scores of one fold are; more is better."""


@dataclass(frozen=True)
class Budget:
    """When to stop: whichever comes first.

    Attributes
    ----------
    trials : int
        Settings tried in all, those of earlier, interrupted runs included.
    minutes : float
        Of this run. The defaults are always tried to the end: without them there is no result.
    """

    trials: int = 30
    minutes: float = 30.0


@dataclass(frozen=True)
class Tuning:
    """What a search found.

    Attributes
    ----------
    default, best : mapping of name to value
        Parameters; the same when nothing did better than the defaults.
    by_fold : DataFrame
        ``fold, default, best, gain``.
    noise : float
        Twice the standard error of the gains over folds; infinite with a single fold.
    forward_gain : float
        Mean gain on each fold of what had done best on the folds before it: what the search would
        really have brought, because the best of many tries flatters itself. NaN with one fold.
    tried, stopped_early : int
        Settings tried, and how many of them were given up before the last fold.
    """

    default: Parameters
    best: Parameters
    by_fold: pd.DataFrame
    noise: float
    forward_gain: float
    tried: int
    stopped_early: int

    @property
    def default_value(self) -> float:
        """Mean over folds with the defaults."""
        return float(self.by_fold["default"].mean())

    @property
    def best_value(self) -> float:
        """Mean over folds with the best parameters."""
        return float(self.by_fold["best"].mean())

    @property
    def gain(self) -> float:
        """How much better the best is than the defaults; never negative."""
        return float(self.by_fold["gain"].mean())

    @property
    def worthwhile(self) -> bool:
        """Whether the gain stands out from the noise, and would have held on later terms too."""
        return self.gain > self.noise and self.forward_gain > 0

    @property
    def recommended(self) -> Parameters:
        """The best parameters when they are worthwhile, else the defaults."""
        return self.best if self.worthwhile else self.default


def tune(
    fit_and_score: FitAndScore,
    folds: Sequence[Fold],
    objective: Objective,
    *,
    space: Mapping[str, Span],
    default: Parameters,
    storage: Path,
    study: str,
    also_try: Sequence[Parameters] = (),
    budget: Budget | None = None,
    seed: int = 0,
    progress: Progress = silent,
) -> Tuning:
    """Search the space for parameters that do better on average over the folds.

    The defaults are tried first, then ``also_try``, then what Optuna's tree-structured Parzen
    estimator proposes (Bergstra et al. 2011). Every trial has a seed of its own, so that a run that
    was broken off and taken up again ends where one run would have ended.

    Parameters
    ----------
    space : mapping of parameter to :class:`Span`
    default : mapping
        A value for every parameter of ``space``.
    storage : Path
        SQLite file that remembers every trial.
    study : str
        Trials are comparable within one study only: it should name data, folds and metric, as
        :func:`study_key` does.

    Raises
    ------
    NotReadyError
        When Optuna is not installed or there is no fold.
    ModelError
        When there is nothing to search.
    WorkspaceError
        When another search writes to ``storage``.
    """
    if not folds:
        raise NotReadyError("没有可向前检验的学期，无法搜索参数；请沿用默认参数。")
    if not space:
        raise ModelError("这个候选模型没有可搜索的参数。")
    starts = [_of(space, default), *(_of(space, more) for more in also_try)]
    with _opened(storage, study) as optuna_study:
        search = _Search(optuna_study, fit_and_score, tuple(folds), objective, dict(space))
        search.run(list(_distinct(starts)), budget or Budget(), seed, progress)
        return search.result()


def study_key(fingerprint: str, *parts: object) -> str:
    """Name of a study: the data's fingerprint, and a digest of all else that the values depend on.

    >>> study_key("0f3a", "blend", "roc_auc") == study_key("0f3a", "blend", "average_precision")
    False
    """
    digest = hashlib.sha256("\x1f".join(map(repr, parts)).encode("utf-8")).hexdigest()
    return f"{fingerprint}-{digest[:8]}"


def clearly_worse(values: Sequence[float], best: Sequence[float]) -> bool:
    """Whether ``values`` fall short of ``best`` on the same folds by over twice their noise.

    >>> clearly_worse([0.10, 0.12], [0.20, 0.21]), clearly_worse([0.10, 0.30], [0.20, 0.21])
    (True, False)
    """
    if len(values) < 2:
        return False
    short = np.asarray(best[: len(values)]) - np.asarray(values)
    return bool(short.mean() > _noise(short) and short.mean() > 0)


@dataclass(frozen=True)
class _Search:
    """One study and what its trials are made of."""

    study: Study
    fit_and_score: FitAndScore
    folds: tuple[Fold, ...]
    objective: Objective
    space: dict[str, Span]

    def run(
        self, starts: list[dict[str, Any]], budget: Budget, seed: int, progress: Progress
    ) -> None:
        from optuna.samplers import TPESampler

        deadline = time.monotonic() + 60 * budget.minutes
        while (done := len(self._finished())) < budget.trials or not done:
            progress(done, budget.trials, "搜索参数")
            if done and time.monotonic() >= deadline:
                return
            self.study.sampler = TPESampler(seed=(seed + done) % 2**32)
            if done < len(starts):
                self.study.enqueue_trial(starts[done])
            self._try(self.study.ask(), deadline if done else np.inf)

    def result(self) -> Tuning:
        complete = [trial for trial in self._finished() if trial.state.name == "COMPLETE"]
        values = np.array([trial.user_attrs[_VALUES] for trial in complete])
        # The defaults came first, and the first of equals is chosen.
        best = int(np.argmax(values.mean(axis=1)))
        by_fold = pd.DataFrame(
            {
                "fold": [fold.label for fold in self.folds],
                "default": values[0],
                "best": values[best],
                "gain": values[best] - values[0],
            }
        )
        return Tuning(
            default=complete[0].params,
            best=complete[best].params,
            by_fold=by_fold,
            noise=_noise(by_fold["gain"].to_numpy()),
            forward_gain=_forward_gain(values),
            tried=len(self._finished()),
            stopped_early=len(self._finished()) - len(complete),
        )

    def _try(self, trial: Trial, deadline: float) -> None:
        """One trial, fold by fold; what breaks off unfinished is tried again by the next run."""
        from optuna.trial import TrialState

        try:
            values = self._values(trial, deadline)
        except BaseException:
            self.study.tell(trial, state=TrialState.FAIL)
            raise
        if values is None:
            self.study.tell(trial, state=TrialState.FAIL)
            return
        trial.set_user_attr(_VALUES, values)
        mean = float(np.mean(values))
        if len(values) == len(self.folds):
            self.study.tell(trial, mean)
        else:
            # Optuna ranks what was given up by how far it came and its last report.
            trial.report(mean, len(values))
            self.study.tell(trial, state=TrialState.PRUNED)

    def _values(self, trial: Trial, deadline: float) -> list[float] | None:
        """Values by fold, fewer when clearly worse than the best; None when time ran out."""
        parameters = {name: span.suggest(trial, name) for name, span in self.space.items()}
        best = self._best_values()
        values: list[float] = []
        for fold in self.folds:
            if time.monotonic() >= deadline:
                return None
            value = float(self.objective(self.fit_and_score(parameters, fold)))
            if not np.isfinite(value):
                raise ValueError(f"objective of fold {fold.label} is {value}; it must be finite")
            values.append(value)
            if best is not None and clearly_worse(values, best):
                break
        return values

    def _best_values(self) -> list[float] | None:
        complete = [trial for trial in self._finished() if trial.state.name == "COMPLETE"]
        if not complete:
            return None
        return max((t.user_attrs[_VALUES] for t in complete), key=lambda values: sum(values))

    def _finished(self) -> list[FrozenTrial]:
        from optuna.trial import TrialState

        states = (TrialState.COMPLETE, TrialState.PRUNED)
        return self.study.get_trials(deepcopy=False, states=states)


@contextmanager
def _opened(storage: Path, name: str) -> Iterator[Study]:
    """The study, for this process alone; what a killed run left half done is struck out."""
    optuna = _optuna()
    with _alone(storage), _quiet(optuna):
        try:
            database = optuna.storages.RDBStorage(f"sqlite:///{storage.as_posix()}")
        except RuntimeError as error:
            raise WorkspaceError(
                f"{storage} 由另一个版本的 Optuna 写成；请把它移走后重新搜索。"
            ) from error
        try:
            study = optuna.create_study(
                storage=database, study_name=name, direction="maximize", load_if_exists=True
            )
            for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
                study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
            yield study
        finally:
            database.engine.dispose()


@contextmanager
def _alone(storage: Path) -> Iterator[None]:
    lock = FileLock(storage.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise WorkspaceError(f"另一个参数搜索正在使用 {storage}；请等它结束。") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _quiet(optuna: Any) -> Iterator[None]:
    """Without Optuna's English line per trial."""
    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(verbosity)


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise NotReadyError(f"搜索参数需要可选组件 Optuna；请先运行 {INSTALL}") from None
    return optuna


def _of(space: Mapping[str, Span], parameters: Parameters) -> dict[str, Any]:
    """The values of the searched parameters, in the order of the space."""
    outside = [
        f"{name}={parameters.get(name)!r}"
        for name, span in space.items()
        if not span.holds(parameters.get(name))
    ]
    if outside:
        raise ModelError(f"参数超出搜索范围：{'、'.join(outside)}。")
    return {name: parameters[name] for name in space}


def _distinct(starts: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, start in enumerate(starts):
        if start not in starts[:number]:
            yield start


def _noise(differences: np.ndarray) -> float:
    """Twice the standard error of a mean of paired differences; infinite for one of them."""
    if len(differences) < 2:
        return float("inf")
    return float(2 * differences.std(ddof=1) / np.sqrt(len(differences)))


def _forward_gain(values: np.ndarray) -> float:
    """Gain over row 0 on each fold of the row that was best before it, values (trials, folds)."""
    gains = [
        values[int(np.argmax(values[:, :t].mean(axis=1))), t] - values[0, t]
        for t in range(1, values.shape[1])
    ]
    return float(np.mean(gains)) if gains else float("nan")
