"""What a check says, and the rules by which it says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from kongchuo_risk.contracts.location import data_schema
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml

Severity = Literal["error", "warning", "info"]
MOST_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is worth knowing about the data; texts are Chinese.

    ``examples`` name schools, classes, days or pseudonyms, never a pupil. ``share`` is between 0
    and 1, or ``None`` when there is nothing to divide by.
    """

    code: str
    severity: Severity
    title: str
    explanation: str
    advice: str
    table: str
    count: int
    share: float | None
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """What a check counted; ``values`` fill the placeholders of its explanation."""

    count: int
    total: int = 0
    examples: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


class CheckRule(Contract):
    """One entry of ``quality.yaml``."""

    severity: Severity
    table: str
    title: str
    explanation: str
    advice: str
    limits: Mapping[str, float] = {}
    source: tuple[str, ...]

    def finding(self, code: str, measured: Measured) -> Finding:
        """The finding that tells ``measured`` in this rule's words."""
        share = measured.count / measured.total if measured.total else None
        words = {
            "count": f"{measured.count:,}",
            "total": f"{measured.total:,}",
            "share": "—" if share is None else f"{share:.1%}",
            **{f"limit_{name}": _limit(name, value) for name, value in self.limits.items()},
            **measured.values,
        }
        return Finding(
            code=code,
            severity=self.severity,
            title=self.title,
            explanation=self.explanation.format(**words),
            advice=self.advice,
            table=self.table,
            count=measured.count,
            share=share,
            examples=measured.examples[:MOST_EXAMPLES],
        )


def _limit(name: str, value: float) -> str:
    return f"{value:.0%}" if name == "share" else f"{value:g}"


@lru_cache(maxsize=4)
def load_rules(folder: Path | None = None) -> Mapping[str, CheckRule]:
    """``quality.yaml``: check code → rule.

    >>> load_rules()["no_students"].severity
    'error'
    """
    source = data_schema(folder) / "quality.yaml"
    return {
        code: parse(CheckRule, content, source=source)
        for code, content in read_yaml(source).items()
    }
