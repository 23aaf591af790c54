"""MLflow's pages: on this computer alone, of this workspace, started once."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pandas as pd
import pytest

from kongchuo_risk.errors import WorkspaceError
from kongchuo_risk.serving import mlflow_ui
from kongchuo_risk.serving.mlflow_ui import STATE_FILE, mlflow_command, open_mlflow
from kongchuo_risk.training.tracking import log_review
from kongchuo_risk.workspace import Workspace, create_workspace


class _Stranger(BaseHTTPRequestHandler):
    """MLflow's pages of another workspace, on a port that was ours yesterday."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        other = {"experiment_id": "7", "artifact_location": "file:///elsewhere"}
        self.wfile.write(json.dumps({"experiment": other}).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), _Stranger)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = create_workspace(tmp_path_factory.mktemp("记录") / "工作 区")
    log_review(workspace, "", {"reasons": pd.DataFrame({"group": ["出勤"]})}, {})
    return workspace


def test_the_command_serves_this_computer_alone(workspace: Workspace) -> None:
    command = mlflow_command(workspace, 5007)
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "5007"
    assert command[command.index("--backend-store-uri") + 1].endswith("mlflow.db")


def test_before_the_first_training_there_is_nothing_to_open(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="kongchuo train"):
        open_mlflow(create_workspace(tmp_path))


def test_another_program_on_the_old_port_is_not_taken_for_ours(
    workspace: Workspace, stranger: int
) -> None:
    (workspace.root / STATE_FILE).write_text(json.dumps({"port": stranger}), encoding="utf-8")
    assert mlflow_ui._running(workspace) is None
    (workspace.root / STATE_FILE).write_text("?", encoding="utf-8")
    assert mlflow_ui._running(workspace) is None


def test_the_pages_start_once_and_show_the_files_of_this_workspace(workspace: Workspace) -> None:
    address = open_mlflow(workspace)
    assert open_mlflow(workspace) == address
    root, _, experiment = address.partition("/#/experiments/")
    found = _post(f"{root}/api/2.0/mlflow/runs/search", experiment_ids=[experiment.split("/")[0]])
    run_id = found["runs"][0]["info"]["run_id"]
    listed = _get(f"{root}/api/2.0/mlflow/artifacts/list?run_id={run_id}&path=tables")
    assert [file["path"] for file in listed["files"]] == ["tables/reasons.csv"]


def _get(address: str) -> dict[str, list[dict[str, str]]]:
    with urllib.request.urlopen(address, timeout=30) as answer:
        found: dict[str, list[dict[str, str]]] = json.load(answer)
    return found


def _post(address: str, **body: object) -> dict[str, list[dict[str, dict[str, str]]]]:
    request = urllib.request.Request(
        address, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        found: dict[str, list[dict[str, dict[str, str]]]] = json.load(answer)
    return found
