"""``forms/checklists.yaml``: lists on the forms that a school may make its own."""

from __future__ import annotations

from pathlib import Path

from kongchuo_risk.contracts.policy import NeedDimension
from kongchuo_risk.contracts.reading import Contract, parse, read_yaml
from kongchuo_risk.reports.templates import form_file


class ChangePapers(Contract):
    """Papers that one kind of change of registration needs."""

    code: str
    """A code of ``change_type``."""
    papers: tuple[str, ...]


class NeedQuestions(Contract):
    """What is asked about one dimension of need (rule 168)."""

    dimension: NeedDimension
    ask: tuple[str, ...]


class Checklists(Contract):
    """All lists of the file."""

    five_ones: tuple[str, ...]
    """留守儿童“五个一” (rule 174); the seeds name it and do not define it."""
    change_papers: tuple[ChangePapers, ...]
    other_papers: tuple[str, ...]
    """For kinds of change that have no list of their own."""
    needs: tuple[NeedQuestions, ...]

    def papers_for(self, change_type: str) -> tuple[str, ...]:
        """Papers that a change of this kind needs.

        >>> load_checklists().papers_for("51")
        ('死亡证明',)
        """
        lists = {entry.code: entry.papers for entry in self.change_papers}
        return lists.get(change_type, self.other_papers)


def load_checklists(templates: Path | None = None) -> Checklists:
    """The lists: a school's own ``checklists.yaml``, or the shipped one.

    >>> len(load_checklists().five_ones)
    5
    """
    path = form_file("checklists.yaml", templates)
    return parse(Checklists, read_yaml(path), source=path)
