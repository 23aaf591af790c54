"""One small school, made once and copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kongchuo_risk.workspace import Workspace, open_workspace
from tests.serving.privacy.builders import privacy_workspace


@pytest.fixture(scope="package")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return privacy_workspace(tmp_path_factory.mktemp("privacy") / "工作区").root


@pytest.fixture(scope="package")
def untouched(made: Path) -> Workspace:
    """For tests that only look."""
    return open_workspace(made)


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    return open_workspace(Path(shutil.copytree(made, tmp_path / "工作区")))
