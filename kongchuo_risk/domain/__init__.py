"""Words of the field as values: calendar, records, cohort, risk, plan. No input or output."""
