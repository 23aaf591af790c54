"""Forms on paper: Word templates that a school can edit, filled for one pupil or one school."""
