"""Runs the notebooks on synthetic data and keeps their outputs, without a trace of the computer.

Usage, from the root of the checkout: ``python -m scripts.notebooks [NAME …]``, such as
``03_train_and_review``; all of them by default. Those that need a model share one demo.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from kongchuo_risk.serving.demo import run_demo

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
PRESET, SEED = "学区", 20_240_901
"""What the notebooks themselves make when no workspace is given."""
NEED_A_MODEL = ("03", "04", "05")
PATIENCE_SECONDS = 1_800


def keep_outputs(path: Path, scratch: Path) -> None:
    """Execute one notebook and write it back without times and versions of this computer."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=PATIENCE_SECONDS,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(scratch)}},
    )
    client.execute()
    notebook.metadata["language_info"] = {"name": "python", "file_extension": ".py"}
    nbformat.write(notebook, path)


def main(names: list[str]) -> None:
    """Execute the notebooks of these names, or all."""
    paths = sorted(path for path in FOLDER.glob("*.ipynb") if not names or path.stem in names)
    os.environ.pop("KONGCHUO_NOTEBOOK_WORKSPACE", None)
    os.environ["KONGCHUO_NOTEBOOK_PRESET"] = PRESET
    # Paths come in order of number: those that make their own data come first.
    with tempfile.TemporaryDirectory() as scratch:
        workspace = Path(scratch) / "demo"
        for path in paths:
            if path.name.startswith(NEED_A_MODEL) and not workspace.exists():
                run_demo(workspace, preset=PRESET, seed=SEED)
                os.environ["KONGCHUO_NOTEBOOK_WORKSPACE"] = str(workspace)
            keep_outputs(path, Path(scratch))
            sys.stdout.write(f"{path.name}  {path.stat().st_size // 1000} kB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
