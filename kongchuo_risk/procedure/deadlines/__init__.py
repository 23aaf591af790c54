"""What is due when: pure functions of facts, calendar, profile and moment."""
