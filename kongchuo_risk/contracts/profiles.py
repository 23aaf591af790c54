"""County rules: what counts as 疑似辍学 and 辍学, and how far ahead we look."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from pydantic import Field

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import SettingsError


class OutcomeRules(Contract):
    """When a pupil counts as suspected or confirmed, and until when the outcome is watched."""

    suspect_after_days: float = Field(gt=0)
    """Unexcused school days in a row that make 疑似辍学."""
    confirm_after_days: float = Field(gt=0)
    """Unexcused school days in a row that make 辍学."""
    weeks_into_next_term: int = Field(ge=0, le=20)
    """The horizon ends after this many weeks of the next term."""
    not_reported_is_suspected: bool = True
    """Not back at term start without a transfer counts as 疑似辍学."""


class Profile(Contract):
    """Rules of one county or one document, with their sources."""

    name: str
    title: str
    description: str
    source: tuple[str, ...]
    outcome: OutcomeRules


@lru_cache(maxsize=16)
def load_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile called ``name``.

    Raises
    ------
    SettingsError
        Lists the profiles that exist.
    """
    profiles = data_schema(folder) / "profiles"
    source = profiles / f"{name}.yaml"
    if not source.is_file():
        known = "、".join(sorted(path.stem for path in profiles.glob("*.yaml")))
        raise SettingsError(f"没有名为“{name}”的地方规则；现有：{known}")
    return parse(Profile, read_yaml(source), source=source)
