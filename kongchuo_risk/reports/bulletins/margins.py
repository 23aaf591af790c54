"""What of a report's counts is printed: by stage, by place, in all; hidden where it must be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from kongchuo_risk.reports.bulletins.items import (
    ROLL_IN,
    ROLL_OUT,
    WORK,
    denominator,
    equations,
    named,
    numerator,
)
from kongchuo_risk.reports.bulletins.report import Report
from kongchuo_risk.reports.bulletins.small_cells import Cell, Counts, Equation, hidden_cells
from kongchuo_risk.reports.indicators.catalogue import Catalogue
from kongchuo_risk.reports.ledgers.material import STAGES

TOTAL = "合计"
KEPT_INSIDE = frozenset(named("在籍", way) for way in (*ROLL_IN, *ROLL_OUT))
"""Comings and goings by kind are not printed in a report that leaves the school."""
Printed = int | str


@dataclass(frozen=True)
class Margins:
    """Sums of a report's counts, as they may be printed.

    Attributes
    ----------
    report
    catalogue
        Whose small-cell rule holds.
    place_items
        Items that are printed by place as well.
    leaving_school
        Whether small cells are hidden.
    """

    report: Report
    catalogue: Catalogue
    place_items: tuple[str, ...]
    leaving_school: bool = False

    @cached_property
    def items(self) -> frozenset[str]:
        """Everything that was counted."""
        return frozenset(self.report.counts["item"])

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Stages of which something was counted, in their order; at least 小学 and 初中."""
        found = set(self.report.counts["stage"])
        return tuple(stage for stage in STAGES if stage in found or stage != STAGES[-1])

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Places, sorted; what belongs to none is the empty one."""
        return tuple(sorted(set(self.report.counts["place"])))

    @cached_property
    def _sums(self) -> Mapping[Cell, int]:
        counts = self.report.counts
        sums: dict[Cell, int] = {}
        for column in ("stage", "place"):
            grouped = counts.groupby([column, "item"])["count"].sum().reset_index()
            for name, item, n in grouped.itertuples(index=False):
                sums[column, str(name), str(item)] = int(n)
        for item, n in counts.groupby("item")["count"].sum().items():
            sums["all", TOTAL, str(item)] = int(n)
        return sums

    def count(self, item: str, *, stage: str = "", place: str | None = None) -> int:
        """How many, whether it may be printed or not."""
        return self._sums.get(_cell(item, stage, place), 0)

    def printed(self, item: str, *, stage: str = "", place: str | None = None) -> Printed:
        """How many, or the mark in its place."""
        if self.is_hidden(item, stage=stage, place=place):
            return self.catalogue.small_cells.mark
        return self.count(item, stage=stage, place=place)

    def is_hidden(self, item: str, *, stage: str = "", place: str | None = None) -> bool:
        """Whether the count must not be printed."""
        return _cell(item, stage, place) in self._hidden

    @cached_property
    def _hidden(self) -> frozenset[Cell]:
        return hidden_cells(self._counts) if self.leaving_school else frozenset()

    @cached_property
    def _counts(self) -> Counts:
        groups = [("all", TOTAL), *(("stage", s) for s in self.stages)]
        by_place = [("place", place) for place in self.places]
        values: dict[Cell, int] = {
            (*group, item): self._sums.get((*group, item), 0)
            for group in groups
            for item in self.items - KEPT_INSIDE
        }
        values |= {
            (*group, item): self._sums.get((*group, item), 0)
            for group in by_place
            for item in self.items & set(self.place_items)
        }
        rest = self._rest([*groups, *by_place], values)
        known = values | rest
        within = self._within([*groups, *by_place], known)
        return Counts(
            values,
            (*within, *self._across(known)),
            rest,
            self._is_sensitive,
            self.catalogue.small_cells.minimum,
        )

    def _rest(
        self, groups: Iterable[tuple[str, str]], values: Mapping[Cell, int]
    ) -> dict[Cell, int]:
        """N − n of every indicator: never printed, and as telling as n."""
        return {
            (*group, named("指标", indicator.id, "其余")): whole - values[*group, n]
            for group in groups
            for indicator in self.catalogue.indicators
            if (n := numerator(indicator.id)) and (*group, n) in values
            if (whole := values.get((*group, denominator(indicator.id)))) is not None
        }

    def _within(
        self, groups: Iterable[tuple[str, str]], known: Mapping[Cell, int]
    ) -> list[Equation]:
        """Equations between the items of one stage, of one place, of all."""
        general = [*equations(self.items, self.catalogue)]
        return [
            placed
            for group in groups
            for equation in general
            if (placed := self._placed(equation, group, known)) and _holds(placed, known)
        ]

    def _placed(
        self, equation: Mapping[str, int], group: tuple[str, str], known: Mapping[Cell, int]
    ) -> dict[Cell, int]:
        """The equation of one group; empty when something counted in it is not printed there."""
        cells: dict[Cell, int] = {(*group, item): factor for item, factor in equation.items()}
        unseen = {item for item in equation if (*group, item) not in known}
        if unseen & self.items:
            return {}
        return {cell: factor for cell, factor in cells.items() if cell in known}

    def _across(self, known: Mapping[Cell, int]) -> Iterator[Equation]:
        """Stages add up to the whole, and so do places where they are printed."""
        for item in sorted({str(cell[2]) for cell in known if isinstance(cell, tuple)}):
            for column, names in (("stage", self.stages), ("place", self.places)):
                parts: dict[Cell, int] = {(column, name, item): 1 for name in names}
                if all(part in known for part in parts):
                    yield parts | {("all", TOTAL, item): -1}

    def _is_sensitive(self, cell: Cell) -> bool:
        assert isinstance(cell, tuple)
        parts = str(cell[2]).split("·")
        if parts[0] in (WORK, "在籍"):
            return False
        return parts[0] != "指标" or self.catalogue.by_id[parts[1]].hidden_when_small


def _cell(item: str, stage: str, place: str | None) -> tuple[str, str, str]:
    if place is not None:
        return "place", place, item
    return ("stage", stage, item) if stage else ("all", TOTAL, item)


def _holds(equation: Equation, known: Mapping[Cell, int]) -> bool:
    return sum(factor * known[cell] for cell, factor in equation.items()) == 0
