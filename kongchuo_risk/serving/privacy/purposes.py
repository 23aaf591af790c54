"""Why something leaves the tool: asked before every export, kept in the audit log."""

from __future__ import annotations

from dataclasses import dataclass

from kongchuo_risk.cases import CaseStore
from kongchuo_risk.contracts.privacy import Purpose, load_privacy
from kongchuo_risk.errors import CaseError

EXPORTED = "导出"
"""What the audit log calls an export; others begin with this word."""
_MARKS = "：:"


@dataclass(frozen=True, slots=True)
class ExportPurpose:
    """Why an export is made (个人信息保护法 第六条: 明确、合理的目的)."""

    code: str
    label: str
    note: str = ""

    def __str__(self) -> str:
        return f"{self.label}：{self.note}" if self.note else self.label


def purposes() -> tuple[Purpose, ...]:
    """The purposes that may be chosen, in the order of ``privacy.yaml``."""
    return load_privacy().purposes


def require_purpose(text: str | None) -> ExportPurpose:
    """The purpose that a person gave.

    Parameters
    ----------
    text
        Code or label of ``privacy.yaml``, with the circumstances after a colon.

    Raises
    ------
    CaseError
        When none was given, it is not in the list, or it needs circumstances; names the list.

    Examples
    --------
    >>> str(require_purpose("help"))
    '帮扶会商'
    >>> str(require_purpose("移交乡镇或有关部门：某案移交"))
    '移交乡镇或有关部门：某案移交'
    """
    word, note = _parts(text or "")
    found = next((each for each in purposes() if word in (each.code, each.label)), None)
    if found is None:
        given = f"没有用途“{word}”" if word else "导出前请写明用途"
        raise CaseError(f"{given}；可选：{_choices()}")
    if found.note and not note:
        raise CaseError(f"用途“{found.label}”还要写明具体情况，例如：{found.label}：送给谁、为什么")
    return ExportPurpose(found.code, found.label, note)


def note_export(
    store: CaseStore, actor: str, what: str, purpose: ExportPurpose, *, subject: str = "全部"
) -> None:
    """Put an export into the audit log, in the transaction of ``store``.

    Call it before the file is handed over: an export that cannot be recorded is not made.

    Parameters
    ----------
    store
        A unit of work that writes.
    actor
        Who exports.
    what
        Such as 名单 or 包保安排.
    purpose
        From :func:`require_purpose`.
    subject
        The pupil's pseudonym, a school's code, or everybody.
    """
    store.note(actor, f"{EXPORTED}{what}", subject, purpose=purpose.label, why=purpose.note)


def _parts(text: str) -> tuple[str, str]:
    at = min((text.index(mark) for mark in _MARKS if mark in text), default=len(text))
    return text[:at].strip(), text[at + 1 :].strip()


def _choices() -> str:
    return "、".join(f"{each.code}（{each.label}）" for each in purposes())
