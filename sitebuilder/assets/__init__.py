"""Files that are published as they are: what each may hold, and what is left out of it."""
