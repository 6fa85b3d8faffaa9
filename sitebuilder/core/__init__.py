"""Types and small tools that every other package may use. Imports none of those packages."""
