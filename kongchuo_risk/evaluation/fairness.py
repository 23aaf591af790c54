"""Who is missed: figures at capacity by group of pupils, and how far groups are apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import expit

from kongchuo_risk.contracts.gates import NOT_RECORDED, Attribute, Gate
from kongchuo_risk.contracts.tables import Schema, load_schema
from kongchuo_risk.domain.matrix import FeatureMatrix
from kongchuo_risk.evaluation.listing import Capacity
from kongchuo_risk.evaluation.sample import Weights, interval
from kongchuo_risk.evaluation.view import PUPIL_TERM, View

if TYPE_CHECKING:
    from fairlearn.metrics import MetricFrame

GROUP_METRIC_TITLES = {
    "miss_rate": "漏报率",
    "precision_at_k": "名单内准确率",
    "listed_share": "列入名单的比例",
    "expected_to_observed": "预计与实际人数之比",
    "brier": "Brier 误差",
}
"""What users call the figures of a group."""
INSUFFICIENT = "数据不足"
_COLUMNS = (
    "column", "attribute", "group", "pupils", "events", "enough", "metric", "value", "low",
    "high", "rest", "gap", "gap_low", "gap_high", "gap_chance",
)  # fmt: skip
_SPREAD_COLUMNS = ("column", "attribute", "metric", "difference", "ratio")
_TOLD = 3
_CERTAIN = 0.05
"""Chance that any one group of a fair model is called out of bounds."""


@dataclass(frozen=True)
class Fairness:
    """How one model treats groups of pupils.

    Attributes
    ----------
    table : DataFrame
        One row per attribute, group and metric: ``column, attribute`` (its title), ``group,
        pupils, events`` (pupils with an event), ``enough, metric, value, low, high, rest, gap,
        gap_low, gap_high, gap_chance``. ``rest`` is the figure of everybody else of whom the
        attribute is known, ``gap`` = ``value`` − ``rest``, ``gap_chance`` the share of resamples
        in which the gap is not above zero. The figures of a group that is too small are NaN.
    spread : DataFrame
        ``column, attribute, metric, difference, ratio`` between the groups that are large enough
        (fairlearn's ``MetricFrame.difference()`` and ``ratio()``).
    sentences : mapping of column to str
        What the miss rates say, in Chinese.
    out_of_bounds : tuple of str
        Binding groups whose miss rate is out of bounds, in words.
    compared : int
        Binding groups that were compared.
    """

    table: pd.DataFrame
    spread: pd.DataFrame
    sentences: Mapping[str, str] = field(default_factory=dict)
    out_of_bounds: tuple[str, ...] = ()
    compared: int = 0

    @property
    def worst_gap(self) -> float:
        """Largest excess of a group's miss rate over the rest; NaN when nothing was compared."""
        gaps = self.table.loc[self.table["metric"] == "miss_rate", "gap"]
        return float(gaps.max()) if gaps.notna().any() else float("nan")


def fairness_audit(
    scores: pd.DataFrame,
    matrix: FeatureMatrix,
    champion: str,
    *,
    capacity: Capacity,
    gate: Gate,
    bootstrap: int = 400,
    seed: int = 0,
    data_schema: Path | None = None,
) -> Fairness:
    """Figures of ``champion`` by group on rows that it had not seen.

    Parameters
    ----------
    scores : DataFrame
        Index: position in ``matrix``; column ``fold``, then log-odds by candidate; without those
        of ``champion`` the audit is empty.
    matrix : FeatureMatrix
        Its rows have the attributes; one that is absent is left out.
    capacity : mapping of school code to places, or a share
    gate : Gate
        Attributes, smallest groups and bounds.
    data_schema : Path, optional
        Folder of the code lists.

    Notes
    -----
    Intervals: bootstrap of schools and of classes within them, from sums by class and group, so
    that a group inside one school has an interval too. A gap is out of bounds when it exceeds the
    bound and lies above zero at 5 % shared among all binding groups (Bonferroni): comparing a
    dozen groups at 5 % each would refuse every other fair model.
    """
    if champion not in scores:
        return _nothing()
    view = View.of(scores, matrix, capacity)
    weights = view.units.draw(bootstrap, seed)
    parts, schema = _parts(view, champion), load_schema(data_schema)
    splits = [
        _Split.of(view, parts, attribute, gate, schema)
        for attribute in gate.fairness.attributes
        if attribute.column in view.rows
    ]
    if not splits:
        return _nothing()
    pairs = [(split, _frame(split)) for split in splits]
    table = pd.concat([_table_of(*pair, weights) for pair in pairs], ignore_index=True)
    binding = table["column"].isin([s.attribute.column for s in splits if s.attribute.binding])
    judged = table[binding & (table["metric"] == "miss_rate") & table["gap"].notna()]
    return Fairness(
        table=table,
        spread=pd.concat([_spread(*pair) for pair in pairs], ignore_index=True),
        sentences={s.attribute.column: _sentence(table, s.attribute) for s in splits},
        out_of_bounds=tuple(_out_of_bounds(judged, gate)),
        compared=len(judged),
    )


@dataclass(frozen=True)
class _Split:
    """Test rows of one model, summed by group of one attribute and by class.

    Attributes
    ----------
    groups : tuple of str
        Titles; pupils of whom the attribute is not known come last.
    known : bool array of shape (n_groups,)
        False for that last group only.
    pupils, events : int arrays of shape (n_groups,)
        Pupils, and those of them with an event, once a term.
    enough, comparable : bool arrays of shape (n_groups,)
        Whether the group is large enough, and whether the rest is too.
    group, unit : int arrays of shape (n_cells,)
        Group and class of each sum, in the order of the groups.
    cells : mapping of str to float array of shape (n_cells,)
        What :func:`_figures` needs: listed, events, found, expected …
    """

    attribute: Attribute
    groups: tuple[str, ...]
    known: np.ndarray
    pupils: np.ndarray
    events: np.ndarray
    enough: np.ndarray
    comparable: np.ndarray
    group: np.ndarray
    unit: np.ndarray
    cells: Mapping[str, np.ndarray]

    @classmethod
    def of(
        cls, view: View, parts: Mapping[str, np.ndarray], attribute: Attribute, gate: Gate,
        schema: Schema,
    ) -> _Split:  # fmt: skip
        label = _labels(view.rows[attribute.column], attribute, schema)
        groups = tuple(sorted(set(label), key=lambda name: (name == NOT_RECORDED, name)))
        known = np.array([name != NOT_RECORDED for name in groups])
        number = pd.Index(groups).get_indexer(label)
        pupils, events = _sizes(view, number, len(groups))
        enough = _enough(pupils, events, gate)
        comparable = enough & _enough(_rest(pupils, known), _rest(events, known), gate)
        units = view.units.number
        place, cell = np.unique(number * units + view.units.unit, return_inverse=True)
        cells = {name: np.bincount(cell, weights=values) for name, values in parts.items()}
        return cls(
            attribute, groups, known, pupils, events, enough, comparable, place // units,
            place % units, cells,
        )  # fmt: skip

    def sums(self, weights: Weights) -> dict[str, np.ndarray]:
        """Every part by resample and group, shape (n_resamples, n_groups)."""
        first = np.searchsorted(self.group, np.arange(len(self.groups)))
        drawn = weights[:, self.unit]
        return {
            name: np.add.reduceat(drawn * values, first, axis=1)
            for name, values in self.cells.items()
        }

    def rest(self, sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """The same sums of everybody else of whom the attribute is known."""
        return {name: _rest(values, self.known) for name, values in sums.items()}


def _rest(by_group: np.ndarray, known: np.ndarray) -> np.ndarray:
    counted = by_group * known
    return np.asarray(counted.sum(axis=-1, keepdims=True) - counted)


def _labels(values: pd.Series, attribute: Attribute, schema: Schema) -> np.ndarray:
    known = values.astype("str")
    titles = {value: attribute.group_of(schema, value) for value in known.dropna().unique()}
    return known.map(titles).fillna(NOT_RECORDED).to_numpy(dtype=object)


def _sizes(view: View, number: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Pupils by group, and pupils with an event, each of these once a term."""
    rows = view.rows[PUPIL_TERM].assign(group=number)
    pupils = rows.drop_duplicates(["student_id", "group"])["group"]
    happened = rows[view.y > 0].drop_duplicates()["group"]
    return np.bincount(pupils, minlength=groups), np.bincount(happened, minlength=groups)


def _enough(pupils: np.ndarray, events: np.ndarray, gate: Gate) -> np.ndarray:
    least = gate.fairness
    return np.asarray((pupils >= least.min_pupils.value) & (events >= least.min_event_pupils.value))


def _parts(view: View, champion: str) -> dict[str, np.ndarray]:
    sample = view.sample(champion)
    risk = expit(sample.log_odds)
    return {
        "rows": np.ones(len(sample.y)),
        "listed": sample.listed,
        "events": sample.y,
        "found": sample.listed * sample.y,
        "expected": risk,
        "squared": (risk - sample.y) ** 2,
    }


def _figures(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The metrics of a group from its sums; undefined ones are NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "miss_rate": 1 - sums["found"] / sums["events"],
            "precision_at_k": sums["found"] / sums["listed"],
            "listed_share": sums["listed"] / sums["rows"],
            "expected_to_observed": sums["expected"] / _positive(sums["events"]),
            "brier": sums["squared"] / sums["rows"],
        }


def _positive(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.nan)


def _table_of(split: _Split, frame: MetricFrame | None, weights: Weights) -> pd.DataFrame:
    """Rows of :attr:`Fairness.table` of one attribute."""
    points = frame.by_group.to_dict("index") if frame is not None else {}
    drawn, once = split.sums(weights), split.sums(np.ones((1, weights.shape[1])))
    mine, theirs = _figures(drawn), _figures(split.rest(drawn))
    rest = _figures(split.rest(once))
    rows: list[dict[str, Any]] = []
    for place, group in enumerate(split.groups):
        head = {
            "column": split.attribute.column, "attribute": split.attribute.title, "group": group,
            "pupils": int(split.pupils[place]), "events": int(split.events[place]),
            "enough": bool(split.enough[place]),
        }  # fmt: skip
        for metric in GROUP_METRIC_TITLES:
            entry: dict[str, Any] = {**head, "metric": metric}
            if split.enough[place]:
                low, high = interval(mine[metric][:, place])
                entry |= {"value": float(points[group][metric]), "low": low, "high": high}
            if split.comparable[place]:
                entry["rest"] = float(rest[metric][0, place])
                entry["gap"] = entry["value"] - entry["rest"]
                entry |= _gap(mine[metric][:, place] - theirs[metric][:, place])
            rows.append(entry)
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _frame(split: _Split) -> MetricFrame | None:
    """Figures of fairlearn for the groups that are large enough; a small one would set the spread.

    Its "rows" are our sums by group and class: it stacks row by row, which takes half a minute for
    a district's rows and gives the same ratios.
    """
    if not split.enough.any():
        return None
    from fairlearn.metrics import MetricFrame  # takes seconds to import

    kept = split.enough[split.group]
    parts = {name: values[kept] for name, values in split.cells.items()}
    more = {name: values for name, values in parts.items() if name not in ("events", "listed")}
    return MetricFrame(
        metrics={name: partial(_metric, name) for name in GROUP_METRIC_TITLES},
        y_true=parts["events"],
        y_pred=parts["listed"],
        sensitive_features=pd.Series(np.array(split.groups)[split.group[kept]], name="group"),
        sample_params=dict.fromkeys(GROUP_METRIC_TITLES, more),
    )


def _metric(name: str, y_true: np.ndarray, y_pred: np.ndarray, **parts: np.ndarray) -> float:
    cells = {"events": y_true, "listed": y_pred, **parts}
    sums = {part: np.asarray(values, dtype=float).sum() for part, values in cells.items()}
    return float(_figures(sums)[name])


def _gap(drawn: np.ndarray) -> dict[str, float]:
    low, high = interval(drawn)
    finite = drawn[np.isfinite(drawn)]
    chance = float((finite <= 0).mean()) if len(finite) else float("nan")
    return {"gap_low": low, "gap_high": high, "gap_chance": chance}


def _spread(split: _Split, frame: MetricFrame | None) -> pd.DataFrame:
    """Largest difference and smallest ratio between the groups that are large enough."""
    if frame is None or split.enough.sum() < 2:
        return pd.DataFrame(columns=list(_SPREAD_COLUMNS))
    difference, ratio = frame.difference(method="between_groups"), frame.ratio()
    head = (split.attribute.column, split.attribute.title)
    rows = [
        (*head, metric, float(difference[metric]), float(ratio[metric]))
        for metric in GROUP_METRIC_TITLES
    ]
    return pd.DataFrame(rows, columns=list(_SPREAD_COLUMNS))


def _out_of_bounds(judged: pd.DataFrame, gate: Gate) -> Iterator[str]:
    """Groups whose excess is beyond the bound and not by chance."""
    bound = gate.fairness.miss_rate_gap.value
    beyond = judged["gap"] > bound
    certain = judged["gap_chance"] <= _CERTAIN / 2 / max(len(judged), 1)
    for row in judged[beyond & certain].to_dict("records"):
        yield (
            f"对{row['attribute']}为“{row['group']}”的学生漏报率高出其余学生 {_points(row['gap'])}"
            f"（95% 区间 {_between(row['gap_low'], row['gap_high'])}），超过界限 {_points(bound)}"
        )


def _sentence(table: pd.DataFrame, attribute: Attribute) -> str:
    """What the miss rates of one attribute say."""
    miss = table[(table["column"] == attribute.column) & (table["metric"] == "miss_rate")]
    small = miss.loc[~miss["enough"], "group"].tolist()
    more = f" 等 {len(small)} 组" * (len(small) > _TOLD)
    left_out = f"{'、'.join(small[:_TOLD])}{more}{INSUFFICIENT}。" if small else ""
    compared = miss[miss["gap"].notna()]
    if compared.empty:
        return f"{attribute.title}：{INSUFFICIENT}，各组漏报率未作比较。"
    worst = compared.iloc[int(compared["gap"].argmax())]
    told = (
        f"{attribute.title}：“{worst['group']}”漏报率最高，{100 * worst['value']:.0f}%，"
        f"其余学生 {100 * worst['rest']:.0f}%，"
        f"相差 {_points(worst['gap'])}（95% 区间 {_between(worst['gap_low'], worst['gap_high'])}）"
    )
    sure = "，差别可靠。" if worst["gap_low"] > 0 else "，可能只是偶然。"
    return told + sure + left_out


def _points(share: float) -> str:
    """A difference of shares in percentage points.

    >>> _points(0.123), _points(-0.05)
    ('12 个百分点', '−5 个百分点')
    """
    return f"{100 * share:.0f} 个百分点".replace("-", "−")


def _between(low: float, high: float) -> str:
    return f"{100 * low:.0f} 至 {_points(high)}".replace("-", "−")


def _nothing() -> Fairness:
    return Fairness(
        pd.DataFrame(columns=list(_COLUMNS)), pd.DataFrame(columns=list(_SPREAD_COLUMNS))
    )
