"""Two noisy registers of a county joined: time, precision and recall, beside joining by name."""

from __future__ import annotations

import time
from typing import Any

import pandas as pd

from benchmarks._synthetic_county import peak_mb
from kongchuo_risk.registers import Links, Noise, Registers, link, synthetic_registers

ROWS = 60_000
BAR_SECONDS = 120.0
BAR_PRECISION, BAR_RECALL = 0.98, 0.95
SEED = 20_240_901
_NOISES = {"": 1.0, ", twice the noise": 2.0}


def run(quick: bool) -> list[dict[str, Any]]:
    """Seconds against the bar, and shares against a join by name and birth date."""
    rows = ROWS // 10 if quick else ROWS
    results = []
    for label, factor in _NOISES.items():
        registers = synthetic_registers(rows, seed=SEED, noise=Noise().times(factor))
        start, busy = time.perf_counter(), time.process_time()
        links = link(registers.left, registers.right, seed=SEED)
        times = {
            "link": time.perf_counter() - start,
            "link, processor time": time.process_time() - busy,
        }
        results += [
            *(
                _row(
                    f"registers, {name}{label}", spent, BAR_SECONDS, "s", rows, BAR_SECONDS / spent
                )
                for name, spent in times.items()
            ),
            *_shares(registers, links, label, rows),
        ]
    return results


def _shares(registers: Registers, links: Links, label: str, rows: int) -> list[dict[str, Any]]:
    naive = _by_name_and_birth(registers)
    unnumbered = _without_number(registers)
    precision, recall = _precision(links.accepted, registers.truth), _recall(links, registers.truth)
    naive_recall = len(registers.truth.merge(naive)) / len(registers.truth)
    looked_at = pd.concat([links.accepted, links.waiting])[["left", "right"]].drop_duplicates()
    reviewed = len(registers.truth.merge(looked_at)) / len(registers.truth)
    plain = len(unnumbered.merge(naive)) / len(unnumbered)
    shares = {
        "precision": (precision, BAR_PRECISION),
        "recall": (recall, naive_recall),
        "recall without a shared number": (_recall(links, unnumbered), plain),
        "recall with the review queue": (reviewed, BAR_RECALL),
        "pairs for review": (float(len(links.waiting)), float(rows)),
    }
    return [
        _row(f"registers, {name}{label}", ours, theirs, "share", rows, ours / theirs)
        for name, (ours, theirs) in shares.items()
    ]


def _row(
    name: str, ours: float, theirs: float, unit: str, rows: int, ratio: float
) -> dict[str, Any]:
    return {
        "name": name, "ours": ours, "theirs": theirs, "ratio": ratio, "unit": unit,
        "peak_mb": peak_mb(), "rows": rows,
    }  # fmt: skip


def _precision(accepted: pd.DataFrame, truth: pd.DataFrame) -> float:
    return len(accepted.merge(truth)) / len(accepted)


def _recall(links: Links, truth: pd.DataFrame) -> float:
    return len(truth.merge(links.accepted)) / len(truth)


def _by_name_and_birth(registers: Registers) -> pd.DataFrame:
    """What an Excel lookup finds: the same name and birth date, as written."""
    one, other = (
        frame[["name", "birth"]].dropna().rename_axis(side).reset_index()
        for side, frame in (("left", registers.left), ("right", registers.right))
    )
    return one.merge(other, on=["name", "birth"])[["left", "right"]]


def _without_number(registers: Registers) -> pd.DataFrame:
    """True pairs that no number joins: the hard part."""
    truth = registers.truth
    left = registers.left["id_hash"].iloc[truth["left"]].to_numpy(dtype=object)
    right = registers.right["id_hash"].iloc[truth["right"]].to_numpy(dtype=object)
    return truth[pd.Series(left, truth.index).ne(pd.Series(right, truth.index))]
