"""What schools report each term: schools, classes, pupils, family members, moves."""

from __future__ import annotations

import numpy as np
import pandas as pd

from kongchuo_risk.ingestion.synthetic.calendar import SchoolCalendar
from kongchuo_risk.ingestion.synthetic.hazard import Truth, boards
from kongchuo_risk.ingestion.synthetic.identity import names, phones
from kongchuo_risk.ingestion.synthetic.population import Schools

LOST_AFTER_DAYS = 20
"""School days away after which a school reports a pupil as 流失 (profile 国家2024)."""
ASKED_IN_JUNIOR = 0.8
"""Expectation and friends are asked in junior high only, and this share answers."""
_GRADES = "零一二三四五六七八九"
_FACTS = (
    "student_key", "id_number", "student_name", "sex", "birth_date", "ethnicity", "hukou_type",
    "left_behind", "father_away", "mother_away", "caregiver", "migrant_child", "orphan",
    "unsupported", "disability_type", "disability_level", "placement", "health_status",
    "poverty_type", "siblings", "preschool", "mother_education", "parent_ill", "judicial",
    "talents",
)  # fmt: skip


def school_table(schools: Schools) -> pd.DataFrame:
    """The table ``schools``."""
    code_of = {spec.name: code for spec, code in zip(schools.specs, schools.codes, strict=True)}
    return pd.DataFrame(
        {
            "school_code": schools.codes,
            "school_name": [spec.name for spec in schools.specs],
            "school_type": [spec.type for spec in schools.specs],
            "urban_rural": [spec.urban_rural for spec in schools.specs],
            "parent_code": [code_of.get(spec.parent, "") for spec in schools.specs],
            "township": [spec.township for spec in schools.specs],
            "boarding_school": [spec.boarding for spec in schools.specs],
        }
    )


def class_rows(
    calendar: SchoolCalendar,
    schools: Schools,
    rows: pd.DataFrame,
    classes: pd.DataFrame,
    homerooms: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``classes`` with ``term_number`` and ``school`` beside it."""
    table = rows.drop_duplicates(["term", "class_number"])[["term", "class_number", "grade"]]
    table = table.merge(classes, left_on="class_number", right_index=True)
    table = table.merge(homerooms, on=["term", "class_number"]).rename(
        columns={"term": "term_number"}
    )
    table["term"] = np.array(calendar.terms)[table["term_number"]]
    table["school_code"] = schools.codes[table["school"]]
    table["class_name"] = [
        _class_name(grade, section)
        for grade, section in zip(table["grade"], table["section"], strict=True)
    ]
    return table.sort_values(["term_number", "class_id"], ignore_index=True)


def student_rows(
    rng: np.random.Generator,
    calendar: SchoolCalendar,
    schools: Schools,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    truth: Truth,
    class_ids: np.ndarray,
) -> pd.DataFrame:
    """The table ``students``: one roster per term, dated with the pupil's first day in it.

    ``term``, ``school`` and ``pupil`` (numbers) stand beside the contract's columns.
    """
    known = rows["start"].to_numpy() < calendar.known_days
    rows, state = rows[known], truth.rows[known]
    pupil = rows["pupil"].to_numpy()
    facts = pupils.loc[pupil, list(_FACTS)].reset_index(drop=True)
    place = _whereabouts(rng, calendar, schools, pupils, rows)
    junior = place["grade"].to_numpy() >= 7
    poor = facts["poverty_type"].ne("none").to_numpy()
    asked = junior & (rng.random(len(rows)) < ASKED_IN_JUNIOR)
    village = [f"合成{number:03d}村" for number in pupils["village_number"].to_numpy()[pupil]]
    return pd.concat([facts, place], axis=1).assign(
        class_id=class_ids[rows["class_number"]],
        disability_level=facts["disability_level"].where(facts["disability_level"] > 0),
        repeated_grades=_repeats(calendar, pupils, rows),
        expectation=np.where(asked, pupils["expectation"].to_numpy()[pupil], ""),
        friends_left=np.where(asked, state["friends_left"], np.nan),
        prior_dropout=_known_returners(pupils, rows, truth),
        village=village,
        aid_applied=poor & (rng.random(len(rows)) < 0.9),
        boarding_subsidy=poor & place["boarding"].eq("2").to_numpy(),
        home_address=village,
        phone=phones(pupil),
        status=np.where(rows["suspended"], "02", "01"),
        term=rows["term"].to_numpy(),
        pupil=pupil,
    )


def _whereabouts(
    rng: np.random.Generator,
    calendar: SchoolCalendar,
    schools: Schools,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
) -> pd.DataFrame:
    """Facts that follow from the school and grade of the term."""
    pupil, grade = rows["pupil"].to_numpy(), rows["grade"].to_numpy()
    junior = grade >= 7
    distance = np.where(
        junior,
        pupils["distance_junior"].to_numpy()[pupil],
        pupils["distance_primary"].to_numpy()[pupil],
    )
    by_themselves = np.where(distance > 2.5, "public", "walk")
    entered = calendar.years()[rows["term"]] - np.where(junior, grade - 7, grade - 1)
    return pd.DataFrame(
        {
            "school_code": schools.codes[rows["school"]],
            "grade": grade,
            "enrol_month": np.char.add(entered.astype("U4"), "09"),
            "boarding": np.where(boards(schools, pupils, rows), "2", "1"),
            "school_distance_km": distance,
            "commute_mode": np.where(rng.random(len(rows)) < 0.3, "parent", by_themselves),
            "known_on": calendar.teaching[rows["start"]].astype("M8[s]"),
            "school": rows["school"].to_numpy(),
        }
    )


def status_changes(calendar: SchoolCalendar, students: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """Rows of ``students`` for who is written off as 流失, and for who came back.

    A pupil still away at a later roster carries 流失 there too.
    """
    gone = truth.episodes[truth.episodes["confirmed"]]
    lost_on = (gone["day"] + LOST_AFTER_DAYS).to_numpy()
    back_on = gone["back"].to_numpy()
    parts = []
    for day, status in ((lost_on, "06"), (back_on, "01")):
        # On the first day of a term the roster itself tells the new state.
        seen = (day < calendar.known_days) & (lost_on < back_on) & ~np.isin(day, calendar.starts)
        changes = pd.DataFrame({"pupil": gone["pupil"].to_numpy()[seen], "change_day": day[seen]})
        changes["known_on"] = calendar.teaching[changes["change_day"]].astype("M8[s]")
        parts.append(_latest_roster(students, changes).assign(status=status))
    parts[1]["prior_dropout"] = True
    return pd.concat(parts, ignore_index=True)


def mark_lost(calendar: SchoolCalendar, students: pd.DataFrame, truth: Truth) -> pd.DataFrame:
    """``students`` with 流失 on the rosters of terms that begin while the pupil is away."""
    gone = truth.episodes[truth.episodes["confirmed"]][["pupil", "day", "back"]]
    pairs = students[["pupil", "term"]].rename_axis("roster").reset_index().merge(gone, on="pupil")
    start = calendar.starts[pairs["term"]]
    lost = pairs["roster"][(start >= pairs["day"] + LOST_AFTER_DAYS) & (start < pairs["back"])]
    students.loc[lost.unique(), "status"] = "06"
    return students


def guardian_rows(
    rng: np.random.Generator, pupils: pd.DataFrame, students: pd.DataFrame
) -> pd.DataFrame:
    """The table ``guardians``: up to two members, told when the pupil is first on a roster."""
    first = students.drop_duplicates("pupil")
    pupil = first["pupil"].to_numpy()
    facts = pupils.loc[pupil]
    away = {1: facts["father_away"].to_numpy(), 2: facts["mother_away"].to_numpy()}
    relations = {1: "51", 2: "52"}
    parts = []
    for seat in (1, 2):
        orphan = facts["orphan"].to_numpy()
        relation = np.where(orphan, {1: "61", 2: "62"}[seat], relations[seat])
        known_education = facts["mother_education"].to_numpy() if seat == 2 else "junior"
        calls = rng.integers(0, 4, len(first))
        parts.append(
            pd.DataFrame(
                {
                    "student_key": first["student_key"].to_numpy(),
                    "seat": seat,
                    "guardian_name": names(rng, len(first)),
                    "relation": relation,
                    "is_guardian": seat == 1,
                    "away": away[seat],
                    "education": np.where(orphan, "primary", known_education),
                    "ill": facts["parent_ill"].to_numpy() & (seat == 1),
                    "contacts_per_week": np.where(away[seat], calls, np.nan),
                    "guardian_phone": phones(pupil + 10_000_000 * seat),
                    "known_on": first["known_on"].to_numpy(),
                    "term": first["term"].to_numpy(),
                    "school": first["school"].to_numpy(),
                }
            )[rng.random(len(first)) < (0.995 if seat == 1 else 0.95)]
        )
    return pd.concat(parts, ignore_index=True)


def registration_rows(
    calendar: SchoolCalendar,
    schools: Schools,
    pupils: pd.DataFrame,
    rows: pd.DataFrame,
    truth: Truth,
) -> pd.DataFrame:
    """The table ``registration_changes``: moves, 休学 and 复学, 留级, 转班级, graduation."""
    key = pupils["student_key"].to_numpy()[rows["pupil"]]
    frame = rows.assign(student_key=key, code=schools.codes[rows["school"]])
    before = frame.groupby("pupil")[["grade", "suspended"]].shift()
    autumn = np.array([term.endswith("1") for term in calendar.terms])[frame["term"]]
    repeats = (before["grade"] == frame["grade"]) & autumn & ~before["suspended"].eq(True)
    new_term = frame["start"] == calendar.starts[frame["term"]]
    graduates = (frame["grade"] == 9) & ~autumn & (frame["end"] < len(calendar.teaching))
    last_back = truth.episodes.groupby("pupil")["back"].max()
    graduates &= frame["pupil"].map(last_back).fillna(0) < frame["end"]
    plan = (
        ("21", frame["moves_out"], "end", "随父母迁往外地"),
        ("22", frame["moves_in"], "start", "随父母迁入"),
        ("11", frame["suspended"] & autumn & new_term, "start", "因病休学"),
        ("12", before["suspended"].eq(True) & ~frame["suspended"], "start", "病愈复学"),
        ("02", repeats, "start", "家长申请"),
        ("70", graduates, "end", "初中毕业"),
    )
    moves = [
        _changes(calendar, frame[mask.to_numpy(bool)], code, at, reason)
        for code, mask, at, reason in plan
    ]
    return pd.concat([*moves, _class_changes(calendar, frame)], ignore_index=True)


def _class_changes(calendar: SchoolCalendar, frame: pd.DataFrame) -> pd.DataFrame:
    """转班级: another section of the same school and year than in the term before."""
    before = frame.groupby("pupil")["class_key"].shift().fillna(-1).astype(int)
    # The last two digits of a class key are the section.
    moved = (before // 100 == frame["class_key"] // 100) & (before != frame["class_key"])
    rows = frame[moved]
    changes = _changes(calendar, rows, "29", "start", "家长申请")
    names = {"from_class": before[moved], "to_class": rows["class_key"]}
    known = (rows["start"] < calendar.known_days).to_numpy()
    for column, key in names.items():
        changes[column] = [
            _class_name(grade, section)
            for grade, section in zip(rows["grade"][known], key[known] % 100, strict=True)
        ]
    return changes


def _class_name(grade: int, section: int) -> str:
    return f"{_GRADES[grade]}年级({section + 1})班"


def _changes(
    calendar: SchoolCalendar, frame: pd.DataFrame, code: str, at: str, reason: str
) -> pd.DataFrame:
    day = frame[at].to_numpy() - (1 if code == "70" else 0)
    known = day < calendar.known_days
    frame, day = frame[known], day[known]
    on = calendar.teaching[day].astype("M8[s]")
    outside = {"21": ("code", None), "22": (None, "code")}.get(code, ("code", "code"))
    return pd.DataFrame(
        {
            "student_key": frame["student_key"].to_numpy(),
            "change_type": code,
            "day": on,
            "reason": reason,
            "approved_on": on,
            "from_school": frame[outside[0]].to_numpy() if outside[0] else "区外学校",
            "to_school": frame[outside[1]].to_numpy() if outside[1] else "区外学校",
        }
    )


def _latest_roster(students: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """The last roster row of each pupil before the change, dated with the change."""
    rosters = students.sort_values("known_on")
    found = pd.merge_asof(
        changes.sort_values("known_on")[["pupil", "known_on"]],
        rosters.rename(columns={"known_on": "roster_on"}),
        left_on="known_on",
        right_on="roster_on",
        by="pupil",
        allow_exact_matches=False,
    )
    return found.dropna(subset=["roster_on"]).drop(columns="roster_on")


def _repeats(calendar: SchoolCalendar, pupils: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    year = calendar.years()[rows["term"]]
    return np.asarray((year >= pupils["repeat_year"].to_numpy()[rows["pupil"]]).astype(int))


def _known_returners(pupils: pd.DataFrame, rows: pd.DataFrame, truth: Truth) -> np.ndarray:
    """曾经辍学 as schools know it: from before, or confirmed and back since."""
    known = pupils["prior_dropout"].to_numpy()[rows["pupil"]]
    gone = truth.episodes[truth.episodes["confirmed"]].groupby("pupil")["back"].min()
    back = rows["pupil"].map(gone)
    return np.asarray(known | (back <= rows["start"]).to_numpy())
