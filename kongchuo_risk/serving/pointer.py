"""Which model ranks the list, and which ranked before it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from kongchuo_risk.workspace import Workspace, replace_file

POINTER, HISTORY = "current.json", "history.jsonl"
TRAINED, PROMOTED, ROLLED_BACK = "训练", "启用", "退回"


def point(
    workspace: Workspace, shelved: Mapping[str, str], *, action: str, by: str, because: str = ""
) -> None:
    """Let the model of ``shelved`` rank the list from now on.

    The pointer is replaced before the history is written: after a crash between the two, the
    history is mended from the pointer.

    Parameters
    ----------
    shelved : mapping
        Fields of :class:`~kongchuo_risk.serving.model_shelf.Shelved`.
    action
        :data:`TRAINED`, :data:`PROMOTED` or :data:`ROLLED_BACK`.
    """
    past = history(workspace)
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {"at": moment, "action": action, "by": by, "because": because, **shelved}
    content = json.dumps(dict(shelved), ensure_ascii=False, indent=1)
    replace_file(workspace.models / POINTER, content.encode("utf-8"))
    lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in (*past, entry))
    replace_file(workspace.models / HISTORY, lines.encode("utf-8"))


def history(workspace: Workspace) -> list[dict[str, str]]:
    """Every change of the pointer, oldest first: ``at, action, by, because`` and the model."""
    path, now = workspace.models / HISTORY, current(workspace)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    past = [json.loads(line) for line in lines]
    if now is not None and (not past or past[-1]["version"] != now["version"]):
        # Pointed to before there was a history, or just before a crash.
        past.append({"at": "", "action": TRAINED, "by": "", "because": "", **now})
    return past


def current(workspace: Workspace) -> dict[str, str] | None:
    """Fields of the model that ranks; None before the first training."""
    path = workspace.models / POINTER
    if not path.is_file():
        return None
    fields: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return fields


def before(workspace: Workspace) -> dict[str, str] | None:
    """The model to which a rollback returns: the one that ranked before the present one did.

    Each rollback takes one step further back, past models that were themselves rolled back.
    """
    ranked: list[dict[str, str]] = []
    for entry in history(workspace):
        if entry["action"] == ROLLED_BACK:
            while ranked and ranked[-1]["version"] != entry["version"]:
                ranked.pop()
        if not ranked or ranked[-1]["version"] != entry["version"]:
            ranked.append(entry)
    if len(ranked) < 2:
        return None
    about_the_change = ("at", "action", "by", "because")
    return {name: value for name, value in ranked[-2].items() if name not in about_the_change}
