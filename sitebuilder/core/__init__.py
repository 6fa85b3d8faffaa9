"""Types and small tools that every other package may use. Imports nothing of ours."""
