"""Pairs of rows with the weight of their evidence, by splink on DuckDB; nothing leaves the machine.

splink and DuckDB are imported when a comparison is made: they are heavy.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pandas as pd

from kongchuo_risk.registers.model import FIELDS, FREQUENCIES, LEARNED, settings

if TYPE_CHECKING:
    from splink import Linker

LEARNABLE_ROWS = 2_000
"""Registers smaller than this teach nothing: the shares of the model are used as they are."""
EXPECTED_SHARE = 0.5
"""Of the larger register's rows this share is taken to be in the other one too, before looking."""
_OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
"""DuckDB would fetch extensions that a query asks for."""
_SAMPLED_PAIRS = 2e6
_TRAINING_BLOCKS = ("l.birth = r.birth AND length(l.birth) = 8", "l.name = r.name")
"""Rows that agree in one field teach the others."""
_LEAST_AGREEMENT = 0.4
"""Where fewer of the same people than this agree in name or birth, nothing sound was learned."""


def scored(
    left: pd.DataFrame,
    right: pd.DataFrame,
    *,
    at_least: float,
    seed: int,
    expected: float = EXPECTED_SHARE,
    learn: bool = True,
) -> pd.DataFrame:
    """Pairs that are likely enough, or that share a number.

    Parameters
    ----------
    left, right
        Prepared rows, see :func:`~kongchuo_risk.registers.preparing.prepared`.
    at_least
        Least probability.
    seed
        Of the sample by which the shares among different people are learned.
    expected
        Share of the larger register's rows that are taken to be in the other too.
    learn
        Whether registers that are large enough teach the model their own shares.

    Returns
    -------
    DataFrame
        ``left``, ``right`` (positions), ``probability``, ``weight``, and of every field of the
        model ``gamma_…`` (level, -1 for a missing value) and ``weight_…``. Sorted by the
        positions, so that the same registers give the same frame.
    """
    if left.empty or right.empty:
        return _pairs(pd.DataFrame(columns=_SPLINK_COLUMNS))
    prior = expected / max(len(left), len(right))
    model = settings(prior)
    if learn and min(len(left), len(right)) >= LEARNABLE_ROWS:
        model = _learned(_linker(left, right, model), model, seed)
    predicted = _linker(left, right, model).inference.predict(warning_mode="never")
    wanted = f"match_probability >= {at_least} OR gamma_number >= 2"
    return _pairs(predicted.as_duckdbpyrelation().filter(wanted).df())


def _linker(left: pd.DataFrame, right: pd.DataFrame, model: dict[str, Any]) -> Linker:
    import duckdb
    from splink import DuckDBAPI, Linker

    # What it says of levels that no pair reached is of no use to a user.
    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI(duckdb.connect(":memory:", config={**_OFFLINE}))
    inputs = [
        database.register(frame, dataset_display_name=name)
        for name, frame in (("a", left), ("b", right))
    ]
    linker = Linker(inputs, model, log_level=None)
    for column in FREQUENCIES:
        table = database.register(_frequencies(left, right, column), table_name=f"of_{column}")
        linker.table_management.register_term_frequency_lookup(table, column)
    return linker


def _frequencies(left: pd.DataFrame, right: pd.DataFrame, column: str) -> pd.DataFrame:
    """Share of every value of a column in both registers, drawn towards a usual share."""
    rows, usual = FREQUENCIES[column]
    values = pd.concat([left[column], right[column]]).dropna()
    counts = values.value_counts()
    shares = (counts + rows * usual) / (len(values) + rows)
    return pd.DataFrame({column: counts.index, f"tf_{column}": shares.to_numpy()})


def _learned(linker: Linker, shipped: dict[str, Any], seed: int) -> dict[str, Any]:
    """The model with the shares of these registers: u by sampling, m by EM."""
    training = linker.training
    training.estimate_u_using_random_sampling(max_pairs=_SAMPLED_PAIRS, seed=seed)
    for block in _TRAINING_BLOCKS:
        training.estimate_parameters_using_expectation_maximisation(
            block, estimate_without_term_frequencies=True
        )
    learned: dict[str, Any] = linker.misc.save_model_to_json()
    shares = {field["output_column_name"]: field for field in learned["comparisons"]}
    if not all(_is_sound(shares[name]) for name in ("name", "birth")):
        return shipped
    return shipped | {
        "comparisons": [
            _with_shares(field, shares[field["output_column_name"]])
            for field in shipped["comparisons"]
        ]
    }


def _is_sound(field: dict[str, Any]) -> bool:
    closest = field["comparison_levels"][1]
    return bool(closest.get("m_probability", 0.0) >= _LEAST_AGREEMENT)


def _with_shares(shipped: dict[str, Any], learned: dict[str, Any]) -> dict[str, Any]:
    """A field with learned shares; a level that no pair reached keeps what it came with.

    Rounded, the shares do not depend on the order in which threads added them up.
    """
    if shipped["output_column_name"] not in LEARNED:
        return shipped
    levels = [
        level
        | {
            name: float(f"{found[name]:.6g}")
            for name in _SHARES
            if isinstance(found.get(name), float)
        }
        for level, found in zip(
            shipped["comparison_levels"], learned["comparison_levels"], strict=True
        )
    ]
    return shipped | {"comparison_levels": levels}


_SHARES = ("m_probability", "u_probability")
_SPLINK_COLUMNS = [
    "unique_id_l", "unique_id_r", "match_probability", "match_weight",
    *(f"{kind}_{field.name}" for field in FIELDS for kind in ("gamma", "mw")),
]  # fmt: skip


def _pairs(found: pd.DataFrame) -> pd.DataFrame:
    """Columns of splink by our names; a field's weight holds that of its value's frequency."""
    columns: dict[str, pd.Series] = {
        "left": found["unique_id_l"].astype("int64"),
        "right": found["unique_id_r"].astype("int64"),
        "probability": found["match_probability"].astype("float64"),
        "weight": found["match_weight"].astype("float64"),
    }
    for field in FIELDS:
        frequency = found.get(f"mw_tf_adj_{field.name}", 0.0)
        columns[f"gamma_{field.name}"] = found[f"gamma_{field.name}"].astype("int64")
        columns[f"weight_{field.name}"] = (found[f"mw_{field.name}"] + frequency).astype("float64")
    pairs = pd.DataFrame(columns)
    return pairs.sort_values(["left", "right"], ignore_index=True)
