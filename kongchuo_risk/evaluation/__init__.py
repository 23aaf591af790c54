"""Metrics at capacity beside simple rules, calibration, the model card."""
