"""Tables as of a day into one row per pupil; the cohort and the outcome."""
