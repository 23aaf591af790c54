"""What is processed why, how long it is kept, and for which purposes it may leave the tool."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field as PydanticField

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import ContractError

LEFT, HAPPENED = "离校", "发生"
"""From when a period runs: the day on which a pupil left, or the day of each record."""


class Leaving(Contract):
    """When a pupil counts as gone."""

    changes: tuple[str, ...]
    """Codes of ``change_type``."""
    statuses: tuple[str, ...]
    """Codes of ``student_status``."""
    age: int
    """Years; for a pupil whose leaving nobody recorded."""
    source: tuple[str, ...]


class Retention(Contract):
    """How long one kind of data is kept (个人信息保护法 第十九条)."""

    id: str
    label: str
    since: Literal["离校", "发生"]
    months: int = PydanticField(gt=0)
    tables: tuple[str, ...] = ()
    """Contract tables."""
    database: tuple[str, ...] = ()
    """Parts of the case database; see ``cases/erasure.py``."""
    whole: bool = False
    """Everything that is known of a pupil goes."""
    files: bool = False
    """Files of the workspace's reports."""
    because: str
    source: tuple[str, ...]

    @property
    def rule(self) -> str:
        """The rule as people read it."""
        return f"{self.label}：{self.since}满{months_in_words(self.months)}"

    def cutoff(self, today: date) -> date:
        """What began on this day or before is due.

        >>> kind = load_privacy().kind("psych")
        >>> kind.cutoff(date(2026, 2, 28))
        datetime.date(2025, 2, 28)
        """
        return months_before(today, self.months)


class Kept(Contract):
    """What the deletion leaves, and why."""

    label: str
    months: int | None = None
    """At least so long; for good when empty."""
    because: str
    source: tuple[str, ...]


class Processing(Contract):
    """One processing activity (处理活动记录)."""

    id: str
    label: str
    what: str
    why: str
    basis: str
    law: tuple[str, ...]
    who: str
    receivers: str
    retention: str
    """Id of a kind in ``retention``."""
    automated: bool = False


class Purpose(Contract):
    """Why an export may be made."""

    code: str
    label: str
    basis: str
    note: bool = False
    """Whether the circumstances must be written down too."""


class Risk(Contract):
    """A risk to pupils, what it does, and what stands against it (第五十六条)."""

    risk: str
    impact: str
    measure: str


class Unusual(Contract):
    """What a yearly audit asks a person to look into."""

    pupils_a_day: int
    exports_a_day: int
    night_from: int
    night_until: int

    def is_night(self, hour: int) -> bool:
        """Whether an hour of the day lies in the night.

        >>> [load_privacy().unusual.is_night(hour) for hour in (21, 22, 5, 6)]
        [False, True, True, False]
        """
        return hour >= self.night_from or hour < self.night_until


class PrivacyRules(Contract):
    """``privacy.yaml``."""

    source: tuple[str, ...]
    leaving: Leaving
    retention: tuple[Retention, ...]
    kept: tuple[Kept, ...]
    processing: tuple[Processing, ...]
    purposes: tuple[Purpose, ...]
    unusual: Unusual
    risks: tuple[Risk, ...]

    @cached_property
    def by_id(self) -> dict[str, Retention]:
        return {kind.id: kind for kind in self.retention}

    def kind(self, id_: str) -> Retention:
        """The rule of one kind of data."""
        return self.by_id[id_]

    @property
    def whole(self) -> Retention:
        """The rule after which nothing is left of a pupil."""
        return next(kind for kind in self.retention if kind.whole)


def months_in_words(months: int) -> str:
    """A period as people say it.

    >>> months_in_words(36), months_in_words(18)
    ('3年', '18个月')
    """
    return f"{months // 12}年" if months % 12 == 0 else f"{months}个月"


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where it has no such day.

    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@lru_cache(maxsize=8)
def load_privacy(folder: Path | None = None) -> PrivacyRules:
    """``privacy.yaml`` of the workspace's or the shipped rules.

    Raises
    ------
    ContractError
        Names every mistake: tables that do not exist, activities without a period, a pupil's
        file that would go while other tables still point to it.

    >>> load_privacy().kind("psych").rule
    '心理筛查等级：发生满1年'
    """
    source = data_schema(folder) / "privacy.yaml"
    rules = parse(PrivacyRules, read_yaml(source), source=source)
    problems = list(_problems(rules, set(load_schema(folder).tables)))
    if problems:
        raise ContractError(f"{source} 不一致：\n  " + "\n  ".join(problems))
    return rules


def _problems(rules: PrivacyRules, tables: set[str]) -> Iterator[str]:
    for kind in rules.retention:
        yield from (f"{kind.id}: 没有数据表 {name}" for name in sorted({*kind.tables} - tables))
        if "students" in kind.tables and not kind.whole:
            yield f"{kind.id}: 学生表只能和全部资料一起删除（whole: true）"
    if sum(kind.whole for kind in rules.retention) != 1:
        yield "保存期里要有且只有一项 whole: true"
    for activity in rules.processing:
        if activity.retention not in rules.by_id:
            yield f"处理活动 {activity.id}: 没有保存期 {activity.retention}"
    codes = [purpose.code for purpose in rules.purposes]
    yield from (
        f"用途代码重复：{code}" for code in sorted({c for c in codes if codes.count(c) > 1})
    )
