"""``interventions.yaml`` read into the policy, with all its mistakes named at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.policy import (
    DERIVED_FACTS,
    NEVER_A_TRIGGER,
    OUTSIDE,
    Condition,
    FactTest,
    Measure,
    Policy,
    PolicyFile,
    Terms,
)
from kongchuo_risk.contracts.reading import parse, read_yaml
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.errors import ContractError


@lru_cache(maxsize=8)
def load_policy(folder: Path | None = None) -> Policy:
    """``interventions.yaml`` with every name in it checked against the tables and code lists.

    Raises
    ------
    ContractError
        Names all mistakes at once, each with its measure.

    Examples
    --------
    >>> policy = load_policy()
    >>> policy.by_id["home_visit"].label
    '家访'
    >>> policy.role_label("mentor"), policy.role_label("counsellor")
    ('包保教师', '心理教师')
    """
    source = data_schema(folder) / "interventions.yaml"
    content = parse(PolicyFile, read_yaml(source), source=source)
    policy = Policy(**dict(content), schema=load_schema(folder))
    profiles = {path.stem for path in (data_schema(folder) / "profiles").glob("*.yaml")}
    problems = [*_policy_problems(policy), *_profile_problems(policy, profiles)]
    if problems:
        raise ContractError(f"{source} 不符合约定：\n  " + "\n  ".join(problems))
    return policy


def _policy_problems(policy: Policy) -> Iterator[str]:
    named = (
        ("", [measure.id for measure in policy.measures]),
        ("名额 ", [cap.id for cap in policy.caps]),
        ("学校事项 ", [item.id for item in policy.school]),
        ("分类 ", [taxonomy.id for taxonomy in policy.taxonomies]),
    )
    for kind, ids in named:
        yield from (f"{kind}{id_}: 编号重复" for id_, n in Counter(ids).items() if n > 1)
    for measure in policy.measures:
        yield from (f"{measure.id}: {text}" for text in _measure_problems(measure, policy))
    yield from _other_problems(policy)


def _profile_problems(policy: Policy, profiles: set[str]) -> Iterator[str]:
    for measure in policy.measures:
        for terms in measure.effective.values():
            unknown = sorted(set(terms.by_profile) - profiles)
            yield from (f"{measure.id}: 没有名为“{name}”的地方规则" for name in unknown)


def _measure_problems(measure: Measure, policy: Policy) -> Iterator[str]:
    for condition in measure.conditions:
        yield from _condition_problems(condition, policy.schema)
    for terms in measure.effective.values():
        yield from _role_problems((terms.owner, *terms.helpers), policy.schema)
        yield from _use_problems(measure, terms, policy)
    for test in measure.tests:
        yield from _fact_problems(test, policy.schema)
    titles = {taxonomy.id for taxonomy in policy.taxonomies}
    yield from (f"没有分类 {name}" for name in measure.also if name not in titles)


def _condition_problems(condition: Condition, schema: Schema) -> Iterator[str]:
    if condition.is_empty:
        yield "有一个条件没有内容，会套用到每一名学生"
    yield from _tag_problems(condition.any_tag, schema)


def _tag_problems(tags: Iterable[str], schema: Schema) -> Iterator[str]:
    known = schema.codes["observation_tag"].values
    yield from (f"没有苗头 {tag}" for tag in tags if tag not in known)


def _role_problems(roles: Iterable[str], schema: Schema) -> Iterator[str]:
    known = schema.codes["staff_role"].values
    yield from (f"没有岗位 {role}" for role in roles if role not in known and role not in OUTSIDE)


def _use_problems(measure: Measure, terms: Terms, policy: Policy) -> Iterator[str]:
    yield from (f"没有名额 {use.cap}" for use in terms.uses if use.cap not in policy.cap_by_id)
    if terms.uses and measure.effect is None:
        yield "占用名额的措施须写明效果假设（effect），否则无法比较先后"


def _other_problems(policy: Policy) -> Iterator[str]:
    schema = policy.schema
    for group in policy.watch:
        if not all(test.among for test in group.any_fact):
            yield f"重点群体 {group.label}: 只能按取值（among）认定"
        for test in group.any_fact:
            problems = _fact_problems(test, schema, may_be_anything=True)
            yield from (f"重点群体 {group.label}: {text}" for text in problems)
    for need in policy.needs:
        for test in need.facts:
            problems = _fact_problems(test, schema)
            yield from (f"需求 {need.dimension}: {text}" for text in problems)
        problems = _tag_problems(need.any_tag, schema)
        yield from (f"需求 {need.dimension}: {text}" for text in problems)
    for cap in policy.caps:
        problems = _role_problems(cap.supply.roles, schema)
        yield from (f"名额 {cap.id}: {text}" for text in problems)
    for item in policy.school:
        problems = _role_problems((item.owner,), schema)
        yield from (f"学校事项 {item.id}: {text}" for text in problems)


def _fact_problems(
    test: FactTest, schema: Schema, *, may_be_anything: bool = False
) -> Iterator[str]:
    if test.fact in NEVER_A_TRIGGER and not may_be_anything:
        yield f"措施不得取决于 {test.fact}"
    if not (test.missing or test.among) and test.at_least is None and test.at_most is None:
        yield f"{test.fact}: 没有写明取值或界限"
    if test.fact in DERIVED_FACTS:
        return
    field = schema.tables["students"].by_name.get(test.fact)
    if field is None or field.is_identity:
        yield f"没有事实 {test.fact}（应是学生表的一列，或 {'、'.join(DERIVED_FACTS)}）"
        return
    codes = schema.codes_of(field)
    if codes is not None and not codes.open:
        unknown = [str(value) for value in test.among if str(value) not in codes.values]
        yield from (f"{test.fact}: 代码表 {field.codes} 中没有 {value}" for value in unknown)
