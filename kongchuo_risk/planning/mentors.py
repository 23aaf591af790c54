"""Class teachers, and who stands in for them."""

from __future__ import annotations

import pandas as pd

STAND_INS = ("principal", "vice_principal", "dean")
"""Who answers for a class without a class teacher, first choice first (校长包校, rule 33)."""


def homeroom_by_class(classes: pd.DataFrame) -> dict[str, str]:
    """Class → staff number of its class teacher in the last term that names one.

    >>> rows = {"term": ["2025-2026-2", "2025-2026-1"], "class_id": "C1",
    ...         "homeroom_staff": ["T2", "T1"]}
    >>> homeroom_by_class(pd.DataFrame(rows))
    {'C1': 'T2'}
    """
    named = classes.dropna(subset=["homeroom_staff"]).sort_values("term", kind="stable")
    last = named.drop_duplicates("class_id", keep="last")
    return dict(zip(last["class_id"], last["homeroom_staff"], strict=True))
