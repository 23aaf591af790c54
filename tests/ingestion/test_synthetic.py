"""The synthetic county keeps what its settings promise, and its truth stays hidden."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from python_calamine import CalamineWorkbook

from kongchuo_risk.contracts.tables import load_schema
from kongchuo_risk.errors import SettingsError
from kongchuo_risk.ingestion.batch import import_batch
from kongchuo_risk.ingestion.synthetic import County, SyntheticSummary, build_county
from kongchuo_risk.ingestion.synthetic.identity import REGION, check_digits
from kongchuo_risk.ingestion.synthetic.presets import load_synthetic
from kongchuo_risk.ingestion.synthetic.writing import DAILY, NOTICE, write_synthetic
from kongchuo_risk.workspace import create_workspace

SETTINGS = load_synthetic()
TERMS_PER_YEAR = 2


@pytest.fixture(scope="module")
def area() -> County:
    return build_county("学区", seed=11)


@pytest.fixture(scope="module")
def many() -> list[County]:
    """Several areas: what is rare in one can be counted in six."""
    return [build_county("学区", seed=seed) for seed in range(6)]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[SyntheticSummary, Path]:
    root = tmp_path_factory.mktemp("synthetic")
    summary = write_synthetic(root / "来源", preset="小样", seed=5, truth_folder=root / "truth")
    return summary, root


def test_the_area_has_the_size_of_the_seed_document(area: County) -> None:
    types = pd.Series([spec.type for spec in area.schools.specs]).value_counts()
    assert types.to_dict() == {"primary": 7, "point": 3, "nine_year": 1, "junior": 1}
    per_term = area.enrolment.groupby("term").size()
    assert per_term.between(5_000, 6_000).all()
    assert 200 <= len(area.tables["staff"]) <= 350


def test_no_pupil_is_twice_in_a_roster(area: County) -> None:
    students = area.tables["students"]
    assert not students.duplicated(["student_key", "term"]).any()
    assert not students.duplicated(["student_key", "known_on"]).any()


def test_a_class_keeps_its_number_and_its_pupils_from_term_to_term(area: County) -> None:
    rows = area.enrolment
    autumn, spring = rows[rows["term"] == 0], rows[rows["term"] == 1]
    both = autumn.merge(spring, on="pupil")
    assert (both["class_number_x"] == both["class_number_y"]).all()
    third = both.merge(rows[rows["term"] == 2], on="pupil")
    stays = ~third["grade"].isin([5, 7])
    assert (third["class_number_x"] == third["class_number"])[stays].mean() > 0.99


def test_who_finishes_grade_six_goes_on_to_a_junior_high(area: County) -> None:
    rows = area.enrolment
    sixth = rows[(rows["term"] == 1) & (rows["grade"] == 6)]
    seventh = rows[(rows["term"] == 2) & (rows["grade"] == 7)]
    assert sixth["pupil"].isin(seventh["pupil"]).mean() > 0.97
    takes_juniors = [spec.type in ("junior", "nine_year") for spec in area.schools.specs]
    assert np.array(takes_juniors)[seventh["school"]].all()


def test_every_number_is_well_formed_and_of_no_real_county(area: County) -> None:
    numbers = area.pupils["id_number"].to_numpy(str)
    assert len(np.unique(numbers)) == len(numbers)
    assert all(number.startswith(REGION) for number in numbers)
    bodies = np.array([number[:17] for number in numbers])
    assert (check_digits(bodies) == np.array([number[17] for number in numbers])).all()


@given(st.text("0123456789", min_size=17, max_size=17))
def test_a_check_digit_makes_the_weighted_sum_one_modulo_eleven(body: str) -> None:
    number = body + check_digits(np.array([body]))[0]
    values = [10 if char == "X" else int(char) for char in number]
    assert sum(2 ** (17 - place) * value for place, value in enumerate(values)) % 11 == 1


def test_suspected_cases_are_as_rare_as_the_settings_say(many: list[County]) -> None:
    """Six areas of 5,400 pupils over three years: 10, 15, 12 per 1,000 and year, 2 in primary."""
    grades = pd.concat([_left_by_grade(county) for county in many])
    rate = grades.groupby("grade").sum()
    yearly = 1000 * TERMS_PER_YEAR * rate["left"] / rate["rows"]
    primary = rate.loc[1:6].sum()
    assert 1000 * TERMS_PER_YEAR * primary["left"] / primary["rows"] == pytest.approx(2, rel=0.4)
    for grade, expected in ((7, 10), (8, 15), (9, 12)):
        assert yearly[grade] == pytest.approx(expected, rel=0.4)


def test_ten_to_twenty_percent_stay_away_for_weeks_and_seven_in_ten_leave_gradually(
    many: list[County],
) -> None:
    left = pd.concat([county.truth.episodes for county in many])
    left = left[left["outcome"] == "left"]
    assert 0.10 <= left["confirmed"].mean() <= 0.20
    assert (left["kind"] == "gradual").mean() == pytest.approx(0.7, abs=0.08)
    assert ((left["back"] - left["day"])[left["confirmed"]] > 20).all()


def test_weak_marks_low_hopes_and_friends_who_left_go_before_leaving(many: list[County]) -> None:
    for column, at_least in (("friends_left", 1.5), ("prior_dropout", 1.5)):
        ratio = _rate_ratio(many, lambda c, name=column: c.truth.rows[name] > 0)
        assert ratio > at_least, column
    low = _rate_ratio(many, lambda c: _of_pupil(c, "expectation") == "junior")
    weak = _rate_ratio(many, lambda c: _of_pupil(c, "achievement") < -1)
    assert low > 2
    assert weak > 1.5


def test_leaving_is_catching_within_a_class(many: list[County]) -> None:
    """With a slope of 0.45 a class that lost 2 % last term runs at least 0.9 points more risk."""
    rows = pd.concat([c.truth.rows.join(c.enrolment["grade"]) for c in many], ignore_index=True)
    junior = rows[(rows["grade"] >= 7) & (rows["hazard"] > 0)]
    touched = junior["class_share_left"] > 0
    extra = junior["hazard"][touched].mean() - junior["hazard"][~touched].mean()
    assert extra == pytest.approx(0.45 * junior["class_share_left"][touched].mean(), rel=0.5)


def test_gradual_leavers_really_ramp(many: list[County]) -> None:
    early = late = 0
    for county in many:
        episodes = county.truth.episodes
        chosen = episodes[(episodes["outcome"] == "left") & (episodes["ramp"] >= 20)]
        absent = county.tables["attendance"].merge(chosen, on="row", suffixes=("", "_of"))
        absent = absent[absent["kind"] == "unexcused"]
        before = absent["day_of"] - absent["session"] // 2
        early += int(before.between(11, 20).sum())
        late += int(before.between(1, 10).sum())
    assert late > 2 * early


def test_who_is_away_is_marked_wherever_a_sheet_was_taken(area: County) -> None:
    episodes = area.truth.episodes
    known = episodes[
        (episodes["outcome"] == "left") & (episodes["day"] < area.calendar.known_days - 2)
    ]
    marked = area.tables["attendance"].merge(known[["pupil", "day"]], on="pupil")
    first = marked[marked["session"] // 2 == marked["day_y"]]
    assert first["kind"].isin(["unexcused", "not_reported"]).all()
    assert first["pupil"].nunique() > 0.85 * known["pupil"].nunique()


def test_sickness_is_as_frequent_as_the_surveillance_says(area: County) -> None:
    """0.2–0.7 % of half-days in primary school, 0.05–0.2 % in junior high, more in winter."""
    sick = area.tables["attendance"].query("kind == 'sick'")
    grade = area.enrolment["grade"].to_numpy()[sick["row"]]
    primary, junior = _half_days(area)
    assert 0.002 < (grade < 7).sum() / primary < 0.007
    assert 0.0005 < (grade >= 7).sum() / junior < 0.002
    by_month = sick["day"].dt.month.value_counts()
    assert by_month[[11, 12]].sum() > 1.5 * by_month[[9, 10]].sum()


def test_nobody_is_marked_on_a_closed_day_and_no_sheet_is_taken(area: County) -> None:
    bad = area.bad_days
    assert bad.closed.any()
    closed = set(zip(bad.school[bad.closed], bad.day[bad.closed], strict=True))
    exceptions, sheets = area.tables["attendance"], area.tables["class_sheets"]
    marked = set(zip(exceptions["school"], exceptions["session"] // 2, strict=True))
    assert not closed & marked
    school = {code: number for number, code in enumerate(area.schools.codes)}
    day = np.searchsorted(area.calendar.teaching, sheets["day"].to_numpy("datetime64[D]"))
    taken_in = sheets["class_id"].astype("str").str[:10].map(school)
    assert not closed & set(zip(taken_in, day, strict=True))


def test_a_bad_day_hits_many_pupils_of_the_school_at_once(area: County) -> None:
    bad = area.bad_days
    exceptions = area.tables["attendance"]
    weather = exceptions[exceptions["reason"] == "weather"]
    count = weather.groupby(["school", weather["session"] // 2])["pupil"].nunique()
    known = ~bad.closed & (bad.day < area.calendar.known_days)
    size = area.enrolment[area.enrolment["term"] == 0].groupby("school").size()
    for school, day in zip(bad.school[known], bad.day[known], strict=True):
        assert count.get((school, day), 0) > 0.05 * size[school]


def test_schools_differ_in_how_many_sheets_they_lose(area: County) -> None:
    sheets = area.tables["class_sheets"]
    taken = sheets.groupby(sheets["class_id"].astype("str").str[:10]).size()
    classes = area.tables["classes"].groupby(["school_code", "term_number"]).size()
    days = np.diff(np.minimum(area.calendar.starts, area.calendar.known_days))
    expected = (classes.unstack() * days * 2).sum(axis=1)
    missing = 1 - taken / expected
    spec_of = dict(zip(area.schools.codes, area.schools.specs, strict=True))
    for code, share in missing.items():
        recording = spec_of[str(code)].recording
        rules = SETTINGS.attendance
        kept = (1 - rules.missing_sheets[recording]) * (1 - rules.missing_weeks[recording])
        assert share == pytest.approx(1 - kept, abs=0.03)


def test_a_class_of_a_poor_recorder_has_whole_weeks_without_a_sheet(area: County) -> None:
    recording = {code: spec.recording for code, spec in zip(
        area.schools.codes, area.schools.specs, strict=True)}  # fmt: skip
    sheets = area.tables["class_sheets"]
    week = area.calendar.week_of_day[
        np.searchsorted(area.calendar.teaching, sheets["day"].to_numpy("datetime64[D]"))
    ]
    taken = pd.DataFrame({"class_id": sheets["class_id"].astype("str"), "week": week})
    of_class = taken.drop_duplicates().groupby("class_id")["week"]
    taught = np.unique(area.calendar.week_of_day)
    span = np.searchsorted(taught, of_class.max()) - np.searchsorted(taught, of_class.min()) + 1
    empty = 1 - of_class.size() / span
    by = empty.groupby(empty.index.str[:10].map(recording)).mean()
    # With four in five single sheets kept, a week of ten sheets is hardly ever empty by chance.
    assert by["good"] == 0
    assert by["poor"] == pytest.approx(0.06, abs=0.03)


def test_sheets_count_exactly_the_pupils_who_are_absent(area: County) -> None:
    sheets = area.tables["class_sheets"]
    assert (sheets["present"] <= sheets["enrolled"]).all()
    assert (sheets["present"] >= 0).all()
    gone = (sheets["enrolled"] - sheets["present"]).sum()
    exceptions = area.tables["attendance"]
    absent = exceptions["kind"].isin(["sick", "personal", "unexcused", "not_reported"]).sum()
    # A few exceptions are entered after the records end.
    assert absent <= gone <= absent * 1.01


def test_nothing_is_known_after_the_records_end(area: County) -> None:
    end = pd.Timestamp(area.preset.records_end)
    for name, table in area.tables.items():
        for column in table.columns.intersection(["day", "known_on", "paid_on", "started_on"]):
            assert not (table[column] > end).any(), f"{name}.{column}"


def test_marks_fall_in_the_ramp(many: list[County]) -> None:
    gaps = [_mark_gap(county) for county in many]
    assert np.mean(gaps) < -0.03


def test_some_who_are_entitled_get_no_aid(area: County) -> None:
    rows = area.enrolment[area.enrolment["term"] == 0]
    poor = area.pupils.loc[rows["pupil"]].query("poverty_type != 'none'")["student_key"]
    aided = area.tables["aid"].query("term == '2023-2024-1'")["student_key"]
    assert 0.04 < 1 - poor.isin(aided).mean() < 0.25


def test_help_keeps_some_who_would_have_left_and_most_of_it_is_not_recorded(
    many: list[County],
) -> None:
    """Half are reached and 38 % of these stay: 0.19 of the gradual, 0.14 of all who would leave."""
    episodes = pd.concat([county.truth.episodes for county in many])
    fate = episodes["outcome"].value_counts()
    assert fate["helped"] / (fate["helped"] + fate["left"]) == pytest.approx(0.14, abs=0.05)
    helped = episodes[episodes["outcome"] == "helped"]
    assert 0.2 < helped["help_recorded"].mean() < 0.6
    assert (helped["back"] == helped["day"]).all()


def test_help_fails_for_some_and_goes_to_others_who_would_have_stayed(many: list[County]) -> None:
    """Of those who left gradually (0.5 - 0.19) / (1 - 0.19) = 0.38 had been helped."""
    episodes = pd.concat([county.truth.episodes for county in many])
    by = episodes.groupby(["outcome", "kind"])["reached"].mean()
    assert by["left", "gradual"] == pytest.approx(0.38, abs=0.1)
    assert by["left", "sudden"] == 0
    assert by["wobble", "gradual"] == pytest.approx(0.5, abs=0.1)


def test_some_leavers_have_a_recorded_measure_before_they_leave(many: list[County]) -> None:
    before = 0
    for county in many:
        left = county.truth.episodes.query("outcome == 'left' and help_recorded")
        left = left.assign(
            student_key=county.pupils["student_key"].to_numpy()[left["pupil"]],
            left_on=county.calendar.teaching[left["day"]].astype("M8[s]"),
        )
        both = county.tables["measures_delivered"].merge(left, on="student_key")
        before += both.loc[both["started_on"] < both["left_on"], "student_key"].nunique()
    assert before >= 10


def test_junior_high_sits_a_shared_final_and_every_school_its_own_midterm(area: County) -> None:
    exams = area.tables["exams"]
    shared = exams["school_code"] == ""
    finals = (exams["exam_type"] == "final") & (exams["grade"] >= 7)
    assert (shared == finals).all()
    assert shared.any()
    school = area.enrolment.drop_duplicates(["pupil", "term"]).set_index(["pupil", "term"])[
        "school"
    ]
    scores = area.tables["scores"]
    one = scores[scores["exam"] == exams.index[shared][0]]
    sat_at = school.loc[pd.MultiIndex.from_frame(one[["pupil", "term"]].drop_duplicates())]
    assert sat_at.nunique() == 2


def test_who_changes_class_has_the_paper_for_it(area: County) -> None:
    changes = area.tables["registration_changes"].query("change_type == '29'")
    assert len(changes) > 0
    assert (changes["from_class"] != changes["to_class"]).all()
    rows = area.enrolment[~area.enrolment["suspended"]].sort_values(["pupil", "term"])
    before = rows.groupby("pupil")["class_key"].shift()
    moved = rows[(before // 100 == rows["class_key"] // 100) & (before != rows["class_key"])]
    keys = area.pupils["student_key"].to_numpy()[moved["pupil"]]
    assert set(changes["student_key"]) <= set(keys)


def test_work_and_marriage_are_noted_of_pupils_in_junior_high_only(many: list[County]) -> None:
    for county in many:
        rows = county.enrolment
        junior = county.pupils["student_key"].iloc[rows.loc[rows["grade"] >= 7, "pupil"].unique()]
        noted = county.tables["observations"].query("tag in ['early_marriage', 'work_intent']")
        assert len(noted) > 0
        assert noted["student_key"].isin(junior).all()


def test_the_same_seed_gives_the_same_files(
    sample: tuple[SyntheticSummary, Path], tmp_path: Path
) -> None:
    summary, root = sample
    again = write_synthetic(tmp_path / "again", preset="小样", seed=5)
    names = [path.relative_to(root / "来源") for path in summary.files]
    assert [path.relative_to(tmp_path / "again") for path in again.files] == names
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (root / "来源" / name).read_bytes()


def test_another_seed_gives_other_pupils() -> None:
    one, other = build_county("小样", 1), build_county("小样", 2)
    keys = set(one.pupils["student_key"]) & set(other.pupils["student_key"])
    assert len(keys) < len(one.pupils) / 2


def test_every_header_is_a_title_of_the_contract(sample: tuple[SyntheticSummary, Path]) -> None:
    titles = {
        table.title: [field.title for field in table.fields]
        for table in load_schema().tables.values()
    }
    seen = set()
    for name, header in _headers(sample[1] / "来源"):
        assert set(header) <= set(titles[name]), name
        seen.add(name)
    assert seen == set(titles)


def test_what_is_written_lands_and_only_the_spoilt_cells_are_refused(
    sample: tuple[SyntheticSummary, Path], tmp_path: Path
) -> None:
    summary, root = sample
    workspace = create_workspace(tmp_path / "workspace")
    report = import_batch(workspace, [root / "来源"])
    landed = pd.Series(dict.fromkeys(summary.rows, 0))
    for count in report.tables:
        landed[count.table] += count.landed
    assert landed.to_dict() == dict(summary.rows)
    refused = {problem.value for problem in report.problems if problem.row}
    assert len(refused) == len(SETTINGS.dirty)


def test_large_tables_come_in_both_encodings(sample: tuple[SyntheticSummary, Path]) -> None:
    heads = [path.read_bytes()[:3] for path in (sample[1] / "来源").glob("*.csv")]
    marked = [head == b"\xef\xbb\xbf" for head in heads]
    assert any(marked)
    assert not all(marked)
    assert len(DAILY) == 3


def test_the_folder_says_that_it_is_synthetic_and_every_school_too(
    sample: tuple[SyntheticSummary, Path],
) -> None:
    text = (sample[1] / "来源" / NOTICE).read_text(encoding="utf-8")
    assert "全部是合成数据" in text
    for preset in SETTINGS.presets.values():
        assert all("合成" in spec.name for spec in preset.expanded())


def test_the_truth_is_never_beside_the_files_that_are_imported(
    sample: tuple[SyntheticSummary, Path], tmp_path: Path
) -> None:
    root = sample[1]
    assert not list((root / "来源").rglob("*.parquet"))
    assert {path.stem for path in (root / "truth").iterdir()} == {
        "pupil_terms", "episodes", "bad_days",
    }  # fmt: skip
    hidden = {"log_odds", "hazard", "outcome", "treated", "achievement", "anxiety"}
    assert not hidden & {title for _, header in _headers(root / "来源") for title in header}
    with pytest.raises(ValueError, match="truth"):
        write_synthetic(tmp_path / "x", preset="小样", truth_folder=tmp_path / "x" / "truth")


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingsError, match="小样、学区、县"):
        build_county("省", 1)


def test_only_a_few_cells_are_spoilt(sample: tuple[SyntheticSummary, Path]) -> None:
    summary, root = sample
    lines = 0
    for path in (root / "来源").glob("考勤异常_*.csv"):
        lines += len(_decoded(path).splitlines()) - 1
    assert lines - summary.rows["attendance"] == 4  # two damaged copies in two of three terms


def _left_by_grade(county: County) -> pd.DataFrame:
    episodes = county.truth.episodes
    left = county.enrolment.index.isin(episodes["row"][episodes["outcome"] == "left"])
    frame = county.enrolment.assign(left=left, rows=1)
    return frame.groupby("grade")[["left", "rows"]].sum()


def _of_pupil(county: County, column: str) -> pd.Series:
    values = county.pupils[column].to_numpy()[county.enrolment["pupil"]]
    return pd.Series(values, index=county.enrolment.index)


def _rate_ratio(counties: list[County], marked: object) -> float:
    """Rate of leaving among the marked junior-high rows over that of the others."""
    parts = []
    for county in counties:
        episodes = county.truth.episodes
        left = county.enrolment.index.isin(episodes["row"][episodes["outcome"] == "left"])
        frame = pd.DataFrame({"left": left, "marked": marked(county)})  # type: ignore[operator]
        parts.append(frame[county.enrolment["grade"] >= 7])
    rate = pd.concat(parts).groupby("marked")["left"].mean()
    return float(rate[True] / rate[False])


def _half_days(county: County) -> tuple[int, int]:
    rows = county.enrolment
    end = np.minimum(rows["end"], county.calendar.known_days)
    days = (end - rows["start"]).clip(lower=0) * 2
    primary = rows["grade"] < 7
    return int(days[primary].sum()), int(days[~primary].sum())


def _mark_gap(county: County) -> float:
    """Mean share of the full mark in the ramp, less the same pupils' mean before."""
    scores = county.tables["scores"].dropna(subset=["score"])
    scores = scores.assign(
        share=scores["score"] / scores["full_score"],
        exam_day=county.tables["exams"]["exam_day"].to_numpy()[scores["exam"]],
    )
    episodes = county.truth.episodes.query("ramp > 0")[["pupil", "day", "ramp"]]
    both = scores.merge(episodes, on="pupil")
    start = both["day"] - both["ramp"]
    ramp = both[(both["exam_day"] >= start) & (both["exam_day"] < both["day"])]
    before = both[(both["exam_day"] < start) & both["pupil"].isin(ramp["pupil"])]
    gap = ramp.groupby("pupil")["share"].mean() - before.groupby("pupil")["share"].mean()
    return float(gap.mean())


def _headers(folder: Path) -> list[tuple[str, list[str]]]:
    found = []
    for path in folder.rglob("*.xlsx"):
        book = CalamineWorkbook.from_path(path)
        found += [
            (name, [str(cell) for cell in book.get_sheet_by_name(name).to_python(nrows=1)[0]])
            for name in book.sheet_names
        ]
    for path in folder.glob("*.csv"):
        found.append((path.stem.split("_")[0], _decoded(path).splitlines()[0].split(",")))
    return found


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    return content.decode("utf-8-sig" if content.startswith(b"\xef\xbb\xbf") else "gb18030")
