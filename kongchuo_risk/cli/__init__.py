"""The command line: read arguments, call one service, print. Everything it says is Chinese."""

from kongchuo_risk.cli.language import speak_chinese


def main() -> None:
    """Entry point of the console script ``kongchuo``."""
    speak_chinese()
    from kongchuo_risk.cli.root import root

    root(prog_name="kongchuo")
