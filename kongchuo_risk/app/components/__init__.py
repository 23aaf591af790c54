"""Pieces that several pages arrange."""
