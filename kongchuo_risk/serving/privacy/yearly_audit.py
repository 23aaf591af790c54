"""What the audit log says of a year, for the yearly audit (未成年人网络保护条例 第三十七条)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kongchuo_risk.cases import AuditRow, case_reader, open_case_database
from kongchuo_risk.contracts.privacy import Unusual, load_privacy
from kongchuo_risk.domain.clock import CHINA
from kongchuo_risk.reports.privacy_pages import ASSESSMENT, YEARLY_AUDIT, audit_report
from kongchuo_risk.reports.privacy_values import AuditFacts
from kongchuo_risk.serving.privacy.assessment import unit_name
from kongchuo_risk.serving.privacy.papers import keep_report, kept_reports
from kongchuo_risk.serving.privacy.purposes import EXPORTED
from kongchuo_risk.serving.privacy.retention import DONE, due_for_deletion
from kongchuo_risk.serving.privacy.subject_export import WHAT
from kongchuo_risk.tables import list_batches, load_records
from kongchuo_risk.workspace import Workspace

VIEWED, REFUSED = "查看", ("拒绝", "退回", "不同意")
"""How actions of the audit log begin."""
_SHOWN_DAYS = 3


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the log, in the school's time."""

    moment: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]

    @property
    def day(self) -> date:
        return self.moment.date()

    @property
    def is_look(self) -> bool:
        return self.action.startswith(VIEWED)

    @property
    def is_export(self) -> bool:
        return self.action.startswith(EXPORTED)

    @property
    def purpose(self) -> str:
        """Why something was exported; empty when nobody said."""
        return "：".join(str(self.detail[n]) for n in ("purpose", "why") if self.detail.get(n))


def write_yearly_audit(workspace: Workspace, year: int, *, by: str, day: date) -> Path:
    """Write 未成年人个人信息保护合规审计报告 of a year into ``reports/privacy``.

    Parameters
    ----------
    workspace
        Whose log is read.
    year
        Calendar year in the school's time.
    by
        Who asks for it.
    day
        The day on which it is made.
    """
    content = audit_report(audit_facts(workspace, year, by=by, day=day))
    return keep_report(workspace, f"{YEARLY_AUDIT.name}-{year}年度", day, content)


def audit_facts(workspace: Workspace, year: int, *, by: str, day: date) -> AuditFacts:
    """Everything about a year that the workspace knows."""
    settings = workspace.settings()
    engine = open_case_database(workspace, settings.database_url)
    try:
        with case_reader(engine) as store:
            log, chain = deeds_of(store.audit_rows(), year), store.verify_audit()
    finally:
        engine.dispose()
    due = due_for_deletion(workspace, day)
    return AuditFacts(
        unit=unit_name(load_records(workspace, ("schools",))["schools"]),
        year=year,
        day=day,
        by=by,
        rows=len(log),
        is_whole=chain.is_whole,
        broken_at=chain.broken_at,
        people=tuple(people(log)),
        exports=tuple(_exports(log)),
        unusual=tuple(unusual(log, load_privacy(settings.data_schema).unusual)),
        deletions=tuple(_deletions(log)),
        refusals=tuple(_refusals(log)),
        requests=sum(deed.action == f"{EXPORTED}{WHAT}" for deed in log),
        due=dict(Counter(due.loc[due["held"].eq(""), "label"])),
        assessments=tuple(
            path.stem for path in kept_reports(workspace) if path.stem.startswith(ASSESSMENT.name)
        ),
        imports=tuple(_imports(workspace, year)),
    )


def deeds_of(rows: Iterable[AuditRow], year: int) -> list[Deed]:
    """Rows of a year in the school's time, oldest first."""
    deeds = (Deed(_local(row.at), row.actor, row.action, row.subject, row.detail) for row in rows)
    return [deed for deed in deeds if deed.moment.year == year]


def _local(moment: str) -> datetime:
    return datetime.fromisoformat(moment).astimezone(CHINA)


def people(log: Iterable[Deed]) -> Iterator[tuple[str, int, int, int, int]]:
    """Who, how many looks, at how many pupils, exports, changes; who looked most comes first."""
    own: dict[str, list[Deed]] = defaultdict(list)
    for deed in log:
        own[deed.actor].append(deed)
    for actor in sorted(own, key=lambda name: (-sum(d.is_look for d in own[name]), name)):
        deeds = own[actor]
        looks = [deed for deed in deeds if deed.is_look]
        exports = sum(deed.is_export for deed in deeds)
        pupils = len({deed.subject for deed in looks})
        yield actor, len(looks), pupils, exports, len(deeds) - len(looks) - exports


def unusual(log: Sequence[Deed], limits: Unusual) -> Iterator[tuple[str, str, str]]:
    """Who, what, and the figures: what a person should look into; it accuses nobody."""
    yield from _many_looks(log, limits.pupils_a_day)
    yield from _many_exports(log, limits.exports_a_day)
    yield from _nights(log, limits)
    silent = Counter(deed.actor for deed in log if deed.is_export and not deed.purpose)
    for actor, number in sorted(silent.items()):
        yield actor, "导出没有写明用途", f"{number} 次"


def _many_looks(log: Iterable[Deed], limit: int) -> Iterator[tuple[str, str, str]]:
    seen: dict[tuple[str, date], set[str]] = defaultdict(set)
    for deed in log:
        if deed.is_look:
            seen[deed.actor, deed.day].add(deed.subject)
    for (actor, day), pupils in seen.items():
        if len(pupils) > limit:
            yield actor, "一天查看很多学生", f"{day}：{len(pupils)} 名（超过 {limit}）"


def _many_exports(log: Iterable[Deed], limit: int) -> Iterator[tuple[str, str, str]]:
    made = Counter((deed.actor, deed.day) for deed in log if deed.is_export)
    for (actor, day), number in made.items():
        if number > limit:
            yield actor, "一天多次导出", f"{day}：{number} 次（超过 {limit}）"


def _nights(log: Iterable[Deed], limits: Unusual) -> Iterator[tuple[str, str, str]]:
    nights: dict[str, list[date]] = defaultdict(list)
    for deed in log:
        if (deed.is_look or deed.is_export) and limits.is_night(deed.moment.hour):
            nights[deed.actor].append(deed.day)
    for actor, days in sorted(nights.items()):
        some = list(dict.fromkeys(map(str, days)))
        shown = "、".join(some[:_SHOWN_DAYS]) + (" 等" if len(some) > _SHOWN_DAYS else "")
        yield actor, "夜间查看或导出", f"{len(days)} 次，{shown}"


def _exports(log: Iterable[Deed]) -> Iterator[tuple[str, str, str, str, str]]:
    for deed in log:
        if deed.is_export:
            what = deed.action.removeprefix(EXPORTED)
            yield str(deed.day), deed.actor, what, deed.purpose or "未写", deed.subject


def _deletions(log: Iterable[Deed]) -> Iterator[tuple[str, str, int, int, str]]:
    for deed in log:
        if deed.action == DONE:
            detail = deed.detail
            rows = sum(detail["rows"].values())
            yield str(deed.day), deed.actor, rows, int(detail["files"]), str(detail["reason"])


def _refusals(log: Iterable[Deed]) -> Iterator[tuple[str, str, str]]:
    for deed in log:
        if deed.action.startswith(REFUSED):
            yield str(deed.day), deed.actor, f"{deed.action}（{deed.subject}）"


def _imports(workspace: Workspace, year: int) -> Iterator[tuple[str, int]]:
    for batch in list_batches(workspace):
        if batch.imported_at.startswith(str(year)):
            yield batch.imported_at[:10], sum(batch.rows.values())
