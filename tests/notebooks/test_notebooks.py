"""The notebooks run from top to bottom, and what they keep tells nothing of the computer."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from kongchuo_risk.workspace import Workspace

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NEED_A_MODEL = ["03_train_and_review", "04_explain", "05_plan"]
PATIENCE_SECONDS = 120
LARGEST_BYTES = 400_000
LONGEST_LINE = 100


def test_there_are_five_notebooks_and_the_readme_names_them() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05"]
    assert [path.name for path in NOTEBOOKS if path.name not in readme] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("01_data_tour", "（合成数据）"),
        ("02_features", "（合成数据）"),
        ("03_train_and_review", "历史太短"),
    ],
)
def test_a_notebook_makes_its_own_small_county(
    name: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KONGCHUO_NOTEBOOK_WORKSPACE", raising=False)
    monkeypatch.setenv("KONGCHUO_NOTEBOOK_PRESET", "小样")
    assert words in _told(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["04_explain", "05_plan"])
def test_a_notebook_says_that_the_history_is_too_short(
    name: str, demo_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KONGCHUO_NOTEBOOK_WORKSPACE", str(demo_workspace.root))
    told = _told(name, tmp_path)
    assert {"04_explain": "评分卡的理由由规则给定", "05_plan": "历史太短"}[name] in told


@pytest.mark.parametrize("name", NEED_A_MODEL)
def test_a_notebook_shows_a_workspace_of_ones_own_and_changes_nothing_in_it(
    name: str, trained_workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KONGCHUO_NOTEBOOK_WORKSPACE", str(trained_workspace.root))
    before = _sums(trained_workspace.root)
    told = _told(name, tmp_path)
    assert "历史太短" not in told
    assert "nan" not in told
    assert told.count("<svg") >= {"03_train_and_review": 8, "04_explain": 1, "05_plan": 3}[name]
    assert _sums(trained_workspace.root) == before


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_keeps_its_outputs_without_a_trace_of_the_computer(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert any(cell.outputs for cell in code)
    assert [
        trace
        for trace in ("/tmp", "/home/", "/root", "C:\\\\", "Traceback", "stderr", "iopub")
        if trace in text
    ] == []
    assert "合成数据" in text
    assert path.stat().st_size < LARGEST_BYTES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_answers_how_long_it_takes_and_what_comes_next_term(
    path: Path,
) -> None:
    cells = nbformat.read(path, as_version=4).cells
    assert all(word in cells[0].source for word in ("回答的问题", "用时", "合成数据"))
    assert cells[-1].source.startswith("## 下学期做什么")


def _told(name: str, folder: Path) -> str:
    """Everything that a notebook prints and draws; an error in it is raised here."""
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.pop("outputs", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    client = NotebookClient(
        notebook,
        timeout=PATIENCE_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()  # raises CellExecutionError with the cell's own traceback
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(
        text
        for output in outputs
        for text in (output.get("text", ""), *output.get("data", {}).values())
    )


def _sums(folder: Path) -> dict[str, str]:
    """Checksum of every file."""
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
