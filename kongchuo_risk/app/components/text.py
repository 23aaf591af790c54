"""Words as Markdown: names stay text, bands have a colour, a sign and a word."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import pandas as pd

from kongchuo_risk.domain.risk import Tier

BAND_WORDS = {
    Tier.RED: "▲ 红 · 优先联系",
    Tier.ORANGE: "◆ 橙 · 本周跟进",
    Tier.YELLOW: "● 黄 · 持续关注",
    Tier.NONE: "○ 未列入名单",
}
"""What each band asks for; the sign and the word carry it without the colour."""
_BAND_COLOURS = {
    Tier.RED: "red",
    Tier.ORANGE: "orange",
    Tier.YELLOW: "yellow",
    Tier.NONE: "gray",
}
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def plain(text: object) -> str:
    r"""``text`` so that Markdown shows it letter by letter.

    >>> plain("<b>*张*</b>")
    '\\<b\\>\\*张\\*\\<\\/b\\>'
    """
    return _PUNCTUATION.sub(r"\\\1", str(text).replace("\n", " "))


def band(tier: str) -> str:
    """The badge of a band.

    >>> band("红")
    ':red-badge[▲ 红 · 优先联系]'
    """
    return f":{_BAND_COLOURS[Tier(tier)]}-badge[{BAND_WORDS[Tier(tier)]}]"


def tags(words: Iterable[str]) -> str:
    """Grey badges in a row."""
    return " ".join(f":gray-badge[{plain(word)}]" for word in words)


def bullets(texts: Iterable[str]) -> str:
    """A Markdown list; an empty one is said in words.

    >>> bullets(())
    '暂无'
    """
    return "\n".join(f"- {plain(text)}" for text in texts) or "暂无"


def day_or(day: date | pd.Timestamp | None, otherwise: str) -> str:
    """A day as ``2026-03-01``, or the words for a missing one.

    >>> day_or(pd.NaT, "尚无记录"), day_or(date(2026, 3, 1), "尚无记录")
    ('尚无记录', '2026-03-01')
    """
    return otherwise if pd.isna(day) else f"{day:%Y-%m-%d}"
