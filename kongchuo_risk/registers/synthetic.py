"""Synthetic registers of people who do not exist, with known truth and the noise of real forms."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import PERSON_COLUMNS
from kongchuo_risk.registers.clerk import GIVEN, RARE, SURNAMES, Clerk, by_sound

_PLACES = list("东西南北上下大小前后新老")
_FEATURES = list("河山坪湾沟塘桥岭坝庄田井林坡洼店")


@dataclass(frozen=True)
class Noise:
    """Shares of rows that a clerk or a system has altered, in one register.

    The defaults are assumptions, not findings: no error rates of real registers are known to us.
    """

    no_number: float = 0.2
    other_number: float = 0.01
    """An old number, or a relative's."""
    homophone: float = 0.04
    variant: float = 0.02
    placeholder: float = 0.015
    pinyin: float = 0.01
    other_character: float = 0.01
    swapped_name: float = 0.004
    other_surname: float = 0.005
    day_and_month: float = 0.015
    swapped_digits: float = 0.01
    other_digit: float = 0.01
    lunar: float = 0.02
    month_only: float = 0.03
    no_birth: float = 0.01
    other_sex: float = 0.004
    other_village: float = 0.06
    no_village: float = 0.04
    other_guardian: float = 0.18
    no_guardian: float = 0.08
    guardian_homophone: float = 0.03

    def times(self, factor: float) -> Noise:
        """All shares ``factor`` times as large, at most 1.

        >>> Noise().times(2).no_number
        0.4
        """
        return Noise(**{name: min(share * factor, 1.0) for name, share in asdict(self).items()})


@dataclass(frozen=True)
class Registers:
    """Two registers of one synthetic county and the truth about them.

    Attributes
    ----------
    left, right : DataFrame
        Person frames.
    truth : DataFrame of shape (n_common, 2)
        Positions ``left``, ``right`` of the rows of one person.
    """

    left: pd.DataFrame
    right: pd.DataFrame
    truth: pd.DataFrame = field(repr=False)


def synthetic_registers(
    rows: int, *, seed: int, overlap: float = 0.95, noise: Noise | None = None, year: int = 2025
) -> Registers:
    """Two registers of school-age children with known truth.

    One child in eight has a sibling in the same register: same village, surname and guardian,
    often a character of the name in common; one in eighty is a twin, and shares the birthday too.

    Parameters
    ----------
    rows
        Rows of each register.
    seed
        The same seed gives the same registers.
    overlap
        Share of the left register that is in the right one too.
    noise
        How the rows were altered; both registers alike.
    year
        Children are 6 to 14 on 31 August of this year.
    """
    rng = np.random.default_rng(seed)
    common = round(rows * overlap)
    people = _people(rng, 2 * rows - common, year)
    noise = noise or Noise()
    left = rng.permutation(rows)
    right = rng.permutation(np.r_[np.arange(common), np.arange(rows, len(people))])
    place = pd.Series(np.arange(rows), index=right)
    shared = np.flatnonzero(left < common)
    truth = pd.DataFrame({"left": shared, "right": place[left[shared]].to_numpy()})
    one, other = (
        _written(rng, people.iloc[order].reset_index(drop=True), noise) for order in (left, right)
    )
    return Registers(one, other, truth)


def _people(rng: np.random.Generator, count: int, year: int) -> pd.DataFrame:
    """Children as they are, in families; order at random."""
    ranks = np.arange(1, len(SURNAMES) + 1)
    surname = rng.choice(SURNAMES, count, p=(1 / ranks**0.7) / (1 / ranks**0.7).sum())
    weights = np.r_[1 / np.arange(3, 3 + len(GIVEN)), np.full(len(RARE), 0.002)]
    pool, share = [*GIVEN, *RARE], weights / weights.sum()
    first, second = rng.choice(pool, (2, count), p=share)
    second[rng.random(count) < 0.08] = ""
    last_birthday = date(year - 6, 8, 31)
    birth = np.array(last_birthday, "M8[D]") - rng.integers(0, 9 * 365, count)
    villages = [a + b for a in _PLACES for b in _FEATURES]
    village = rng.choice(villages[: max(4, min(len(villages), count // 150))], count)
    guardian = np.char.add(surname, np.char.add(*rng.choice(pool, (2, count), p=share)))
    elder = np.flatnonzero(rng.random(count - 1) < 0.06)
    for column in (surname, village, guardian):
        column[elder + 1] = column[elder]
    generation = elder[rng.random(len(elder)) < 0.5]
    first[generation + 1] = first[generation]
    twin = elder[rng.random(len(elder)) < 0.1]
    birth[twin + 1] = birth[twin]
    people = pd.DataFrame(
        {
            "name": np.char.add(surname, np.char.add(first, second)),
            "sex": rng.choice(["男", "女"], count),
            "birth": birth.astype("U10"),
            "village": village,
            "guardian": guardian,
        },
        dtype=object,
    )
    return people.iloc[rng.permutation(count)].reset_index(drop=True).assign(number=range(count))


def _written(rng: np.random.Generator, people: pd.DataFrame, noise: Noise) -> pd.DataFrame:
    """The register as a clerk wrote it down."""
    sounds = by_sound()
    clerk = Clerk(rng, people.copy(), sounds, people["village"].unique())
    for column, alter, share in (
        ("name", clerk.homophone, noise.homophone),
        ("name", clerk.variant, noise.variant),
        ("name", clerk.placeholder, noise.placeholder),
        ("name", clerk.pinyin, noise.pinyin),
        ("name", clerk.other_character, noise.other_character),
        ("name", clerk.swapped_name, noise.swapped_name),
        ("name", clerk.other_surname, noise.other_surname),
        ("birth", clerk.day_and_month, noise.day_and_month),
        ("birth", clerk.swapped_digits, noise.swapped_digits),
        ("birth", clerk.other_digit, noise.other_digit),
        ("birth", clerk.lunar, noise.lunar),
        ("birth", lambda day: day[:7], noise.month_only),
        ("birth", lambda _: None, noise.no_birth),
        ("sex", {"男": "女", "女": "男"}.get, noise.other_sex),
        ("village", clerk.other_village, noise.other_village),
        ("village", lambda _: None, noise.no_village),
        ("guardian", clerk.homophone, noise.guardian_homophone),
        ("guardian", clerk.other_guardian, noise.other_guardian),
        ("guardian", lambda _: None, noise.no_guardian),
    ):
        clerk.alter(column, alter, share)
    return _with_numbers(rng, clerk.people, noise)


def _with_numbers(rng: np.random.Generator, people: pd.DataFrame, noise: Noise) -> pd.DataFrame:
    number = people.pop("number").to_numpy()
    written = np.where(rng.random(len(people)) < noise.other_number, -1 - number, number)
    hashes = np.array([_hash(f"synthetic {value}") for value in written], dtype=object)
    last4 = np.array([f"{int(digest[:6], 16) % 10_000:04}" for digest in hashes], dtype=object)
    hidden = rng.random(len(people)) < noise.no_number
    hashes[hidden] = last4[hidden] = None
    frame = people.assign(id_hash=hashes, id_last4=last4)
    rows = zip(*(frame[name] for name in ("name", "birth", "village", "guardian")), strict=True)
    own = [_hash(f"{at} {row}") for at, row in enumerate(rows)]
    frame["person"] = [known or made for known, made in zip(hashes, own, strict=True)]
    return frame.reindex(columns=list(PERSON_COLUMNS)).astype("str")


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:24]
