"""Candidate models, forward validation, calibration, tracking, model folders."""

from __future__ import annotations

import os

# LightGBM's OpenMP threads spin while they wait; with a busy neighbour on a core that costs up to
# fifteen times the training time. The variable is read once, when OpenMP is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
