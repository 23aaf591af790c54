"""What a clerk makes of a synthetic child: names by ear, dates turned round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = list(
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲芬燕梅兰云莲真环雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞"
    "莉叶璧璐娅琦晶妍茜秋珊莎锦黛青倩婷姣婉娴瑾颖露瑶怡婵雁蓓纨仪荷丹蓉眉君琴蕊薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪"
    "澜纯毓悦昭冰爽琬茗羽希欣飘育滢馥筠柔竹霭凝晓欢霄枫芸菲寒伊亚宜可姬舒影荔枝思浩宇轩泽涵梓睿博文子一诺晨俊豪"
    "毅鹏飞翔志远航宏建国永康家乐天赐福贵成龙光辉旭东海波振兴少峰立新继民昊然承安景行书琪若彤语桐雨萱诗"
)
RARE = list("㛃喆堃燊犇骉垚淼鑫焱彧玥翀昶晟珺琨璟煜瑄玮霖")
"""Characters of which names are composed; nobody is meant by any name."""
_VARIANT = dict(
    zip(
        "国华杰丽红静云梦学晓荣泽涛玉龙凤伟强辉鹏陈张刘杨黄赵吴孙马罗郑谢许韩冯邓肖叶苏",
        "國華傑麗紅靜雲夢學曉榮澤濤玉龍鳳偉強輝鵬陳張劉楊黃趙吳孫馬羅鄭謝許韓馮鄧萧葉蘇",
        strict=True,
    )
)


def by_sound() -> Mapping[str, list[str]]:
    """Character → others of the same sound, among surnames and given names apart."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    for pool in (SURNAMES, [*GIVEN, *RARE]):
        words = pd.Series(lazy_pinyin(pool), index=pool)
        for character, sound in words.items():
            others = words.index[(words == sound) & (words.index != character)]
            found.setdefault(str(character), list(others))
    return found


@dataclass
class Clerk:
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
        return self._replaced(name, range(1, len(name)), lambda _: self._one_of(GIVEN))

    def swapped_name(self, name: str) -> str:
        return name[0] + name[:0:-1]

    def other_surname(self, name: str) -> str:
        return self._one_of(SURNAMES) + name[1:]

    def other_guardian(self, _: str) -> str:
        """The other parent or a grandparent."""
        return self._one_of(SURNAMES) + self._one_of(GIVEN) + self._one_of(GIVEN)

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

    def _replaced(self, name: str, places: Iterable[int], new: Callable[[str], str]) -> str:
        at = np.asarray(list(places))
        if not at.size:
            return name
        place = int(self.rng.choice(at))
        return name[:place] + new(name[place]) + name[place + 1 :]

    def _one_of(self, choices: Iterable[object]) -> str:
        pool = list(choices)
        return str(pool[int(self.rng.integers(len(pool)))])


def _real(day: str) -> str | None:
    """The date when it exists."""
    try:
        return str(date.fromisoformat(day))
    except ValueError:
        return None
