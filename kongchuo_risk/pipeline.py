"""Table of contents of the toolkit: how the stages meet, from records to list and plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from scipy.special import expit

from kongchuo_risk.contracts.assignment import load_assignment_terms
from kongchuo_risk.contracts.features import load_features
from kongchuo_risk.contracts.gates import load_gate
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.contracts.profiles import Profile, load_profile
from kongchuo_risk.contracts.scorecards import load_scorecards
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.domain.assignment import Assignment, PeerPair
from kongchuo_risk.domain.choices import PlanningChoices
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.domain.model import RiskModel
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.domain.risk import Reason, RiskEntry, Tier
from kongchuo_risk.errors import ModelError, NotReadyError
from kongchuo_risk.evaluation import (
    Drift,
    DriftBaseline,
    Evaluation,
    check_drift,
    evaluate,
    refusal,
)
from kongchuo_risk.evaluation.audition import Audition, audition, brought_forward
from kongchuo_risk.evaluation.gate import LAST_CHAMPION
from kongchuo_risk.explanation import PupilExplanation, explain
from kongchuo_risk.explanation.noise import ReasonNoise
from kongchuo_risk.features import build_matrix, training_days
from kongchuo_risk.planning import (
    CohortFacts,
    Drafts,
    assign_mentors,
    assign_tiers,
    capacity_by_school,
    draft_plans,
    pair_peers,
    watch_groups,
)
from kongchuo_risk.planning.plans import NO_CHOICES
from kongchuo_risk.planning.subjects import subject_standing, weak_subjects
from kongchuo_risk.settings import Settings
from kongchuo_risk.training.candidates import LEARNED, trainable
from kongchuo_risk.training.derived import DERIVED
from kongchuo_risk.training.forward import (
    ForwardScores,
    TrainingInputs,
    random_split_scores,
    train_final,
    validate_forward,
)

NOTHING_SINGLE = Reason(
    group="综合",
    feature="",
    text="没有单独突出的情况，几项轻微情况合在一起",
    contribution=0.0,
    actionable=False,
)
"""Told of a pupil on the list of whom no single thing stands out; it calls no measure."""
LEARNING = "学业"
"""The reason group that asks for help in a subject."""
PEER_PAIRING = "peer_pairing"
"""Id of 一帮一 in ``interventions.yaml``."""
PEERS_BARRED_BY = ("bullied", "bad_company", "runaway", "early_marriage", "low_mood")
"""Who carries a burden of their own is not asked to help a classmate."""
STRENGTHS_TOLD = 2
REASONS_TOLD = 3


@dataclass(frozen=True)
class LastChampion:
    """The model that ranked before this training, and the last day that it learned from."""

    model: RiskModel
    learned_until: date


@dataclass(frozen=True)
class Judged:
    """A training: every candidate, how they did forward in time, and which one ranks the list.

    Attributes
    ----------
    capacity : dict of school code to places
    audition : Audition
        What each rule of choosing among the candidates would have cost on the next term.
    """

    inputs: TrainingInputs
    capacity: dict[str, int]
    forward: ForwardScores
    models: dict[str, RiskModel]
    evaluation: Evaluation
    audition: Audition

    @property
    def matrix(self) -> FeatureMatrix:
        return self.inputs.matrix

    @property
    def ranking(self) -> RiskModel:
        """The model that ranks the list: the champion when the gate admits it."""
        return self.models[self.evaluation.verdict.ranks]

    @property
    def refused(self) -> RiskModel | None:
        """The candidate that the gate refused, if any."""
        champion = self.evaluation.champion
        return None if self.evaluation.verdict.ranks == champion else self.models.get(champion)

    @property
    def learned_until(self) -> date:
        """The last day whose rows were learned from."""
        day: pd.Timestamp = self.matrix.rows.loc[trainable(self.matrix), "as_of"].max()
        return day.date()


@dataclass(frozen=True)
class Companions:
    """What is kept with a model for the days on which it scores.

    Attributes
    ----------
    baseline : DriftBaseline or None
        What the data looked like in training; None compares nothing.
    noise : ReasonNoise or None
        Reasons that do not stand out of it are withheld from teachers.
    """

    baseline: DriftBaseline | None = None
    noise: ReasonNoise | None = None


@dataclass(frozen=True)
class Scored:
    """Everybody of the cohort on one day.

    Attributes
    ----------
    entries : tuple of RiskEntry
        Listed or not, in the order of school and rank.
    contributions : DataFrame
        ``student_id, group, text, contribution``: sums by reason group.
    drift : Drift or None
        The day against the same weeks of earlier terms.
    withheld : DataFrame or None
        ``student_id, group, feature, text, contribution``: reasons too unsure to be told to
        teachers, for analysts; None when nothing is known of the reasons' noise.
    """

    entries: tuple[RiskEntry, ...]
    contributions: pd.DataFrame
    drift: Drift | None = None
    withheld: pd.DataFrame | None = None

    @property
    def listed(self) -> int:
        return sum(entry.tier != Tier.NONE for entry in self.entries)


def profile_of(settings: Settings) -> Profile:
    """County rules that the settings name."""
    return load_profile(settings.profile, settings.data_schema)


def training_matrix(
    records: Records, settings: Settings, *, progress: Progress = silent
) -> FeatureMatrix:
    """Features and outcomes of all training days.

    Raises
    ------
    NotReadyError
        When the records give no day to learn from.
    """
    days = training_days(records, settings.training.snapshots_per_term)
    if not days:
        raise NotReadyError("没有可用于训练的日期：请先导入校历或点名表，至少覆盖一个学期。")
    return build_matrix(
        records,
        days,
        profile=profile_of(settings),
        catalogue=load_features(settings.data_schema),
        progress=progress,
    )


def train_model(
    records: Records,
    settings: Settings,
    *,
    last: LastChampion | None = None,
    progress: Progress = silent,
) -> Judged:
    """From records to judged candidates: features, forward folds, final fits, audition, gate."""
    inputs = TrainingInputs(
        matrix=training_matrix(records, settings, progress=progress),
        catalogue=load_features(settings.data_schema),
        scorecard=load_scorecards(settings.data_schema),
        settings=settings,
    )
    capacity = places_by_school(records, settings)
    forward = validate_forward(inputs, progress=progress)
    models = train_final(inputs, forward, progress=progress)
    progress(0, None, "检验与把关")
    champion = settings.training.champion
    evaluation = _evaluated(inputs, forward, capacity, champion, last)
    heard = audition(evaluation.by_fold, candidates=settings.training.candidates, champion=champion)
    chosen, why = brought_forward(heard, champion, {*LEARNED, *DERIVED})
    if chosen != champion:
        evaluation = _evaluated(inputs, forward, capacity, chosen, last)
        verdict = replace(evaluation.verdict, text=f"{why}{evaluation.verdict.text}")
        evaluation = replace(evaluation, verdict=verdict)
    return Judged(inputs, capacity, forward, models, evaluation, heard)


def _evaluated(
    inputs: TrainingInputs,
    forward: ForwardScores,
    capacity: dict[str, int],
    champion: str,
    last: LastChampion | None,
) -> Evaluation:
    settings = inputs.settings
    return evaluate(
        _with_last_champion(forward.scores, inputs.matrix, last),
        inputs.matrix,
        capacity=capacity,
        champion=champion,
        bootstrap=settings.training.bootstrap,
        seed=settings.seed,
        random_split=random_split_scores(inputs, forward, champion) if forward.folds else None,
        note=forward.note,
        gate=load_gate(settings.data_schema),
        last_champion=last.model.name if last else None,
        data_schema=settings.data_schema,
    )


def _with_last_champion(
    scores: pd.DataFrame, matrix: FeatureMatrix, last: LastChampion | None
) -> pd.DataFrame:
    """Scores with those of the last champion on days after the last that it learned from."""
    if last is None or scores.empty or not set(last.model.features) <= set(matrix.X):
        return scores
    positions = scores.index.to_numpy(dtype=np.intp)
    unseen = (matrix.rows["as_of"].iloc[positions] > pd.Timestamp(last.learned_until)).to_numpy()
    log_odds = np.full(len(scores), np.nan)
    if unseen.any():
        log_odds[unseen] = last.model.log_odds(matrix.take(positions[unseen]))
    return scores.assign(**{LAST_CHAMPION: log_odds})


def score_cohort(
    records: Records,
    model: RiskModel,
    as_of: date,
    settings: Settings,
    *,
    kept: Companions | None = None,
    progress: Progress = silent,
) -> Scored:
    """Rank everybody of the cohort as of one day, with reasons.

    Parameters
    ----------
    kept : Companions, optional
        What training left for this day: the data to compare with, the noise of the reasons.

    Raises
    ------
    NotReadyError
        When nobody belongs to the cohort on that day.
    ModelError
        When the day's data lack a feature that the model needs, or one that used to be recorded
        is recorded of nobody: no value is invented.
    """
    kept = kept or Companions()
    catalogue = load_features(settings.data_schema)
    matrix = build_matrix(
        records,
        [as_of],
        profile=profile_of(settings),
        catalogue=catalogue,
        with_outcome=False,
        progress=progress,
    )
    if not len(matrix):
        raise NotReadyError(f"{as_of} 没有在校学生可排序；请检查学生花名册和信息日期。")
    _refuse_what_is_gone(kept.baseline, matrix, settings)
    log_odds = model.log_odds(matrix)
    tiers = _tiers(matrix, log_odds, records, settings, as_of)
    told = explain(
        model,
        matrix,
        catalogue,
        schema=load_schema(settings.data_schema),
        top=REASONS_TOLD,
        strengths=STRENGTHS_TOLD,
        noise=kept.noise,
    )
    watch = watch_groups(latest_by_student(records["students"], as_of))
    entries = _entries(matrix, expit(log_odds), tiers, told, watch, as_of)
    drift = None
    if kept.baseline is not None:
        gate = load_gate(settings.data_schema)
        drift = check_drift(kept.baseline, matrix, log_odds, gate, data_schema=settings.data_schema)
    withheld = None if kept.noise is None else _withheld(told)
    return Scored(entries, _contributions(told), drift, withheld)


def _refuse_what_is_gone(
    baseline: DriftBaseline | None, matrix: FeatureMatrix, settings: Settings
) -> None:
    if baseline is None:
        return
    gate = load_gate(settings.data_schema)
    if told := refusal(baseline, matrix, gate, data_schema=settings.data_schema):
        raise ModelError(told)


@dataclass(frozen=True)
class TermPlan:
    """What is proposed for everybody who was scored.

    Attributes
    ----------
    assignment : Assignment
        Who answers for whom, with loads, changes and what would relieve the caps.
    drafts : Drafts
        Measures, and who got scarce places.
    peers : tuple of PeerPair
        一帮一: who helps whom, or why nobody does.
    """

    assignment: Assignment
    drafts: Drafts
    peers: tuple[PeerPair, ...]


def plan_term(
    entries: Sequence[RiskEntry],
    records: Records,
    settings: Settings,
    *,
    choices: PlanningChoices = NO_CHOICES,
    households: Mapping[str, str] | None = None,
    assignment: Assignment | None = None,
) -> TermPlan:
    """Measures and a responsible adult for everybody who was scored.

    Parameters
    ----------
    choices : PlanningChoices, optional
        Limits, assumptions and wishes that people set.
    households : mapping of pupil to household, optional
        Siblings share one.
    assignment : Assignment, optional
        Keep this one; otherwise it is worked out.
    """
    known = _known_for_planning(entries, records)
    standing = subject_standing(known, _day_of(entries))
    weak = weak_subjects(standing)
    if assignment is None:
        assignment = _assign(entries, known, weak, settings, choices, households or {})
    policy = load_policy(settings.data_schema)
    drafts = draft_plans(
        entries,
        assignment.pairings,
        known,
        policy=policy,
        choices=choices,
        profile=settings.profile,
    )
    peers = _peers(entries, drafts, standing, weak, settings, choices)
    return TermPlan(assignment, drafts, peers)


def assign_term(
    entries: Sequence[RiskEntry],
    records: Records,
    settings: Settings,
    *,
    choices: PlanningChoices = NO_CHOICES,
    households: Mapping[str, str] | None = None,
) -> Assignment:
    """A responsible adult for everybody who was scored, and nothing else."""
    known = _known_for_planning(entries, records)
    weak = weak_subjects(subject_standing(known, _day_of(entries)))
    return _assign(entries, known, weak, settings, choices, households or {})


def _day_of(entries: Sequence[RiskEntry]) -> date:
    if not entries:
        raise NotReadyError("名单上没有学生；先运行 kongchuo score。")
    return entries[0].as_of


def _known_for_planning(entries: Sequence[RiskEntry], records: Records) -> Records:
    # A calendar is made known ahead of its days: deadlines avoid holidays to come.
    return Records({**records.known_by(_day_of(entries)), "calendar": records["calendar"]})


def _assign(
    entries: Sequence[RiskEntry],
    known: Records,
    weak: Mapping[str, tuple[str, ...]],
    settings: Settings,
    choices: PlanningChoices,
    households: Mapping[str, str],
) -> Assignment:
    day = _day_of(entries)
    return assign_mentors(
        _pupils_to_assign(entries, known, weak, households),
        known["staff"],
        known["classes"],
        settings.capacity,
        day=day,
        terms=load_assignment_terms(settings.data_schema),
        rules=choices.rules,
        previous=choices.previous,
    )


def _pupils_to_assign(
    entries: Sequence[RiskEntry],
    known: Records,
    weak: Mapping[str, tuple[str, ...]],
    households: Mapping[str, str],
) -> pd.DataFrame:
    latest = latest_by_student(known["students"], _day_of(entries))
    ids = [entry.student_id for entry in entries]
    return pd.DataFrame(
        {
            "student_id": ids,
            "school_code": [entry.school_code for entry in entries],
            "class_id": [entry.class_id for entry in entries],
            "rank": [entry.rank for entry in entries],
            "tier": [entry.tier for entry in entries],
            "needs_subjects": [_needed_subjects(entry, weak) for entry in entries],
            "village": latest["village"].reindex(ids).to_numpy(dtype=object),
            "siblings": [households.get(pupil) for pupil in ids],
        }
    )


def _needed_subjects(entry: RiskEntry, weak: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Weak subjects of a pupil whose learning is among the reasons."""
    learning = any(reason.actionable and reason.group == LEARNING for reason in entry.reasons)
    return weak.get(entry.student_id, ()) if learning else ()


def _peers(
    entries: Sequence[RiskEntry],
    drafts: Drafts,
    standing: pd.DataFrame,
    weak: Mapping[str, tuple[str, ...]],
    settings: Settings,
    choices: PlanningChoices,
) -> tuple[PeerPair, ...]:
    asked = {item.student_id for item in drafts.items if item.measure == PEER_PAIRING}
    needing = pd.DataFrame(
        [
            (entry.student_id, entry.class_id, weak.get(entry.student_id, ()))
            for entry in entries
            if entry.student_id in asked
        ],
        columns=["student_id", "class_id", "subjects"],
    )
    classes = {entry.student_id: entry.class_id for entry in entries}
    classmates = standing.assign(class_id=standing["student_id"].map(classes))
    listed = {entry.student_id for entry in entries if entry.tier is not Tier.NONE}
    return pair_peers(
        needing,
        classmates.dropna(subset=["class_id"]),
        choices.rules,
        day=_day_of(entries),
        barred=listed | _with_tags(drafts.known, PEERS_BARRED_BY),
        terms=load_assignment_terms(settings.data_schema),
    )


def _with_tags(known: CohortFacts, tags: Iterable[str]) -> set[str]:
    written = [tag for tag in tags if tag in known.tags]
    found = known.tags[written].any(axis=1) if written else pd.Series(dtype=bool)
    return set(found.index[found.to_numpy(dtype=bool)])


def base_rate(matrix: FeatureMatrix) -> str:
    """How rare the outcome is, in words, with its counts."""
    if matrix.y is None or not matrix.labelled.any():
        return "还没有已知结果，无法计算基础发生率"
    known = matrix.take(matrix.labelled)
    terms = known.rows["term"].nunique()
    pupils = known.rows.assign(y=known.y).groupby(["term", "student_id"], observed=True)["y"].max()
    events = int(pupils.sum())
    rate = 1000 * events / len(pupils)
    return (
        f"过去 {terms} 个学期每 1000 名学生中 {rate:.1f} 名疑似辍学（n={events:,}/{len(pupils):,}）"
    )


def places_by_school(records: Records, settings: Settings) -> dict[str, int]:
    """How many pupils each school can look after, by its newest roster: school code → places."""
    day = records["students"]["known_on"].max()
    students = latest_by_student(records["students"], day.date())
    capacity = capacity_by_school(records["staff"], students, settings.capacity)
    return {str(school): int(places) for school, places in capacity.items()}


def _tiers(
    matrix: FeatureMatrix, log_odds: np.ndarray, records: Records, settings: Settings, as_of: date
) -> pd.DataFrame:
    scores = matrix.rows[["student_id", "school_code"]].assign(score=log_odds)
    capacity = capacity_by_school(records.known_by(as_of)["staff"], matrix.rows, settings.capacity)
    tiers = assign_tiers(scores, capacity, settings.capacity)
    return tiers.set_index("student_id").loc[matrix.rows["student_id"]]


def _entries(
    matrix: FeatureMatrix,
    probability: np.ndarray,
    tiers: pd.DataFrame,
    told: Sequence[PupilExplanation],
    watch: dict[str, tuple[str, ...]],
    as_of: date,
) -> tuple[RiskEntry, ...]:
    rows = matrix.rows
    entries = [
        RiskEntry(
            student_id=student,
            school_code=school,
            class_id=group,
            grade=int(grade),
            as_of=as_of,
            rank=int(rank),
            tier=Tier(tier),
            probability=float(p),
            reasons=words.reasons or _nothing_single(Tier(tier)),
            strengths=words.strengths,
            watch=watch.get(student, ()),
        )
        for student, school, group, grade, rank, tier, p, words in zip(
            rows["student_id"].astype(str),
            rows["school_code"].astype(str),
            rows["class_id"].astype(str),
            rows["grade"],
            tiers["rank"],
            tiers["tier"],
            probability,
            told,
            strict=True,
        )
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.school_code, entry.rank)))


def _nothing_single(tier: Tier) -> tuple[Reason, ...]:
    return () if tier is Tier.NONE else (NOTHING_SINGLE,)


def _contributions(told: Sequence[PupilExplanation]) -> pd.DataFrame:
    rows = [
        (words.student_id, group, _text(words, group, value), value)
        for words in told
        for group, value in words.groups.items()
    ]
    return pd.DataFrame(rows, columns=["student_id", "group", "text", "contribution"])


def _withheld(told: Sequence[PupilExplanation]) -> pd.DataFrame:
    rows = [
        (words.student_id, reason.group, reason.feature, reason.text, reason.contribution)
        for words in told
        for reason in words.withheld
    ]
    columns = ["student_id", "group", "feature", "text", "contribution"]
    return pd.DataFrame(rows, columns=columns)


def _text(words: PupilExplanation, group: str, value: float) -> str:
    """What was told of a group on the side to which it leans."""
    told = words.reasons if value > 0 else words.strengths
    return next((reason.text for reason in told if reason.group == group), "")
