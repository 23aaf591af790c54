"""The procedure as a page to read: ``docs/procedure.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kongchuo_risk.contracts.procedure import (
    DEADLINES,
    DeadlineRule,
    MoveRule,
    Procedure,
    Target,
)
from kongchuo_risk.contracts.profiles import Profile, load_profile, profile_names
from kongchuo_risk.domain.actor import Role
from kongchuo_risk.domain.case import AWAY, NEXT_STATUS, CaseStatus
from kongchuo_risk.domain.visit import NoticeKind

DEFAULT = "国家2024"
_HEAD = """\
# 办理程序：案件、期限和报表

本页由 `data_schema/profiles/*.yaml` 生成（`python -m kongchuo_risk.procedure.procedure_page`），\
请改这些文件而不是改本页。各规则的实例在 `data_schema/examples/procedure.yaml`，改了规则先运行它们。

怎样读：

- **期限是算出来的，不是存下来的。** 每次打开今日待办（`kongchuo today`），都用当时的记录、校历和\
地方规则重新计算。哪一天没有打开，什么也不会丢；打开两次，什么也不会多。
- **做了没有，看记录。** 家访、文书、步骤一登记，期限自己就变成“已完成”；\
过了期限才登记的是“逾期完成”，学生回来了还没有做的是“未做”。
- 逾期的事上报校长；校长自己的事逾期，上报中心校（学区）；中心校的，上报县教体局。
- 期限从学校知道的时候起算。“上课日”按校历：学校导入了校历的用校历，\
没有导入的日子用工具自带的节假日和调休，工具还不知道的年份按周一至周五，并有提示。
- 半天的规则：上午的事当天下午前，下午的事当天晚上前；第二天才知道的，从知道的那个半天算起。
- 任何真实的联系都算联系（上门、电话、线上），但只有上门才算上户和家访次数；文书要有回执才算送达。
- 谁可以把案件改成什么，由一处规则判断，缺什么一次说全。销号和移交须由另一人复核；\
复核时情况变了，要重新判断。
- 再次辍学从头计算期限；前一次的逾期仍按前一次记录。
- 依法处理由政府和司法机关进行，学校只如实记录。罚款、一票否决、公开曝光一律不计算。
- 标“取值”的天数是本工具取的：出处要求办这件事，但没有写几天。各地可以改。
- “依据”中的数字是规则表 `data_schema/rules.csv` 的编号；`evidence.md` 见 [证据](evidence.md)。

换一个地方规则：在 `kongchuo.toml` 写 `profile = "永镇"`。自己写一个：在 `data_schema/profiles/` \
新建 `名称.yaml`，第一行写 `extends: 国家2024`，只写不同的地方；每一处都要写 `source`。
"""
_NEEDS = {"owner": "包案教师", "cause": "原因", "destination": "去向", "return_day": "返校日期"}
_PERIODS = {"day": "每日", "week": "每周", "month": "每月", "quarter": "每季度", "term": "每学期",
            "year": "每学年"}  # fmt: skip
_LEVELS = {"class": "班级", "school": "学校", "office": "中心校（学区）", "bureau": "县教体局"}


def procedure_page(profiles: Sequence[Profile]) -> str:
    """Markdown of the procedure: the first profile in full, of the others what differs.

    Parameters
    ----------
    profiles
        The default first.

    Returns
    -------
    str
        Deadlines and moves stand in the order of the procedure.
    """
    default = profiles[0].procedure
    return "".join((
        _HEAD,
        _section("地方规则", map(_profile, profiles)),
        _section("什么时候立案", _detection(profiles)),
        _section("期限", _deadlines(profiles)),
        _section("案件怎样往下走", _moves(default)),
        _section("家访和跟踪", _visits_and_watch(default)),
        _section("定期报表", _reports(default)),
        _section("学年里的事", _duties(default)),
        _section("指标的控制线", _targets(profiles)),
    ))  # fmt: skip


def all_profiles() -> list[Profile]:
    """Every profile there is, the default first."""
    names = [DEFAULT, *(name for name in profile_names() if name != DEFAULT)]
    return [load_profile(name) for name in names]


def term_of_rule(rule: DeadlineRule) -> str:
    """A term in words.

    >>> term_of_rule(load_profile("永镇").procedure.deadlines["first_visit"])
    '下一个半天内'
    """
    if rule.unit == "half_day":
        return "下一个半天内" if rule.within else "当个半天内"
    if rule.unit == "day" and rule.within < 2:
        return "次日以前" if rule.within else "当天"
    words = {"day": "天", "school_day": "个上课日", "week": "周", "month": "个月"}
    return f"{rule.within} {words[rule.unit]}内" if rule.within else "当个上课日"


def _section(title: str, lines: Iterable[str]) -> str:
    return f"\n## {title}\n\n" + "".join(f"{line}\n" for line in lines)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _profile(profile: Profile) -> str:
    return f"- **{profile.name}**（{profile.title}）：{profile.description}{_cited(profile.source)}"


def _detection(profiles: Sequence[Profile]) -> Iterator[str]:
    rules = profiles[0].procedure.detection
    yield from _table(
        ("地方规则", "连续几个半天无故未到就立案"),
        ((each.name, str(each.procedure.detection.suspect_after_sessions)) for each in profiles),
    )
    yield ""
    yield "- 一名学生就立案。没有点名表的半天不知道情况，不算缺勤，也不打断连续；放假不打断。"
    yield (
        f"- 一个班缺勤达到 {rules.mass_share_of_class:.0%}，或全校达到 "
        f"{rules.mass_share_of_school:.0%}，并且不少于 {rules.mass_pupils} 人的，"
        "多半是天气、集市、流感，由人当天判断，不自动立案。"
    )
    yield "- 病假、事假、迟到不是疑似辍学。已有案件的学生不重复立案。"
    yield f"- {_cited(rules.source).strip('（）')}"


def _deadlines(profiles: Sequence[Profile]) -> Iterator[str]:
    default = profiles[0].procedure.deadlines
    rows = (
        (rule.title, starts, _terms(name, profiles), rule.owner, rule.form or "–",
         "、".join(rule.source))
        for name, starts in DEADLINES.items()
        for rule in (default[name],)
    )  # fmt: skip
    return _table(("事项", "从什么时候起算", "期限", "谁来办", "表单", "依据"), rows)


def _terms(name: str, profiles: Sequence[Profile]) -> str:
    """The default's term, and after it those of the profiles that say otherwise."""
    usual = _term(profiles[0].procedure.deadlines[name])
    others: dict[str, list[str]] = {}
    for profile in profiles[1:]:
        own = _term(profile.procedure.deadlines[name])
        if own != usual:
            others.setdefault(own, []).append(profile.name)
    return "；".join((usual, *(f"{'、'.join(names)}：{own}" for own, names in others.items())))


def _term(rule: DeadlineRule) -> str:
    return term_of_rule(rule) + ("（取值）" if rule.chosen else "")


def _moves(procedure: Procedure) -> Iterator[str]:
    rows = (
        (status, _from(status), _in_order(rule.roles), "；".join(_asked(rule)),
         _in_order(rule.second) or "–", "、".join(rule.source))
        for status in CaseStatus
        if (rule := procedure.moves.get(status)) is not None
    )  # fmt: skip
    yield from _table(("改成", "从", "谁可以办", "须先具备", "谁复核", "依据"), rows)
    yield ""
    yield "改回“疑似”（再次辍学）不须材料，学校里谁发现都可以提出。"


def _from(status: CaseStatus) -> str:
    before = [state for state in CaseStatus if status in NEXT_STATUS[state]]
    if set(before) == AWAY:
        return f"{before[0]}至{before[-1]}的任何一步"
    return "、".join(before)


def _asked(rule: MoveRule) -> Iterator[str]:
    """What a move asks for."""
    needs = [words for name, words in _NEEDS.items() if name in rule.needs]
    if needs:
        yield "、".join(needs)
    if rule.min_visits:
        yield f"上门家访 {rule.min_visits} 次"
    yield from (f"签发《{paper}》" for paper in NoticeKind if paper in rule.issued)
    yield from (f"送达《{paper}》" for paper in NoticeKind if paper in rule.delivered)
    yield from (f"《{paper}》送达且期限已过" for paper in NoticeKind if paper in rule.expired)
    if rule.papers:
        yield f"收到{'、'.join(rule.papers)}"
    if rule.note:
        yield "情况说明"
    if rule.evidence:
        yield "依据的材料"


def _visits_and_watch(procedure: Procedure) -> Iterator[str]:
    visits, watch = procedure.visits, procedure.watch
    yield (
        f"- 学生未返校期间，每学期上门家访不少于 {visits.per_term} 次，"
        f"至少每 {visits.pace_days} 天一次。{_cited(visits.source)}"
    )
    yield f"- 对每名学生，每学年至少家访 {visits.routine_per_year} 次，不论有没有风险。"
    yield (
        f"- 复学后跟踪观察 {watch.observations} 次，每 {watch.every_days} 天一次"
        f"（两次之间至少隔 {watch.least_days_apart} 天）；连续 {watch.observations} 次都在校，"
        f"才能销号。{_cited(watch.source)}"
    )


def _reports(procedure: Procedure) -> Iterator[str]:
    rows = (
        (name, rule.title, _PERIODS[rule.period], _due(rule.period, rule.due_day), rule.owner,
         _LEVELS[rule.level], "、".join(rule.source))
        for name, rule in procedure.reports.items()
    )  # fmt: skip
    return _table(("报表", "名称", "周期", "期限", "谁来报", "哪一级", "依据"), rows)


def _due(period: str, day: int) -> str:
    if period == "month" and day:
        return f"当月 {day} 日"
    if day:
        return f"期满后 {day} 天内"
    return "当天（上课日）" if period == "day" else "期内最后一个上课日"


def _duties(procedure: Procedure) -> Iterator[str]:
    duties = procedure.duties
    months = "、".join(f"{month} 月" for month in duties.publicity_months)
    month, day = map(int, duties.letters_by.split("-"))
    yield f"- 宣传月：{months}。"
    yield f"- 控辍保学工作会议：每 {duties.meeting_every_days} 天至少一次；每学期交流一次经验。"
    yield f"- 责任书：每学年 {month} 月 {day} 日前与各班班主任签订。"
    yield f"- 开学逐一核查：开学后 {duties.term_check_days} 天内，每个班核对每一名学生。"
    yield f"- {_cited(duties.source).strip('（）')}"


def _targets(profiles: Sequence[Profile]) -> Iterator[str]:
    yield "各份文件的控制线不一样；报表把每个率写成人数和比例，并注明用的是哪一条。"
    yield ""
    rows = (
        (indicator, stage, _bound(target), profile.name, "、".join(target.source))
        for profile, own in _own_targets(profiles)
        for indicator, stages in own.items()
        for stage, target in stages.items()
    )
    yield from _table(("指标", "学段", "控制线", "地方规则", "依据"), rows)


def _own_targets(
    profiles: Sequence[Profile],
) -> Iterator[tuple[Profile, Mapping[str, Mapping[str, Target]]]]:
    """Targets of each profile that the default does not have in the same words."""
    usual = profiles[0].procedure.targets
    yield profiles[0], usual
    for profile in profiles[1:]:
        targets = profile.procedure.targets
        yield profile, {name: own for name, own in targets.items() if own != usual.get(name)}


def _bound(target: Target) -> str:
    if target.at_least is not None:
        return f"至少 {target.at_least:.0%}"
    return f"至多 {target.at_most:.0%}"


def _in_order(roles: Iterable[Role]) -> str:
    chosen = set(roles)
    return "、".join(role for role in Role if role in chosen)


def _cited(sources: Iterable[str]) -> str:
    return f"（依据：{'、'.join(sources)}）"


if __name__ == "__main__":
    Path("docs/procedure.md").write_text(procedure_page(all_profiles()), encoding="utf-8")
