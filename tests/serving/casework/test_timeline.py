"""What the desk recorded stands in the pupil's file beside the imported records."""

from __future__ import annotations

from dataclasses import replace

from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.attendance import Absence, Observation
from kongchuo_risk.domain.choices import Delivery
from kongchuo_risk.domain.visit import NoticeKind
from kongchuo_risk.serving.services import Services
from kongchuo_risk.workspace import Workspace
from tests.procedure.builders import visit
from tests.serving.casework.conftest import MONDAY, Desks
from tests.serving.school import publish_list

DAY = MONDAY.date()


def test_the_file_of_a_pupil_tells_what_was_done_and_by_which_paper(
    school: Workspace, desks: Desks
) -> None:
    publish_list(school)
    desk = desks()
    blank = desk.attendance.blank("C1", DAY, "AM")
    desk.attendance.enter(replace(blank, absences=(Absence("b", "unexcused"),)))
    case = desk.cases.open("b", note="上午未到校")
    assert case.id is not None
    desk.attendance.observe(Observation("b", DAY, "aversion", "T1", level=2))
    desk.contacts.record_visit(visit(MONDAY, Role.HOMEROOM, student_id="b", case_id=None, id=None))
    desk.contacts.issue(case.id, NoticeKind.DROPOUT_REPORT, addressee="教导处", signer="校长乙")
    services = Services(school)
    services.plans.record_delivery(Delivery("b", "tutoring", DAY, sessions=6))
    timeline = services.pupil("b").timeline
    services.close()
    told = timeline[timeline["day"] == str(DAY)]
    lines = dict(zip(told["kind"], told["text"], strict=True))
    assert lines["案件"] == "立案：疑似，上午未到校"
    assert lines["考勤"] == "上午无故缺勤"
    assert lines["苗头"] == "厌学，程度中"
    assert lines["走访"].startswith("上门，见到")
    assert lines["文书"] == "《辍学报告单》示例中学控辍〔2025〕辍学报告单1号"
    assert lines["帮扶"].endswith("，6 次")


def test_what_is_known_from_both_sides_stands_there_once(school: Workspace, desks: Desks) -> None:
    publish_list(school)
    desk = desks(at=MONDAY.replace(day=14, hour=16))
    for session in ("AM", "PM"):
        blank = desk.attendance.blank("C1", DAY.replace(day=14), session)
        desk.attendance.enter(replace(blank, absences=(Absence("a", "unexcused"),)))
    services = Services(school)
    timeline = services.pupil("a").timeline
    services.close()
    assert timeline["text"].tolist().count("上午无故缺勤、下午无故缺勤") == 1
