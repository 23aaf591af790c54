"""What a user does, one function per verb; pages and commands call these and nothing below."""
