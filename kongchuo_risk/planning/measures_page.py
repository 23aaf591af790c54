"""The policy as a page to read: ``docs/measures.md``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from kongchuo_risk.contracts.policy import (
    Cap,
    Condition,
    Measure,
    Policy,
    SchoolItem,
    Source,
    Supply,
    Taxonomy,
    Terms,
    WatchGroup,
)

_HEAD = """\
# 帮扶措施一览

本页由 `data_schema/interventions.yaml` 生成（`python -m kongchuo_risk.planning.measures_page`），\
请改该文件而不是改本页。共 {measures} 项措施、{school} 项学校事项。

怎样读：

- 任何一条“何时建议”成立、必须的条件都成立，又没有“不建议的情形”，就列入草案；\
草案须由学校确认后执行。
- 标明名单层级的条件只对名单上的学生；没有标明的，无论分数高低都适用\
（例如应助尽助、旷课当天联系监护人）。
- “可选”的不列入草案，由老师自己决定要不要；“不建议”的只在本页，带警示。
- 不能改变的情况（例如年龄）不引出任何措施；性别、民族、户口和居住村不引出任何措施。
- 残疾只引出安置和支持，不引出任何惩戒。心理筛查结果不引出任何措施，由心理教师自行联系学生。
- “依据”中的规则号是种子文件规则表的编号，引号内是原文；`evidence.md` 见 [证据](evidence.md)。
- 期限从名单日期起算，遇休息日顺延到下一个上课日（当天要做的不顺延）。\
同一措施的条款按生效日期分期，取已生效的最近一期。
- 名额不够时，先依法优先，再按效果假设排先后；没有排上的列为候补。效果假设只用来排先后，不是结论。
- 罚款、一票否决、曝光学生一律不收入。
"""


def measures_page(policy: Policy) -> str:
    """Markdown of the policy: key groups, taxonomies, caps, measures by dimension, school tasks.

    Parameters
    ----------
    policy
        The policy.

    Returns
    -------
    str
        Measures stand under their dimension in the order of the file.
    """
    counts = {"measures": len(policy.measures), "school": len(policy.school)}
    return "".join((
        _HEAD.format(**counts),
        _section("重点群体（无论分数高低都保持关注）", map(_watch, policy.watch)),
        _taxonomies(policy.taxonomies),
        _caps(policy),
        *_by_dimension(policy),
        _section("一校一案", (_school_item(item, policy) for item in policy.school)),
    ))  # fmt: skip


def _section(title: str, lines: Iterable[str]) -> str:
    return f"\n## {title}\n\n" + "".join(lines)


def _watch(group: WatchGroup) -> str:
    tests = "；或".join(test.say for test in group.any_fact)
    closed = "只对有权限的岗位显示。" if group.restricted else ""
    return f"- **{group.label}**：{tests}。依据：{_sources(group.source)}。{closed}\n"


def _taxonomies(taxonomies: Iterable[Taxonomy]) -> str:
    told = list(taxonomies)
    dimensions = tuple(dict.fromkeys(name for taxonomy in told for name in taxonomy.of))
    rows = (
        f"| {taxonomy.title} | "
        + " | ".join(taxonomy.of.get(name, "") for name in dimensions)
        + f" | {_sources(taxonomy.source)} |\n"
        for taxonomy in told
    )
    head = f"| 分类 | {' | '.join(dimensions)} | 依据 |\n|{'---|' * (len(dimensions) + 2)}\n"
    return _section("六控在其他文件中的叫法", (head, *rows))


def _caps(policy: Policy) -> str:
    head = "| 编号 | 名称 | 单位 | 默认数量 | 来源 |\n|---|---|---|---|---|\n"
    return _section("名额", (head, *(_cap(cap, policy) for cap in policy.caps)))


def _cap(cap: Cap, policy: Policy) -> str:
    later = "，排不上的顺延" if cap.spills else ""
    unit = f"{cap.unit}（按{cap.per}{later}）"
    supply = _supply(cap.supply, policy)
    return f"| `{cap.id}` | {cap.label} | {unit} | {supply} | {cap.source} |\n"


def _supply(supply: Supply, policy: Policy) -> str:
    who = "、".join(map(policy.role_label, supply.roles))
    parts = (
        (supply.per_school, f"每校 {supply.per_school:g}"),
        (supply.per_pupil, f"每名在校生 {supply.per_pupil:g}"),
        (supply.per_person, f"每名{who} {supply.per_person:g}"),
        (supply.share_of_hours, f"{who}每周可用课时的 {supply.share_of_hours:.0%}"),
    )
    return "，加".join(text for amount, text in parts if amount) or "没有"


def _by_dimension(policy: Policy) -> Iterator[str]:
    order = {name: place for place, name in enumerate(policy.taxonomies[0].of)}
    ordered = sorted(policy.measures, key=lambda measure: order[measure.dimension])
    for dimension, members in groupby(ordered, key=lambda measure: measure.dimension):
        yield f"\n## {dimension}控辍\n"
        yield from (_measure(measure, policy) for measure in members)


def _measure(measure: Measure, policy: Policy) -> str:
    lines = "".join(f"- {title}：{text}\n" for title, text in _facets(measure, policy) if text)
    return f"\n### {measure.label} `{measure.id}`\n\n{lines}"


def _facets(measure: Measure, policy: Policy) -> Iterator[tuple[str, str]]:
    yield "性质", "，".join(_nature(measure))
    yield "警示", measure.warning.rstrip("。")
    yield "何时建议", "；或".join(_condition(condition, policy) for condition in measure.when)
    yield "还必须", "，".join(test.say for test in measure.eligible)
    yield "不建议的情形", "；或".join(_condition(each, policy) for each in measure.not_when)
    yield "名额不够时依法优先", "；".join(f"{rule.say}（{rule.law}）" for rule in measure.priority)
    yield "逐项落实", "；".join(measure.checklist)
    for start, terms in sorted(measure.effective.items()):
        yield f"自 {start} 起", _terms(start, terms, policy)
    yield "给家长的话", f"「{measure.family}」" if measure.family else ""
    yield "效果假设", _effect(measure)
    yield f"证据（{measure.evidence.grade}）", _evidence(measure)
    yield "依据", f"{_sources(measure.source)}。"
    yield "其他分类", "；".join(f"{t}：{name}" for t, name in policy.aliases(measure).items())


def _nature(measure: Measure) -> Iterator[str]:
    if measure.offer != "列入草案":
        yield measure.offer
    if measure.entitled:
        yield "权利或法定义务，不能从计划中删去"
    if measure.restricted:
        yield "只给经办人看"
    if measure.needs:
        yield f"对应{'、'.join(measure.needs)}"
    if measure.strand:
        yield f"结对三条线中的{measure.strand}"


def _condition(condition: Condition, policy: Policy) -> str:
    tags = "、".join(map(policy.tag_label, condition.any_tag))
    parts = (
        f"名单层级为{'、'.join(condition.tier)}" if condition.tier else "",
        f"理由属于{'、'.join(condition.any_reason)}" if condition.any_reason else "",
        f"近 120 天有苗头：{tags}" if tags else "",
        *(test.say for test in condition.facts),
    )
    return "，".join(filter(None, parts))


def _terms(start: date, terms: Terms, policy: Policy) -> str:
    helpers = "、".join(map(policy.role_label, terms.helpers))
    owner = policy.role_label(terms.owner) + (f"（协助：{helpers}）" if helpers else "")
    hours = f"责任人每周 {terms.hours_per_week:g} 小时" if terms.hours_per_week else ""
    uses = (
        f"占用{policy.cap_by_id[use.cap].label} {use.amount:g} {policy.cap_by_id[use.cap].unit}"
        for use in terms.uses
    )
    parts = (
        owner, _deadline(terms), f"{terms.dose}（{terms.rhythm}）", hours, *uses, _cost(terms),
        f"{terms.review_days} 天后看效果", f"留下{terms.form}。",
    )  # fmt: skip
    return "；".join(filter(None, parts))


def _cost(terms: Terms) -> str:
    if terms.cost_yuan is None:
        return ""
    return f"每生每学期 {terms.cost_yuan:g} 元" if terms.cost_yuan else "不需经费"


def _deadline(terms: Terms) -> str:
    others = "，".join(f"{name}：{_days(days)}" for name, days in terms.by_profile.items())
    return _days(terms.within_days) + (f"（{others}）" if others else "")


def _days(days: int) -> str:
    return f"{days} 天内" if days else "当天"


def _effect(measure: Measure) -> str:
    effect = measure.effect
    if effect is None:
        return ""
    return (
        f"少走的风险占 {effect.expected:.0%}"
        f"（{effect.low:.0%} 至 {effect.high:.0%}）。{effect.basis}。"
    )


def _evidence(measure: Measure) -> str:
    known = measure.evidence
    source = f"出处：{known.source}。" if known.source else ""
    return f"{known.finding}不清楚的：{known.unknown}{source}"


def _school_item(item: SchoolItem, policy: Policy) -> str:
    months = "、".join(f"{month} 月" for month in item.months) or "每学期"
    return (
        f"- **{item.label}** `{item.id}`（{item.dimension}，{months}，"
        f"{policy.role_label(item.owner)}，{_days(item.within_days)}）：{'；'.join(item.checklist)}。"
        f"留下{item.form}。依据：{_sources(item.source)}。\n"
    )


def _sources(sources: Iterable[Source]) -> str:
    return "；".join(map(str, sources))


if __name__ == "__main__":
    from pathlib import Path

    from kongchuo_risk.contracts.policy_file import load_policy

    Path("docs/measures.md").write_text(measures_page(load_policy()), encoding="utf-8")
