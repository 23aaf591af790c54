"""Indicators as ``indicators.yaml`` defines them: n of N, interval, target, effort beside it."""
