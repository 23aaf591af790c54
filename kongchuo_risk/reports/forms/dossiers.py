"""The files that a school keeps of one pupil: 一生一档, and that of a left-behind child."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from kongchuo_risk.domain.case import CaseEvent
from kongchuo_risk.domain.clock import day_of
from kongchuo_risk.reports.forms.case_reports import absence_values
from kongchuo_risk.reports.forms.checklists import load_checklists
from kongchuo_risk.reports.forms.facts import Carer, CaseFile, Dossier, Entry, LeftBehindFile
from kongchuo_risk.reports.forms.filling import (
    HEAD,
    NO_DAY,
    OPEN,
    PAPER,
    PUPIL,
    TICKED,
    VISIT,
    day_or_line,
    head_values,
    paper_rows,
    rows,
    ticked,
    visit_rows,
    yes_or_no,
)
from kongchuo_risk.reports.forms.visit_records import OBSERVATION, observation_rows
from kongchuo_risk.reports.templates import Field, Form, Kind
from kongchuo_risk.reports.wording import short_day

FEW_ROWS, CONTACT_ROWS = 3, 7
LEFT_BEHIND_KINDS = ("单亲留守", "双亲留守")


class Section(StrEnum):
    """Variants of 一生一档 (rules 129, 130, 143); a pupil may need several."""

    POOR = "贫困"
    DROPOUT = "辍学"
    RETURNED = "返校"


ENTRY = (
    Field("序号", "1、2、3 …；空行没有序号"),
    Field("时间", "日期或学期"),
    Field("内容", "是什么"),
    Field("备注", "其他要说明的"),
)
EVENT = (
    Field("序号", "1、2、3 …；空行没有序号"),
    Field("日期", "例如 2026.3.9"),
    Field("状态", "案件从哪一步到哪一步"),
    Field("经办", "谁办的；有复核人的一并写出"),
    Field("说明", "说明；要有权限才印出"),
)
CARER = (
    Field("关系", "与学生的关系"),
    Field("姓名", "姓名"),
    Field("电话", "联系电话"),
    Field("地点", "务工或居住的地方"),
    Field("备注", "其他要说明的"),
)
_LISTS = {
    "考勤": "各学期的到校情况",
    "学业": "各学期的学业情况，只和自己比，不列排名",
    "异动": "转学、休学、复学等",
    "资助": "资助项目、金额和发放日期",
    "计划": "帮扶计划的各个版本",
}

PUPIL_FILE = Form(
    "一生一档",
    "一名学生的档案；困难家庭、辍学、返校学生各多出专门的部分。",
    (
        *HEAD, *PUPIL,
        Field("就读方式", "走读、住校"),
        Field("包保教师", "包保教师姓名；没有时为空"),
        Field("群体", "重点关爱的群体，用顿号隔开；要有权限才印出"),
        *(Field(section, f"有{section}部分", Kind.YES_NO) for section in Section),
        Field("长处", "学生的长处，照原话", Kind.TEXTS),
        *(Field(name, meaning, Kind.ENTRIES, ENTRY) for name, meaning in _LISTS.items()),
        Field("走访", "走访和联系；谈话要有权限才印出", Kind.ENTRIES, VISIT),
        Field("未到校起", "本次未到校的第一天"),
        Field("原因", "原因；只给授权人员看的原因要有权限才印出"),
        Field("去向", "各种去向，已知的打钩"),
        Field("包案人", "包案教师姓名；没有时为空"),
        Field("经过", "案件办理的经过", Kind.ENTRIES, EVENT),
        Field("文书", "发出的文书", Kind.ENTRIES, PAPER),
        Field("返校日期", "返校的日子；没有时留空线"),
        Field("观察", "返校以后的观察", Kind.ENTRIES, OBSERVATION),
    ),
)  # fmt: skip
LEFT_BEHIND = Form(
    "留守儿童档案",
    "一名留守儿童的档案：父母外出情况、委托照护、联系记录、“五个一”清单。",
    (
        *HEAD, *PUPIL,
        Field("就读方式", "走读、住校"),
        Field("包保教师", "包保教师姓名；没有时为空"),
        Field("留守类型", "单亲留守、双亲留守，打钩"),
        Field("外出", "外出务工的父母", Kind.ENTRIES, CARER),
        *(Field(f"照护人{part.name}", f"委托照护人：{part.meaning}") for part in CARER),
        Field("书面委托", "有没有书面委托，打钩"),
        Field(
            "五个一", "“五个一”清单；在 forms/checklists.yaml 里改", Kind.ENTRIES,
            (Field("框", f"已做到为 {TICKED}，否则为 {OPEN}"), Field("内容", "清单的一条")),
        ),
        Field("联系", "孩子与父母的联系，每周至少一次", Kind.ENTRIES, ENTRY),
        Field("走访", "走访和联系", Kind.ENTRIES, VISIT),
    ),
)  # fmt: skip


def values_of_pupil_file(dossier: Dossier, *, restricted: bool = False) -> dict[str, object]:
    """What 一生一档 is filled with (rules 129–131, 143).

    Parameters
    ----------
    dossier
        An empty one gives a form with every section, to be filled by hand.
    restricted
        Print groups, restricted causes, what was said on visits, and notes of the case.
    """
    file = dossier.file
    shown = sections_of(dossier)
    return {
        **head_values(file, restricted=restricted),
        **_card(file),
        "群体": "、".join(file.pupil.groups) if restricted else "",
        **{section.value: section in shown for section in Section},
        "长处": list(dossier.strengths),
        "考勤": _entries(dossier.attendance),
        "学业": _entries(dossier.marks),
        "异动": _entries(dossier.moves),
        "资助": _entries(dossier.aid),
        "计划": _entries(dossier.plans),
        "走访": _visits(file, restricted=restricted),
        **_case(file, restricted=restricted),
    }


def sections_of(dossier: Dossier) -> frozenset[Section]:
    """Variants that this pupil's file needs; of nobody's file, all of them."""
    case = dossier.file.case
    holds = {
        Section.POOR: dossier.is_poor or bool(dossier.aid),
        Section.DROPOUT: case is not None,
        Section.RETURNED: case is not None and case.returned_on is not None,
    }
    known = bool(dossier.file.pupil.name)
    return frozenset(section for section, needed in holds.items() if needed or not known)


def values_of_left_behind(
    child: LeftBehindFile, *, restricted: bool = False, templates: Path | None = None
) -> dict[str, object]:
    """What 留守儿童档案 is filled with (rules 173, 174; 未成年人保护法 22, 23; 国发〔2016〕13号).

    Parameters
    ----------
    child
        The child's facts.
    restricted
        Print what was said on visits.
    templates
        A school's own templates, with its own ``checklists.yaml``.
    """
    file = child.file
    return {
        **head_values(file, restricted=restricted),
        **_card(file),
        "留守类型": ticked(LEFT_BEHIND_KINDS, (child.kind,)),
        "外出": [_carer(parent) for parent in _two_or_more(child.away)],
        **{f"照护人{name}": text for name, text in _carer(child.carer).items()},
        "书面委托": yes_or_no(child.entrusted_in_writing),
        "五个一": [
            {"框": TICKED if item in child.done else OPEN, "内容": item}
            for item in load_checklists(templates).five_ones
        ],
        "联系": _entries(child.contacts, CONTACT_ROWS),
        "走访": _visits(file, restricted=restricted),
    }


def _two_or_more(parents: tuple[Carer, ...]) -> tuple[Carer, ...]:
    """Rows for father and mother, one of them to write in where only one is away."""
    return parents + (Carer(),) * (2 - len(parents))


def _card(file: CaseFile) -> dict[str, object]:
    return {"就读方式": file.pupil.boarding, "包保教师": file.pupil.mentor_name}


def _case(file: CaseFile, *, restricted: bool) -> dict[str, object]:
    case = file.case
    absence = absence_values(file, restricted=restricted)
    return {
        **{name: absence[name] for name in ("未到校起", "原因", "去向")},
        "包案人": file.owner_name,
        "经过": rows([_event(e, restricted=restricted) for e in file.events], EVENT, FEW_ROWS),
        "文书": paper_rows(file, FEW_ROWS),
        "返校日期": day_or_line(case.returned_on) if case else NO_DAY,
        "观察": observation_rows(file),
    }


def _event(event: CaseEvent, *, restricted: bool) -> dict[str, str]:
    came_from = f"{event.from_status} → " if event.from_status else ""
    second = f"；复核：{event.confirmed_by}" if event.confirmed_by else ""
    return {
        "日期": short_day(day_of(event.at)),
        "状态": f"{came_from}{event.to_status}",
        "经办": f"{event.by}{second}",
        "说明": event.note if restricted else "",
    }


def _visits(file: CaseFile, *, restricted: bool) -> list[dict[str, str]]:
    private = {} if restricted else {"谈话": "", "困难": ""}
    return [{**row, **private} for row in visit_rows(file, FEW_ROWS)]


def _entries(entries: Sequence[Entry], at_least: int = FEW_ROWS) -> list[dict[str, str]]:
    told = [{"时间": entry.when, "内容": entry.what, "备注": entry.note} for entry in entries]
    return rows(told, ENTRY, at_least)


def _carer(carer: Carer) -> dict[str, str]:
    return {
        "关系": carer.relation,
        "姓名": carer.name,
        "电话": carer.phone,
        "地点": carer.place,
        "备注": carer.note,
    }
