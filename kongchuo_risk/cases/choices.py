"""What people decided for planning: limits, assumed effects, wishes, consents; and deliveries."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from kongchuo_risk.cases.audit import utc_now, write_audit
from kongchuo_risk.cases.rows import plain
from kongchuo_risk.cases.sealed import with_opened, with_sealed
from kongchuo_risk.cases.tables import assignment_rules, assumed_effects, cap_limits, deliveries
from kongchuo_risk.domain.assignment import AssignmentRule, RuleKind
from kongchuo_risk.domain.choices import COUNTY, AssumedEffect, CapLimit, Delivery
from kongchuo_risk.errors import PlanError


class ChoiceStore:
    """Choices of one unit of work; the newest word on a thing counts, the older ones stay."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set_limit(self, term: str, limit: CapLimit, *, by: str) -> None:
        """Say how much of a cap a school (or the county) has in a term.

        Raises
        ------
        PlanError
            When the amount is below zero.
        """
        if limit.amount < 0:
            raise PlanError(f"名额不能小于零：{limit.amount:g}")
        values = {"term": term, **plain(limit), "by": by, "at": utc_now()}
        self._connection.execute(cap_limits.insert().values(values))
        subject = f"学校{limit.school_code}" if limit.school_code != COUNTY else "全县"
        self._audit(by, "设置名额", subject, term=term, cap=limit.cap, amount=limit.amount)

    def limits(self, term: str) -> dict[tuple[str, str], float]:
        """(school code, cap) → amount in a term."""
        query = sa.select(cap_limits).where(cap_limits.c.term == term).order_by(cap_limits.c.id)
        rows = self._connection.execute(query)
        return {(row.school_code, row.cap): row.amount for row in rows}

    def assume(self, effect: AssumedEffect, *, by: str) -> None:
        """Set the assumed effect of a measure.

        Raises
        ------
        PlanError
            When the three values are not in order or not shares, or no reason is given.
        """
        if not -1 <= effect.low <= effect.expected <= effect.high <= 1:
            raise PlanError("效果假设应满足 -1 ≤ 低 ≤ 中 ≤ 高 ≤ 1")
        if not effect.why.strip():
            raise PlanError("修改效果假设请写明依据")
        self._connection.execute(
            assumed_effects.insert().values(**plain(effect), by=by, at=utc_now())
        )
        self._audit(by, "修改效果假设", effect.measure, expected=effect.expected)

    def effects(self) -> dict[str, AssumedEffect]:
        """Measure → assumption in place of the policy's."""
        names = ("measure", "low", "expected", "high", "why")
        rows = self._connection.execute(
            sa.select(assumed_effects).order_by(assumed_effects.c.id)
        ).mappings()
        newest = (AssumedEffect(**{name: row[name] for name in names}) for row in rows)
        return {effect.measure: effect for effect in newest}

    def add_rule(self, rule: AssignmentRule, *, by: str) -> AssignmentRule:
        """Keep a fixed point, veto, absence, wish or consent.

        Raises
        ------
        PlanError
            When no reason is given: each is read by whoever comes later.
        """
        if not rule.why.strip():
            raise PlanError(f"“{rule.kind}”请写明理由")
        values: dict[str, Any] = plain(rule) | {"by": by, "at": utc_now()}
        del values["id"]
        rule_id = self._connection.scalar(
            assignment_rules.insert().returning(assignment_rules.c.id),
            with_sealed(self._connection, values, "why"),
        )
        subject = rule.student_id or rule.staff_no
        self._audit(by, "增加包保约定", subject, kind=rule.kind, rule=rule_id)
        return _rule(values | {"id": rule_id})

    def withdraw_rule(self, rule_id: int, *, by: str) -> None:
        """End a rule; it stays on record.

        Raises
        ------
        PlanError
            When there is no such rule in force.
        """
        table = assignment_rules
        changed = self._connection.execute(
            table.update()
            .where(table.c.id == rule_id, table.c.withdrawn_at.is_(None))
            .values(withdrawn_by=by, withdrawn_at=utc_now())
        )
        if changed.rowcount != 1:
            raise PlanError(f"没有编号为 {rule_id} 的有效约定")
        self._audit(by, "撤销包保约定", f"约定{rule_id}")

    def rules(self) -> tuple[AssignmentRule, ...]:
        """Rules that nobody withdrew, oldest first."""
        table = assignment_rules
        query = sa.select(table).where(table.c.withdrawn_at.is_(None)).order_by(table.c.id)
        rows = self._connection.execute(query).mappings()
        return tuple(_rule(with_opened(self._connection, row, "why")) for row in rows)

    def deliver(self, delivery: Delivery, *, by: str) -> None:
        """Record that a measure was carried out; said again of the same day, the dose is replaced.

        Raises
        ------
        PlanError
            When it ends before it begins, or the number of sessions is below one.
        """
        if delivery.ended_on is not None and delivery.ended_on < delivery.started_on:
            raise PlanError("结束日期早于开始日期")
        if delivery.sessions is not None and delivery.sessions < 1:
            raise PlanError("次数应为 1 或以上")
        same = sa.and_(
            deliveries.c.student_id == delivery.student_id,
            deliveries.c.measure == delivery.measure,
            deliveries.c.started_on == delivery.started_on,
        )
        values = plain(delivery) | {"by": by, "at": utc_now()}
        values = with_sealed(self._connection, values, "note")
        if self._connection.execute(deliveries.update().where(same).values(values)).rowcount == 0:
            self._connection.execute(deliveries.insert().values(values))
        self._audit(by, "登记落实", delivery.student_id, measure=delivery.measure)

    def delivered(self, student_id: str | None = None) -> list[Delivery]:
        """Everything that was recorded, oldest first; of one pupil when given."""
        return [delivery for delivery, _ in self.delivered_with_day(student_id)]

    def delivered_with_day(self, student_id: str | None = None) -> list[tuple[Delivery, str]]:
        """Everything that was recorded and when it was entered (UTC, ISO 8601)."""
        query = sa.select(deliveries)
        if student_id is not None:
            query = query.where(deliveries.c.student_id == student_id)
        order = (deliveries.c.started_on, deliveries.c.id)
        names = tuple(Delivery.__dataclass_fields__)
        found = self._connection.execute(query.order_by(*order)).mappings()
        rows = [with_opened(self._connection, row, "note") for row in found]
        return [(Delivery(**{name: row[name] for name in names}), row["at"]) for row in rows]

    def _audit(self, by: str, action: str, subject: str, **detail: object) -> None:
        write_audit(self._connection, actor=by, action=action, subject=subject, **detail)


def _rule(row: dict[str, Any]) -> AssignmentRule:
    values = {name: row[name] for name in AssignmentRule.__dataclass_fields__}
    return AssignmentRule(**values | {"kind": RuleKind(row["kind"])})
