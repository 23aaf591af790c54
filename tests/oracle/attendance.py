"""Attendance features in plain pandas."""

from __future__ import annotations

import pandas as pd

from kongchuo_risk.domain.calendar import TEACHING_DAYS, terms_of
from kongchuo_risk.domain.records import Records
from tests.oracle.known import in_force

MILDEST_FIRST = ["late", "left_early", "sick", "personal", "not_reported", "unexcused"]
UNEXCUSED = ["unexcused", "not_reported"]
ABSENT = ["unexcused", "not_reported", "sick", "personal"]
WINDOWS = (5, 10, 20, 60)
LOOK_BACK = pd.Timedelta(days=240)


def exceptions_on(records: Records, day: pd.Timestamp) -> pd.DataFrame:
    """One kind per pupil and half-day: known last, and of one day the mildest."""
    rows = records["attendance"]
    rows = rows[
        rows["kind"].isin(MILDEST_FIRST)
        & rows["session"].isin(["AM", "PM"])
        & (rows["known_on"] <= day)
        & (rows["day"] <= day)
        & (rows["day"] >= day - LOOK_BACK)
    ]
    severity = rows["kind"].astype("str").map({k: i for i, k in enumerate(MILDEST_FIRST)})
    rows = rows[["student_id", "day", "session", "kind", "known_on"]].assign(severity=severity)
    rows = rows.sort_values(["known_on", "severity"], ascending=[False, True])
    return rows.drop_duplicates(["student_id", "day", "session"])


def sheets_on(records: Records, day: pd.Timestamp, pupils: pd.DataFrame) -> pd.DataFrame:
    """Sheets taken in the classes of the day, with the school of the class."""
    rows = records["class_sheets"]
    use = (rows["known_on"] <= day) & rows["day"].between(day - LOOK_BACK, day)
    rows = rows.loc[use, ["class_id", "day", "session"]].drop_duplicates()
    school = pupils.groupby("class_id")["school_code"].last().rename("school_code")
    return rows.merge(school, left_on="class_id", right_index=True)


def school_days(
    records: Records, day: pd.Timestamp, pupils: pd.DataFrame, sheets: pd.DataFrame
) -> pd.DataFrame:
    """School, day, and ``age``: 0 for the school's last day, 59 for the oldest that is used."""
    calendar = in_force(records, "calendar", day)
    calendar = calendar[calendar["day"] >= day - LOOK_BACK]
    schools = pd.DataFrame({"school_code": sorted(pupils["school_code"].unique())})
    everywhere = calendar[calendar["school_code"].isna()].drop(columns="school_code")
    grid = schools.merge(everywhere[["day", "day_type"]], how="cross").assign(own=0)
    own = calendar.loc[calendar["school_code"].notna(), ["school_code", "day", "day_type"]]
    grid = pd.concat([grid, own.assign(own=1)]).sort_values("own", kind="stable")
    grid = grid.drop_duplicates(["school_code", "day"], keep="last")
    taught = grid.loc[grid["day_type"].isin(TEACHING_DAYS), ["school_code", "day"]]
    in_calendar = set(terms_of(calendar["day"]))

    by_sheet = sheets[["school_code", "day"]].drop_duplicates()
    by_sheet = by_sheet[~terms_of(by_sheet["day"]).isin(in_calendar)]
    in_sheets = set(terms_of(by_sheet["day"]))
    days = pd.Series(exceptions_on(records, day)["day"].unique())
    days = days[(days.dt.day_of_week < 5) & ~terms_of(days).isin(in_calendar | in_sheets)]
    by_record = schools.merge(days.rename("day").to_frame(), how="cross")

    found = pd.concat([taught, by_sheet, by_record]).drop_duplicates()
    found = found[found["school_code"].isin(schools["school_code"])]
    age = found.groupby("school_code")["day"].rank(ascending=False).sub(1).astype(int)
    return found.assign(age=age).query("age < 60")


def known_half_days(
    records: Records, day: pd.Timestamp, pupils: pd.DataFrame, enrolled: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """One row per pupil and half-day of which something is known, oldest first.

    Also the school days, and whether each pupil's school keeps sheets.
    """
    sheets = sheets_on(records, day, pupils)
    days = school_days(records, day, pupils, sheets)
    place = pupils[["class_id", "school_code"]].reset_index()
    said = exceptions_on(records, day).merge(place, on="student_id")
    said = said.merge(days, on=["school_code", "day"])

    kept = sheets.merge(days, on=["school_code", "day"])
    without = ~said["school_code"].isin(kept["school_code"])
    called = said.loc[without, ["school_code", "day", "session", "age"]].drop_duplicates()
    called = called.merge(place[["class_id", "school_code"]].drop_duplicates(), on="school_code")
    taken = pd.concat([kept, called])[["class_id", "day", "session", "age"]]
    known = place.merge(taken, on="class_id")
    known = known.merge(
        said[["student_id", "day", "session", "kind"]],
        on=["student_id", "day", "session"],
        how="left",
    )
    known["kind"] = known["kind"].fillna("present")
    alone = said[["student_id", "class_id", "school_code", "day", "session", "age", "kind"]]
    known = pd.concat([known, alone]).drop_duplicates(["student_id", "day", "session"])

    known = known[~_on_bad_day(known, said, place, enrolled)]
    order = known.sort_values(["student_id", "day", "session"], ignore_index=True)
    return order, days, pupils["school_code"].isin(kept["school_code"])


def _on_bad_day(
    known: pd.DataFrame, said: pd.DataFrame, place: pd.DataFrame, enrolled: pd.Series
) -> pd.Series:
    """A fifth of the school and at least 10 pupils absent."""
    expected = place[place["student_id"].map(enrolled)]
    size = expected.groupby("school_code").size()
    away = said[said["kind"].isin(ABSENT) & said["student_id"].isin(expected["student_id"])]
    number = away.groupby(["school_code", "day"])["student_id"].nunique()
    bad = number[(number >= 10) & (number >= 0.2 * size.reindex(number.index, level=0))]
    keys = pd.MultiIndex.from_frame(known[["school_code", "day"]])
    return pd.Series(keys.isin(bad.index), index=known.index)


def attendance_oracle(
    records: Records, day: pd.Timestamp, pupils: pd.DataFrame, enrolled: pd.Series
) -> pd.DataFrame:
    known, days, has_sheets = known_half_days(records, day, pupils, enrolled)
    out = pd.DataFrame(index=pupils.index)
    unexcused, absent = known["kind"].isin(UNEXCUSED), known["kind"].isin(ABSENT)

    def count(rows: pd.DataFrame) -> pd.Series:
        return rows.groupby("student_id").size().reindex(out.index, fill_value=0).astype(float)

    members = {
        "unexcused": unexcused, "absent": absent, "sick": known["kind"] == "sick",
        "personal": known["kind"] == "personal", "late": known["kind"] == "late",
        "left_early": known["kind"] == "left_early",
    }  # fmt: skip
    recorded = {}
    for window in WINDOWS:
        inside = known["age"] < window
        recorded[window] = count(known[inside])
        for name, member in members.items():
            number = count(known[inside & member])
            out[f"{name}_{window}"] = number.where(recorded[window] > 0)

    before = recorded[60] - recorded[20]
    for name in ("unexcused", "absent"):
        earlier = out[f"{name}_60"] - out[f"{name}_20"].fillna(0)
        out[f"{name}_trend"] = out[f"{name}_20"] / recorded[20] - earlier / before.where(before > 0)

    out = out.join(_runs(known, unexcused, absent, out.index))
    present = known[~absent]
    seen = present.groupby("student_id")["age"].min().reindex(out.index)
    out["days_since_seen"] = seen.fillna(60).where(recorded[60] > 0)

    edge = known["day"].dt.day_of_week.isin([0, 4])
    out["monday_friday_share_60"] = count(known[absent & edge]) / count(known[absent])
    out["late_share_60"] = count(known[known["kind"] == "late"]) / count(present)

    held = days[days["age"] < 20].groupby("school_code").size() * 2.0
    share = recorded[20] / pupils["school_code"].map(held)
    out["recorded_share_20"] = share.where(has_sheets)
    return out.join(_beside_the_class(out, pupils, enrolled))


def _runs(
    known: pd.DataFrame, unexcused: pd.Series, absent: pd.Series, index: pd.Index
) -> pd.DataFrame:
    """Half-days in a row, each divided by two for days."""
    result = pd.DataFrame(index=index)
    some = known.groupby("student_id").size().reindex(index, fill_value=0) > 0
    for name, flag in (("unexcused", unexcused), ("absent", absent)):
        block = (
            (flag != flag.shift()) | (known["student_id"] != known["student_id"].shift())
        ).cumsum()
        runs = (
            known.assign(flag=flag, block=block)
            .groupby("block")
            .agg(student_id=("student_id", "first"), flag=("flag", "first"), n=("flag", "size"))
        )
        last = runs.groupby("student_id").tail(1).set_index("student_id")
        current = (last["n"] * last["flag"]).reindex(index)
        result[f"{name}_run"] = current / 2
        if name == "unexcused":
            spells = runs[runs["flag"]].groupby("student_id")["n"]
            result["longest_unexcused_run_60"] = spells.max().reindex(index, fill_value=0) / 2
            result["unexcused_spells_60"] = spells.size().reindex(index, fill_value=0).astype(float)
    return result.where(some)


def _beside_the_class(out: pd.DataFrame, pupils: pd.DataFrame, enrolled: pd.Series) -> pd.DataFrame:
    by = out[enrolled].groupby(pupils["class_id"])
    mean, sd = by.mean(), by.std(ddof=0)
    of_class = pupils["class_id"]
    z = (out["unexcused_60"] - of_class.map(mean["unexcused_60"])) / of_class.map(
        sd["unexcused_60"]
    )
    same = of_class.map(sd["unexcused_60"]) <= 1e-9
    return pd.DataFrame(
        {
            "class_unexcused_20": of_class.map(mean["unexcused_20"]),
            "class_absent_20": of_class.map(mean["absent_20"]),
            "unexcused_above_class_20": out["unexcused_20"] - of_class.map(mean["unexcused_20"]),
            "absent_above_class_20": out["absent_20"] - of_class.map(mean["absent_20"]),
            "unexcused_class_z_60": z.mask(same, 0.0).where(out["unexcused_60"].notna()),
        }
    )
