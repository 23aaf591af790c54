"""Names and numbers of people who do not exist."""

from __future__ import annotations

import numpy as np
import pandas as pd

REGION = "990001"
"""A region code that no county has, so that no number can be a real person's."""
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.array(list("10X98765432"))
_SURNAMES = list(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
)
_STEMS = list("甲乙丙丁戊己庚辛壬癸")
_BRANCHES = list("子丑寅卯辰巳午未申酉戌亥")


def check_digits(bodies: np.ndarray) -> np.ndarray:
    """Check digits of 17-digit number bodies (GB 11643, ISO 7064 MOD 11-2).

    Parameters
    ----------
    bodies
        Texts of 17 digits, shape (n,).

    Examples
    --------
    >>> check_digits(np.array(["11010519491231002"])).tolist()
    ['X']
    """
    digits = np.char.encode(bodies.astype("U17"), "ascii").view("S1").reshape(-1, 17).astype(int)
    return np.asarray(_CHECK[(digits @ _WEIGHTS) % 11])


def id_numbers(birth: np.ndarray, is_girl: np.ndarray) -> np.ndarray:
    """Distinct 18-digit identity numbers in a region that does not exist.

    The serial number is odd for boys and even for girls, as GB 11643 has it.
    """
    people = pd.DataFrame({"birth": birth, "girl": is_girl})
    serial = people.groupby(["birth", "girl"]).cumcount().to_numpy() * 2 + np.where(is_girl, 2, 1)
    if serial.max(initial=0) > 999:
        raise ValueError("more than 499 pupils of one sex share a birthday")
    dates = np.char.replace(birth.astype("M8[D]").astype("U10"), "-", "")
    tails = np.char.zfill(serial.astype("U3"), 3)
    bodies = np.char.add(np.char.add(REGION, dates), tails)
    return np.char.add(bodies, check_digits(bodies))


def names(rng: np.random.Generator, count: int) -> np.ndarray:
    """Names of a common surname and a year of the sexagenary cycle, plainly made up.

    >>> len(names(np.random.default_rng(1), 3)[0])
    3
    """
    parts = [rng.choice(_SURNAMES, count), rng.choice(_STEMS, count), rng.choice(_BRANCHES, count)]
    return np.char.add(np.char.add(parts[0], parts[1]), parts[2])


def phones(numbers: np.ndarray) -> np.ndarray:
    """Eleven digits that no network assigns (they begin with 100)."""
    return np.char.add("100", np.char.zfill(numbers.astype("U8"), 8))
