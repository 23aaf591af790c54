"""Layouts that need code; what can be said in a mapping file is said there."""
