"""Start the app on a workspace."""

from __future__ import annotations

import os
from pathlib import Path

from kongchuo_risk.errors import WorkspaceError

WORKSPACE_VARIABLE = "KONGCHUO_WORKSPACE"
"""Environment variable that names the workspace to the app."""
_SCRIPT = "app_streamlit.py"
_PACKAGE = Path(__file__).resolve().parents[1]


def app_script() -> Path:
    """The script that Streamlit runs: in ``script/`` in a wheel, at the root of a checkout.

    >>> app_script().name
    'app_streamlit.py'
    """
    for folder in (_PACKAGE / "app" / "script", _PACKAGE.parent):
        if (folder / _SCRIPT).is_file():
            return folder / _SCRIPT
    raise WorkspaceError(f"找不到 {_SCRIPT}；请重新安装 kongchuo-risk。")


def run_app(workspace: Path, *, port: int = 8501, open_browser: bool = True) -> int:
    """Serve the app until it is stopped.

    It listens on this computer alone and sends no usage statistics; both are also set in
    ``.streamlit/config.toml``, and repeated here because a user's own configuration must not
    undo them.

    Parameters
    ----------
    workspace
        Folder that ``kongchuo init`` or ``kongchuo demo`` made.
    port
        Port on this computer.
    open_browser
        Whether to open the system's browser.

    Returns
    -------
    int
        Exit status.
    """
    from streamlit.web import cli

    os.environ[WORKSPACE_VARIABLE] = str(workspace.resolve())
    status = cli.main(
        ["run", str(app_script()), *_flags(port, open_browser=open_browser)],
        prog_name="kongchuo app",
        standalone_mode=False,
    )
    return int(status or 0)


def _flags(port: int, *, open_browser: bool) -> list[str]:
    options = {
        "server.address": "localhost",
        "server.port": port,
        "server.headless": str(not open_browser).lower(),
        "server.showEmailPrompt": "false",
        "browser.gatherUsageStats": "false",
        # The command line has said where the page is, in Chinese.
        "logger.hideWelcomeMessage": "true",
        "logger.level": "warning",
    }
    return [f"--{name}={value}" for name, value in options.items()]
