"""Synthetic registers of people who do not exist, with known truth and the noise of real forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from hashlib import sha256

import numpy as np
import pandas as pd

from kongchuo_risk.domain.match import PERSON_COLUMNS

_SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = list(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕梅兰云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞"
    "莉叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪"
    "澜纯毓悦昭冰爽琬茗羽希欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思浩宇轩泽涵梓睿博文子一诺晨俊豪"
    "毅鹏飞翔志远航宏建国永康家乐天赐福贵成龙光辉旭东海波振兴少峰立新继民昊然承安景行书琪若彤语桐雨萱诗"
)
_RARE = list("㛃喆堃燊犇骉垚淼鑫焱彧玥翀昶晟珺琨璟煜瑄玮霖")
_VARIANT = dict(
    zip(
        "国华杰丽红静云梦学晓荣泽涛玉龙凤伟强辉鹏陈张刘杨黄赵吴孙马罗郑谢许韩冯邓肖叶苏",
        "國華傑麗紅靜雲夢學曉榮澤濤玉龍鳳偉強輝鵬陳張劉楊黃趙吳孫馬羅鄭謝許韓馮鄧萧葉蘇",
        strict=True,
    )
)
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
    ranks = np.arange(1, len(_SURNAMES) + 1)
    surname = rng.choice(_SURNAMES, count, p=(1 / ranks**0.7) / (1 / ranks**0.7).sum())
    weights = np.r_[1 / np.arange(3, 3 + len(_GIVEN)), np.full(len(_RARE), 0.002)]
    pool, share = [*_GIVEN, *_RARE], weights / weights.sum()
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
    sounds = _by_sound()
    clerk = _Clerk(rng, people.copy(), sounds, people["village"].unique())
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


def _by_sound() -> Mapping[str, list[str]]:
    """Character → others of the same sound, among surnames and given names apart."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    for pool in (_SURNAMES, [*_GIVEN, *_RARE]):
        words = pd.Series(lazy_pinyin(pool), index=pool)
        for character, sound in words.items():
            others = words.index[(words == sound) & (words.index != character)]
            found.setdefault(str(character), list(others))
    return found


@dataclass
class _Clerk:
    """Alters cells; what cannot be altered in a way stays as it is."""

    rng: np.random.Generator
    people: pd.DataFrame
    sounds: Mapping[str, list[str]]
    villages: np.ndarray

    def alter(self, column: str, how: Callable[[str], str | None], share: float) -> None:
        """Alter a share of the cells of a column that are not missing."""
        hit = np.flatnonzero(self.rng.random(len(self.people)) < share)
        cells = self.people[column].to_numpy(copy=True)
        for at in hit:
            if isinstance(cells[at], str):
                cells[at] = how(cells[at])
        self.people[column] = cells

    def homophone(self, name: str) -> str:
        """One character by another of the same sound; without one, any of the name's others."""
        at = [place for place, word in enumerate(name) if self.sounds.get(word)]
        return self._replaced(name, at, lambda word: self._one_of(self.sounds[word]))

    def variant(self, name: str) -> str:
        at = [place for place, word in enumerate(name) if word in _VARIANT]
        return self._replaced(name, at, _VARIANT.__getitem__)

    def placeholder(self, name: str) -> str:
        """A given-name character that the system could not show."""
        return self._replaced(name, range(1, len(name)), lambda _: self._one_of("?□*"))

    def pinyin(self, name: str) -> str:
        from pypinyin import lazy_pinyin

        return self._replaced(name, range(1, len(name)), lambda word: str(lazy_pinyin(word)[0]))

    def other_character(self, name: str) -> str:
        return self._replaced(name, range(1, len(name)), lambda _: self._one_of(_GIVEN))

    def swapped_name(self, name: str) -> str:
        return name[0] + name[:0:-1]

    def other_surname(self, name: str) -> str:
        return self._one_of(_SURNAMES) + name[1:]

    def other_guardian(self, _: str) -> str:
        """The other parent or a grandparent."""
        return self._one_of(_SURNAMES) + self._one_of(_GIVEN) + self._one_of(_GIVEN)

    def other_village(self, _: str) -> str:
        return self._one_of(self.villages)

    def day_and_month(self, day: str) -> str:
        return _real(f"{day[:4]}-{day[8:]}-{day[5:7]}") or day

    def swapped_digits(self, day: str) -> str:
        at = int(self._one_of((2, 5, 8)))
        return _real(day[:at] + day[at : at + 2][::-1] + day[at + 2 :]) or day

    def other_digit(self, day: str) -> str:
        at = int(self._one_of((3, 6, 9)))
        return _real(day[:at] + str(self.rng.integers(10)) + day[at + 1 :]) or day

    def lunar(self, day: str) -> str:
        """A date of the lunar calendar, 20 to 50 days behind."""
        return str(date.fromisoformat(day) - timedelta(int(self.rng.integers(20, 51))))

    def _replaced(self, name: str, places: object, new: Callable[[str], str]) -> str:
        at = np.asarray(list(places))  # type: ignore[call-overload]
        if not at.size:
            return name
        place = int(self.rng.choice(at))
        return name[:place] + new(name[place]) + name[place + 1 :]

    def _one_of(self, choices: object) -> str:
        pool = list(choices)  # type: ignore[call-overload]
        return str(pool[int(self.rng.integers(len(pool)))])


def _real(day: str) -> str | None:
    """The date when it exists."""
    try:
        return str(date.fromisoformat(day))
    except ValueError:
        return None
