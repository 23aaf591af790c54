"""The repository's own promises: lock files, translations, documents, public names."""

from __future__ import annotations

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import kongchuo_risk
from kongchuo_risk.cli.root import MAIN_JOB
from tests.conftest import ROOT

READMES = ("README.md", "README.zh-CN.md")


def tracked(pattern: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / line for line in listed.stdout.splitlines()]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_file_pins_and_hashes_everything_and_names_no_registry(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pinned = re.findall(r"^\S+==\S+", text, flags=re.MULTILINE)
    assert len(pinned) > 50
    assert text.count("--hash=sha256:") >= len(pinned)
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)


def test_the_development_lock_agrees_with_the_runtime_lock() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return {line.split(" ")[0] for line in lines if "==" in line and not line.startswith(" ")}

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_the_compiled_translation_says_what_its_source_says() -> None:
    folder = ROOT / "kongchuo_risk" / "locale" / "zh_CN" / "LC_MESSAGES"
    with (folder / "kongchuo.po").open("rb") as source, (folder / "kongchuo.mo").open("rb") as made:
        written = [(message.id, message.string) for message in read_po(source) if message.id]
        compiled = [(message.id, message.string) for message in read_mo(made) if message.id]

    def flat(texts: object) -> tuple[str, ...]:
        return (texts,) if isinstance(texts, str) else tuple(texts)

    assert {flat(key): flat(text) for key, text in compiled} == {
        flat(key): flat(text) for key, text in written
    }


@pytest.mark.parametrize("name", READMES)
def test_every_file_that_a_readme_links_to_exists(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_both_readmes_have_the_same_shape_and_commands() -> None:
    def commands(name: str) -> list[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return re.findall(r"^(?:kongchuo \w+|bash \S+|py -m pip)", text, flags=re.MULTILINE)

    def headings(name: str) -> list[int]:
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        return [len(line.split(" ")[0]) for line in lines if re.match(r"#+ ", line)]

    first, second = READMES
    assert commands(first) == commands(second)
    assert len(headings(first)) == len(headings(second))


@pytest.mark.parametrize("name", READMES)
def test_a_readme_shows_every_command_of_the_main_job(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [
        c.name for c in MAIN_JOB if f"kongchuo {c.name}" not in text and c.name != "evaluate"
    ] == []


def test_every_public_name_can_be_imported_and_is_documented() -> None:
    assert sorted(kongchuo_risk.__all__) == kongchuo_risk.__all__
    for name in kongchuo_risk.__all__:
        value = getattr(kongchuo_risk, name)
        assert isinstance(value, str) or value.__doc__, name


def test_every_module_opens_with_a_sentence() -> None:
    modules = tracked("kongchuo_risk/**.py")
    assert len(modules) > 40
    for path in modules:
        first = path.read_text(encoding="utf-8").lstrip()
        assert first.startswith(('"""', 'r"""')), path


def test_every_benchmark_can_be_run() -> None:
    from benchmarks.__main__ import names

    assert {"features", "importing", "models"} <= set(names())
    for name in names():
        assert callable(import_module(f"benchmarks.{name}").run)
