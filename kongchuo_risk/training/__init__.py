"""Candidate models, forward validation, calibration, tracking, model folders."""
