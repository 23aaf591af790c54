"""One frozen :class:`Settings`: defaults < ``kongchuo.toml`` < environment < flags."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.sources import TomlConfigSettingsSource

from kongchuo_risk.errors import SettingsError

CONFIG_NAME = "kongchuo.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CapacitySettings(_Section):
    """How many pupils the staff can really look after."""

    pupils_per_mentor: int = Field(default=3, ge=1, le=30)
    """Load of a teacher whose row in the staff table names no 包保名额."""
    max_share: float = Field(default=0.10, gt=0, le=0.5)
    """The list never holds more than this share of a school, however many mentors there are."""
    red_share: float = Field(default=0.2, gt=0, lt=1)
    """Share of the list that is 红; the next ``orange_share`` is 橙, the rest 黄."""
    orange_share: float = Field(default=0.3, gt=0, lt=1)


class FeatureSettings(_Section):
    """Which inputs a model may see."""

    audit_only: tuple[str, ...] = ("sex", "ethnicity", "hukou_type", "judicial", "village")
    """Columns that are audited and never learned from."""
    excluded: tuple[str, ...] = ()
    """Catalogue ids left out of training and scoring."""


class TrainingSettings(_Section):
    """How models are trained and compared."""

    candidates: tuple[str, ...] = (
        "school_only", "abc_rules", "scorecard", "logistic", "lightgbm", "blend", "anchored",
    )  # fmt: skip
    champion: str = "anchored"
    snapshots_per_term: int = Field(default=3, ge=1, le=12)
    """Days per term on which features are built for training."""
    bootstrap: int = Field(default=400, ge=50, le=10_000)
    threads: int | None = Field(default=None, ge=1)
    parameters: dict[str, float | int] = {}
    """Size and restraint of what learns, as `kongchuo tune` finds them; empty means defaults."""
    window: Literal["expanding", "rolling"] = "expanding"
    """Whether forward validation learns from all earlier terms or from the latest ones."""
    window_terms: int | None = Field(default=None, ge=1)
    """Terms that a rolling window learns from."""


class Settings(BaseSettings):
    """Everything a run may be told; frozen, validated, Chinese errors.

    Examples
    --------
    >>> Settings(seed=7).seed
    7
    """

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="KONGCHUO_", env_nested_delimiter="__"
    )

    profile: str = "国家2024"
    """County rules: the name of a file in ``data_schema/profiles``."""
    seed: int = 20_240_901
    data_schema: Path | None = None
    """A folder to use in place of the packaged ``data_schema``."""
    database_url: str | None = None
    """Case database; SQLite in the workspace when empty."""
    capacity: CapacitySettings = CapacitySettings()
    features: FeatureSettings = FeatureSettings()
    training: TrainingSettings = TrainingSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags beat the environment, the environment beats the file named by the caller."""
        toml = TomlConfigSettingsSource(settings_cls, _TOML.get("file"))
        return init_settings, env_settings, toml


_TOML: dict[str, Path] = {}


def load_settings(config: Path | None = None, **flags: Any) -> Settings:
    """Settings of one run.

    Parameters
    ----------
    config
        The workspace's ``kongchuo.toml``; a missing file means defaults.
    **flags
        Values given on the command line; ``None`` means not given.

    Raises
    ------
    SettingsError
        Names every wrong entry, in Chinese.
    """
    _TOML.clear()
    if config is not None and config.is_file():
        try:
            tomllib.loads(config.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{config}: 不是有效的 TOML（UTF-8）文件：{error}") from error
        _TOML["file"] = config
    try:
        return Settings(**{name: value for name, value in flags.items() if value is not None})
    except ValidationError as error:
        problems = "；".join(
            f"{'.'.join(map(str, item['loc']))} = {item['input']!r}：{item['msg']}"
            for item in error.errors()
        )
        raise SettingsError(f"设置有误（{config or '命令行或环境变量'}）：{problems}") from error
    finally:
        _TOML.clear()
