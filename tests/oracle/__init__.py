"""Slow and obvious twins of the array kernels, in plain pandas, written from the definitions."""
