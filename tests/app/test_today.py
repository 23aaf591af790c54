"""今日待办 over the tiny school's real database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from streamlit.testing.v1 import AppTest

from kongchuo_risk.app.state import Key
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.clock import CHINA, at_moment
from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import open_workspace
from tests.app.opening import words
from tests.serving.school import make_workspace

MONDAY = datetime(2025, 10, 13, 8, 30, tzinfo=CHINA)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pupil a has been missing since Monday morning."""
    workspace = make_workspace(tmp_path_factory.mktemp("today") / "w")
    services = Services(workspace)
    with at_moment(MONDAY):
        services.casework.cases.open("a", note="上午未到校")
    services.close()
    return workspace.root


@pytest.fixture
def services(made_once: Path, tmp_path: Path) -> Iterator[Services]:
    services = Services(open_workspace(shutil.copytree(made_once, tmp_path / "w")))
    yield services
    services.close()


def _page(services: object, moment: object) -> None:
    # AppTest runs a copy of this source in a thread of its own, and there the moment is set.
    import datetime as dt

    from kongchuo_risk.app.navigation import render_guarded
    from kongchuo_risk.app.pages import today
    from kongchuo_risk.domain.clock import at_moment

    assert isinstance(moment, dt.datetime)
    with at_moment(moment):
        render_guarded(today.render, lambda: services)


def page(services: Services, moment: datetime = MONDAY + timedelta(days=1)) -> AppTest:
    app = AppTest.from_function(_page, args=(services, moment), default_timeout=60).run()
    assert not app.exception
    return app


def listed(app: AppTest, column: str = "事项") -> list[list[str]]:
    """A column of each table, late first."""
    return [frame.value[column].tolist() for frame in app.dataframe if column in frame.value]


def test_late_comes_first_with_who_by_when_which_form_and_why(services: Services) -> None:
    app = page(services)
    late = app.dataframe[0].value
    told = late[late["事项"] == "向学校和中心校（学区）报告"].iloc[0]
    assert (told["学生"], told["班级"], told["期限"]) == ("甲一", "八年级1班", "10月13日")
    assert (told["责任人"], told["责任岗位"]) == ("示例教师甲", "班主任")
    assert (told["表单"], told["上报给"]) == ("疑似辍学报告", "校长")
    assert "规则55" in told["依据"]
    titles = [each.value for each in app.subheader]
    assert [title.split("（")[0] for title in titles] == [
        "▲ 逾期", "◆ 今天到期", "● 一周内",
    ]  # fmt: skip


def test_a_class_a_person_and_a_post_narrow_the_list(services: Services) -> None:
    app = page(services)
    app.selectbox(key=Key.TASK_PERSON).select("T1").run()
    assert {name for names in listed(app, "责任人") for name in names} == {"示例教师甲"}
    app.selectbox(key=Key.TASK_PERSON).select_index(0)
    app.selectbox(key=Key.TASK_ROLE).select(Role.PRINCIPAL).run()
    assert {name for names in listed(app, "责任岗位") for name in names} == {"校长"}
    app.selectbox(key=Key.TASK_ROLE).select_index(0)
    app.selectbox(key=Key.CLASS).select("C2").run()
    assert {name for names in listed(app, "班级") for name in names} == {"七年级1班"}


def test_what_the_principal_is_told_of_is_one_click_away(services: Services) -> None:
    app = page(services)
    app.toggle(key=Key.RAISED).set_value(True).run()
    assert {name for names in listed(app, "上报给") for name in names} == {"校长"}


def test_nothing_to_do_is_said_in_words(services: Services) -> None:
    holiday = datetime(2025, 8, 20, 9, tzinfo=CHINA)
    app = page(services, holiday)
    app.selectbox(key=Key.CLASS).select("C2").run()
    assert [each.value for each in app.success] == [
        "所选范围内没有逾期、今天到期或一周内到期的事项。"
    ]


def test_the_printable_list_has_a_sheet_for_each_part_and_is_in_the_audit_log(
    services: Services, tmp_path: Path
) -> None:
    with at_moment(MONDAY):
        desk = services.casework.today
        path = tmp_path / "待办.xlsx"
        path.write_bytes(desk.workbook(desk.tasks()))
    assert openpyxl.load_workbook(path).sheetnames == ["逾期", "今天到期", "一周内"]
    assert "今日待办" in words(page(services))
