"""Exact contributions summed by reason group and told in a teacher's words."""
