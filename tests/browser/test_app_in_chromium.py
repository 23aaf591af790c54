"""The app as a teacher meets it: the real demo in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.views import PupilFile
from kongchuo_risk.workspace import Workspace
from tests.browser.running import PATIENCE_SECONDS, find_chromium, running_app, running_browser

pytestmark = [pytest.mark.browser, pytest.mark.demo]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        pytest.skip("no Chromium; set KONGCHUO_CHROMIUM to its path")
    with running_browser(path) as browser:
        yield browser


@pytest.fixture(scope="module")
def address(demo_workspace: Workspace, browser: Browser) -> Iterator[str]:
    with running_app(demo_workspace.root) as address:
        yield address


@pytest.fixture(scope="module")
def first(demo_workspace: Workspace) -> Iterator[PupilFile]:
    """The file of the first pupil on the list."""
    services = Services(demo_workspace)
    worklist: pd.DataFrame = services.worklist()
    yield services.pupil(worklist["student_id"].iloc[0])
    services.close()


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield page
    page.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.set_default_timeout(PATIENCE_SECONDS * 1000)
    yield page
    page.close()


def see(page: Page, *, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading).first).to_be_visible(
        timeout=PATIENCE_SECONDS * 1000
    )


def test_a_teacher_opens_the_first_pupil_of_the_list_and_reads_why(
    address: str, first: PupilFile, desk: Page
) -> None:
    requested: list[str] = []
    desk.on("request", lambda request: requested.append(request.url))
    desk.goto(address)
    see(desk, heading="包保名单")
    expect(desk.get_by_text("合成数据").first).to_be_visible()
    desk.get_by_role("link", name="打开档案").first.click()

    see(desk, heading="学生档案")
    see(desk, heading=first.name)
    assert first.reasons
    for reason in first.reasons:
        expect(desk.get_by_text(reason.text).first).to_be_visible()
    assert f"student={first.student_id}" in desk.url
    outside = [url for url in requested if not url.startswith((address, "data:", "blob:"))]
    assert outside == []


def test_the_address_of_a_pupil_opens_on_a_phone_without_sideways_scrolling(
    address: str, first: PupilFile, phone: Page
) -> None:
    phone.goto(f"{address}/pupil?student={first.student_id}")
    see(phone, heading=first.name)
    see(phone, heading="可以帮助的情况")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
