"""The verbs of planning over a tiny school and over the demo: propose, read choices, approve."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.cases import case_reader, case_store, open_case_database
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.plan import ItemState
from kongchuo_risk.domain.risk import Reason, Tier
from kongchuo_risk.errors import NotReadyError, PlanError
from kongchuo_risk.serving import planning
from kongchuo_risk.serving.choices_book import CAPS, WISHES
from kongchuo_risk.serving.households import households
from kongchuo_risk.serving.planning_reports import ALLOTMENT, ASSIGNMENT
from kongchuo_risk.serving.services import Services
from kongchuo_risk.serving.tables_book import Sheet, read_rows, workbook
from kongchuo_risk.tables.manifest import IDENTITIES, writing
from kongchuo_risk.tables.sealing import Sealer
from kongchuo_risk.tables.writing import BatchWriter
from kongchuo_risk.workspace import Workspace, create_workspace, open_workspace
from tests.cases.builders import item
from tests.serving.school import REASON, entry, make_workspace, publish_list

LEARNING = Reason("学业", "score_z", "成绩在年级后 10%", 1.0, True)
USUAL = (
    replace(entry("a", Tier.RED, 1), reasons=(REASON, LEARNING)),
    entry("b", Tier.YELLOW, 2),
    entry("c", Tier.NONE, 3, class_id="C2"),
)


@pytest.fixture
def school(tmp_path: Path) -> Workspace:
    workspace = make_workspace(tmp_path / "w")
    publish_list(workspace, *USUAL)
    return workspace


@pytest.fixture
def own_copy(demo_workspace: Workspace, tmp_path: Path) -> Workspace:
    """A copy that a test may write to."""
    shutil.copytree(demo_workspace.root, tmp_path / "copy")
    return open_workspace(tmp_path / "copy")


def _stored(workspace: Workspace) -> tuple[dict, dict, dict, dict]:
    """Items and pairings by pupil, and the two reports, of the current list."""
    engine = open_case_database(workspace)
    with case_reader(engine) as store:
        run = store.runs.current()
        assert run is not None
        assert run.id is not None
        found = (
            store.runs.plan(run.id, "abc"), store.runs.pairings(run.id, "abc"),
            store.runs.report(run.id, ALLOTMENT), store.runs.report(run.id, ASSIGNMENT),
        )  # fmt: skip
    engine.dispose()
    return found


def _workbook(tmp_path: Path, title: str, **columns: list) -> Path:
    path = tmp_path / "填好.xlsx"
    path.write_bytes(workbook([Sheet(title, pd.DataFrame(columns))]))
    return path


def test_a_plan_proposes_measures_an_adult_and_says_how_scarce_places_went(
    school: Workspace,
) -> None:
    result = planning.plan(school)
    items, pairings, allotment, assignment = _stored(school)
    assert {item.measure for item in items["a"]} >= {"mentor_pairing", "home_visit"}
    assert {pupil: pair.staff_no for pupil, pair in pairings.items()} == dict.fromkeys("abc", "T1")
    assert assignment["covered"] == assignment["pupils"] == 3
    assert allotment["gap"] == 0
    assert "包保覆盖 3/3（100.0%）" in result.text
    assert json.loads(json.dumps(result.as_dict(), default=str))["responsible"] == 3


def test_before_the_first_list_planning_says_what_to_do_first(tmp_path: Path) -> None:
    empty = create_workspace(tmp_path)
    for verb in (planning.plan, planning.assign):
        with pytest.raises(NotReadyError, match="kongchuo score"):
            verb(empty)


def test_optional_measures_are_kept_apart_from_the_draft(school: Workspace) -> None:
    planning.plan(school)
    states = {item.state for item in _stored(school)[0]["a"]}
    assert ItemState.OPTIONAL in states
    assert ItemState.DRAFTED in states


def test_a_cap_of_the_school_makes_somebody_wait(school: Workspace, tmp_path: Path) -> None:
    book = _workbook(
        tmp_path,
        CAPS,
        学校标识码=["S1"],
        名额编号=["interest_places"],
        本学期=[0],
        说明=["没有场地"],
    )
    result = planning.plan(school, choices=book)
    waiting = [
        item.warning
        for items in _stored(school)[0].values()
        for item in items
        if item.state is ItemState.WAITING
    ]
    assert "本校没有兴趣班名额，列为候补" in waiting
    assert "兴趣班名额（各校）：候补 1 项" in result.text


def test_a_workbook_taken_in_twice_changes_nothing(school: Workspace, tmp_path: Path) -> None:
    book = _workbook(
        tmp_path, WISHES, 类别=["请假"], 工号=["T1"], 开始=["2025-10-01"], 结束=["2026-01-30"],
        理由=["产假"],
    )  # fmt: skip
    for _ in range(2):
        planning.take_choices(school, book)
    engine = open_case_database(school)
    with case_reader(engine) as store:
        assert [rule.kind for rule in store.choices.rules()] == [RuleKind.ABSENCE]
    engine.dispose()


def test_a_row_that_cannot_be_read_is_named_and_the_good_one_kept(
    school: Workspace, tmp_path: Path
) -> None:
    book = _workbook(
        tmp_path, CAPS, 学校标识码=["S1", "S9"], 名额编号=["hardship_fund"] * 2, 本学期=[500, 1],
        说明=["", ""],
    )  # fmt: skip
    text = planning.take_choices(school, book).text
    assert "1 项名额" in text
    assert "名额 第 3 行 学校标识码“S9”：没有这所学校" in text


def test_the_template_shows_every_school_and_can_be_taken_in_at_once(
    school: Workspace, tmp_path: Path
) -> None:
    path = planning.write_choices_template(school, tmp_path / "计划参数.xlsx")
    schools = {row.text("学校") for row in read_rows(path, CAPS, ("学校", "名额"))}
    assert schools == {"示例中学", "全县"}
    assert "没有改动" in planning.take_choices(school, path).text


def test_an_approved_assignment_is_what_the_next_one_is_compared_with(school: Workspace) -> None:
    planning.plan(school)
    assert "3 名学生" in planning.assign(school, approve_by="示例校长").text
    again = planning.assign(school)
    assert again.values["changes"]["不变"] == 3
    assert "与上次批准的安排相比：不变 3" in again.text


def test_approval_needs_a_name(school: Workspace) -> None:
    with pytest.raises(PlanError, match="批准人姓名"):
        planning.assign(school, approve_by=" ")


def test_when_nobody_may_be_the_mentor_the_answer_is_what_would_help(school: Workspace) -> None:
    engine = open_case_database(school)
    with case_store(engine) as store:
        wish = AssignmentRule(RuleKind.ASK_LANGUAGE, "a", value="苗语", why="家长提出")
        store.choices.add_rule(wish, by="班主任")
    engine.dispose()
    result = planning.assign(school)
    assert result.values["covered"] == 3
    assert result.values["unplaced"] == ["a"]
    assert result.values["relaxations"]
    assert "最小的放宽办法" in result.text


def test_the_assignment_on_paper_has_names_loads_and_reasons(
    school: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "包保.xlsx"
    planning.assign(school, export=path)
    rows = list(read_rows(path, "包保名册", ("学校", "学生", "责任教师", "为什么")))
    assert [(row.text("学生"), row.text("责任教师")) for row in rows] == [
        ("甲一", "示例教师甲"), ("=甲二", "示例教师甲"),
    ]  # fmt: skip
    [load] = read_rows(path, "教师负荷", ("教师", "包保学生"))
    assert load.text("包保学生") == "2"


def test_pupils_with_one_guardians_telephone_live_together(school: Workspace) -> None:
    sealer = Sealer(school.key)
    phones = [("guardian1", "a", "1"), ("guardian2", "b", "1"), ("guardian1", "c", "2")]
    with writing(school):
        writer = BatchWriter(school, "B2")
        writer.append_sealed(
            IDENTITIES,
            [
                (owner, pupil, sealer.seal(json.dumps({f"guardian_{owner[-1]}_phone": phone})))
                for owner, pupil, phone in phones
            ],
        )
        writer.commit([], imported_at="2025-10-15T09:00:00", adapter=None, report=None)
    assert households(school, ["a", "b", "c"]) == {"a": "a", "b": "a"}
    assert households(school, ["a", "c"]) == {}


def test_planning_the_demo_again_changes_nothing(own_copy: Workspace) -> None:
    first = planning.plan(own_copy).values
    second = planning.plan(own_copy).values
    for part in ("items", "pupils", "states", "entitled"):
        assert first[part] == second[part]
    assert first["responsible"] == first["assignment"]["pupils"]


def test_everybody_with_a_right_is_alerted_whatever_the_score(demo_workspace: Workspace) -> None:
    services = Services(demo_workspace)
    alerts = services.plans.alerts()
    listed = set(services.worklist()["student_id"])
    assert not set(alerts["student_id"]) <= listed
    assert "aid" in set(alerts["measure"])
    watched = services.plans.watched()
    assert {entry.student_id for entry in watched} - listed
    assert all(entry.watch for entry in watched)


def test_what_few_may_know_is_in_no_list_and_marked_on_the_pupils_page(school: Workspace) -> None:
    engine = open_case_database(school)
    quiet = item("a", "bullying_response", label="欺凌处置", restricted=True)
    with case_store(engine) as store:
        run = store.runs.current()
        assert run is not None
        assert run.id is not None
        store.runs.replan(run.id, plan=[item("a"), quiet], paired=[])
    engine.dispose()
    services = Services(school)
    listed = services.worklist().set_index("student_id")["measures"]
    assert not [text for text in listed["a"] if "欺凌" in text]
    assert {found.label for found in services.pupil("a").plan if found.restricted} == {"欺凌处置"}
