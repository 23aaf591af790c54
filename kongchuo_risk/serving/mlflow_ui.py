"""MLflow's own pages on this computer, started when somebody wants to look."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.training.artifact_places import settle_artifacts
from kongchuo_risk.training.tracking import EXPERIMENT, tracking_uri
from kongchuo_risk.workspace import Workspace, replace_file

HOST = "127.0.0.1"
FIRST_PORT, PORTS = 5000, 50
STATE_FILE = "mlflow-ui.json"
PATIENCE_SECONDS = 120.0
_OFFLINE = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    # Background jobs belong to language-model features that nobody uses here.
    "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
}


def mlflow_command(workspace: Workspace, port: int = FIRST_PORT) -> list[str]:
    """The command that serves MLflow's pages of a workspace, on this computer alone."""
    return [
        "mlflow", "server",
        "--backend-store-uri", tracking_uri(workspace),
        "--artifacts-destination", workspace.mlflow_artifacts.as_uri(),
        "--host", HOST, "--port", str(port), "--workers", "1",
    ]  # fmt: skip


def open_mlflow(workspace: Workspace) -> str:
    """Address of MLflow's pages, started if they are not running yet.

    They end with this process. Nobody on another computer can reach them, and they need no
    network.

    Raises
    ------
    WorkspaceError
        When nothing was trained yet, or the pages do not start.
    """
    if not workspace.mlflow_database.is_file():
        raise WorkspaceError("还没有实验记录；先运行 kongchuo train。")
    settle_artifacts(workspace, EXPERIMENT)
    running = _running(workspace)
    if running is not None:
        return _page(workspace, running)
    port = _free_port()
    command = [sys.executable, "-m", *mlflow_command(workspace, port)]
    with (workspace.reports / "mlflow-ui.log").open("wb") as log:
        server = subprocess.Popen(
            command, env=os.environ | _OFFLINE, stdout=log, stderr=log, cwd=workspace.root
        )
    atexit.register(server.terminate)
    _wait(server, workspace, port)
    replace_file(workspace.root / STATE_FILE, json.dumps({"port": port}).encode())
    return _page(workspace, port)


def _page(workspace: Workspace, port: int) -> str:
    number = _experiment_at(port, workspace)
    # Without it MLflow's menu is that of language models.
    return f"http://{HOST}:{port}/#/experiments/{number}/runs?workflowType=machine_learning"


def _running(workspace: Workspace) -> int | None:
    """Port of the pages of this very workspace; another program may have taken the old one."""
    try:
        port = int(json.loads((workspace.root / STATE_FILE).read_bytes())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return port if _experiment_at(port, workspace) else None


def _experiment_at(port: int, workspace: Workspace) -> str:
    """Number of the workspace's experiment as told on ``port``; empty when it is not there."""
    name = urllib.parse.quote(EXPERIMENT)
    address = f"http://{HOST}:{port}/api/2.0/mlflow/experiments/get-by-name?experiment_name={name}"
    try:
        with _direct().open(address, timeout=5) as answer:
            experiment = json.load(answer)["experiment"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    here = experiment["artifact_location"] == workspace.mlflow_artifacts.as_uri()
    return str(experiment["experiment_id"]) if here else ""


def _direct() -> urllib.request.OpenerDirector:
    """Asks this computer itself, whatever proxy the school's network has."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _free_port() -> int:
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise WorkspaceError(f"端口 {FIRST_PORT}–{FIRST_PORT + PORTS - 1} 都被占用，打不开 MLflow。")


def _wait(server: subprocess.Popen[bytes], workspace: Workspace, port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        if _experiment_at(port, workspace):
            return
        time.sleep(0.3)
    server.terminate()
    log = Path("reports") / "mlflow-ui.log"
    raise WorkspaceError(f"MLflow 没有启动；原因见工作区的 {log}。")
