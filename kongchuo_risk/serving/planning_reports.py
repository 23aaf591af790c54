"""What planning says of itself: caps and their worth, coverage, changes, what would help."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from kongchuo_risk.contracts.policy import Policy
from kongchuo_risk.domain.allotment import Allotment
from kongchuo_risk.domain.assignment import Assignment, Change

ALLOTMENT, ASSIGNMENT = "名额", "包保"
"""Kinds of report that are kept with a run."""
_SHOWN = 5
_NEARLY_NOTHING = 5e-4


def allotment_report(allotment: Allotment) -> dict[str, Any]:
    """Everything about scarce places, as plain values."""
    return {
        "chosen": len(allotment.chosen),
        "left_out": len(allotment.left_out),
        "put_off": sum(week > 0 for week in allotment.weeks.values()),
        "benefit": asdict(allotment.benefit),
        "gap": allotment.gap,
        "seconds": round(allotment.seconds, 3),
        "worth": _plain_rows(allotment.worth),
        "sensitivity": _plain_rows(allotment.sensitivity),
    }


def allotment_text(
    allotment: Allotment, policy: Policy, schools: Mapping[str, str] | None = None
) -> str:
    """Caps in a few Chinese lines: who waits, by which cap, and what one more would bring.

    ``schools`` gives names of schools by their codes.
    """
    names = schools or {}
    benefit = allotment.benefit
    lines = [
        f"有名额的措施排上 {len(allotment.chosen):,} 项，候补 {len(allotment.left_out):,} 项，"
        f"顺延到以后几周 {sum(week > 0 for week in allotment.weeks.values()):,} 项；"
        f"按效果假设约可多留住 {benefit.expected:.2f} 名学生"
        f"（假设取低值 {benefit.low:.2f}、取高值 {benefit.high:.2f}；"
        f"与最优的差距不超过 {allotment.gap:.2%}）。"
    ]
    counts = Counter((left.cap, left.county) for left in allotment.left_out)
    for (cap, county), number in counts.most_common():
        where = "全县" if county else "各校"
        lines.append(f"  {policy.cap_by_id[cap].label}（{where}）：候补 {number:,} 项")
    worth = allotment.worth
    most = worth[worth["one_more"] > _NEARLY_NOTHING].nlargest(_SHOWN, "one_more")
    if not most.empty:
        lines.append("  最值得增加的名额（每增加一份约可多留住的学生数，按效果假设）：")
        lines += [
            f"    {names.get(row['school_code'], row['school_code'])} {row['label']}："
            f"{row['one_more']:.3f} 名"
            for row in most.to_dict("records")
        ]
    return "\n".join(lines)


def assignment_report(assignment: Assignment) -> dict[str, Any]:
    """Everything about who answers for whom but the pairings themselves, as plain values."""
    covered, pupils = assignment.coverage
    return {
        "covered": covered,
        "pupils": pupils,
        "unplaced": list(assignment.unplaced),
        "cost": assignment.cost,
        "bound": assignment.bound,
        "loads": _plain_rows(assignment.loads),
        "changes": {str(kind): number for kind, number in assignment.change_counts.items()},
        "changed": [_change(change) for change in assignment.changes if change.was != change.now],
        "handovers": [handover.text for handover in assignment.handovers],
        "relaxations": [asdict(part) for part in assignment.relaxations],
        "problems": list(assignment.problems),
        "guarantees": dict(Counter(guarantee.level for guarantee in assignment.guarantees)),
    }


def assignment_text(assignment: Assignment) -> str:
    """包保 in a few Chinese lines: coverage, changes, what would relieve the caps, problems."""
    covered, pupils = assignment.coverage
    share = f"{covered / pupils:.1%}" if pupils else "—"
    mentored = sum(pairing.kind == "包保教师" for pairing in assignment.pairings)
    lines = [
        f"包保覆盖 {covered:,}/{pupils:,}（{share}）：{mentored:,} 名重点学生有包保教师，"
        f"其余由班主任负责；{_proof(assignment)}"
    ]
    if assignment.changes:
        said = "、".join(f"{kind} {n:,}" for kind, n in assignment.change_counts.items() if n)
        lines.append(f"  与上次批准的安排相比：{said}；交接 {len(assignment.handovers):,} 名")
    if assignment.unplaced:
        lines.append(
            f"  {len(assignment.unplaced):,} 名重点学生暂时没有包保教师，由班主任负责；"
            "最小的放宽办法："
        )
        lines += [f"    {part.text}" for part in assignment.relaxations[:_SHOWN]]
        more = len(assignment.relaxations) - _SHOWN
        lines += [f"    另有 {more} 条，见导出的表"] if more > 0 else []
    lines += [f"  注意：{problem}" for problem in assignment.problems[:_SHOWN]]
    more = len(assignment.problems) - _SHOWN
    return "\n".join(lines + ([f"  另有 {more} 条，见导出的表"] if more > 0 else []))


def _proof(assignment: Assignment) -> str:
    if assignment.gap <= 1e-6 * max(1.0, abs(assignment.cost)):
        return "已证明是代价最小的安排。"
    share = assignment.gap / assignment.cost
    return f"代价与最小值相差不超过 {share:.2%}（已证明）。"


def _change(change: Change) -> dict[str, str]:
    return {
        "student_id": change.student_id,
        "was": change.was,
        "now": change.now,
        "kind": str(change.kind),
        "why": change.why,
    }


def _plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON can hold them: what is missing or unbounded is ``None``."""
    rows = table.astype(object).to_dict(orient="records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    if value is None or value is pd.NA or value != value or value in (float("inf"), -float("inf")):
        return None
    return value.item() if hasattr(value, "item") else value
