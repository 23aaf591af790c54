"""Periodic reports, from the class's day to the county's year, and how they add up."""
