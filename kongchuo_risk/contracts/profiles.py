"""County rules: what counts as 疑似辍学 and 辍学, how far ahead we look, and the procedure."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import Field

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.procedure import Procedure
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.errors import ContractError, SettingsError


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
    procedure: Procedure


@lru_cache(maxsize=16)
def load_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile called ``name``; what it leaves out comes from the one that it ``extends``.

    Raises
    ------
    SettingsError
        Lists the profiles that exist.
    ContractError
        When profiles extend one another in a circle, or one says what cannot be.
    """
    profiles = data_schema(folder) / "profiles"
    content = _read(name, profiles, chain=())
    return parse(Profile, content, source=profiles / f"{name}.yaml")


def profile_names(folder: Path | None = None) -> list[str]:
    """Names of the profiles that exist."""
    return sorted(path.stem for path in (data_schema(folder) / "profiles").glob("*.yaml"))


def _read(name: str, profiles: Path, *, chain: tuple[str, ...]) -> dict[str, Any]:
    source = profiles / f"{name}.yaml"
    if not source.is_file():
        known = "、".join(sorted(path.stem for path in profiles.glob("*.yaml")))
        raise SettingsError(f"没有名为“{name}”的地方规则；现有：{known}")
    if name in chain:
        raise ContractError(f"{source}: extends 绕成了圈：{' → '.join((*chain, name))}")
    content = dict(read_yaml(source))
    base = content.pop("extends", None)
    if base is None:
        return content
    return _merged(_read(base, profiles, chain=(*chain, name)), content)


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """``own`` on top of ``base``, entry by entry; a list replaces a list."""
    merged = dict(base)
    for name, value in own.items():
        both = isinstance(value, dict) and isinstance(base.get(name), dict)
        merged[name] = _merged(base[name], value) if both else value
    return merged
