"""Pages over the real services and a real database of one tiny school."""

from __future__ import annotations

from pathlib import Path

from kongchuo_risk.app.state import Key
from kongchuo_risk.serving.services import Services
from tests.app.opening import open_page, words
from tests.serving.school import DAY, REASON, make_workspace, publish_list


def published(folder: Path) -> Services:
    workspace = make_workspace(folder / "workspace")
    publish_list(workspace)
    return Services(workspace, actor="示例教师甲")


def test_every_page_shows_the_published_list(tmp_path: Path) -> None:
    services = published(tmp_path)
    first = services.worklist()["student_id"].iloc[0]
    assert REASON.text in words(open_page("worklist", services))
    assert REASON.text in words(open_page("pupil", services, student=first))
    assert f"名单日期 **{DAY}**" in words(open_page("model", services))
    services.close()


def test_a_contact_noted_on_the_page_becomes_the_last_contact(tmp_path: Path) -> None:
    services = published(tmp_path)
    first = services.worklist().iloc[0]
    app = open_page("worklist", services)
    app.button(key=f"feedback-{first['student_id']}").click().run()
    app.button(key=Key.SEND).click().run()
    assert services.worklist()["last_contact"].iloc[0] > first["last_contact"]
    services.close()
