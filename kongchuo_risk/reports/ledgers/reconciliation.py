"""数字准确、去向清楚、手续完备: what does not add up, pupil by pupil (seed rule 123)."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kongchuo_risk.features.standing import ABROAD, SUSPENDED, TRANSFERRED
from kongchuo_risk.reports.ledgers.away import without_case
from kongchuo_risk.reports.ledgers.material import Scope, Snapshot
from kongchuo_risk.reports.ledgers.roll import (
    UNDOCUMENTED,
    Movement,
    registered,
)
from kongchuo_risk.reports.ledgers.window import Window

WAYS_IN = ("新生", "转入", "复籍")
WAYS_OUT = ("转学", "毕业", "出国（境）", "死亡")
BALANCE_COLUMNS = ("学校", "学段", "期初在籍", *WAYS_IN, *WAYS_OUT, "应有", "期末在籍", "差异")
FAULT_COLUMNS = ("student_id", "学校", "班级", "学段", "类别", "问题")
COUNT, DESTINATION, PAPERS = "数字", "去向", "手续"
_LEAVING = {"21": TRANSFERRED, "82": ABROAD, "11": SUSPENDED}


@dataclass(frozen=True)
class Reconciliation:
    """Whether a period adds up.

    Attributes
    ----------
    balance : DataFrame
        :data:`BALANCE_COLUMNS`: opening roll + documented entries − documented departures = 应有;
        差异 is what the closing roll has more.
    faults : DataFrame
        :data:`FAULT_COLUMNS`, one row per pupil and fault.
    """

    balance: pd.DataFrame
    faults: pd.DataFrame

    @property
    def is_clean(self) -> bool:
        """Whether numbers, destinations and papers are all in order."""
        return self.faults.empty and not self.balance["差异"].any()


def reconcile(window: Window, scope: Scope) -> Reconciliation:
    """Check a period: do the roll's numbers add up, is every leaver's destination on paper."""
    after = window.after
    of = window.moves
    moves = Movement(*(scope.of(part) for part in (of.opening, of.closing, of.came, of.went)))
    faults = [*_unexplained(moves), *_gone_without_case(after, scope), *_papers(moves, after)]
    table = pd.DataFrame(faults, columns=list(FAULT_COLUMNS))
    order = ["学校", "班级", "student_id", "类别"]
    return Reconciliation(_balance(moves), table.sort_values(order, ignore_index=True))


def _balance(moves: Movement) -> pd.DataFrame:
    keys = ["school_code", "stage"]
    parts = {
        "期初在籍": moves.opening.groupby(keys).size(),
        **{way: moves.came[moves.came["how"] == way].groupby(keys).size() for way in WAYS_IN},
        **{way: moves.went[moves.went["how"] == way].groupby(keys).size() for way in WAYS_OUT},
        "期末在籍": moves.closing.groupby(keys).size(),
    }
    table = pd.DataFrame(parts).reindex(columns=list(parts)).fillna(0).astype("int64")
    table = table.rename_axis(["学校", "学段"]).reset_index()
    came, went = table[list(WAYS_IN)].sum(axis=1), table[list(WAYS_OUT)].sum(axis=1)
    table["应有"] = table["期初在籍"] + came - went
    table["差异"] = table["期末在籍"] - table["应有"]
    return table.reindex(columns=list(BALANCE_COLUMNS)).sort_values(["学校", "学段"])


def _unexplained(moves: Movement) -> list[dict[str, object]]:
    came = moves.came[moves.came["how"] == UNDOCUMENTED]
    went = moves.went[moves.went["how"] == UNDOCUMENTED]
    return [
        *_faults(came, COUNT, "花名册新增，没有入学、转入或复学手续"),
        *_faults(went, COUNT, "花名册减少，没有转出、毕业等手续，去向不明"),
    ]


def _gone_without_case(after: Snapshot, scope: Scope) -> list[dict[str, object]]:
    gone = without_case(after, scope)
    return _faults(gone, DESTINATION, "花名册为流失或下落不明，没有立案")


def _papers(moves: Movement, after: Snapshot) -> list[dict[str, object]]:
    """Destination and approval of everybody who left or was suspended with a paper."""
    changes = after.rows("registration_changes")
    changes = changes[changes["change_type"].isin(_LEAVING)]
    changes = changes.drop_duplicates("student_id", keep="last").set_index("student_id")
    suspended = moves.closing[moves.closing["standing"] == SUSPENDED]
    leavers = pd.concat(
        [moves.went[moves.went["how"].isin([TRANSFERRED, ABROAD])], suspended.assign(how=SUSPENDED)]
    )
    own = changes.reindex(leavers.index)
    elsewhere = leavers.index.isin(registered(after.roll).index)
    nowhere = (leavers["how"] == TRANSFERRED) & own["to_school"].isna() & ~elsewhere
    unapproved = own["approved_on"].isna() & own["approval_no"].isna()
    return [
        *_faults(leavers[nowhere], DESTINATION, "转出没有写明转入学校"),
        *_faults(leavers[unapproved], PAPERS, "没有审批日期或审批文号"),
    ]


def _faults(rows: pd.DataFrame, kind: str, words: str) -> list[dict[str, object]]:
    columns = zip(rows.index, rows["school_code"], rows["class_id"], rows["stage"], strict=True)
    return [
        {
            "student_id": pupil, "学校": school, "班级": class_id, "学段": stage, "类别": kind,
            "问题": words,
        }
        for pupil, school, class_id, stage in columns
    ]  # fmt: skip
