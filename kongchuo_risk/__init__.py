"""Early warning, plans and casework for keeping children in compulsory education."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kongchuo_risk.training.estimators import DropoutRiskClassifier as DropoutRiskClassifier

__version__ = "0.1.0"
__all__ = ["DropoutRiskClassifier", "__version__"]


def __getattr__(name: str) -> Any:
    """Load the estimator, and the libraries beneath it, on first use only."""
    if name == "DropoutRiskClassifier":
        from kongchuo_risk.training.estimators import DropoutRiskClassifier

        return DropoutRiskClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
