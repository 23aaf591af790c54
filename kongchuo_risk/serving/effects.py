"""The verb ``effects``: what was delivered, and what it did as far as that can be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from kongchuo_risk import pipeline
from kongchuo_risk.cases import case_reader, open_case_database
from kongchuo_risk.contracts.policy_file import load_policy
from kongchuo_risk.domain.calendar import term_of
from kongchuo_risk.domain.effect import Dose, Effect, Estimate, Evidence
from kongchuo_risk.domain.progress import Progress, silent
from kongchuo_risk.domain.records import Records
from kongchuo_risk.domain.risk import RiskEntry, Tier
from kongchuo_risk.domain.run import Run
from kongchuo_risk.effects import (
    dose_table,
    estimate_phased,
    estimate_threshold,
    find_starts,
    judge,
)
from kongchuo_risk.effects.starts import CLASS_RULE
from kongchuo_risk.effects.words import points, tell
from kongchuo_risk.errors import NotFoundError
from kongchuo_risk.pipeline.effect_panel import (
    around_the_line,
    class_units,
    delivered_in_term,
    pupil_terms,
    school_units,
)
from kongchuo_risk.serving.runs import Outcome, all_records
from kongchuo_risk.settings import Settings
from kongchuo_risk.workspace import Workspace

LIST = "列入名单"
"""Everything that follows from being on the list, taken together."""
ONLY_THE_LIST = f"没有分批开始；名单界线比的是列入后的整套帮扶，见“{LIST}”，不能归到单项措施"
NOTHING_DELIVERED = (
    "还没有已落实措施的记录，无从估计作用。请把“已落实措施”表（学籍号、措施、开始日期、次数）导入后再来；"
    "措施分批在不同学校开始，以后才比得出来。"
)
NOTE = (
    "怎样读：结论默认是“尚不能判断”。"
    "只有两边本来可比、区间不含 0、各项检查都通过，才说有作用或可能有害。"
    "这里从不拿帮扶前后相比，也不拿得到帮扶的和没得到的相比：得到帮扶的本来就是处境更难的学生。"
)


@dataclass(frozen=True)
class Effects(Outcome):
    """Every measure with its verdict.

    Attributes
    ----------
    table : DataFrame indexed by measure
        结论, 作用（百分点）, 学生, 次数, 起止.
    """

    effects: tuple[Effect, ...]
    table: pd.DataFrame


def estimate_effects(
    workspace: Workspace, *, measure: str | None = None, progress: Progress = silent
) -> Effects:
    """What each delivered measure did, or why that cannot be told.

    Parameters
    ----------
    measure
        Only this one, by its id or Chinese name; ``列入名单`` is everything after the list.

    Raises
    ------
    NotFoundError
        Nothing of this name was delivered.
    """
    settings = workspace.settings()
    records = all_records(workspace)
    delivered = _named(records, settings)
    names = [dose.measure for dose in dose_table(delivered)]
    if measure is not None:
        measure = _titles(settings).get(measure, measure)
        if measure not in (*names, LIST):
            known = "、".join([*names, LIST]) if names else "（还没有记录）"
            raise NotFoundError(f"没有落实过“{measure}”；有记录的：{known}")
    if delivered.empty:
        return Effects(NOTHING_DELIVERED, {"measures": []}, (), pd.DataFrame())
    found = _Found(workspace, records, settings, delivered, progress)
    # All are estimated even when one is asked for: a verdict must not depend on the question.
    judged = found.judged([LIST, *names])
    return _told(tuple(effect for effect in judged if measure in (None, effect.measure)))


class _Found:
    """Evidence of one workspace, measure by measure."""

    def __init__(
        self,
        workspace: Workspace,
        records: Records,
        settings: Settings,
        delivered: pd.DataFrame,
        progress: Progress,
    ) -> None:
        self._delivered = delivered
        self._doses = {dose.measure: dose for dose in dose_table(delivered)}
        profile = pipeline.profile_of(settings)
        self._panel = pupil_terms(records, profile, progress=progress)
        lists = [
            around_the_line(entries, records, profile)
            for entries in _first_lists(workspace, settings)
        ]
        rows = pd.concat(lists, ignore_index=True) if lists else pd.DataFrame()
        self._has_lists = len(rows) > 0 and bool(rows["outcome"].notna().any())
        self._line = estimate_threshold(rows) if self._has_lists else None

    def judged(self, names: list[str]) -> tuple[Effect, ...]:
        """Every name with its verdict; all of them share one error."""
        evidence = {name: self._evidence(name) for name in names}
        comparisons = max(sum(found is not None for found, _ in evidence.values()), 1)
        return tuple(
            judge(
                name,
                found,
                dose=self._doses.get(name),
                comparisons=comparisons,
                why_none=self._why_none(name),
                unit=unit,
            )
            for name, (found, unit) in evidence.items()
        )

    def _evidence(self, name: str) -> tuple[Evidence | None, str]:
        if name == LIST:
            return self._line, "学校"
        rows = self._delivered[self._delivered["measure"] == name]
        panel = self._panel.assign(delivered=delivered_in_term(self._panel, rows))
        by_school = school_units(panel)
        starts = find_starts(by_school)
        if starts["start"].notna().any() and not _split_within_schools(panel):
            return estimate_phased(by_school, starts), "学校"
        by_class = class_units(panel)
        return estimate_phased(by_class, find_starts(by_class, CLASS_RULE)), "班级"

    def _why_none(self, name: str) -> str:
        if name == LIST:
            return (
                "名单界线两侧结果已知的学生太少" if self._has_lists
                else "还没有结果已知的名单（名单日期之后要再过一个学期）"
            )  # fmt: skip
        if self._line is not None:
            return ONLY_THE_LIST
        return "没有分批开始，也没有名单界线可比"


def _split_within_schools(panel: pd.DataFrame) -> bool:
    """Whether in two or more schools some classes of an intake began while others did not."""
    by_class = class_units(panel)
    begins = find_starts(by_class, CLASS_RULE)["start"]
    place = by_class.drop_duplicates("unit").set_index("unit")[["school_code", "entered"]]
    kinds = begins.astype("str").groupby([place["school_code"], place["entered"]]).nunique()
    split = kinds[kinds > 1].index.get_level_values("school_code")
    return int(split.nunique()) >= 2


def _first_lists(workspace: Workspace, settings: Settings) -> list[list[RiskEntry]]:
    """The first list of every term: who is listed later in the term is no longer left to chance."""
    engine = open_case_database(workspace, settings.database_url)
    try:
        with case_reader(engine) as store:
            first: dict[str, Run] = {}
            # Newest first: of a day that was scored again, the last list is kept.
            for run in store.runs.all():
                earlier = first.get(term_of(run.as_of))
                if earlier is None or run.as_of < earlier.as_of:
                    first[term_of(run.as_of)] = run
            ids = [run.id for run in first.values() if run.id is not None]
            lists = [store.runs.listed(run_id, tiers=Tier) for run_id in ids]
    finally:
        engine.dispose()
    return [entries for entries in lists if entries]


def _titles(settings: Settings) -> Mapping[str, str]:
    """Id of a measure → its Chinese name."""
    return {item.id: item.label for item in load_policy(settings.data_schema).measures}


def _named(records: Records, settings: Settings) -> pd.DataFrame:
    """What was delivered, each measure under its Chinese name."""
    table = records["measures_delivered"]
    keys = ["student_id", "measure", "started_on"]
    newest = table.sort_values("known_on", kind="stable").drop_duplicates(keys, keep="last")
    names = newest["measure"].astype("str")
    return newest.assign(measure=names.map(_titles(settings)).fillna(names))


def _told(effects: tuple[Effect, ...]) -> Effects:
    return Effects(
        text="\n\n".join([NOTE, *map(tell, effects)]),
        values={"measures": [_values(effect) for effect in effects]},
        effects=effects,
        table=_table(effects),
    )


def _table(effects: tuple[Effect, ...]) -> pd.DataFrame:
    rows = {
        effect.measure: {
            "结论": str(effect.verdict),
            "作用": points(effect.evidence.effect) if effect.evidence else "—",
            "学生": f"{effect.dose.pupils:,}" if effect.dose else "—",
            "次数": f"{effect.dose.sessions:,}" if effect.dose else "—",
            "起止": f"{effect.dose.first}—{effect.dose.last}" if effect.dose else "—",
        }
        for effect in effects
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def _values(effect: Effect) -> dict[str, Any]:
    found = effect.evidence
    values: dict[str, Any] = {
        "measure": effect.measure,
        "verdict": str(effect.verdict),
        "why": effect.why,
        "needed": effect.needed,
        "dose": _dose_values(effect.dose),
    }
    if found is None:
        return values
    return values | {
        "design": str(found.design),
        "compared": effect.compared,
        "effect": _estimate_values(found.effect),
        "effect_per_treated": _estimate_values(found.per_treated),
        "share_reached": found.reached,
        "rows": found.rows,
        "events": found.events,
        "units": dict(found.units),
        "detectable_points": 100 * found.effect.detectable,
        "checks": [
            {"name": check.name, "passed": check.passed, "text": check.text}
            for check in found.checks
        ],
        "assumes": list(effect.assumes),
    }


def _estimate_values(estimate: Estimate | None) -> dict[str, float] | None:
    if estimate is None:
        return None
    low, high = estimate.interval()
    return {
        "points": 100 * estimate.value,
        "low": 100 * low,
        "high": 100 * high,
        "per_1000": 1000 * estimate.value,
        "df": estimate.df,
    }


def _dose_values(dose: Dose | None) -> dict[str, Any] | None:
    if dose is None:
        return None
    return {
        "pupils": dose.pupils,
        "deliveries": dose.deliveries,
        "sessions": dose.sessions,
        "median_sessions": dose.median_sessions,
        "first": dose.first,
        "last": dose.last,
    }
