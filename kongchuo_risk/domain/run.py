"""A published score run: which day, which model, and what the gate said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Run:
    """Head of a published list.

    ``id`` and ``created_at`` (UTC, ISO 8601) are given when the run is stored; ``revision`` counts
    how often it was planned since.
    """

    as_of: date
    model: str
    verdict: str
    """The gate's sentence: why this model ranks the list, or why the scorecard does."""
    profile: str
    model_version: str = ""
    base_rate: str = ""
    """The base rate in words; see :class:`kongchuo_risk.serving.views.Overview`."""
    synthetic: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)
    id: int | None = None
    created_at: str = ""
    revision: int = 0


class FeedbackKind(StrEnum):
    """What a teacher says of a line of the list."""

    CONTACTED = "已联系"
    NOT_APPLICABLE = "不适用"
    FALSE_ALARM = "误报"
