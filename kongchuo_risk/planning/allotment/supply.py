"""How much of every scarce thing a school has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from kongchuo_risk.contracts.policy import Cap, Supply
from kongchuo_risk.planning.capacity import roles_of


def supplies(
    caps: Sequence[Cap],
    staff: pd.DataFrame,
    pupils_by_school: Mapping[str, int],
    limits: Mapping[tuple[str, str], float] | None = None,
) -> pd.DataFrame:
    """Amount of every cap in every school.

    Parameters
    ----------
    caps
        With the assumptions about what a school has.
    staff
        Rows of the staff table; of a person with several rows the last one counts. Hours that
        nobody has recorded are none.
    pupils_by_school
        Names the schools.
    limits
        (school_code, cap) → amount that the school itself has named; replaces the assumption.

    Returns
    -------
    DataFrame with ``school_code``, ``cap``, ``supply`` (in the cap's unit)

    Examples
    --------
    >>> from kongchuo_risk.contracts.policy import Supply
    >>> cap = Cap(id="clubs", label="兴趣班", unit="个", per="学期", source="假设",
    ...           supply=Supply(per_school=5, per_pupil=0.1))
    >>> staff = pd.DataFrame(columns=["staff_no", "school_code", "roles", "hours_per_week"])
    >>> supplies([cap], staff, {"S1": 200, "S2": 30}, {("S2", "clubs"): 12})["supply"].tolist()
    [25.0, 12.0]
    """
    named = limits or {}
    people = staff.drop_duplicates("staff_no", keep="last")
    team = dict(tuple(people.groupby(people["school_code"].astype("str"))))
    rows = [
        (school, cap.id, float(named.get((school, cap.id), _assumed(cap.supply, pupils, members))))
        for school, pupils in pupils_by_school.items()
        for members in [team.get(school, people.iloc[:0])]
        for cap in caps
    ]
    return pd.DataFrame(rows, columns=["school_code", "cap", "supply"])


def _assumed(supply: Supply, pupils: int, members: pd.DataFrame) -> float:
    holds = members["roles"].map(lambda text: not roles_of(text).isdisjoint(supply.roles))
    holders = members[holds.astype("bool")]
    hours = pd.to_numeric(holders["hours_per_week"]).fillna(0).clip(lower=0).sum()
    return float(
        supply.per_school
        + supply.per_pupil * pupils
        + supply.per_person * len(holders)
        + supply.share_of_hours * hours
    )
