"""Names of what a report counts, and which numbers add up to which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kongchuo_risk.reports.indicators.catalogue import Catalogue
from kongchuo_risk.reports.ledgers.reconciliation import WAYS_IN, WAYS_OUT
from kongchuo_risk.reports.ledgers.roll import UNDOCUMENTED

AWAY = ("疑似辍学", "辍学")
OPENING, ENTERED, LEFT, CLOSING = "期初", "新增", "减少", "期末"
RETURNED = "复学"
ROLL_IN = (*WAYS_IN, f"{UNDOCUMENTED}增加")
ROLL_OUT = (*WAYS_OUT, f"{UNDOCUMENTED}减少")
REACH = ("区县内", "跨县", "跨地市", "跨省", "区县外（未细分）")
LEFT_BEHIND = {"1": "单亲留守", "2": "双亲留守"}
WORK = "工作"


def named(*parts: str) -> str:
    """The name of an item.

    >>> named("辍学", "期末"), numerator("复学率")
    ('辍学·期末', '指标·复学率·分子')
    """
    return "·".join(parts)


def numerator(indicator: str) -> str:
    """The item that holds n of an indicator."""
    return named("指标", indicator, "分子")


def denominator(indicator: str) -> str:
    """The item that holds N of an indicator."""
    return named("指标", indicator, "分母")


Equation = Mapping[str, int]
"""Item → coefficient; the sum over all items is 0."""


def equations(items: frozenset[str], catalogue: Catalogue) -> Iterator[Equation]:
    """What a reader can compute from the items of one place: balances, and n + rest = N."""
    for state in AWAY:
        yield _balance(state, (ENTERED,), (LEFT,))
    yield _balance("在籍", ROLL_IN, ROLL_OUT)
    yield _sum(named("在籍", "转学"), [named("转出", reach) for reach in REACH])
    yield _sum(named("在籍", "转入"), [named("转入", reach) for reach in REACH])
    causes = [item for item in items if item.startswith("原因·")]
    yield {**dict.fromkeys(causes, 1), **{named(state, CLOSING): -1 for state in AWAY}}
    absent = [item for item in items if item.startswith("缺席·")]
    yield {named("到校", "应到"): -1, named("到校", "实到"): 1, named("到校", "缺席"): 1}
    yield {**dict.fromkeys(absent, 1), named("到校", "缺席"): -1}
    for indicator in catalogue.indicators:
        rest = named("指标", indicator.id, "其余")
        yield {numerator(indicator.id): 1, rest: 1, denominator(indicator.id): -1}
    for one, other in _SAME:
        yield {one: 1, other: -1}


_SAME = (
    (numerator("入学率"), named("在籍", CLOSING)),
    (numerator("残疾儿童建籍率"), denominator("残疾儿童帮扶率")),
    (denominator("残疾儿童建籍率"), denominator("残疾儿童入学率")),
    (denominator("学年辍学率"), denominator("流失率")),
    (denominator("学年辍学率"), named("在籍", OPENING)),
    (denominator("摸排覆盖率"), named("在籍", CLOSING)),
    (denominator("家访覆盖率"), named("在籍", CLOSING)),
    (denominator("两免一补覆盖率"), named("在籍", CLOSING)),
    (denominator("三免一补覆盖率"), named("在籍", CLOSING)),
)
"""Items that count the same pupils under two names, some of them only in some months."""


def _balance(state: str, more: tuple[str, ...], less: tuple[str, ...]) -> Equation:
    return {
        named(state, OPENING): 1,
        **{named(state, way): 1 for way in more},
        **{named(state, way): -1 for way in less},
        named(state, CLOSING): -1,
    }


def _sum(total: str, parts: list[str]) -> Equation:
    return {**dict.fromkeys(parts, 1), total: -1}
