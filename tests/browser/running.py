"""The app as a process, and a Chromium to look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def find_chromium() -> str | None:
    """Path of a Chromium: ``KONGCHUO_CHROMIUM``, or the first one on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("KONGCHUO_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    """A headless Chromium that looks for nothing on its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def running_app(workspace: Path) -> Iterator[str]:
    """Address of the app, started as a user starts it and stopped at the end."""
    port = _free_port()
    command = [sys.executable, "-m", "kongchuo_risk.cli", "app", "--no-browser"]
    command += ["--workspace", str(workspace), "--port", str(port)]
    app = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        _wait_until_healthy(f"http://localhost:{port}", app)
        yield f"http://localhost:{port}"
    finally:
        app.terminate()
        app.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(address: str, app: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if app.poll() is not None:
            raise RuntimeError(f"the app stopped while starting (status {app.returncode})")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(f"the app was not ready after {PATIENCE_SECONDS} s")
