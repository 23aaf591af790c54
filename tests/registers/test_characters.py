from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kongchuo_risk.registers.characters import loose_sound, name_sound, plain_name, plain_village

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=4)


@given(HAN)
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert plain_name(plain_name(name)) == plain_name(name)


# The dictionary of readings is loaded by the first example.
@settings(deadline=None)
@given(HAN)
def test_a_name_has_a_syllable_for_every_character(name: str) -> None:
    if plain_name(name):
        assert len(name_sound(name).split(" ")) == len(name)


@settings(deadline=None)
@given(HAN, HAN)
def test_the_same_sound_is_the_same_loose_sound(one: str, other: str) -> None:
    if name_sound(one) == name_sound(other):
        assert loose_sound(name_sound(one)) == loose_sound(name_sound(other))


@pytest.mark.parametrize("written", ["王?子", "王□子", "王*子", "王口子", "王x子", "王ｊｉǎ子"])
def test_what_a_system_cannot_show_stands_for_one_character(written: str) -> None:
    assert plain_name(written) in {"王_子", "王__子"}


def test_a_dot_alone_is_a_character_that_could_not_be_shown() -> None:
    assert plain_name("王·子") == "王_子"


@pytest.mark.parametrize(("one", "other"), [("肖甲", "萧甲"), ("張甲", "张 甲"), ("王喆", "王哲")])
def test_variants_are_one_name(one: str, other: str) -> None:
    assert plain_name(one) == plain_name(other)


@pytest.mark.parametrize("address", ["甲县乙镇下村二组", "下村村委会", "下村", "乙镇下村"])
def test_an_address_names_its_village(address: str) -> None:
    assert plain_village(address) == "下"
