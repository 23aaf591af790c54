"""Pictures of the app for docs/images, taken in a headless Chromium over a workspace.

Usage, from the root of the checkout: ``python -m scripts.screenshots WORKSPACE``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import open_workspace
from tests.browser.running import ROOT, find_chromium, running_app, running_browser

IMAGES = ROOT / "docs" / "images"
DESK, PHONE = 1280, 390
PATIENCE_MILLISECONDS = 60_000
SETTLING_MILLISECONDS = 3000
"""Charts are drawn a moment after their frames are there."""
_ALL_LOADED = "!document.querySelector('[data-testid=stSkeleton]')"


def take_pictures(workspace: Path) -> None:
    """One picture per page at desk width, and the list at a phone's width."""
    services = Services(open_workspace(workspace))
    first = services.worklist()["student_id"].iloc[0]
    services.close()
    with running_app(workspace) as address, running_browser(find_chromium() or "") as browser:
        _shoot(browser, f"{address}/", "worklist", DESK, 1100)
        _shoot(browser, f"{address}/", "worklist-phone", PHONE, 844)
        _shoot(browser, f"{address}/pupil?student={first}", "pupil", DESK, 2000)
        _shoot(browser, f"{address}/model", "model", DESK, 1700)


def _shoot(browser: Browser, address: str, name: str, width: int, height: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(address)
    page.get_by_text("名单日期").wait_for(timeout=PATIENCE_MILLISECONDS)
    page.wait_for_timeout(SETTLING_MILLISECONDS)
    page.wait_for_function(_ALL_LOADED, timeout=PATIENCE_MILLISECONDS)
    page.wait_for_timeout(SETTLING_MILLISECONDS)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    Image.open(path).quantize(256).save(path, optimize=True)
    page.close()


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]).resolve())
