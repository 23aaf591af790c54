"""``python -m kongchuo_risk.cli``, for where the console script is not on the path."""

from kongchuo_risk.cli import main

if __name__ == "__main__":
    main()
