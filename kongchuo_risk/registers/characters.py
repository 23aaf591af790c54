"""Chinese names as they are compared: variant characters, sounds, placeholders, pinyin inside."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

UNKNOWN = "_"
"""Stands for one character that a system could not show; SQL's ``LIKE`` reads it so too."""
_HAN = re.compile(r"[㐀-鿿\U00020000-\U000323af〇]")
_PLACEHOLDERS = frozenset("?□■◇*�某口〇")
_DOTS = re.compile(r"[·•‧・.．]")
_SPACES = re.compile(r"[\s\u200b-\u200f\ufeff'`]+")
_NOTE = re.compile(r"[（(【\[].*?[)）\]】]")
_TOKEN = re.compile(r"[a-z]+|.")
_TOWNSHIP = re.compile(r"^.*(?:镇|乡|街道)(?=.{2})")
_VILLAGE = re.compile(r"(.+?)(?:村|社区|居委会|屯|寨)")
_GROUP = re.compile(r"第?[0-9一二三四五六七八九十]+(?:组|队|社|号)?$")
_TONES = re.compile(r"[1-5]")
_VARIANTS = dict(
    zip(
        "喆昇陞堃峯栢濬甯寧冨囯國荘莊陳張劉楊黃趙吳孫馬羅鄭謝許韓馮鄧蕭肖閆閻阎葉蘇呂蔣賈魯鍾锺譚傅"
        "戴華偉麗紅軍傑強彊燦輝煇暉鵬龍鳳蘭蓮豔艶艷靜雲雙壯夢學曉榮澤濤瀟瑋瑩瓊銘鈺錦鎮鎔鉅飛齊於淩"
        "郤邨眞愼徳恆逹達脩祐叡衞衛嬡靑淸産產寳寶珎琍菓彥顏顔誌玥",
        "哲升升坤峰柏浚宁宁富国国庄庄陈张刘杨黄赵吴孙马罗郑谢许韩冯邓萧萧闫闫闫叶苏吕蒋贾鲁钟钟谭付"
        "代华伟丽红军杰强强灿辉辉晖鹏龙凤兰莲艳艳艳静云双壮梦学晓荣泽涛潇玮莹琼铭钰锦镇镕钜飞齐于凌"
        "郗村真慎德恒达达修佑睿卫卫媛青清产产宝宝珍莉果彦颜颜志月",
        strict=True,
    )
)
"""Traditional and variant characters → the one they are compared as, in names only.

肖/萧, 傅/付 and 戴/代 are written for one another on half of all forms; 玥/月 and 喆/哲 are what
clerks type when the system lacks the character.
"""
_SURNAME_SOUNDS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "区": "ou", "朴": "piao",
    "任": "ren", "盖": "ge", "翟": "zhai", "尉": "wei", "万": "wan", "乐": "yue", "覃": "qin",
}  # fmt: skip
"""Surnames that are read differently from the common word."""
_LOOSE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"),
          ("iong", "ong"), ("uang", "uan"))  # fmt: skip


def plain_name(text: str) -> str:
    """A name as it is compared: half-width, no spaces, notes or dots; variants made one.

    Pinyin, ``?``, ``□`` and a dot in the place of a character become :data:`UNKNOWN`; of a name
    with no known character nothing is left.

    >>> plain_name("張 甲（大）"), plain_name("李jia子"), plain_name("甲乙·丙丁")
    ('张甲', '李_子', '甲乙丙丁')
    >>> plain_name("某某")
    ''
    """
    name = "".join(token if _HAN.match(token) else UNKNOWN for token in _tokens(text))
    return name if name.strip(UNKNOWN) else ""


def name_sound(text: str) -> str:
    """Pinyin without tones, one word per character; what was written as pinyin counts as read.

    >>> name_sound("李甲子") == name_sound("李jia子") == name_sound("黎佳子")
    True
    >>> name_sound("曾丙"), name_sound("李?子")
    ('zeng bing', 'li _ zi')
    """
    tokens = _tokens(text)
    if not any(token != UNKNOWN for token in tokens):
        return ""
    first = _SURNAME_SOUNDS.get(tokens[0], _sound(tokens[0]))
    return " ".join([first, *map(_sound, tokens[1:])])


def loose_sound(sound: str) -> str:
    """A sound as it may be misheard: flat and retroflex, front and back nasals made one.

    >>> loose_sound("zhang ying") == loose_sound("zang yin")
    True
    """
    return " ".join(_loose_syllable(syllable) for syllable in sound.split(" "))


def plain_village(text: str) -> str:
    """A village, or the village of an address, without township, group and house number.

    >>> plain_village("甲县乙镇东河村三组12号"), plain_village("东河村委会"), plain_village("东河")
    ('东河', '东河', '东河')
    """
    address = _SPACES.sub("", unicodedata.normalize("NFKC", text))
    name = _TOWNSHIP.sub("", address)
    found = _VILLAGE.match(name)
    return found[1] if found else _GROUP.sub("", name) or address


@lru_cache(maxsize=200_000)
def _tokens(text: str) -> tuple[str, ...]:
    """Characters of a name, pinyin as one token, :data:`UNKNOWN` for what cannot be read."""
    name = _NOTE.sub("", unicodedata.normalize("NFKC", text).lower())
    name = _without_dots(_SPACES.sub("", name))
    return tuple(_token(token) for token in _TOKEN.findall(_TONES.sub("", name)))


def _without_dots(name: str) -> str:
    """Dots between the parts of a name go; one in the place of a character is a placeholder."""
    parts = _DOTS.split(name)
    joined = "".join(parts)
    is_placeholder = len(parts) == 2 and len(joined) <= 2
    return _DOTS.sub("?", name) if is_placeholder else joined


def _token(token: str) -> str:
    if token.isalpha() and token.isascii():
        return token if len(token) > 1 else UNKNOWN
    if token in _PLACEHOLDERS or not _HAN.match(token):
        return UNKNOWN
    return _VARIANTS.get(token, token)


@lru_cache(maxsize=50_000)
def _sound(token: str) -> str:
    if not _HAN.match(token):
        return token
    # The dictionaries are heavy and only a comparison needs them.
    from pypinyin import Style, pinyin

    return str(pinyin(token, style=Style.NORMAL)[0][0])


@lru_cache(maxsize=5_000)
def _loose_syllable(syllable: str) -> str:
    for strict, loose in _LOOSE[:3]:
        if syllable.startswith(strict):
            syllable = loose + syllable[len(strict) :]
    for strict, loose in _LOOSE[3:]:
        if syllable.endswith(strict):
            return syllable[: -len(strict)] + loose
    return syllable
