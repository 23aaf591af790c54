"""The command line's language: click takes its texts from our catalogue."""

from __future__ import annotations

import gettext
import os
import sys
from pathlib import Path

LOCALE = Path(__file__).resolve().parents[1] / "locale"


def speak_chinese() -> None:
    """Translate click, and print UTF-8 on any console.

    Must run before the commands are imported: click names its parameter types while it loads.
    """
    os.environ["LANGUAGE"] = "zh_CN"
    gettext.bindtextdomain("kongchuo", LOCALE)
    gettext.textdomain("kongchuo")
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
