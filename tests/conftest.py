"""Fixtures that several rooms share: the workspace of a real demo, and the real data."""

from __future__ import annotations

from pathlib import Path

import pytest

from kongchuo_risk.workspace import Workspace, open_workspace

ROOT = Path(__file__).resolve().parents[1]
OUTCOMES: dict[str, set[str]] = {}
"""Test, without its parameters → how its runs of this session ended."""


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how each test ended, for the tests that are marked ``last``."""
    if report.when == "call" or report.outcome != "passed":
        OUTCOMES.setdefault(report.nodeid.split("[")[0], set()).add(report.outcome)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what judges the other tests after them."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


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
