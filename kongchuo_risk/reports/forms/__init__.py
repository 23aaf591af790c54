"""The forms of the procedure on paper: which there are, and what each is filled with."""
