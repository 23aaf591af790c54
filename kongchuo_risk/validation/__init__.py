"""Is this data fit for use: checks with a code, a severity and what to do."""
