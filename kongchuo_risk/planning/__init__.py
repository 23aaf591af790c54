"""Tiers by capacity, measures from reasons, mentors."""
