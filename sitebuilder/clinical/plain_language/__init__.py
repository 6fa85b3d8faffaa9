"""How hard the words of a page are to read. Pure functions over `Passage` and plain text."""
