"""Types and small tools that every other package may use. They import none of those packages."""
