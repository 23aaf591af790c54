"""The verbs of planning: propose measures and mentors, read people's choices, approve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from kongchuo_risk import pipeline
from kongchuo_risk.cases import CaseStore, case_reader, case_store, open_case_database
from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.allotment import Allotment
from kongchuo_risk.domain.assignment import Assignment, AssignmentRule
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.choices import PlanningChoices
from kongchuo_risk.domain.plan import ItemState, PlanItem
from kongchuo_risk.domain.records import Records, latest_by_student
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.domain.run import Run
from kongchuo_risk.errors import NotReadyError, PlanError
from kongchuo_risk.planning.allotment import supplies
from kongchuo_risk.planning.plans import assumed_effects
from kongchuo_risk.serving.assignment_book import assignment_workbook
from kongchuo_risk.serving.choices_book import FilledChoices, choices_workbook, read_choices
from kongchuo_risk.serving.households import households
from kongchuo_risk.serving.planning_reports import (
    ALLOTMENT,
    ASSIGNMENT,
    allotment_report,
    allotment_text,
    assignment_report,
    assignment_text,
)
from kongchuo_risk.serving.runs import Outcome, all_records
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.worklist_export import export_worklist
from kongchuo_risk.settings import Settings
from kongchuo_risk.tables import load_staff_names
from kongchuo_risk.tables.sealing import Pseudonyms
from kongchuo_risk.workspace import Workspace, replace_file

COMMAND_LINE = "命令行"


@dataclass(frozen=True)
class _List:
    """The current list with everything that planning needs."""

    run: Run
    run_id: int
    entries: Sequence[RiskEntry]
    choices: PlanningChoices
    records: Records
    settings: Settings
    policy: Policy

    @property
    def school_names(self) -> dict[str, str]:
        """Code → name."""
        schools = self.records["schools"]
        return dict(zip(schools["school_code"], schools["school_name"], strict=True))


def plan(
    workspace: Workspace, *, export: Path | None = None, choices: Path | None = None
) -> Outcome:
    """Propose measures and responsible adults for the current list.

    Parameters
    ----------
    export
        Write the printable list there.
    choices
        A filled workbook of :func:`write_choices_template` to take in first.

    Raises
    ------
    NotReadyError
        When there is no list yet.
    """
    taken = "" if choices is None else take_choices(workspace, choices).text
    with _case_database(workspace) as engine:
        current = _current_list(workspace, engine)
        term = pipeline.plan_term(
            current.entries,
            current.records,
            current.settings,
            choices=current.choices,
            households=_listed_households(workspace, current),
        )
        items, paired = term.drafts.items, term.assignment.pairings
        with case_store(engine) as store:
            store.runs.replan(current.run_id, plan=items, paired=paired)
            store.runs.pair_peers(current.run_id, term.peers)
            _keep_reports(store, current.run_id, term.drafts.allotment, term.assignment)
            store.note(COMMAND_LINE, "拟定计划", f"run:{current.run_id}", items=len(items))
    if export is not None:
        export_worklist(Services(workspace), export)
    listed = {entry.student_id for entry in current.entries if entry.tier is not Tier.NONE}
    lines = [
        taken,
        _plan_text(items, listed),
        allotment_text(term.drafts.allotment, current.policy, current.school_names),
        assignment_text(term.assignment),
        f"可打印的名单：{export}" if export else "",
    ]
    return Outcome(
        text="\n".join(filter(None, lines)),
        values=_plan_values(items, listed, term) | {"as_of": current.run.as_of, "export": export},
    )


def assign(
    workspace: Workspace,
    *,
    choices: Path | None = None,
    export: Path | None = None,
    approve_by: str | None = None,
) -> Outcome:
    """Propose (or approve) who answers for whom, and leave the measures as they are.

    Parameters
    ----------
    choices
        A filled workbook to take in first.
    export
        Write names, loads, changes and hand-overs there, for the headteacher.
    approve_by
        Name of the headteacher who approves what is proposed; the proposal is not worked out again.

    Raises
    ------
    NotReadyError
        When there is no list yet.
    PlanError
        When there is nothing to approve.
    """
    if approve_by is not None:
        return _approve(workspace, approve_by)
    taken = "" if choices is None else take_choices(workspace, choices).text
    with _case_database(workspace) as engine:
        current = _current_list(workspace, engine)
        proposed = pipeline.assign_term(
            current.entries,
            current.records,
            current.settings,
            choices=current.choices,
            households=_listed_households(workspace, current),
        )
        with case_store(engine) as store:
            store.runs.reassign(current.run_id, proposed.pairings)
            store.runs.keep_report(current.run_id, ASSIGNMENT, assignment_report(proposed))
            store.note(COMMAND_LINE, "拟定包保", f"run:{current.run_id}", pupils=proposed.pupils)
        with case_reader(engine) as store:
            peers = store.runs.peers(current.run_id)
    if export is not None:
        book = assignment_workbook(workspace, current.records, current.entries, proposed, peers)
        replace_file(export, book)
    where = f"包保安排（名册、负荷、变动、交接）：{export}" if export else ""
    return Outcome(
        text="\n".join(filter(None, (taken, assignment_text(proposed), where))),
        values=assignment_report(proposed) | {"as_of": current.run.as_of, "export": export},
    )


def take_choices(workspace: Workspace, path: Path, *, by: str = COMMAND_LINE) -> Outcome:
    """Take in a filled workbook; rows that cannot be read are named, good ones are kept."""
    with _case_database(workspace) as engine:
        current = _current_list(workspace, engine)
        filled = _filled(workspace, path, current)
        with case_store(engine) as store:
            term = term_of(current.run.as_of)
            for limit in filled.limits:
                store.choices.set_limit(term, limit, by=by)
            for effect in filled.effects:
                store.choices.assume(effect, by=by)
            for rule in _new_rules(filled, current.choices):
                store.choices.add_rule(rule, by=by)
    return Outcome(_choices_text(path, filled), {"problems": filled.problems})


def write_choices_template(workspace: Workspace, path: Path) -> Path:
    """Write the workbook in which a school sets caps, assumed effects and wishes."""
    with _case_database(workspace) as engine:
        current = _current_list(workspace, engine)
    pupils = Counter(entry.school_code for entry in current.entries)
    names = current.school_names
    book = choices_workbook(
        current.policy,
        supplies(current.policy.caps, current.records["staff"], pupils),
        {code: str(names.get(code, code)) for code in sorted(pupils)},
        current.choices,
        _effects_in_force(current),
    )
    replace_file(path, book)
    return path


@contextmanager
def _case_database(workspace: Workspace) -> Iterator[Any]:
    engine = open_case_database(workspace, workspace.settings().database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _current_list(workspace: Workspace, engine: Any) -> _List:
    settings = workspace.settings()
    with case_reader(engine) as store:
        run = store.runs.current()
        if run is None or run.id is None:
            raise NotReadyError("还没有名单；先运行 kongchuo score。")
        entries = store.runs.listed(run.id, tiers=Tier)
        choices = current_choices(store, term_of(run.as_of))
    policy = load_policy(settings.data_schema)
    return _List(run, run.id, entries, choices, all_records(workspace), settings, policy)


def current_choices(store: CaseStore, term: str) -> PlanningChoices:
    """Everything that people decided and planning must keep to."""
    approved = store.assignments.current()
    return PlanningChoices(
        limits=store.choices.limits(term),
        effects=store.choices.effects(),
        rules=store.choices.rules(),
        previous={pupil: pairing.staff_no for pupil, pairing in approved.items()},
    )


def _listed_households(workspace: Workspace, current: _List) -> dict[str, str]:
    listed = [entry.student_id for entry in current.entries if entry.tier is not Tier.NONE]
    return households(workspace, listed)


def _keep_reports(
    store: CaseStore, run_id: int, allotment: Allotment, assignment: Assignment
) -> None:
    store.runs.keep_report(run_id, ALLOTMENT, allotment_report(allotment))
    store.runs.keep_report(run_id, ASSIGNMENT, assignment_report(assignment))


def _approve(workspace: Workspace, by: str) -> Outcome:
    if not by.strip():
        raise PlanError("请写明批准人姓名")
    with _case_database(workspace) as engine:
        current = _current_list(workspace, engine)
        schools: dict[str, list[str]] = {}
        for entry in current.entries:
            schools.setdefault(entry.school_code, []).append(entry.student_id)
        with case_store(engine) as store:
            for code, pupils in schools.items():
                paired = store.runs.pairings(current.run_id, pupils)
                store.assignments.approve(
                    code, term_of(current.run.as_of), current.run_id, paired.values(), by=by
                )
    pupils_of_all = len(current.entries)
    return Outcome(
        f"{by} 批准了 {len(schools):,} 所学校、{pupils_of_all:,} 名学生的包保安排；"
        "下次拟定时以此为准保持连续。",
        {"schools": len(schools), "pupils": pupils_of_all, "by": by},
    )


def _effects_in_force(current: _List) -> dict[str, tuple[float, float, float, str]]:
    effects = assumed_effects(current.policy, current.choices)
    return {
        name: (effect.low, effect.expected, effect.high, effect.basis)
        for name, effect in effects.items()
    }


def _filled(workspace: Workspace, path: Path, current: _List) -> FilledChoices:
    pseudonyms = Pseudonyms(workspace.key)
    known = set(latest_by_student(current.records["students"], current.run.as_of).index)

    def pupil_of(text: str) -> str | None:
        student_id = pseudonyms.student_id(text)
        return student_id if student_id in known else None

    return read_choices(
        path,
        current.policy,
        schools={entry.school_code for entry in current.entries},
        effects=_effects_in_force(current),
        limits=current.choices.limits,
        pupil_of=pupil_of,
        staff=load_staff_names(workspace),
    )


def _new_rules(filled: FilledChoices, choices: PlanningChoices) -> Iterator[AssignmentRule]:
    """Wishes that are not on record yet: the same workbook taken in twice changes nothing."""
    known = {_wish_key(rule) for rule in choices.rules}
    for rule in filled.rules:
        if _wish_key(rule) not in known:
            known.add(_wish_key(rule))
            yield rule


def _wish_key(rule: AssignmentRule) -> tuple[object, ...]:
    return (
        rule.kind, rule.student_id, rule.staff_no, rule.other_student, rule.value, rule.first,
        rule.last,
    )  # fmt: skip


def _choices_text(path: Path, filled: FilledChoices) -> str:
    counts = ((len(filled.limits), "项名额"), (len(filled.effects), "项效果假设"),
              (len(filled.rules), "条包保约定"))  # fmt: skip
    said = "，".join(f"{number} {words}" for number, words in counts if number) or "没有改动"
    lines = [f"{path.name}：{said}"]
    if filled.problems:
        lines.append(f"{len(filled.problems)} 处没有读成，请改正后再读一次：")
        lines += [
            f"  {found.sheet} 第 {found.row} 行 {found.column}“{found.value}”：{found.advice}"
            for found in filled.problems
        ]
    return "\n".join(lines)


def _plan_text(items: Sequence[PlanItem], listed: set[str]) -> str:
    drafted = [item for item in items if item.state is not ItemState.OPTIONAL]
    planned = {item.student_id for item in drafted}
    entitled = {item.student_id for item in drafted if item.entitled}
    return (
        f"已为 {len(planned):,} 名学生拟定 {len(drafted):,} 项措施"
        f"（名单内 {len(planned & listed):,} 名），另有 {len(items) - len(drafted):,} 项可选；"
        f"{len(entitled):,} 名学生有依法应当提供而尚未落实的（应助尽助）。"
    )


def _plan_values(
    items: Sequence[PlanItem], listed: set[str], term: pipeline.TermPlan
) -> dict[str, Any]:
    drafted = [item for item in items if item.state is not ItemState.OPTIONAL]
    states = pd.Series([str(item.state) for item in items], dtype="object").value_counts()
    return {
        "items": len(drafted),
        "pupils": len({item.student_id for item in drafted}),
        "listed": len(listed),
        "responsible": term.assignment.coverage[0],
        "states": {str(state): int(number) for state, number in states.items()},
        "entitled": len({item.student_id for item in drafted if item.entitled}),
        "peers": sum(bool(pair.helper) for pair in term.peers),
        "allotment": allotment_report(term.drafts.allotment),
        "assignment": assignment_report(term.assignment),
    }
