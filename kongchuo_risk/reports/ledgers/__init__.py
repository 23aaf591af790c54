"""Ledgers as of any day: 适龄儿童, 疑似辍学, 辍学, 劝返; and what does not add up."""
