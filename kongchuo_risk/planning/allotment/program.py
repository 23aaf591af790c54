"""At most one option per pupil, within the room: solved with HiGHS, with a proven bound.

A large program is solved on its core (Balas and Zemel 1980): the prices of the linear relaxation
say by how much each option falls short of its owner's best one, and only options that fall short of
little are left open. A choice with any other option loses at least what that option falls short of,
which bounds what the core may miss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

SLACK = 1e-6
"""Amounts are human numbers; less than this is rounding."""
SMALL = 40
"""Programs with so few options are solved whole."""
CORE = 20
"""In larger ones, options beside each owner's first choice that stay open.

More cost time and bring little; see ``docs/decisions/0012-a-core-instead-of-the-whole.md``.
"""
_SCALE = 100.0
"""Largest value that the solver sees: its absolute tolerances are about 1e-6."""


@dataclass(frozen=True)
class Program:
    """Which options to pick.

    Attributes
    ----------
    value : float array of shape (n,)
        Of each option; not negative.
    use : sparse array of shape (n_rows, n)
        What each option takes of each scarce thing.
    owner : int array of shape (n,)
        The pupil; nobody gets two options.
    room : float array of shape (n_rows,)
    """

    value: np.ndarray
    use: sparse.csr_array
    owner: np.ndarray
    room: np.ndarray

    def __len__(self) -> int:
        return len(self.value)

    @property
    def is_small(self) -> bool:
        """All options are open, so the best choice is found."""
        return len(self) <= SMALL


@dataclass(frozen=True)
class Picked:
    """Options that were picked, and what no choice can exceed."""

    options: np.ndarray
    """Mask over the options."""
    bound: float


@dataclass(frozen=True)
class Relaxed:
    """The linear relaxation: shares of options, and prices of what is scarce."""

    share: np.ndarray
    falls_short: np.ndarray
    """By how much each option is worth less, at those prices, than its owner's best choice."""
    surplus: np.ndarray
    """What the owner's best choice is worth at those prices, by owner."""
    bound: float


def solve(program: Program) -> Picked:
    """The best choice of options, or one that is proven to be close to it."""
    if not len(program):
        return Picked(np.zeros(0, dtype=bool), 0.0)
    if program.is_small:
        return _pick_exactly(program)
    return _pick_from_core(program, relax(program))


def shares(programs: Sequence[Program]) -> list[np.ndarray]:
    """What the linear relaxation of each program picks; one call, most of whose cost is fixed."""
    asked = [program for program in programs if len(program)]
    if not asked:
        return [np.zeros(0) for _ in programs]
    owners = np.cumsum([0, *(program.owner.max() + 1 for program in asked)])
    joined = Program(
        np.concatenate([program.value for program in asked]),
        sparse.block_diag([program.use for program in asked], format="csr"),
        np.concatenate([each.owner + at for each, at in zip(asked, owners[:-1], strict=True)]),
        np.concatenate([program.room for program in asked]),
    )
    return np.split(relax(joined).share, np.cumsum([len(program) for program in programs])[:-1])


def relax(program: Program) -> Relaxed:
    """Let options be picked in part.

    The bound is computed from the prices alone (Lagrange), so that it holds whatever the solver's
    tolerance.
    """
    scale = _scale(program)
    found = linprog(
        -program.value * scale,
        A_ub=sparse.vstack([program.use, _one_each(program.owner)], format="csr"),
        b_ub=np.r_[program.room, np.ones(len(np.unique(program.owner)))],
        method="highs",
    )
    if found.x is None:
        raise RuntimeError(f"HiGHS: {found.message}")
    prices = np.maximum(-found.ineqlin.marginals[: len(program.room)], 0) / scale
    profit = program.value - program.use.T @ prices
    surplus = np.zeros(program.owner.max() + 1)
    np.maximum.at(surplus, program.owner, profit)
    bound = float(prices @ program.room + surplus.sum())
    return Relaxed(found.x, surplus[program.owner] - profit, surplus, bound)


def _pick_exactly(program: Program) -> Picked:
    scale = _scale(program)
    # Rows of like size: money in yuan stands beside places.
    size = np.maximum(abs(program.use).max(axis=1).toarray().ravel(), SLACK)
    rows = sparse.vstack(
        [sparse.diags_array(1 / size) @ program.use, _one_each(program.owner)], format="csr"
    )
    room = np.r_[program.room / size, np.ones(rows.shape[0] - len(size))]
    found = milp(
        -program.value * scale,
        integrality=np.ones(len(program), dtype=int),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, -np.inf, room),
        options={"mip_rel_gap": 0.0},
    )
    if found.x is None:
        raise RuntimeError(f"HiGHS: {found.message}")
    return Picked(found.x > 0.5, float(-found.mip_dual_bound / scale))


def _pick_from_core(program: Program, relaxed: Relaxed) -> Picked:
    first = relaxed.share > 1 - SLACK
    served = np.zeros(len(relaxed.surplus), dtype=bool)
    served[program.owner[first]] = True
    # Whoever has nothing may go on having nothing; whoever has an option might lose it.
    others = np.flatnonzero(~first)
    loses = relaxed.falls_short[others]
    kept = np.flatnonzero(first)
    gives_up = relaxed.surplus[program.owner[kept]]
    moves = np.r_[loses, gives_up]
    owners = np.r_[program.owner[others], program.owner[kept]]
    # Options picked in part come first: without them the others need not fit.
    in_part = np.r_[relaxed.share[others] > SLACK, np.zeros(len(kept), dtype=bool)]
    ranked = np.lexsort((moves, ~in_part))
    near, far = ranked[:CORE], ranked[CORE:]
    open_owner = np.zeros(len(served), dtype=bool)
    open_owner[owners[near]] = True
    fixed = first & ~open_owner[program.owner]
    active = (first & ~fixed) | np.isin(np.arange(len(program)), others[near[near < len(others)]])
    core = Program(
        program.value[active],
        program.use[:, np.flatnonzero(active)],
        program.owner[active],
        np.maximum(program.room - program.use @ fixed, 0),
    )
    picked = _pick_exactly(core)
    options = fixed.copy()
    options[np.flatnonzero(active)[picked.options]] = True
    within = picked.bound + float(program.value[fixed].sum())
    beyond = relaxed.bound - float(moves[far].min(initial=np.inf))
    return Picked(options, max(within, beyond))


def _one_each(owner: np.ndarray) -> sparse.csr_array:
    row = np.unique(owner, return_inverse=True)[1]
    entries = (np.ones(len(owner)), (row, np.arange(len(owner))))
    return sparse.csr_array(entries)


def _scale(program: Program) -> float:
    largest = float(program.value.max(initial=0))
    return _SCALE / largest if largest > 0 else 1.0
