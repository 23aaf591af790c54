"""The real script over the real services on the workspace of a demo."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from kongchuo_risk.app.launch import WORKSPACE_VARIABLE, app_script
from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import Workspace
from tests.app.opening import open_page, words

pytestmark = pytest.mark.demo

_FIGURES_OF_RISK = ("概率", "log-odds", "对数几率")


@pytest.fixture
def services(demo_workspace: Workspace) -> Iterator[Services]:
    services = Services(demo_workspace)
    yield services
    services.close()


def test_the_script_opens_on_the_list_of_the_demo(
    demo_workspace: Workspace, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WORKSPACE_VARIABLE, str(demo_workspace.root))
    app = AppTest.from_file(str(app_script()), default_timeout=60).run()
    assert not app.exception
    assert not app.error
    first = services.worklist().iloc[0]
    assert app.page_link[0].proto.query_string == f"student={first['student_id']}"
    assert "合成数据" in words(app)


def test_the_first_pupil_of_the_demo_has_reasons_measures_and_no_figure_of_risk(
    services: Services,
) -> None:
    student_id = services.worklist()["student_id"].iloc[0]
    pupil = services.pupil(student_id)
    page = words(open_page("pupil", services, student=student_id))
    assert pupil.reasons
    assert pupil.plan
    for text in (*(reason.text for reason in pupil.reasons), *(item.label for item in pupil.plan)):
        assert text in page
    assert not any(word in page for word in _FIGURES_OF_RISK)


def test_the_model_page_of_the_demo_shows_verdict_and_base_rate(
    services: Services,
) -> None:
    app = open_page("model", services)
    assert app.info[0].value.replace("\\", "") == "本名单由评分卡排序；历史还不够检验训练的模型。"
    assert services.model_page().verdict in words(app)
    assert services.overview().base_rate in words(app)
