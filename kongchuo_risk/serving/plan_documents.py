"""Plans on paper: letters, teachers' pages, 一生一案 and 一校一案 as Word files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.plan import Pairing, PupilPlan
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.risk import RiskEntry
from kongchuo_risk.errors import NotReadyError, PlanError
from kongchuo_risk.reports.letters import LetterFacts, parent_letter
from kongchuo_risk.reports.plan_pages import pupil_plan_document, teacher_page
from kongchuo_risk.reports.school_pages import school_plan_document
from kongchuo_risk.serving.directory import Directory, build_directory
from kongchuo_risk.serving.plan_desk import PlanDesk
from kongchuo_risk.tables import load_identities, load_records, load_staff_names
from kongchuo_risk.workspace import Workspace, replace_file

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\s]+')
COMMAND_LINE = "命令行"


@dataclass(frozen=True)
class PupilPapers:
    """Everything that is printed of one pupil."""

    student_id: str
    letter: bytes | None
    """``None`` when nothing of the plan can be told to a family."""
    teacher_page: bytes
    plan: bytes

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Chinese name → content."""
        if self.letter is not None:
            yield "致家长一封信", self.letter
        yield "教师帮扶页", self.teacher_page
        yield "一生一案", self.plan


class Printer:
    """Prints plans with the names of pupils, classes and staff.

    Parameters
    ----------
    workspace
        Whose plans.
    desk
        Where the plans are.
    policy
        Says what a family is told.
    directory, staff, pupils
        Names.
    pairings
        Pupil → responsible adult.
    """

    def __init__(
        self,
        workspace: Workspace,
        desk: PlanDesk,
        policy: Policy,
        directory: Directory,
        pupils: Mapping[str, str],
        pairings: Mapping[str, Pairing],
    ) -> None:
        self._desk, self._policy, self._directory = desk, policy, directory
        self._pupils, self._pairings = pupils, pairings
        self._templates = _templates(workspace)

    def pupil(self, entry: RiskEntry) -> PupilPapers:
        """A pupil's letter, teacher's page and plan."""
        plan = self._desk.draft(entry.student_id)
        facts, staff = self._facts(entry, plan), self._directory.staff
        pairing = self._pairings.get(entry.student_id)
        page = teacher_page(
            plan,
            facts,
            self._policy,
            [reason.text for reason in entry.reasons],
            [strength.text for strength in entry.strengths],
            staff,
            reader=pairing.staff_no if pairing else "",
            templates=self._templates,
        )
        document = pupil_plan_document(plan, facts, self._policy, staff, templates=self._templates)
        return PupilPapers(entry.student_id, self._letter(plan, facts), page, document)

    def school(self, school_code: str) -> bytes:
        """A school's plan."""
        plan = self._desk.school_plan(school_code)
        name = self._directory.school(school_code)
        return school_plan_document(plan, name, self._directory.staff, templates=self._templates)

    def place(self, entry: RiskEntry) -> tuple[str, str, str]:
        """Folder of the school, folder of the class, and the pupil's name with a short number.

        Two pupils of a class may have one name; the number keeps their files apart.
        """
        name = self._pupils.get(entry.student_id, "")
        group = self._directory.class_name(entry.class_id)
        short = entry.student_id[:4]
        return self.school_folder(entry.school_code), file_name(group), file_name(f"{name}_{short}")

    def school_folder(self, school_code: str) -> str:
        """Folder of a school."""
        return file_name(self._directory.school(school_code))

    def _letter(self, plan: PupilPlan, facts: LetterFacts) -> bytes | None:
        try:
            return parent_letter(plan, facts, self._policy, templates=self._templates)
        except PlanError:
            return None

    def _facts(self, entry: RiskEntry, plan: PupilPlan) -> LetterFacts:
        pairing = self._pairings.get(entry.student_id)
        return LetterFacts(
            pupil_name=self._pupils.get(entry.student_id, entry.student_id[:8]),
            class_name=self._directory.class_name(entry.class_id),
            school_name=self._directory.school(entry.school_code),
            teacher_name=self._directory.homeroom(entry.class_id),
            teacher_phone="",
            mentor_name=self._directory.person(pairing.staff_no) if pairing else "",
            day=entry.as_of,
            plan_start=plan.start,
            plan_end=plan.end,
        )


def write_documents(
    workspace: Workspace,
    folder: Path,
    *,
    school_code: str | None = None,
    by: str = COMMAND_LINE,
    progress: Progress = silent,
) -> list[Path]:
    """Word files of everybody on the list and of every school, a folder per school and class.

    Parameters
    ----------
    folder
        Made when missing; files of the same names are replaced.
    school_code
        One school; all when empty.
    by
        Who prints, for the audit log.

    Raises
    ------
    NotReadyError
        Before the first list, or when the school has nobody on it.
    """
    settings = workspace.settings()
    engine = open_case_database(workspace, settings.database_url)
    try:
        with case_reader(engine) as store:
            run = store.runs.current()
            if run is None or run.id is None:
                raise NotReadyError("还没有名单；先运行 kongchuo score。")
            entries = store.runs.listed(run.id, school_code=school_code)
            pairings = store.runs.pairings(run.id, (entry.student_id for entry in entries))
        if not entries:
            raise NotReadyError("名单上没有这所学校的学生；请核对学校标识码。")
        with case_store(engine) as store:
            store.note(by, "导出计划文件", school_code or "全部学校", pupils=len(entries))
        records = load_records(workspace, ("schools", "classes"), as_of=run.as_of)
        opened = load_identities(workspace, (entry.student_id for entry in entries))
        printer = Printer(
            workspace,
            PlanDesk(workspace, engine, by),
            load_policy(settings.data_schema),
            build_directory(records, load_staff_names(workspace), run.as_of),
            {pupil: facts["name"] for pupil, facts in opened.items() if "name" in facts},
            pairings,
        )
        return list(_written(printer, folder, entries, progress))
    finally:
        engine.dispose()


def _written(
    printer: Printer, folder: Path, entries: Sequence[RiskEntry], progress: Progress
) -> Iterator[Path]:
    for done, entry in enumerate(entries):
        progress(done, len(entries), "写计划文件")
        school, group, name = printer.place(entry)
        for title, content in printer.pupil(entry).files():
            yield _write(folder / school / group / f"{name}_{title}.docx", content)
    for school_code in dict.fromkeys(entry.school_code for entry in entries):
        school = printer.school_folder(school_code)
        yield _write(folder / school / "一校一案.docx", printer.school(school_code))


def _templates(workspace: Workspace) -> Path | None:
    """A school's own templates: in the workspace, or beside its own rules."""
    own = workspace.root / "forms"
    rules = workspace.settings().data_schema
    return own if own.is_dir() or rules is None else rules / "forms"


def _write(path: Path, content: bytes) -> Path:
    replace_file(path, content)
    return path


def file_name(text: str) -> str:
    """``text`` as every system takes it for a file's name.

    >>> file_name("八年级(2)班 / 甲")
    '八年级(2)班_甲'
    """
    return _FORBIDDEN.sub("_", text).strip("_.") or "未命名"
