"""HiGHS on some columns of a programme: fractions or whole pupils, columns added as they come.

``highspy`` is called directly because ``scipy.optimize`` keeps neither model nor basis. One thread
each: schools are solved beside one another.
"""

from __future__ import annotations

import highspy
import numpy as np

from kongchuo_risk.planning.assignment.instance import Floats, Integers
from kongchuo_risk.planning.assignment.programme import Programme

Option = bool | int | float | str
OPTIONS: dict[str, Option] = {"threads": 1, "parallel": "off", "random_seed": 0}
PRIMAL = 4
"""``simplex_strategy`` of HiGHS."""


class Solver:
    """The programme over its first columns and some of its pairings.

    Parameters
    ----------
    columns
        Of the pairings.
    whole
        Whether pupils may not be divided.
    settled
        Pairings that are decided.
    options
        Further options of HiGHS by their names.
    """

    def __init__(
        self,
        programme: Programme,
        columns: Integers,
        *,
        whole: bool = False,
        settled: Integers | None = None,
        **options: Option,
    ) -> None:
        self._programme = programme
        self._columns = np.concatenate([np.arange(programme.first), columns])
        self._highs = _Quiet()  # type: ignore[no-untyped-call]
        for name, value in {**OPTIONS, **options}.items():
            self._highs.setOptionValue(name, value)
        lower = np.zeros(len(programme.price))
        if settled is not None:
            lower[settled] = 1
        self._highs.passModel(_model(programme, self._columns, lower, whole=whole))

    def add(self, columns: Integers) -> None:
        """Further pairings; the next run starts where the last one ended."""
        programme, part = self._programme, self._programme.matrix[:, columns]
        self._columns = np.concatenate([self._columns, columns])
        self._highs.addCols(
            len(columns), programme.price[columns], np.zeros(len(columns)),
            programme.upper[columns], part.nnz, part.indptr[:-1], part.indices, part.data,
        )  # fmt: skip
        # What was optimal is still feasible, so the primal simplex has the least to do.
        self._highs.setOptionValue("simplex_strategy", PRIMAL)

    def run(self) -> None:
        """Solve, or stop where the options say."""
        status = self._highs.run()
        if status == highspy.HighsStatus.kError or not self._found():
            raise RuntimeError(f"HiGHS found nothing: {self._highs.getModelStatus()}")

    def _found(self) -> bool:
        status = self._highs.getInfo().primal_solution_status
        return bool(status == highspy.SolutionStatus.kSolutionStatusFeasible)

    @property
    def value(self) -> float:
        return float(self._highs.getInfo().objective_function_value)

    @property
    def bound(self) -> float:
        """What no whole solution over these columns goes below."""
        return float(self._highs.getInfo().mip_dual_bound)

    @property
    def dual(self) -> Floats:
        """Price of every row."""
        return np.array(self._highs.getSolution().row_dual)

    @property
    def shares(self) -> Floats:
        """Share of every pupil that every adult gets."""
        values = np.array(self._highs.getSolution().col_value)
        return self._programme.shares(self._columns, values)


class _Quiet(highspy.Highs):
    def enableCallbacks(self) -> None:  # noqa: N802
        """Silence what the constructor, which calls this first, would print."""
        self.setOptionValue("output_flag", False)


def _model(
    programme: Programme, columns: Integers, lower: Floats, *, whole: bool
) -> highspy.HighsLp:
    part, model = programme.matrix[:, columns], highspy.HighsLp()
    model.num_row_, model.num_col_ = part.shape
    model.offset_ = programme.constant
    model.col_cost_ = programme.price[columns]
    model.col_lower_, model.col_upper_ = lower[columns], programme.upper[columns]
    model.row_lower_, model.row_upper_ = programme.low, programme.high
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_ = part.indptr, part.indices
    model.a_matrix_.value_ = part.data
    if whole:
        model.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    return model
