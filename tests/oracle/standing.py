"""Standing, peers and registration features in plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.domain.calendar import school_year_start, term_bounds, term_of
from kongchuo_risk.domain.records import Records
from tests.oracle.known import in_force

STATUS = {
    "01": "", "02": "休学", "03": "已辍学或流失", "06": "已辍学或流失", "07": "毕业",
    "10": "转学", "11": "死亡", "15": "已辍学或流失",
}  # fmt: skip
CHANGE = {
    "11": "休学", "12": "", "21": "转学", "22": "", "31": "已辍学或流失", "51": "死亡",
    "61": "毕业", "70": "毕业", "81": "送教上门", "82": "出国（境）",
}  # fmt: skip


def moves_on(records: Records, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.DataFrame:
    """Every statement about standing by the day, oldest first."""
    roster = records["students"].query("known_on <= @day")
    roster = pd.DataFrame(
        {
            "student_id": roster["student_id"], "on": roster["known_on"],
            "known": roster["known_on"], "papers": 0,
            "standing": roster["status"].astype("str").map(STATUS),
        }
    )  # fmt: skip
    changes = in_force(records, "registration_changes", day)
    papers = pd.DataFrame(
        {
            "student_id": changes["student_id"], "on": changes["day"],
            "known": changes["known_on"], "papers": 1,
            "standing": changes["change_type"].astype("str").map(CHANGE),
        }
    )  # fmt: skip
    both = pd.concat([roster, papers])
    both = both[both["standing"].notna() & both["student_id"].isin(pupils.index)]
    return both.sort_values(["known", "papers", "on", "standing"], ignore_index=True)


def standing_oracle(moves: pd.DataFrame, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.Series:
    stands = moves.groupby("student_id")["standing"].last().reindex(pupils.index).fillna("")
    stands = stands.mask((pupils["placement"] == "home").fillna(False) & (stands == ""), "送教上门")
    year = pd.Timestamp(school_year_start(day.date())) - pd.Timedelta(days=31)
    current = pupils["known_on"] >= year
    delivered = current.groupby(pupils["school_code"]).transform("any")
    return stands.mask(~current & delivered & (stands == ""), "不在本学年花名册")


def peers_oracle(
    moves: pd.DataFrame, day: pd.Timestamp, pupils: pd.DataFrame, enrolled: pd.Series
) -> pd.DataFrame:
    left = moves[moves["standing"] == "已辍学或流失"].groupby("student_id")["on"].max()
    left = left.reindex(pupils.index)
    year = left > day - pd.Timedelta(days=365)
    term = left >= pd.Timestamp(term_bounds(term_of(day.date()))[0])

    def others(flag: pd.Series, group: str) -> pd.Series:
        return flag.groupby(pupils[group]).transform("sum") - flag.astype(float)

    school_size = enrolled.groupby(pupils["school_code"]).transform("sum").astype(float)
    size = enrolled.groupby(pupils["class_id"]).transform("sum").astype(float)
    return pd.DataFrame(
        {
            "class_size": size.where(size > 0),
            "class_left_year": others(year, "class_id"),
            "class_left_term": others(term, "class_id"),
            "school_left_per_1000_year": 1000
            * others(year, "school_code")
            / school_size.where(school_size > 0),
        }
    )


def registration_oracle(records: Records, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.DataFrame:
    changes = in_force(records, "registration_changes", day)
    out = pd.DataFrame(index=pupils.index)
    kinds = {
        "class_changes": ["29"], "school_changes": ["21", "22"], "suspensions": ["11"],
        "repeats_on_record": ["02"],
    }  # fmt: skip
    for name, codes in kinds.items():
        rows = changes[changes["change_type"].isin(codes)]
        out[name] = rows.groupby("student_id").size().reindex(out.index, fill_value=0)
    back = changes[
        (changes["change_type"] == "12") & (changes["day"] > day - pd.Timedelta(days=365))
    ]
    out["returned_within_year"] = out.index.isin(back["student_id"])
    out = out.astype(float)
    if records["registration_changes"].query("known_on <= @day").empty:
        out[:] = np.nan
    start = school_year_start(day.date())
    born = pupils["birth_date"]
    age = (start.year - born.dt.year) - (born.dt.month >= start.month)
    grade = pupils["grade"].astype("float64")
    return out.assign(over_age=age - (grade + 5), grade=grade)
