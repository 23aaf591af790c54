"""What all charts share: colours that stay apart for everybody, quiet axes, no foreign menu."""

from __future__ import annotations

from typing import TypeAlias

import altair as alt

NEEDS, HELPS, NEUTRAL = "#B5472F", "#1F5F8B", "#6B7785"
"""What raises attention, what protects, and what is only for comparison."""
Drawing: TypeAlias = alt.Chart | alt.LayerChart


def quiet_axis(characters: int) -> alt.Axis:
    """An axis of names with room for ``characters`` Chinese characters."""
    return alt.Axis(ticks=False, domain=False, labelLimit=characters * 13, labelFontSize=13)


def finish(chart: Drawing) -> Drawing:
    """The chart without Vega's own menu, which is English and leads to an online editor."""
    return chart.properties(usermeta={"embedOptions": {"actions": False}})
