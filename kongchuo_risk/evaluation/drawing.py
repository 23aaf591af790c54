"""Paper for figures with Chinese words: fonts, colours, sizes, and files that open anywhere."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure

CHINESE_FONTS = (
    "Microsoft YaHei", "SimHei", "PingFang SC", "Hiragino Sans GB", "Noto Sans CJK SC",
    "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "Droid Sans Fallback", "Noto Sans CJK JP", "Arial Unicode MS",
)  # fmt: skip
"""Fonts of Windows, macOS and Linux with simplified Chinese; the first one installed is used."""
WITHOUT_CHINESE = "DejaVu Sans"
"""The font that comes with matplotlib."""

BLUE, ORANGE, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#AA4499", "#56B4E9"
"""Okabe & Ito's palette, told apart by colour-blind readers, with Tol's purple for the fourth."""
CYCLE = (BLUE, ORANGE, GREEN, PURPLE, SKY)
GREY, PALE, INK = "#6E6E6E", "#D9D9D9", "#222222"

A4_TEXT_INCHES = 6.3
"""Width between the margins of an A4 page."""
ROW_INCHES = 0.3
"""Height of one row of labels."""
PNG_DOTS_PER_INCH = 200
_LEAST_GAP = 0.05


@lru_cache(maxsize=1)
def chinese_font() -> str | None:
    """The font in which Chinese is drawn on this computer; None when it has none."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in installed), None)


class ReportFigure(Figure):
    """A figure that brings its style along and leaves matplotlib's own settings alone."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw in the report's style, whatever the settings of the caller are."""
        with styled():
            super().draw(renderer)

    def svg(self) -> bytes:
        """The figure as SVG whose words stay words, in whatever Chinese font the reader has."""
        file = io.BytesIO()
        # Without a date the same figure is the same file.
        self.savefig(file, format="svg", metadata={"Date": None})
        drawn = file.getvalue().decode("utf-8")
        names = ", ".join(f"'{name}'" for name in (*CHINESE_FONTS, WITHOUT_CHINESE))
        return drawn.replace(f"'{_font()}'", f"{names}, sans-serif").encode("utf-8")

    def png(self) -> bytes:
        """The figure as PNG; without a Chinese font its words would be boxes."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=PNG_DOTS_PER_INCH, metadata={"Software": None})
        return file.getvalue()

    def files(self) -> dict[str, bytes]:
        """``svg``, and ``png`` where this computer can draw Chinese."""
        files = {"svg": self.svg()}
        return files | {"png": self.png()} if chinese_font() else files


@contextmanager
def styled() -> Iterator[None]:
    """The report's style for as long as the block, or the function it decorates, lasts."""
    with mpl.rc_context(_style()), warnings.catch_warnings():
        # Without a Chinese font the widths of signs are guessed; the SVG is still right.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def paper(
    height: float, title: str, note: str = "", panels: int = 1
) -> tuple[ReportFigure, list[Axes]]:
    """An empty figure as wide as the text of an A4 page, with title and a line below it.

    Parameters
    ----------
    height : float
        Inches, title included.
    note : str
        How to read the figure.
    panels : int
        Axes side by side.

    Returns
    -------
    (ReportFigure, list of Axes)
    """
    figure = ReportFigure(figsize=(A4_TEXT_INCHES, height), layout="constrained")
    axes = list(figure.subplots(1, panels, squeeze=False)[0])
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    if note:
        figure.supxlabel(note, x=0.01, ha="left", fontsize=7.5, color=GREY)
    return figure, axes


def height_of(rows: int, *, extra: float = 1.1) -> float:
    """Inches for so many rows of labels.

    >>> height_of(10)
    4.1
    """
    return round(extra + ROW_INCHES * max(rows, 2), 2)


def name_rows(axes: Axes, labels: Sequence[str]) -> np.ndarray:
    """Label the rows from the top; gives their places on the axis."""
    places = np.arange(len(labels))[::-1]
    axes.set_yticks(places, list(labels))
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    return places


def tell_apart(places: np.ndarray, least: float) -> np.ndarray:
    """Places of labels moved apart to at least ``least``, their order and middle kept.

    >>> tell_apart(np.array([0.5, 0.5, 0.9]), 0.1).round(2).tolist()
    [0.45, 0.55, 0.9]
    """
    order = np.argsort(places, kind="stable")
    moved = places[order].astype(float)
    for _ in range(len(moved) * 20):
        gaps = np.diff(moved)
        tight = np.flatnonzero(gaps < least - 1e-9)
        if not len(tight):
            break
        for i in tight:
            push = (least - (moved[i + 1] - moved[i])) / 2
            moved[i] -= push
            moved[i + 1] += push
    result = np.empty_like(moved)
    result[order] = moved
    return result


def draw_intervals(
    axes: Axes, rows: pd.DataFrame, places: np.ndarray, colours: Sequence[str]
) -> None:
    """A point and its interval per row: ``value, low, high``; unknown ones stay empty."""
    axes.hlines(places, rows["low"], rows["high"], color=list(colours), linewidth=2)
    axes.scatter(rows["value"], places, color=list(colours), s=26, zorder=3)


def name_ends(axes: Axes, x: float, ends: Mapping[str, float], colours: Mapping[str, str]) -> None:
    """Write the name of each line beside its end, moved apart where they would touch."""
    known = {name: y for name, y in ends.items() if np.isfinite(y)}
    low, high = axes.get_ylim()
    least = _LEAST_GAP * (high - low)
    places = tell_apart(np.array(list(known.values())), least)
    for (name, y), place in zip(known.items(), places, strict=True):
        axes.annotate(
            name, (x, y), (1.02, (place - low) / (high - low)), textcoords="axes fraction",
            va="center", ha="left", fontsize=8, color=colours[name], annotation_clip=False,
        )  # fmt: skip


def write_beside(axes: Axes, x: float, y: float, text: str) -> None:
    """Small grey words to the right of a bar's end."""
    axes.annotate(
        text, (x, y), (4, 0), textcoords="offset points", va="center", fontsize=7.5, color=GREY
    )


def share(value: float, _: object = None) -> str:
    """A share as people write it.

    >>> share(0.0005), share(0.02), share(1.0)
    ('0.05%', '2%', '100%')
    """
    return f"{100 * value:.3g}%"


def _font() -> str:
    return chinese_font() or WITHOUT_CHINESE


@lru_cache(maxsize=1)
def _style() -> Any:
    return {
        **{name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if _is_style(name)},
        "font.family": [_font()],
        "font.size": 9,
        # A Chinese font may lack the typographic minus; the hyphen is in every font.
        "axes.unicode_minus": False,
        "axes.edgecolor": GREY,
        "axes.labelcolor": INK,
        "axes.labelsize": 8.5,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "grid.color": "#E8E8E8",
        "grid.linewidth": 0.6,
        "text.color": INK,
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
        "legend.frameon": False,
        "legend.fontsize": 8,
        "lines.linewidth": 1.6,
        "svg.fonttype": "none",
        "svg.hashsalt": "kongchuo_risk",
    }


def _is_style(name: str) -> bool:
    """Settings of looks; the others (backend, dates, paths) are the caller's."""
    return name.split(".")[0] in {
        "axes",
        "font",
        "grid",
        "legend",
        "lines",
        "text",
        "xtick",
        "ytick",
    }
