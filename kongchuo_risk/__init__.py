"""Early warning, plans and casework for keeping children in compulsory education."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# OpenMP's threads spin while they wait; with a busy neighbour on a core that costs up to fifteen
# times the training time. Read once, when the first library brings OpenMP: hence here.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

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
