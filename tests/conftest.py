"""Fixtures that several rooms share: the workspace of a real demo, and the real data."""

from __future__ import annotations

from pathlib import Path

import pytest

from kongchuo_risk.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def demo_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """What `kongchuo demo --preset 小样` makes, built once: treat it as read-only."""
    from kongchuo_risk.serving.demo import run_demo

    folder = tmp_path_factory.mktemp("demo") / "workspace"
    run_demo(folder, preset="小样", seed=20_240_901)
    return open_workspace(folder)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of the real data sets; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no real data beside the project (../shared/data)")
    return folder
